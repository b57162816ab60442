"""The report as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from migrator import __version__
from migrator.findings import Finding, Severity
from migrator.report.model import Report

_LEVELS = {Severity.INFO: "note", Severity.REVIEW: "warning", Severity.MANUAL: "error"}


def render(report: Report, prefix: str = "") -> str:
    names = {finding.code: finding.name for finding in report.findings}
    codes = sorted(names)
    driver = {
        "name": "flask-to-fastapi",
        "version": __version__,
        "rules": [{"id": code, "name": names[code]} for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code), prefix) for finding in report.findings],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding, rule: int, prefix: str) -> dict[str, Any]:
    span = finding.span
    region = {
        "startLine": max(1, span.line),  # a remark about a whole file may have no line
        "startColumn": span.column + 1,
        "endLine": max(1, span.end_line),
        "endColumn": span.end_column + 1,
    }
    uri = quote(f"{prefix}{finding.file}".encode("utf-8", "surrogateescape"))
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}\n\n{finding.hint}" if finding.hint else finding.message},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
        "properties": {"severity": finding.severity.value, "endpoints": list(finding.endpoints)},
    }
