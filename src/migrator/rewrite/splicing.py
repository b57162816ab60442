"""Lines in which only expressions change, each for code that can stand as it is, need no LibCST: they are put together.

What is written is what LibCST would write. Where that is not plain to see, a statement is left to it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from migrator.changes import Code, Replace
from migrator.location import Span
from migrator.module import Module
from migrator.rewrite import template
from migrator.rewrite.folding import BODIES, COMPOUND, Lines, stands_alone, stretches
from migrator.rewrite.imports import ImportBlock
from migrator.rewrite.plan import Plan
from migrator.source import lines_of
from migrator.syntax import first_line

_TOKEN = re.compile(rf"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|{template.HOLE.pattern}")
_ELSEWHERE = (ast.Tuple, ast.GeneratorExp, ast.Starred, ast.Slice)  # these have another place in LibCST, or none
_REMARKS = re.compile(r"\s*(?:#.*\s+)*")
_REMARK = re.compile(r"(?:\s*#.*)+\Z")
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_CHAINS = (ast.Attribute, ast.Call)
_CLOSED = (*_DISPLAYS, *_CHAINS, ast.Name, ast.Subscript)  # what needs no parentheses beside an operator


def spliced(module: Module, plan: Plan, imports: ImportBlock, lines: Sequence[str]) -> tuple[list[str], Plan]:
    """The lines of a file with what can be put together, each in its place, and what remains of the plan."""
    new, done = [*lines], set[Span]()
    if len(lines) != len(module.lines) - module.text.endswith(("\n", "\r")):  # there are odd line ends
        return new, plan
    owned: list[tuple[ast.stmt, list[Replace]]] = []
    claimed: set[Span] = set()
    waiting = sorted(plan.replace, key=lambda span: (span.start, (-span.end_line, -span.end_column)))
    for statement in _simple_statements(module.tree.body, stretches([(s.line, s.end_line) for s in waiting])):
        whole = module.span(statement)
        own = [plan.replace[span] for span in waiting if whole.contains(span)]
        if own and all(_is_own(change) for change in own):
            owned.append((statement, own))
            claimed.update(change.span for change in own)
    rest = replace(plan, replace={span: change for span, change in plan.replace.items() if span not in claimed})
    others = stretches([(span.line, span.end_line) for span in (*rest.touched, *rest.needed)])
    for statement, own in owned:
        first, last = statement.lineno, statement.end_lineno or statement.lineno
        if others.overlap(first, last) or not stands_alone(module, statement, lines, first, last):
            continue
        try:
            text = _Splice(module, statement, own, imports, lines[first - 1 : last]).text()
        except _Unclear:
            continue
        rows = lines_of(text)
        if len(rows) == last - first + 1:
            new[first - 1 : last] = rows
            done.update(change.span for change in own)
    return new, replace(plan, replace={span: change for span, change in plan.replace.items() if span not in done})


def _is_own(change: Replace) -> bool:
    """Whether a change takes nothing from another place."""
    return isinstance(change.new, Code) and all(change.span.contains(part) for part in change.new.parts)


def _simple_statements(body: Iterable[ast.stmt], touched: Lines) -> Iterator[ast.stmt]:
    for statement in body:
        if not touched.overlap(first_line(statement), statement.end_lineno or statement.lineno):
            continue
        if not isinstance(statement, COMPOUND):
            yield statement
            continue
        for part in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            for name in BODIES:
                yield from _simple_statements(getattr(part, name, ()), touched)


class _Unclear(Exception):
    """This is for LibCST."""


class _Splice:
    """A simple statement and the changes in it."""

    def __init__(
        self,
        module: Module,
        statement: ast.stmt,
        changes: Sequence[Replace],
        imports: ImportBlock,
        lines: Sequence[str],
    ) -> None:
        self.module, self.imports = module, imports
        self.statement, self.changes = statement, {change.span: change for change in changes}
        self.source = "".join(lines)
        self.starts = [0, *accumulate(map(len, lines))]
        self.nodes = {module.span(node): node for node in _expressions(statement)}

    def text(self) -> str:
        return self._between(0, len(self.source))

    def _between(self, start: int, end: int) -> str:
        found: list[str] = []
        for span, change in self.changes.items():  # sorted: an outer one comes before those in it
            first, last = self._offsets(span)
            if start <= first and last <= end:
                found += self.source[start:first], self._new(change)
                start = last
        return "".join([*found, self.source[start:end]])

    def _offsets(self, span: Span) -> tuple[int, int]:
        line = self.statement.lineno
        return self.starts[span.line - line] + span.column, self.starts[span.end_line - line] + span.end_column

    def _new(self, change: Replace) -> str:
        new = change.new
        node = self.nodes.get(change.span)
        if node is None or not isinstance(new, Code) or self._has_parentheses(node, *self._offsets(change.span)):
            raise _Unclear
        if node is getattr(self.statement, "value", None) and not template.is_expression(new.text):
            raise _Unclear
        text = self.imports.named(new)
        if "\n" in text or text != text.strip() or text[:1] in "(":
            raise _Unclear

        def filled(found: re.Match[str]) -> str:
            if found[1] is None:
                if template.HOLE.search(found[0]):
                    raise _Unclear
                return found[0]
            return self._part(new.parts[int(found[1])], alone=found[0] == text, tight=template.is_tight(text, found))

        return _TOKEN.sub(filled, text)

    def _part(self, span: Span, *, alone: bool, tight: bool) -> str:
        """The code that fills a hole, if it needs no parentheses there and has none."""
        node = self.nodes.get(span)
        start, end = self._offsets(span)
        if node is None or self._has_parentheses(node, start, end):
            raise _Unclear
        text = self._between(start, end)
        if alone:
            return text
        if span in self.changes:
            is_plain = re.fullmatch(r"[\w.]+", text) or not (tight or "\n" in text)
        else:
            is_plain = isinstance(node, _CLOSED) or not (tight or "\n" in text)
        if not is_plain or (isinstance(node, _CHAINS) and template.breaks_outside(text)):
            raise _Unclear
        return text

    def _has_parentheses(self, node: ast.expr, start: int, end: int) -> bool:
        """Whether it may have some of its own: those around the only argument of a call are none."""
        before, behind = self.source[:start].rstrip(), _REMARKS.sub("", self.source[end:], count=1)
        opens = before.endswith("(") or _REMARK.sub("", before).endswith("(")  # what is no remark counts as one too
        if not opens or not behind.startswith(")"):
            return False
        call = self.module.parents[node]
        return (
            not isinstance(call, ast.Call)
            or node not in call.args
            or len(before) - 1 != len(self.source[: self._offsets(self.module.span(call.func))[1]].rstrip())
        )


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions of a statement that have the same place in LibCST, and no quotes around them."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            continue
        if isinstance(child, ast.expr) and not isinstance(child, _ELSEWHERE):
            yield child
        yield from _expressions(child)
