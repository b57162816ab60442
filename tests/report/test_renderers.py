"""Each format says all that the report holds, and nothing in it can break the format."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import PurePath

import jsonschema
import pytest

from migrator.findings import Finding, Severity
from migrator.location import Span
from migrator.report import FORMATS, format_of, render
from migrator.report.model import FlaskUses, Report, RouteReport, Rung

NASTY = "a <b>&amp; | `x|y` * _ \" ' \\ ${body} $body $$ ]]> % \n::error::, : ü \udcff"
FULL = Report(
    files=12,
    changed=9,
    uses=FlaskUses(340, 312, 25, 3),
    routes=(
        RouteReport("orders.index", "/orders/", ("GET",), "shop/views.py", 50, Rung.NATIVE, (3,)),
        RouteReport("orders.show", "/orders/<int:n>", ("GET", "POST"), "shop/views.py", 38, Rung.MANUAL, (1, 2)),
    ),
    findings=(
        Finding(
            "FF201",
            "abort-call",
            Severity.MANUAL,
            "shop/views.py",
            Span(41, 4, 43, 5),
            "is left",
            "x = '```'\n\ny = 1\n",
        ),
        Finding(
            "FF301", "json-body", Severity.REVIEW, "shop/a b.py", Span(1, 0, 1, 9), NASTY, NASTY, ("orders.show", "*")
        ),
        Finding(
            "FF410",
            "type",
            Severity.INFO,
            "shop/views.py",
            Span(0, 0, 0, 0),
            "page is `int`",
            endpoints=("orders.index",),
        ),
    ),
)
REPORTS = {"full": FULL, "empty": Report(), "twice": Report(findings=FULL.findings + FULL.findings)}
SCHEMA = json.loads(files("migrator.report").joinpath("schema.json").read_text("utf-8"))


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("format", FORMATS)
def test_every_finding_is_there_in_every_format(format: str, name: str) -> None:
    text = render(REPORTS[name], format)
    text.encode("utf-8", "backslashreplace")
    for finding in REPORTS[name].findings:
        assert finding.code in text
    assert text.endswith("\n") or not text


@pytest.mark.parametrize("name", REPORTS)
def test_json_follows_its_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(render(REPORTS[name], "json")), SCHEMA)


def test_json_is_the_contract() -> None:
    data = json.loads(render(FULL, "json", "sub/"))
    assert list(data) == ["version", "tool", "summary", "routes", "findings"]
    assert data["version"] == 1
    assert data["tool"]["name"] == "flask-to-fastapi"
    assert data["summary"] == {
        "files": 12,
        "changed": 9,
        "flask_uses": {"total": 340, "converted": 312, "reported": 25, "kept": 3},
        "routes": {"native": 1, "request": 0, "ambient": 0, "flask": 0, "manual": 1},
    }
    assert data["routes"][1] == {
        "endpoint": "orders.show",
        "rule": "/orders/<int:n>",
        "methods": ["GET", "POST"],
        "file": "shop/views.py",
        "line": 38,
        "rung": "manual",
        "findings": [1, 2],
    }
    assert data["findings"][0] == {
        "id": 1,
        "code": "FF201",
        "name": "abort-call",
        "severity": "manual",
        "file": "shop/views.py",
        "line": 41,
        "column": 4,
        "end_line": 43,
        "end_column": 5,
        "message": "is left",
        "hint": "x = '```'\n\ny = 1\n",
        "endpoints": [],
    }
    assert data["findings"][1]["message"] == NASTY


def test_text() -> None:
    text = render(FULL, "text", "sub/")
    assert "sub/shop/views.py:41:5: FF201 is left [manual]\n    | x = '```'\n    | \n    | y = 1\n" in text
    assert "312 of 340 uses of Flask converted (25 reported, 3 kept on purpose)" in text
    assert "2 routes: 1 native, 1 manual" in text
    assert "sub/shop/a b.py:1:1: FF301 a <b>&amp; | `x|y` * _ " in text
    assert "$$ ]]> % ::error::, : ü" in text
    assert render(Report(), "text").endswith("no findings\n")


def test_markdown_cannot_be_broken_out_of() -> None:
    text = render(FULL, "md")
    assert "  ````python\n  x = '```'\n\n  y = 1\n  ````" in text
    assert "<b>" not in text.replace("\\<b\\>", "").split("```")[0]
    assert "| manual | GET, POST | `/orders/<int:n>` | `shop/views.py:38` |" in text


def test_github_commands_are_one_line_each() -> None:
    lines = render(FULL, "github", "sub/").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(
        "::error file=sub/shop/views.py,line=41,endLine=43,title=FF201 abort-call::is left%0A%0A"
    )
    assert lines[1].startswith(
        "::warning file=sub/shop/a b.py,line=1,endLine=1,title=FF301 json-body,col=1,endColumn=10::a <b>"
    )
    assert lines[2].startswith("::notice ")


def test_sarif() -> None:
    log = json.loads(render(FULL, "sarif", "sub/"))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert min(place["region"].values()) >= 1
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "sub/shop/a%20b.py"


class Page(HTMLParser):
    """What is open, the ids and links, and whether all tags close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attributes)))
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", REPORTS)
def test_html_is_one_sound_page_that_loads_nothing(name: str) -> None:
    text = render(REPORTS[name], "html")
    page = Page(text)
    assert page.open == []
    assert "<b>&amp;" not in text
    assert not {"link", "img", "iframe"} & {tag for tag, _ in page.seen}
    assert not [attributes for _, attributes in page.seen if "src" in attributes]
    ids = {attributes["id"] for _, attributes in page.seen if "id" in attributes}
    links = [attributes["href"] or "" for tag, attributes in page.seen if tag == "a"]
    assert all(link[1:] in ids for link in links)
    assert len([1 for _, attributes in page.seen if attributes.get("class") == "finding"]) == len(
        REPORTS[name].findings
    )


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.json", "json"),
        ("a.MD", "md"),
        ("a.htm", "html"),
        ("a.sarif", "sarif"),
        ("a.sarif.json", "sarif"),
        ("a.doc", None),
        ("a", None),
    ],
)
def test_endings(name: str, format: str | None) -> None:
    assert format_of(PurePath(name)) == format
