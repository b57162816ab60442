"""The report for programs. `schema.json` beside this file describes it."""

from __future__ import annotations

import json
from typing import Any

from migrator import __version__
from migrator.findings import Finding
from migrator.report.model import Report, RouteReport, Rung


def render(report: Report, prefix: str = "") -> str:
    """File names stay relative to the project."""
    return json.dumps(as_data(report), indent=2, ensure_ascii=False) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    uses = report.uses
    return {
        "version": 1,
        "tool": {"name": "flask-to-fastapi", "version": __version__},
        "summary": {
            "files": report.files,
            "changed": report.changed,
            "flask_uses": {
                "total": uses.total,
                "converted": uses.converted,
                "reported": uses.reported,
                "kept": uses.kept,
            },
            "routes": {rung.value: sum(route.rung is rung for route in report.routes) for rung in Rung},
        },
        "routes": [_route(route) for route in report.routes],
        "findings": [_finding(number, finding) for number, finding in enumerate(report.findings, start=1)],
    }


def _route(route: RouteReport) -> dict[str, Any]:
    return {
        "endpoint": route.endpoint,
        "rule": route.rule,
        "methods": list(route.methods),
        "file": route.file,
        "line": route.line,
        "rung": route.rung.value,
        "findings": list(route.findings),
    }


def _finding(number: int, finding: Finding) -> dict[str, Any]:
    span = finding.span
    return {
        "id": number,
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "file": finding.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "message": finding.message,
        "hint": finding.hint,
        "endpoints": list(finding.endpoints),
    }
