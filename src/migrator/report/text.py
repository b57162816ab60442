"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from textwrap import indent

from migrator.findings import Finding, Severity
from migrator.report.model import Report, RouteReport, Rung


def render(report: Report, prefix: str = "") -> str:
    blocks = [
        *("\n".join(_finding(finding, prefix) for finding in group) for _, group in by_file(report.findings)),
        *([_routes_block(report.routes, prefix)] if report.routes else []),
        "\n".join(summary_lines(report)),
    ]
    return "\n\n".join(blocks) + "\n"


def line_of(finding: Finding, prefix: str = "") -> str:
    """`path:line:column: CODE message`, columns counted from 1 as editors do."""
    place = f"{prefix}{finding.file}:{finding.span.line}:{finding.span.column + 1}"
    return f"{place}: {finding.code} {' '.join(finding.message.split())}"


def summary_lines(report: Report) -> list[str]:
    """What was done and what is left, in a few lines."""
    uses, severities = report.uses, [finding.severity for finding in report.findings]
    changed = f"{report.changed} of {count(report.files, 'file')} changed"
    lines = [f"{changed}, {uses.converted} of {count(uses.total, 'use')} of Flask converted"]
    if uses.reported or uses.kept:
        lines[0] += f" ({uses.reported} reported, {uses.kept} kept on purpose)"
    rungs = [(rung, sum(route.rung is rung for route in report.routes)) for rung in Rung]
    if report.routes:
        lines.append(
            f"{count(len(report.routes), 'route')}: " + ", ".join(f"{n} {rung.value}" for rung, n in rungs if n)
        )
    if board := moved_by_blueprint(report.routes):
        lines.append("moved: " + ", ".join(f"{name} {moved} of {total}" for name, moved, total in board))
    counted = [(severity, severities.count(severity)) for severity in (Severity.MANUAL, Severity.REVIEW, Severity.INFO)]
    meaning = {Severity.MANUAL: "to port by hand", Severity.REVIEW: "to review", Severity.INFO: "for information"}
    told = ", ".join(f"{n} {meaning[severity]}" for severity, n in counted if n)
    lines.append(f"{count(len(severities), 'finding')}: {told}" if told else "no findings")
    return lines


def moved_by_blueprint(routes: Sequence[RouteReport]) -> list[tuple[str, int, int]]:
    """How many routes of each blueprint have moved, and how many it has; nothing where all or none have."""
    moved = [route.rung is not Rung.FLASK for route in routes]
    if all(moved) or not any(moved):
        return []
    found: dict[str, tuple[int, int]] = {}
    for route, has_moved in zip(routes, moved, strict=True):
        name = route.endpoint.rpartition(".")[0] or "the app itself"
        done, total = found.get(name, (0, 0))
        found[name] = done + has_moved, total + 1
    return [(name, *counts) for name, counts in sorted(found.items())]


def by_file(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """The findings of each file, in the order in which they stand there."""
    ordered = sorted(findings, key=lambda finding: (finding.file, finding.span))
    return [(file, list(group)) for file, group in groupby(ordered, key=lambda finding: finding.file)]


def _finding(finding: Finding, prefix: str) -> str:
    first = f"{line_of(finding, prefix)} [{finding.severity.value}]"
    return f"{first}\n{indent(finding.hint.rstrip(), '    | ', lambda line: True)}" if finding.hint.strip() else first


def _routes_block(routes: tuple[RouteReport, ...], prefix: str) -> str:
    rows = [
        (route.rung.value, ",".join(route.methods), route.rule, f"{prefix}{route.file}:{route.line}")
        for route in routes
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    )


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
