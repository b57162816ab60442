"""New code for expressions, as text: it is written into the lines of the file, without LibCST.

What is written is what LibCST would write. Where that is not plain to see, `Unclear` leaves the statement to it.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from migrator.changes import Code
from migrator.location import Span
from migrator.module import Module, children
from migrator.rewrite import template
from migrator.rewrite.imports import ImportBlock
from migrator.rewrite.plan import Plan

_TOKEN = re.compile(rf"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|{template.HOLE.pattern}")
_ELSEWHERE = (ast.Tuple, ast.GeneratorExp, ast.Starred, ast.Slice)  # these have another place in LibCST, or none
_REMARKS = re.compile(r"\s*(?:#.*\s+)*")
_REMARK = re.compile(r"(?:\s*#.*)+\Z")
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_CHAINS = (ast.Attribute, ast.Call)
_CLOSED = (*_DISPLAYS, *_CHAINS, ast.Name, ast.Subscript)  # what needs no parentheses beside an operator
_ODD = re.compile(r"\"\"\"|'''|\\\n|#|\n\n|(?<![\w)\]])\(\s*__\d+__\s*\)")  # a hole in parentheses of its own


class Unclear(Exception):
    """This is for LibCST."""


class Splice:
    """A file, and the changes of its expressions. What was written, or left out, is noted in `done`."""

    def __init__(self, module: Module, plan: Plan, imports: ImportBlock, lines: list[str]) -> None:
        self.module, self.plan, self.imports, self.lines = module, plan, imports, lines
        self.source = module.text
        self.starts = [0, *accumulate(map(len, lines))]
        self.indent = ""  # of the statement that is being written
        self.done: set[tuple[str, Span]] = set()  # with the field of the plan
        self.waiting = sorted((*self.offsets(span), span) for span in plan.replace)
        self.waiting.sort(key=lambda item: (item[0], -item[1]))
        self.firsts = [item[0] for item in self.waiting]

    def offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def offsets(self, span: Span) -> tuple[int, int]:
        return self.starts[span.line - 1] + span.column, self.starts[span.end_line - 1] + span.end_column

    def place(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends in the text of the file."""
        return self.offsets(self.module.span(node))

    def between(self, start: int, end: int) -> str:
        """A stretch of the file with the changes in it."""
        found: list[str] = []
        for index in range(bisect_left(self.firsts, start), len(self.waiting)):
            first, last, span = self.waiting[index]
            if first >= end:
                break
            if start <= first and last <= end:  # sorted: an outer one comes before those in it
                found += self.source[start:first], self._replaced(span)
                start = last
        return "".join([*found, self.source[start:end]])

    def _replaced(self, span: Span) -> str:
        new = self.plan.replace[span].new
        node = self.node_at(span)
        if node is None or not isinstance(new, Code) or self.has_parentheses(node):
            raise Unclear
        if isinstance(self.module.parents[node], ast.Expr) and not template.is_expression(new.text):
            raise Unclear
        self.done.add(("replace", span))
        return self.expression(new, span)

    def expression(self, code: Code, place: Span | None = None) -> str:
        """New code that is an expression, for a place of the file."""
        text = self.imports.named(code)
        if text[:1] == "(":
            raise Unclear
        return self.filled(code, text, place)

    def filled(self, code: Code, text: str, place: Span | None = None) -> str:
        """New code with its holes filled, indented as the statement that is being written."""
        if text != text.strip() or _ODD.search(text):
            raise Unclear

        def fill(found: re.Match[str]) -> str:
            if found[1] is None:
                if template.HOLE.search(found[0]):
                    raise Unclear
                return found[0]
            origin = code.parts[int(found[1])]
            part = self._part(origin, found[0] == text, template.is_tight(text, found))
            if "\n" in part and ("\n" in text or place is None or not place.contains(origin)):
                raise Unclear  # it would have to be indented anew
            return part

        made = _TOKEN.sub(fill, text)
        return made.replace("\n", self.imports.newline + self.indent) if "\n" in text else made

    def _part(self, span: Span, alone: bool, tight: bool) -> str:
        """The code that fills a hole, if it needs no parentheses there and has none."""
        node = self.node_at(span)
        if node is None or self.has_parentheses(node):
            raise Unclear
        text = self.between(*self.offsets(span))
        if alone:
            return text
        if span in self.plan.replace:
            is_plain = re.fullmatch(r"[\w.]+", text) or not (tight or "\n" in text)
        else:
            is_plain = isinstance(node, _CLOSED) or not (tight or "\n" in text)
        if not is_plain or (isinstance(node, _CHAINS) and template.breaks_outside(text)):
            raise Unclear
        return text

    def node_at(self, span: Span) -> ast.expr | None:
        """The expression that fills a place, if it has the same place in LibCST, and no quotes around it."""
        node: ast.AST | None = self.module.tree
        while node is not None:
            inside = (n for n in self._placed(node) if n.end_lineno >= span.end_line and self._holds(n, span))
            node = next(inside, None)
            if isinstance(node, ast.expr) and self.module.span(node) == span:
                return None if isinstance(node, _ELSEWHERE) else node
            if isinstance(node, ast.JoinedStr):
                return None
        return None

    def _placed(self, node: ast.AST) -> Iterator[Any]:
        for child in children(node):
            if hasattr(child, "lineno"):
                yield child
            else:
                yield from self._placed(child)

    def _holds(self, node: Any, span: Span) -> bool:
        decorators = getattr(node, "decorator_list", None)
        first = decorators[0].lineno if decorators else node.lineno
        if not first <= span.line <= span.end_line <= node.end_lineno:
            return False
        return bool(decorators) or self.module.span(node).contains(span)

    def has_parentheses(self, node: ast.expr) -> bool:
        """Whether it may have some of its own: those around the only argument of a call are none."""
        start, end = self.place(node)
        behind = _REMARKS.match(self.source, end)
        if not self.source.startswith(")", behind.end() if behind else end):
            return False
        outer: ast.AST = node
        while not isinstance(self.module.parents[outer], ast.stmt):
            outer = self.module.parents[outer]
        above = self.module.parents[outer]
        is_decorator = isinstance(above, DECORATED) and outer in above.decorator_list
        begin = self.offset(self.module.span(outer if is_decorator else above).line, 0)
        before = self.source[begin:start].rstrip()
        if not before.endswith("(") and not _REMARK.sub("", before).endswith("("):  # what is no remark counts too
            return False
        call = self.module.parents[node]
        if not isinstance(call, ast.Call) or node not in call.args:
            return True
        opening = begin + len(before) - 1
        return bool(self.source[self.place(call.func)[1] : opening].strip()) or self.source[opening] != "("


DECORATED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
