"""A baseline holds when lines move, and no longer."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from migrator import baseline
from migrator.baseline import Entry
from migrator.errors import CannotRun
from migrator.findings import Finding, Severity
from migrator.location import Span


def finding(line: int, code: str = "FF201", file: str = "app.py") -> Finding:
    return Finding(code, "name", Severity.MANUAL, file, Span(line, 4, line, 9), "message")


def known(root: Path, *findings: Finding) -> Counter[Entry]:
    return Counter(entry for _, entry in baseline.entries(root, findings))


def test_lines_may_move_and_be_indented(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("abort(1)\nabort(2)\n")
    old = known(tmp_path, finding(1), finding(2))
    (tmp_path / "app.py").write_text("\n\n    abort(2)\nx = 1\n    abort(1)\n")
    assert baseline.beyond(old, baseline.entries(tmp_path, [finding(3), finding(5)])) == []


def test_one_more_of_the_same_is_new(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("abort(1)\nabort(1)\nabort(2)\n")
    old = known(tmp_path, finding(1))
    new = baseline.beyond(old, baseline.entries(tmp_path, [finding(1), finding(2), finding(3), finding(1, "FF3")]))
    assert new == [finding(2), finding(3), finding(1, "FF3")]


def test_saved_and_loaded(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("abort('ü')\nabort('ü')\n")
    old = known(tmp_path, finding(1), finding(2), finding(9))
    baseline.save(tmp_path / "b.json", old)
    assert baseline.load(tmp_path / "b.json", required=True) == old
    first = (tmp_path / "b.json").read_bytes()
    baseline.save(tmp_path / "b.json", Counter(dict(reversed(old.items()))))
    assert (tmp_path / "b.json").read_bytes() == first


def test_a_new_baseline_keeps_what_was_not_looked_at() -> None:
    a, b, c = (Entry(file, "FF1", "x") for file in ("a.py", "pkg/b.py", "pkg2/c.py"))
    assert baseline.merged(Counter([a, b, c]), [a], ["pkg"]) == Counter([a, a, c])
    assert baseline.merged(Counter([a, b, c]), [a], ["pkg", "a.py"]) == Counter([a, c])
    assert baseline.merged(Counter([a, b, c]), [a], [""]) == Counter([a])


def test_no_baseline(tmp_path: Path) -> None:
    assert baseline.load(tmp_path / "none.json", required=False) == Counter()
    with pytest.raises(CannotRun, match="--write-baseline"):
        baseline.load(tmp_path / "none.json", required=True)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "known": [1]}', '{"version": 2, "known": []}']
)
def test_what_is_no_baseline(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(CannotRun, match=r"b\.json"):
        baseline.load(tmp_path / "b.json", required=False)
