"""Statements that no change touches are folded away before LibCST sees an island, and come back as they were.

A line with a name stands for each run of them, so that LibCST parses, places and prints only what changes.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migrator.module import Module
from migrator.syntax import first_line

MARK = "__folded_"
_LINE = re.compile(rf"(?:(?<=[\r\n])|\A)([ \t]*){MARK}(\d+)__(?=[\r\n]|\Z)")
BODIES = ("body", "orelse", "finalbody")  # of a statement, and of its handlers and cases


@dataclass(frozen=True, slots=True)
class Lines:
    """Stretches of lines, sorted, each with its first and last one, that do not touch."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]

    def overlap(self, first: int, last: int) -> bool:
        """Whether one of them has a line of a stretch."""
        index = bisect_left(self.lasts, first)
        return index < len(self.firsts) and self.firsts[index] <= last


def stretches(pairs: Sequence[tuple[int, int]]) -> Lines:
    """First and last lines, in any order, as stretches that do not touch."""
    found: list[list[int]] = []
    for first, last in sorted(pairs):
        if found and first <= found[-1][1]:
            found[-1][1] = max(found[-1][1], last)
        else:
            found.append([first, last])
    return Lines(tuple(first for first, _ in found), tuple(last for _, last in found))


@dataclass(frozen=True, slots=True)
class Folded:
    """Lines of a file without some of its statements. `lines` tells for each line which one of the file it was."""

    text: str
    lines: tuple[int, ...]
    hidden: tuple[str, ...] = ()

    def unfolded(self, text: str) -> str | None:
        """The text with all that is hidden; None where a statement would have to be indented anew for that."""
        moved = False

        def shown(line: re.Match[str]) -> str:
            nonlocal moved
            statements = self.hidden[int(line[2])]
            moved = moved or not statements.startswith(line[1]) or statements[len(line[1])].isspace()
            return statements

        text = _LINE.sub(shown, text) if self.hidden else text
        return None if moved or (self.hidden and MARK in text) else text


def unfolded(lines: Sequence[str], first: int, last: int) -> Folded:
    """The lines of a file from the `first` to the `last`, with nothing hidden."""
    return Folded("".join(lines[first - 1 : last]), tuple(range(first, last + 2)))


def folded(module: Module, lines: Sequence[str], first: int, last: int, touched: Lines) -> Folded:
    """The same without the statements that have none of the `touched` lines."""
    runs = [
        run
        for statement in module.tree.body
        if first <= statement.lineno <= last
        for run in _inside(module, statement, module.lines, touched)
    ]
    if not runs or MARK in module.text:
        return unfolded(lines, first, last)
    text: list[str] = []
    numbers: list[int] = []
    hidden: list[str] = []
    line = first
    for start, end in [*sorted(runs), (last + 1, last + 1)]:
        text += lines[line - 1 : start - 1]
        numbers += range(line, start)
        if start > last:
            break
        whole = "".join(lines[start - 1 : end])
        code = whole.rstrip("\r\n")
        indent = code[: len(code) - len(code.lstrip(" \t"))]
        text.append(f"{indent}{MARK}{len(hidden)}__{whole[len(code) :]}")
        numbers.append(start)
        hidden.append(code)
        line = end + 1
    return Folded("".join(text), (*numbers, last + 1), tuple(hidden))


def _inside(module: Module, node: ast.AST, lines: Sequence[str], touched: Lines) -> Iterator[tuple[int, int]]:
    """The first and last lines of the runs of statements below one that change in nothing."""
    for body in (getattr(node, name, ()) for name in BODIES):
        if isinstance(body, list):
            yield from _runs(module, body, lines, touched)
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from _inside(module, part, lines, touched)


def _runs(module: Module, body: Sequence[ast.stmt], lines: Sequence[str], touched: Lines) -> Iterator[tuple[int, int]]:
    run: tuple[int, int] | None = None
    for statement in body:
        first, last = first_line(statement), statement.end_lineno or statement.lineno
        if not touched.overlap(first, last) and stands_alone(module, statement, lines, first, last):
            run = run[0] if run else first, last
            continue
        if run:
            yield run
        run = None
        yield from _inside(module, statement, lines, touched)
    if run:
        yield run


def stands_alone(module: Module, statement: ast.stmt, lines: Sequence[str], first: int, last: int) -> bool:
    """Whether a statement fills its lines, and no comment below it is part of it."""
    span = module.span(statement)
    before = lines[first - 1][: span.column]
    behind = lines[last - 1][span.end_column :].strip()
    if before.strip(" \t") or (behind and behind[0] != "#") or lines[first - 1][span.column :].startswith("elif"):
        return False
    if first != span.line and lines[first - 1][span.column] != "@":
        return False
    for line in lines[last:]:
        text = line.strip()
        if text and text[0] == "#" and len(line) - len(line.lstrip(" \t")) > span.column:
            return not isinstance(statement, COMPOUND)
        if text:
            break
    return True


COMPOUND = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
)
