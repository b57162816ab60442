"""The report for a pull request or an issue."""

from __future__ import annotations

import re

from migrator.findings import Finding, Severity
from migrator.report.model import Report, RouteReport, Rung
from migrator.report.text import by_file, summary_lines

_TITLES = {
    Severity.MANUAL: "To port by hand",
    Severity.REVIEW: "To review: a client could notice",
    Severity.INFO: "For information",
}


def render(report: Report, prefix: str = "") -> str:
    """File names stay relative to the project: the text is read away from it."""
    blocks = ["# Flask to FastAPI", "\n".join(f"- {_text(line)}" for line in summary_lines(report))]
    if report.routes:
        blocks += ["## Routes", _routes(report.routes)]
    for severity, title in _TITLES.items():
        found = [finding for finding in report.findings if finding.severity is severity]
        if found:
            blocks.append(f"## {title} ({len(found)})")
        for file, findings in by_file(found):
            blocks += [f"### {_code(file)}", *(_finding(finding) for finding in findings)]
    return "\n\n".join(blocks) + "\n"


def _routes(routes: tuple[RouteReport, ...]) -> str:
    ordered = sorted(routes, key=lambda route: (list(Rung).index(route.rung), route.file, route.line))
    rows = [
        [route.rung.value, ", ".join(route.methods), _cell(route.rule), _cell(f"{route.file}:{route.line}")]
        for route in ordered
    ]
    table = [["Rung", "Methods", "Route", "View"], ["---"] * 4, *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in table)


def _finding(finding: Finding) -> str:
    item = f"- **{finding.code}** line {finding.span.line}: {_text(finding.message)}"
    if finding.endpoints:
        item += f" ({', '.join(_code(endpoint) for endpoint in finding.endpoints)})"
    if not finding.hint.strip():
        return item
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", finding.hint)), default=0))
    lines = [f"{fence}python", *finding.hint.rstrip().splitlines(), fence]
    return "\n".join([item, "", *(f"  {line}".rstrip() for line in lines)])


def _text(text: str) -> str:
    """Plain words: what Markdown or HTML would take for more is escaped, code in backticks stays."""
    parts = re.split(r"(`[^`]+`)", " ".join(text.split()))
    return "".join(part if i % 2 else re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", part) for i, part in enumerate(parts))


def _code(text: str) -> str:
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def _cell(text: str) -> str:
    return _code(text).replace("|", "\\|")
