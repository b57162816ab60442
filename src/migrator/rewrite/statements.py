"""Statements put together as text: what changes in them is written into the lines of the file, without LibCST."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import Any

from migrator.changes import Code
from migrator.location import Span
from migrator.module import Module
from migrator.rewrite import heads, template
from migrator.rewrite.folding import COMPOUND, MARK, Lines, stands_alone, stretches
from migrator.rewrite.imports import ImportBlock, shared_lines
from migrator.rewrite.plan import Plan
from migrator.rewrite.splicing import DECORATED, Splice, Unclear
from migrator.source import lines_of
from migrator.syntax import first_line

TO_TOOLS = re.compile(r"#\s*(noqa|type:|pragma|pylint|pyright|mypy|ruff|isort|fmt|nosec|flask-to)", re.IGNORECASE)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Written:
    """What was put together of a file."""

    whole: dict[int, str]  # top-level statements, by their first line
    lines: list[str]  # of the file, with others in their places
    rest: Plan  # what is left to LibCST


def put_together(module: Module, plan: Plan, imports: ImportBlock, width: int) -> Written:
    """All statements of a file that need no LibCST."""
    lines = lines_of(module.text)
    newlines, both, returns = (module.text.count(end) for end in ("\n", "\r\n", "\r"))
    if both != returns or both not in (0, newlines) or MARK in module.text:
        return Written({}, lines, plan)
    writer = _Statements(module, plan, imports, width, lines)
    units = [
        unit
        for statement in module.tree.body
        if first_line(statement) not in imports.lines and writer.is_touched(statement)
        for unit in writer.units(statement, is_top=True)
    ]
    while True:
        rest = _without(plan, {change for unit in units for change in unit.changes})
        needed = stretches([(span.line, span.end_line) for span in (*rest.touched, *rest.needed)])
        kept = [unit for unit in units if unit.is_top or not needed.overlap(unit.first, unit.last)]
        if len(kept) == len(units):
            break
        units = kept
    new = [*lines]
    for unit in units:
        if not unit.is_top:  # in as many rows as before, of which the last one is never empty
            rows = lines_of(unit.text)
            count = unit.last - unit.first + 1
            surplus = max(len(rows) - count + 1, 1)
            slots = ["".join(rows[:surplus]), *rows[surplus:]]
            new[unit.first - 1 : unit.last] = [""] * (count - len(slots)) + slots
    return Written({unit.first: unit.text for unit in units if unit.is_top}, new, rest)


def _without(plan: Plan, taken: set[tuple[str, Span]]) -> Plan:
    """The plan without some of its changes."""
    kept: dict[str, Any] = {n: {s: c for s, c in getattr(plan, n).items() if (n, s) not in taken} for n in KINDS}
    return replace(plan, **kept)


KINDS = ("replace", "remove", "insert", "signatures", "decorators", "names", "routes")


@dataclass(frozen=True, slots=True)
class _Unit:
    first: int
    last: int
    text: str
    is_top: bool
    changes: frozenset[tuple[str, Span]]


class _Statements:
    def __init__(self, module: Module, plan: Plan, imports: ImportBlock, width: int, lines: list[str]) -> None:
        self.module, self.plan, self.imports, self.width, self.lines = module, plan, imports, width, lines
        self.text = Splice(module, plan, imports, lines)
        self.places = sorted((span.line, span, name) for name in KINDS for span in getattr(plan, name))
        self.touched: Lines = stretches([(span.line, _last(span, name)) for _, span, name in self.places])
        self.lines_of_places = [line for line, _, _ in self.places]
        self.inserts = {span.start: (span, inserts) for span, inserts in plan.insert.items()}
        self.shared = shared_lines(module.tree)

    def is_touched(self, node: ast.stmt) -> bool:
        return self.touched.overlap(first_line(node), node.end_lineno or node.lineno)

    def units(self, node: ast.stmt, *, is_top: bool) -> Iterator[_Unit]:
        """The statement, or else those in it, that can be put together."""
        try:
            yield self._unit(node, is_top)
        except Unclear:
            for statement in chain.from_iterable(_bodies(node)):
                if self.is_touched(statement):
                    yield from self.units(statement, is_top=False)

    def _unit(self, node: ast.stmt, is_top: bool) -> _Unit:
        first, last, span = first_line(node), node.end_lineno or node.lineno, self.module.span(node)
        if not is_top and (span in self.plan.remove or span.start in self.inserts or self._calls_behind(node)):
            raise Unclear  # what stands around it is of interest
        if is_top and self.shared & {first, last}:
            raise Unclear
        done = self.text.done = set()
        _, text = self._statement(node)
        wide = [place for name, place in done if name in ("replace", "remove", "routes")]
        own = frozenset(self._own(first, last))
        for _, place in own - done:
            if not any(one != place and one.contains(place) for one in wide):
                raise Unclear
        return _Unit(first, last, text, is_top, own)

    def _own(self, first: int, last: int) -> Iterator[tuple[str, Span]]:
        """The changes that begin within some lines."""
        for index in range(bisect_left(self.lines_of_places, first), len(self.places)):
            line, place, name = self.places[index]
            if line > last:
                break
            yield name, place

    def _calls_behind(self, node: ast.stmt) -> bool:
        decorators = getattr(node, "decorator_list", ())
        routes = [self.plan.routes.get(self.module.span(decorator)) for decorator in decorators]
        return any(route is not None and route.behind for route in routes)

    # -- statements ------------------------------------------------------------------------------------------------

    def _statement(self, node: ast.stmt) -> tuple[bool, str]:
        """Whether what stands above a statement stays there, and what becomes of it."""
        text, span = self.text, self.module.span(node)
        first, last = first_line(node), node.end_lineno or node.lineno
        if not stands_alone(self.module, node, self.lines, first, last) or not self.lines[last - 1].endswith("\n"):
            raise Unclear
        if isinstance(node, ast.If) and self.lines[node.lineno - 1][span.column :].startswith("elif"):
            raise Unclear
        indent, outside = self.lines[first - 1][: span.column], text.indent
        if indent.strip(" \t"):
            raise Unclear
        text.indent = indent
        try:
            stays, new = self._changed(node, span, first, last)
            before: list[str] = []
            behind: list[str] = []
            if span.start in self.inserts:
                place, inserts = self.inserts[span.start]
                text.done.add(("insert", place))
                for insert in inserts:
                    (before if insert.before else behind).append(self._rows(insert.new)[0])
            if isinstance(node, FUNCTIONS) and stays:
                calls = heads.behind(text, node, span.column, self.width)
                behind[:0] = [f"{indent}{call}{self.imports.newline}" for call in calls]
            if behind and isinstance(node, DECORATED):
                is_top = any(node is one for one in self.module.tree.body)
                behind[0] = self.imports.newline * (2 if is_top else 1) + behind[0]
        finally:
            text.indent = outside
        return stays, "".join([*before, new, *behind])

    def _changed(self, node: ast.stmt, span: Span, first: int, last: int) -> tuple[bool, str]:
        """Whether there is something left of a statement, and its lines."""
        plan, text = self.plan, self.text
        start, end = text.offset(first, 0), text.offset(last + 1, 0)
        behind = self.lines[last - 1][span.end_column :]
        change = plan.replace.get(span)
        if span in plan.remove:
            text.done.add(("remove", span))
            return False, ""
        if isinstance(node, ast.Expr):
            if (route := plan.routes.get(span)) is not None:
                if behind.strip():
                    raise Unclear
                calls = heads.routes(text, route, span.column, self.width)
                return True, "".join(f"{text.indent}{call}{self.imports.newline}" for call in calls)
            if change is not None and isinstance(change.new, Code) and template.is_expression(change.new.text):
                change = None  # of its expression
        if change is not None:
            if not isinstance(change.new, Code):
                raise Unclear
            text.done.add(("replace", span))
            rows, is_simple = self._rows(change.new, span)
            if not isinstance(node, COMPOUND) and is_simple:
                return True, rows[: -len(self.imports.newline)] + behind
            if behind.strip():
                raise Unclear
            return True, rows
        if isinstance(node, COMPOUND):
            return True, self._compound(node, first)
        return True, text.between(start, end)

    def _rows(self, code: Code, place: Span | None = None) -> tuple[str, bool]:
        """New statements, and whether they are a single simple one."""
        text, indent = self.imports.named(code), self.text.indent
        kinds = _kinds(text)
        if not kinds or HOLE_LINE.search(text) or ";" in text or ("block" in kinds and indent.strip(" ")):
            raise Unclear
        return f"{indent}{self.text.filled(code, text, place)}{self.imports.newline}", kinds == ("simple",)

    def _compound(self, node: ast.stmt, first: int) -> str:
        text = self.text
        found: list[str] = []
        line = first
        for number, body in enumerate(_bodies(node)):
            start = first_line(body[0])
            if isinstance(node, ast.If) and body is node.orelse and self._is_elif(body):
                branch = body[0]
                span = self.module.span(branch)
                if span in self.plan.remove or span in self.plan.replace or span.start in self.inserts:
                    raise Unclear
                found += self.lines[line - 1 : start - 1]
                found.append(self._compound(branch, start))
                line = (branch.end_lineno or start) + 1
                continue
            if self.lines[start - 1][: self.module.span(body[0]).column].strip(" \t@"):
                raise Unclear  # behind the colon
            while start - 1 > line and _is_remark(self.lines[start - 2]):
                start -= 1
            if number == 0 and isinstance(node, FUNCTIONS):
                found.append(heads.head(text, node, start - 1, self.width))
            else:
                found.append(text.between(text.offset(line, 0), text.offset(start, 0)))
            found.append(self._block(body, start))
            line = (body[-1].end_lineno or start) + 1
        return "".join(found)

    def _is_elif(self, body: Sequence[ast.stmt]) -> bool:
        only = body[0]
        place = self.module.span(only)
        return isinstance(only, ast.If) and self.lines[place.line - 1][place.column :].startswith("elif")

    def _block(self, body: Sequence[ast.stmt], line: int) -> str:
        """The statements of a block, from a line on."""
        found: list[str] = []
        comments: list[str] = []  # of statements that are gone
        is_gone = False  # the first one
        for number, node in enumerate(body):
            first, last = first_line(node), node.end_lineno or node.lineno
            if first < line:
                raise Unclear
            leading = self.lines[line - 1 : first - 1]
            line = last + 1
            stays, new = (
                self._statement(node) if self.is_touched(node) else (True, "".join(self.lines[first - 1 : last]))
            )
            if not stays or comments or (is_gone and not found):
                self._check(leading, node)
            if not stays:
                is_gone = is_gone or number == 0
                if not new:
                    if leading and not leading[0].strip() and found and not comments:
                        comments.append(leading[0])
                    comments += [row for row in leading if row.strip()]
                    comments += self._remark(node)
                    continue
                leading = []
            if comments:
                if not comments[0].strip() and leading and not leading[0].strip():
                    comments = comments[1:]
                leading, comments = [*comments, *leading], []
            if is_gone and not found:
                leading = leading[next((i for i, row in enumerate(leading) if row.strip()), len(leading)) :]
            found += [*leading, new]
        if not found:
            column = self.module.span(body[0]).column
            found.append(f"{self.lines[body[0].lineno - 1][:column]}pass{self.imports.newline}")
        return "".join(found)

    def _check(self, leading: Iterable[str], node: ast.stmt) -> None:
        """Comments above a statement that moves are as deep as it is."""
        indent = self.lines[node.lineno - 1][: self.module.span(node).column]
        for row in leading:
            if "\f" in row or (row.strip() and not row.startswith(f"{indent}#")):
                raise Unclear

    def _remark(self, node: ast.stmt) -> list[str]:
        """What was said behind a statement that is gone, as a line of its own; remarks to tools go with it."""
        if isinstance(node, (*COMPOUND, ast.Import, ast.ImportFrom)):
            return []
        span = self.module.span(node)
        behind = self.lines[span.end_line - 1][span.end_column :]
        comment = behind.strip()
        if comment and not behind.rstrip("\r\n").endswith(comment):
            raise Unclear
        if not comment or TO_TOOLS.match(comment):
            return []
        indent = self.lines[node.lineno - 1][: span.column]
        return [f"{indent}{comment}{self.imports.newline}"]


HOLE_LINE = re.compile(rf"^\s*{template.HOLE.pattern}\s*$", re.MULTILINE)


def _is_remark(row: str) -> bool:
    return not row.strip() or row.lstrip().startswith("#")


def _last(span: Span, kind: str) -> int:
    """The last line that a change is about: of a function, where it begins."""
    return span.line if kind in ("signatures", "decorators", "names", "insert") else span.end_line


def _bodies(node: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of a statement, in the order of the file."""
    parts = (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))
    found = [getattr(node, "body", ()), *(part.body for part in parts)]
    found += [getattr(node, name, ()) for name in ("orelse", "finalbody")]
    return [body for body in found if body]


@lru_cache(maxsize=2000)
def _kinds(text: str) -> tuple[str, ...]:
    """What new statements are; nothing where they are none by themselves."""
    try:
        return tuple("block" if isinstance(node, COMPOUND) else "simple" for node in ast.parse(text).body)
    except SyntaxError:
        return ()
