"""Remarks on lines of files that hold no Python."""

from __future__ import annotations

from migrator.findings import Finding, Severity
from migrator.location import Span
from migrator.rule import Rule


def finding(
    rule: Rule, severity: Severity, path: str, line: int, message: str, hint: str = "", text: str = ""
) -> Finding:
    """A remark on a line; `text` is that of the file."""
    lines = text.splitlines()
    width = len(lines[line - 1]) if 0 < line <= len(lines) else 1
    return Finding(rule.code, rule.name, severity, path, Span(line, 0, line, max(width, 1)), message, hint)
