"""`# flask-to-fastapi: ignore[...]` comments."""

from __future__ import annotations

import pytest

from migrator.findings import Severity
from migrator.location import Span
from migrator.suppress import stale, suppressions


def at(line: int) -> Span:
    return Span(line, 0, line, 1)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("abort(1)  # flask-to-fastapi: ignore[FF201] -- why\nabort(2)\n", {1}),
        ("# flask-to-fastapi: ignore[FF201]\n# more words\n\nabort(1)\nabort(2)\n", {4}),
        ("abort(\n    1,  # flask-to-fastapi: ignore[FF201]\n)\nabort(2)\n", {1, 2, 3}),
        ("abort(\n    1,\n)  # flask-to-fastapi: ignore[FF201]\nabort(2)\n", {1, 2, 3}),
        ("@app.route('/')  # flask-to-fastapi: ignore[FF201]\ndef view():\n    pass\n", {1}),
        ("def view():\n    # flask-to-fastapi: ignore[FF201]\n    abort(1)\n    abort(2)\n", {3}),
        ("abort(1)  # noqa: E501  # flask-to-fastapi: ignore[FF201]\n", {1}),
        ("abort(1)  # flask-to-fastapi: ignore[FF201]  # noqa: E501\n", {1}),
        ("abort(1)  #flask-to-fastapi:ignore [ FF201 , FF3 ]--why\r\nabort(2)\r\n", {1}),
        ("abort(1)  # flask-to-fastapi: ignore[FF2]", {1}),
        ("abort(1)  # flask-to-fastapi: ignore\n", {1}),
        ("abort(1)  # flask-to-fastapi: ignore[FF3]\n", set()),
        ('x = "# flask-to-fastapi: ignore"\n', set()),
        ("abort(1)  # flask-to-fastapi: ignore[FF201]\n)(", {1}),
        ("abort(1)\n# flask-to-fastapi: ignore[FF201]\n", {2}),
    ],
)
def test_what_a_comment_covers(text: str, lines: set[int]) -> None:
    found = suppressions(text)
    assert {n for n in range(1, 9) if any(comment.covers("FF201", at(n)) for comment in found)} == lines


def test_what_a_comment_says() -> None:
    text = "x = 1  # flask-to-fastapi: ignore[FF201, FF3] --  a reason \n"
    (comment,) = suppressions(text)
    assert (comment.codes, comment.reason, comment.span) == (("FF201", "FF3"), "a reason", Span(1, 7, 1, len(text) - 1))


@pytest.mark.parametrize(
    "order", ["ignor[FF201]", "ignore FF201", "ignore[]", "ignore[abort]", "ignore[FF201 FF3]", ""]
)
def test_what_cannot_be_read_covers_nothing_and_is_told(order: str) -> None:
    found = suppressions(f"abort(1)  # flask-to-fastapi: {order}\n")
    assert not any(comment.covers("FF201", at(1)) for comment in found)
    (finding,) = stale("app.py", found, ())
    assert finding.severity is Severity.REVIEW


def test_stale_comments_are_told() -> None:
    found = suppressions("a()  # flask-to-fastapi: ignore[FF1]\nb()  # flask-to-fastapi: ignore[FF2, FF3]\n")
    findings = list(stale("app.py", found, {found[0]}))
    assert [(f.code, f.file, f.span.line, f.severity) for f in findings] == [("FF005", "app.py", 2, Severity.INFO)]
    assert "FF2, FF3" in findings[0].message
