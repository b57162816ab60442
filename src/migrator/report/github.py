"""The report as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from migrator.findings import Finding, Severity
from migrator.report.model import Report

_LEVELS = {Severity.INFO: "notice", Severity.REVIEW: "warning", Severity.MANUAL: "error"}


def render(report: Report, prefix: str = "") -> str:
    return "".join(_command(finding, prefix) for finding in report.findings)


def _command(finding: Finding, prefix: str) -> str:
    span = finding.span
    properties = {
        "file": f"{prefix}{finding.file}",
        "line": span.line,
        "endLine": span.end_line,
        "title": f"{finding.code} {finding.name}",
    }
    if span.line == span.end_line:  # GitHub refuses columns of several lines
        properties |= {"col": span.column + 1, "endColumn": span.end_column + 1}
    shown = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    message = f"{finding.message}\n\n{finding.hint}" if finding.hint else finding.message
    return f"::{_LEVELS[finding.severity]} {shown}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
