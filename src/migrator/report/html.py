"""The report as one page that needs nothing else: `page.html` beside this file holds its look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

from migrator import __version__
from migrator.findings import Finding, Severity
from migrator.report.model import Report, RouteReport, Rung
from migrator.report.text import by_file, count

_RUNGS = {
    Rung.NATIVE: ("--native", "typed parameters"),
    Rung.REQUEST: ("--request", "takes the request"),
    Rung.AMBIENT: ("--ambient", "reads a context"),
    Rung.FLASK: ("--flask", "mounted Flask app"),
    Rung.MANUAL: ("--left", "to port by hand"),
}
_SEVERITIES = {
    Severity.MANUAL: "to port by hand",
    Severity.REVIEW: "to review",
    Severity.INFO: "for information",
}


def render(report: Report, prefix: str = "") -> str:
    """File names stay relative to the project: the page is read away from it."""
    body = [_header(), _summary(report), *_routes(report), *_findings(report.findings)]
    page = files("migrator.report").joinpath("page.html").read_text("utf-8")
    return Template(page).substitute(body="\n".join(body))


def _header() -> str:
    return f'<header><h1>Flask to FastAPI</h1><span class="soft">flask-to-fastapi {escape(__version__)}</span></header>'


def _summary(report: Report) -> str:
    uses = report.uses
    severities = Counter(finding.severity for finding in report.findings)
    tiles = [
        (_percent(uses.converted, uses.total), f"{uses.converted} of {count(uses.total, 'use')} of Flask converted"),
        (f"{report.changed}", f"of {count(report.files, 'file')} changed"),
        (f"{severities[Severity.MANUAL]}", "to port by hand"),
        (f"{severities[Severity.REVIEW]}", "to review: a client could notice"),
    ]
    shown = "".join(f'<div class="card tile"><b>{number}</b><span>{words}</span></div>' for number, words in tiles)
    parts = [
        ("--native", "converted", uses.converted),
        ("--left", "reported", uses.reported),
        ("--kept", "kept on purpose", uses.kept),
    ]
    bar = f'<div class="card pad" style="margin-top:12px">{_bar(parts)}</div>' if uses.total else ""
    return f'<div class="tiles">{shown}</div>{bar}'


def _percent(part: int, whole: int) -> str:
    """Rounded down, so that 100 % means all."""
    return f"{100 * part // whole}&thinsp;%" if whole else "&ndash;"


def _bar(parts: Sequence[tuple[str, str, int]]) -> str:
    there = [(colour, words, number) for colour, words, number in parts if number]
    pieces = "".join(f'<i style="flex:{number};background:var({colour})"></i>' for colour, _, number in there)
    legend = "".join(
        f'<li><span class="dot" style="background:var({colour})"></span><b>{number}</b> {words}</li>'
        for colour, words, number in there
    )
    return f'<div class="bar" aria-hidden="true">{pieces}</div><ul class="legend">{legend}</ul>'


def _routes(report: Report) -> list[str]:
    if not report.routes:
        return []
    rungs = Counter(route.rung for route in report.routes)
    bar = _bar([(colour, f"{rung.value}: {words}", rungs[rung]) for rung, (colour, words) in _RUNGS.items()])
    worst_first = sorted(report.routes, key=lambda route: (-list(Rung).index(route.rung), route.file, route.line))
    rows = "".join(_route(route, report.findings) for route in worst_first)
    head = "<tr><th>Rung</th><th>Methods</th><th>Route</th><th>View</th><th>Findings</th></tr>"
    return [
        "<h2>Routes</h2>",
        f'<div class="card"><div class="pad">{bar}</div><div class="scroll"><table>{head}{rows}</table></div></div>',
    ]


def _route(route: RouteReport, findings: Sequence[Finding]) -> str:
    by_code: dict[str, list[int]] = {}
    for number in route.findings:
        by_code.setdefault(findings[number - 1].code, []).append(number)
    links = " ".join(_link(numbers, findings[numbers[0] - 1]) for numbers in by_code.values())
    return (
        f'<tr><td><span class="dot" style="background:var({_RUNGS[route.rung][0]})"></span>{route.rung.value}</td>'
        f"<td>{escape(', '.join(route.methods))}</td><td><code>{escape(route.rule)}</code></td>"
        f'<td><code>{escape(route.endpoint)}</code><br><span class="soft">{escape(route.file)}:{route.line}</span></td>'
        f'<td class="wide">{links}</td></tr>'
    )


def _link(numbers: Sequence[int], first: Finding) -> str:
    """One link for all findings of a code, to the first of them."""
    more = f" &times; {len(numbers)}" if len(numbers) > 1 else ""
    return (
        f'<a class="badge {first.severity.value}" href="#f{numbers[0]}" title="{escape(first.message)}">'
        f"{escape(first.code)}{more}</a>"
    )


def _findings(findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return ["<h2>Findings</h2>", '<p class="soft">There are none.</p>']
    numbers = {finding: number for number, finding in enumerate(findings, start=1)}
    groups = by_file(findings)
    severities = Counter(finding.severity for finding in findings)
    buttons = "".join(
        f'<button type="button" value="{severity.value}" aria-pressed="true">'
        f'<span class="badge {severity.value}">{severities[severity]}</span> {words}</button>'
        for severity, words in _SEVERITIES.items()
        if severities[severity]
    )
    options = "".join(f'<option value="{escape(file)}">{escape(file)}</option>' for file, _ in groups)
    return [
        "<h2>Findings</h2>",
        f'<div class="tools" hidden>{buttons}<select aria-label="File"><option value="">All files</option>{options}'
        '</select><input type="search" placeholder="Search" aria-label="Search"></div>',
        '<p class="soft" id="none" hidden>No finding matches.</p>',
        *(_file(file, group, numbers) for file, group in groups),
    ]


def _file(file: str, findings: Sequence[Finding], numbers: dict[Finding, int]) -> str:
    cards = "".join(_finding(numbers[finding], finding) for finding in findings)
    return (
        f'<details class="card file" open data-file="{escape(file)}"><summary><h3>{escape(file)}</h3>'
        f'<span class="soft">{count(len(findings), "finding")}</span></summary>{cards}</details>'
    )


def _finding(number: int, finding: Finding) -> str:
    ends = " ".join(f"<code>{escape(endpoint)}</code>" for endpoint in finding.endpoints)
    hint = f"<pre><code>{escape(finding.hint.rstrip())}</code></pre>" if finding.hint.strip() else ""
    return (
        f'<div class="finding" id="f{number}" data-severity="{finding.severity.value}"><div class="head">'
        f'<span class="badge {finding.severity.value}">{finding.severity.value}</span><b>{escape(finding.code)}</b>'
        f'<span class="soft">{escape(finding.name)}, line {finding.span.line}</span>'
        f'<span class="ends">{ends}</span></div><p>{_words(finding.message)}</p>{hint}</div>'
    )


def _words(text: str) -> str:
    """Escaped, with what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
