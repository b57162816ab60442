"""What LibCST does not see of a file comes back as it was."""

from __future__ import annotations

import pytest

from migrator.module import Module
from migrator.rewrite.folding import folded, stretches

SOURCE = '''\
@app.route("/")
def view():
    """Two
    lines."""
    first = 1

    second = [
        2,
    ]  # the second
    if first:
        return second
    elif second: return first
    else:
        a = 1; b = 2
        for c in a:
            pass
            # of the loop
        return request.args
'''


def test_folds_runs_of_statements_that_change_in_nothing() -> None:
    lines = SOURCE.splitlines(keepends=True)
    found = folded(Module("m.py", "m", SOURCE), lines, 1, len(lines), stretches([(18, 18)]))
    assert (
        found.text
        == """\
@app.route("/")
def view():
    __folded_0__
    if first:
        __folded_1__
    elif second: return first
    else:
        a = 1; b = 2
        for c in a:
            __folded_2__
            # of the loop
        return request.args
"""
    )
    assert found.lines == (1, 2, 3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)
    assert found.unfolded(found.text) == SOURCE


def test_folds_nothing_that_is_needed() -> None:
    lines = SOURCE.splitlines(keepends=True)
    found = folded(Module("m.py", "m", SOURCE), lines, 1, len(lines), stretches([(1, 18)]))
    assert found.text == SOURCE
    assert found.lines == tuple(range(1, 20))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_keeps_newlines(newline: str) -> None:
    source = SOURCE.replace("\n", newline)
    lines = source.splitlines(keepends=True)
    found = folded(Module("m.py", "m", source), lines, 1, len(lines), stretches([(18, 18)]))
    assert len(found.text) < len(source)
    assert found.unfolded(found.text) == source


def test_refuses_another_indentation() -> None:
    lines = SOURCE.splitlines(keepends=True)
    found = folded(Module("m.py", "m", SOURCE), lines, 1, len(lines), stretches([(18, 18)]))
    assert found.unfolded(found.text.replace("    __folded_0__", "        __folded_0__")) is None
