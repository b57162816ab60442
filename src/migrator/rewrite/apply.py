"""Writes the changes of a file into its text.

Only those top-level statements that change are parsed by LibCST; everything between them stays as it is, to the byte.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import accumulate
from typing import Any

import libcst as cst

from migrator.changes import AddDecorator, Code, Import, Insert, Remove, Replace, SetRoute
from migrator.location import Span
from migrator.module import Module
from migrator.rewrite import template
from migrator.rewrite.definitions import placed_definitions
from migrator.rewrite.folding import Folded, folded, stretches, unfolded
from migrator.rewrite.imports import ImportBlock
from migrator.rewrite.plan import Plan
from migrator.rewrite.positions import Place, positions_of
from migrator.rewrite.routes import route_code
from migrator.rewrite.signature import new_parameters
from migrator.rewrite.statements import TO_TOOLS, put_together
from migrator.source import lines_of
from migrator.syntax import first_line

GONE = object()
NEWLINE = re.compile(r"\r\n|\r|\n")
LONE_NEWLINE = re.compile(r"(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class Island:
    """Lines of the file, counted from 1, the last one included, that hold top-level statements and nothing else."""

    first: int
    last: int


def rewrite(module: Module, plan: Plan, imports: ImportBlock) -> str:
    """The new text of a file."""
    width = line_width(module.text)
    original = lines_of(module.text)
    written, whole = put_together(module, plan, imports, width), plan
    lines, plan = written.lines, written.rest
    touched = stretches([(span.line, span.end_line) for span in plan.touched])
    needed = stretches([(span.line, span.end_line) for span in plan.needed])
    edits: list[tuple[int, int, str]] = []  # first line, last line, new text
    for island in islands(module):
        if island.first in imports.lines:
            continue
        new = written.whole.get(island.first)
        if new is None and touched.overlap(island.first, island.last):
            source = folded(module, lines, island.first, island.last, needed)
            new = source.unfolded(_Island(source, plan, imports, width).rewritten())
            if new is None:
                source = unfolded(original, island.first, island.last)
                new = _Island(source, whole, imports, width).rewritten()
        if new is not None:
            if new.strip():
                edits.append((island.first, island.last, new))
            else:  # of the blank lines around it one group stays
                blank = min(blank_lines(lines[: island.first - 1][::-1]), blank_lines(lines[island.last :]))
                edits.append((island.first, island.last + blank, ""))
    for line, text in placed_definitions(module, plan, imports, width):
        edits.append((line, line - 1, text))
    edits += imports.edits(lines)
    for first, last, text in sorted(edits, key=lambda edit: (edit[0], edit[1]), reverse=True):
        if text and module.text and last < len(lines) and not text.endswith(("\n", "\r")):
            text += imports.newline
        lines[first - 1 : last] = [text]
    text = "".join(lines)
    # where the last statements went, so do the blank lines above them
    tail = text[len(text.rstrip("\r\n")) :]
    return (
        text
        if tail == module.text[len(module.text.rstrip("\r\n")) :] or not text.strip()
        else text.rstrip("\r\n") + imports.newline
    )


def blank_lines(lines: Sequence[str]) -> int:
    """How many blank lines stand first; a form feed is the author's mark of a page, no blank."""
    return next((number for number, line in enumerate(lines) if line.strip(" \t\r\n")), len(lines))


@lru_cache(maxsize=1)
def line_width(text: str) -> int:
    """The line length that the author keeps: that of the longest line of code, within reason."""
    longest = max((len(line) for line in text.splitlines()), default=0)
    return min(max(longest, 88), 120)


def islands(module: Module) -> list[Island]:
    """The top-level statements by lines; those that share a line are one island."""
    found: list[Island] = []
    for statement in module.tree.body:
        first, last = first_line(statement), statement.end_lineno or statement.lineno
        if found and first <= found[-1].last:
            found[-1] = Island(found[-1].first, max(last, found[-1].last))
        else:
            found.append(Island(first, last))
    return found


@cache
def _kind(node: type[cst.CSTNode]) -> str:
    """What a node is for us; asked once for each class, for these are abstract and slow to ask."""
    if issubclass(node, cst.BaseExpression):
        return "expression"
    if issubclass(node, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
        return "statement"
    return "block" if issubclass(node, (cst.IndentedBlock, cst.Module)) else ""


_LAYOUT = re.compile(r"white|[lr]par|bracket|brace|comma|colon|dot$|equal|leading_lines|lines_|header|footer")


@cache
def _fields(node: type[cst.CSTNode]) -> tuple[str, ...]:
    """What a node holds, but for blanks, punctuation and comments."""
    return tuple(name for name in node.__dataclass_fields__ if not _LAYOUT.search(name))


class _Island:
    def __init__(self, source: Folded, plan: Plan, imports: ImportBlock, width: int) -> None:
        self.plan, self.imports, self.width, self.lines = plan, imports, width, source.lines
        self.module = cst.parse_module(source.text)
        self.source = NEWLINE.split(source.text)
        self.positions = positions_of(self.module)
        self.blocks: list[cst.IndentedBlock | cst.Module] = []
        self.expressions: dict[Span, cst.BaseExpression] = {}
        self.statements: dict[tuple[int, int], cst.CSTNode] = {}
        for node, place in self.positions.values():
            kind = _kind(type(node))
            if kind == "expression":
                self.expressions[self._span(place)] = node  # type: ignore[assignment]
                if type(node) in (cst.Tuple, cst.GeneratorExp) and node.lpar:  # type: ignore[attr-defined]
                    opening, closing = self._place(node.lpar[-1]), self._place(node.rpar[0])  # type: ignore[attr-defined]
                    self.expressions[self._span((*opening[:2], *closing[2:]))] = node  # type: ignore[assignment]
            elif kind == "statement":
                self.statements[self.lines[place[0] - 1], place[1]] = node
            elif kind == "block":
                self.blocks.append(node)  # type: ignore[arg-type]
        self.quote = ""  # of the f-string that is being written
        self.actions: dict[int, Any] = {}
        self.ranges: list[Span] = []
        self.new_routes: dict[int, SetRoute] = {}
        changes: list[Replace | Remove | SetRoute] = [*plan.replace.values(), *plan.remove.values()]
        for change in (*changes, *plan.routes.values()):
            if not self.lines[0] <= change.span.line < self.lines[-1]:
                continue
            if (target := self.find(change.span, change)) is not None:
                if isinstance(change, SetRoute) and isinstance(target, cst.FunctionDef):
                    self.new_routes[id(target)] = change
                else:
                    self.actions[id(target)] = change
                self.ranges.append(change.span)
        self.inserts: dict[int, list[Insert]] = {}
        for span, inserts in plan.insert.items():
            if (target := self.statements.get(span.start)) is not None:
                self.actions.setdefault(id(target), None)
                self.inserts[id(target)] = inserts
                self.ranges.append(span)
        self.signatures = {}
        for span, parameters in plan.signatures.items():
            if isinstance(target := self.statements.get(span.start), cst.FunctionDef):
                self.signatures[id(target)] = parameters
                self.ranges.append(Span(span.line, span.column, span.line, span.column + 1))
        self.decorators: dict[int, list[AddDecorator]] = {}
        self.renamed: dict[int, str] = {}
        for span in (*plan.decorators, *plan.names):
            if isinstance(target := self.statements.get(span.start), cst.FunctionDef):
                self.decorators[id(target)] = plan.decorators.get(span, [])
                if span in plan.names:
                    self.renamed[id(target)] = plan.names[span].name
                self.ranges.append(Span(span.line, span.column, span.line, span.column + 1))

        self.touched = sorted(self.ranges)
        self.touched_until = list(accumulate((span.end for span in self.touched), max))

    def _place(self, node: cst.CSTNode) -> Place:
        return self.positions[id(node)][1]

    def _span(self, place: Place) -> Span:
        return Span(self.lines[place[0] - 1], place[1], self.lines[place[2] - 1], place[3])

    def find(self, span: Span, change: Replace | Remove | SetRoute | None = None) -> cst.CSTNode | None:
        """The node at a place: an expression that fills it, else the statement that begins there.

        A statement that is only an expression has the same place: it is meant where it is removed, or where the new
        code is no expression.
        """
        expression, statement = self.expressions.get(span), self.statements.get(span.start)
        if isinstance(statement, cst.Expr) and statement.value is expression:
            new = change.new if isinstance(change, Replace) else None
            if isinstance(change, Remove) or (isinstance(new, Code) and not template.is_expression(new.text)):
                return statement
        return expression or statement

    def rewritten(self) -> str:
        body = self._statements(self.module.body)
        return self.module.with_changes(body=body).code

    # -- rebuilding ------------------------------------------------------------------------------------------------

    def rebuild(self, node: cst.CSTNode) -> Any:
        """The node with all changes in it; `GONE` for what is removed, a list for what became several statements."""
        if id(node) in self.actions and self.actions[id(node)] is not None:
            change = self.actions[id(node)]
            if change.span in self.plan.remove:
                return GONE
            if isinstance(change, SetRoute):
                return self._route(node, change)
            return self._replaced(node, change.new)
        return self._descend(node)

    def _descend(self, node: cst.CSTNode) -> Any:
        if not isinstance(node, cst.FormattedString):
            return self._descended(node)
        outside, self.quote = self.quote, node.end
        try:
            return self._descended(node)
        finally:
            self.quote = outside

    def _descended(self, node: cst.CSTNode) -> Any:
        known = self.positions.get(id(node))
        if (
            known is not None
            # decorators lie outside of these, annotations and defaults of parameters too
            and not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.IndentedBlock, cst.Param))
            and not self._is_touched(self._span(known[1]))
        ):
            return node
        changed: dict[str, Any] = {}
        for name in _fields(type(node)):
            value = getattr(node, name)
            if isinstance(value, cst.CSTNode):
                new = self._block(value) if isinstance(value, cst.SimpleStatementSuite) else self.rebuild(value)
                if new is not value:
                    changed[name] = new
            elif isinstance(value, (list, tuple)) and value and isinstance(value[0], cst.CSTNode):
                items = self._items(node, name, value)
                if items is not None:
                    changed[name] = items
        if isinstance(node, cst.FunctionDef) and id(node) in self.signatures:
            current = node.with_changes(**changed) if changed else node
            changed["params"], layout = new_parameters(
                current, self.signatures[id(node)], self._fill, self.imports, self.width, self.module
            )
            changed.update(layout)
        if isinstance(node, cst.FunctionDef):
            if id(node) in self.decorators or id(node) in self.new_routes:
                changed["decorators"] = self._decorated(node, changed.get("decorators", node.decorators))
            if id(node) in self.renamed:
                changed["name"] = cst.Name(self.renamed[id(node)])
        if isinstance(node, cst.ClassDef) and "bases" in changed:
            if changed["bases"]:
                changed["bases"][-1] = changed["bases"][-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            elif not node.keywords:
                changed.update(lpar=cst.MaybeSentinel.DEFAULT, rpar=cst.MaybeSentinel.DEFAULT)
        for name, value in list(changed.items()):
            if value is GONE:
                changed[name] = None if name != "body" else cst.IndentedBlock([_pass()])
        return node.with_changes(**changed) if changed else node

    def _is_touched(self, span: Span) -> bool:
        """Whether some change is about a part of a stretch, or about more than it."""
        before = bisect_left(self.touched, Span(*span.end, 0, 0))  # those that begin before its end
        return before > 0 and self.touched_until[before - 1] > span.start

    def _items(self, node: cst.CSTNode, name: str, values: Sequence[cst.CSTNode]) -> list[Any] | None:
        if isinstance(node, (cst.IndentedBlock, cst.Module)) and name == "body":
            statements = self._statements(values)
            if isinstance(node, cst.IndentedBlock) and statements and self._is_gone(values[0]):
                lines = statements[0].leading_lines
                first = next((i for i, line in enumerate(lines) if line.comment is not None), len(lines))
                statements[0] = statements[0].with_changes(leading_lines=lines[first:])
            if len(statements) == len(values) and all(a is b for a, b in zip(statements, values, strict=True)):
                return None
            return statements or [_pass()]
        found: list[Any] = []
        changed = False
        for value in values:
            if isinstance(value, cst.Decorator):
                new = self._decorator(value)
            else:
                new = self.rebuild(value)
            changed = changed or new is not value
            if new is GONE or (isinstance(value, cst.Arg) and new.value is None):
                changed = True
                continue
            if isinstance(new, list):
                found += new
            else:
                found.append(new)
        return found if changed else None

    def _decorated(self, node: cst.FunctionDef, decorators: Sequence[cst.Decorator]) -> list[cst.Decorator]:
        """The decorators with the new ones between them; routes come first."""
        made: dict[int, list[cst.Decorator]] = {}
        for added in self.decorators.get(id(node), []):
            text = self.imports.named(added.new)
            one = cst.Decorator(template.expression(text, lambda number, code=added.new: self._fill(code, number)))  # type: ignore[misc]
            below = [d for d in node.decorators if added.outside_of and self._stays_below(d, added.outside_of)]
            made.setdefault(len(decorators) - len(below), []).append(one)
        found: list[cst.Decorator] = []
        for place in range(len(decorators) + 1):
            found += [*made.get(place, []), *decorators[place : place + 1]]
        if (route := self.new_routes.get(id(node))) is not None:
            found[:0] = [cst.Decorator(one) for one in self._route(node.name, route)]
        return found

    def _stays_below(self, decorator: cst.Decorator, place: Span) -> bool:
        span = self._span(self._place(decorator.decorator))
        return span >= place and span not in self.plan.remove

    def _decorator(self, node: cst.Decorator) -> Any:
        change = self.actions.get(id(node.decorator))
        if change is None:
            return self._descend(node)
        if change.span in self.plan.remove or (isinstance(change, SetRoute) and change.behind):
            return GONE
        new = self.rebuild(node.decorator)
        if isinstance(new, list):
            first = node.with_changes(decorator=new[0])
            return [first, *(cst.Decorator(decorator=other) for other in new[1:])]
        return node.with_changes(decorator=new)

    def _is_gone(self, statement: cst.CSTNode) -> bool:
        """Whether a statement was removed, so that what follows it is now first."""
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else statement
        change = self.actions.get(id(small))
        return change is not None and change.span in self.plan.remove

    def _block(self, suite: cst.SimpleStatementSuite) -> Any:
        """The body of `def view(): return 1`: a block of its own where something is inserted there."""
        if not any(id(statement) in self.inserts for statement in suite.body):
            return self.rebuild(suite)
        line = cst.SimpleStatementLine(suite.body, trailing_whitespace=suite.trailing_whitespace)
        return cst.IndentedBlock(self._statements([line]))

    def _statements(self, values: Sequence[cst.CSTNode]) -> list[Any]:
        found: list[Any] = []
        comments: list[cst.EmptyLine] = []
        for value in values:
            new = self._statement(value)
            if new and comments:
                if comments[0].comment is None and _has_blank(new[0]):
                    comments = comments[1:]
                new[0] = _with_leading(new[0], comments)
                comments = []
            if not new:
                leading = getattr(value, "leading_lines", ())
                if leading and leading[0].comment is None and found and not comments:
                    comments.append(leading[0])  # the blank line above a paragraph stays where its first line goes
                comments += [line for line in leading if line.comment is not None]
                comments += _remark(value)
                continue
            found += new
        return found

    def _statement(self, node: cst.CSTNode) -> list[Any]:
        """What becomes of a statement (a line of small ones, or a compound one)."""
        if not isinstance(node, cst.SimpleStatementLine):
            return self._around(node, self._one(node))
        first = node.body[0]
        if isinstance(first, cst.Expr) and isinstance(route := self.actions.get(id(first.value)), SetRoute):
            return self._around(first, _dressed(self._route(first, route), node))
        if id(first) in self.actions and len(node.body) == 1:
            change = self.actions[id(first)]
            new: Any = GONE
            if change is None:
                return self._around(first, [self._descend(node)])
            if change.span not in self.plan.remove:
                new = self.rebuild(first)
            if new is GONE:
                return self._around(first, [])
            if isinstance(new, list):
                return self._around(first, _dressed(new, node))
            return self._around(first, [node.with_changes(body=[new])])
        body: list[Any] = []
        changed = False
        for small in node.body:
            part = self.rebuild(small)
            if isinstance(part, list):
                part = part[0].body[0]
            changed = changed or part is not small
            if part is not GONE:
                body.append(part)
        found: list[Any] = [node]
        if changed and body:
            body[-1] = body[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
            found = [node.with_changes(body=body)]
        elif changed:
            found = []
        for small in node.body:
            found = self._around(small, found)
        return found

    def _one(self, node: cst.CSTNode) -> list[Any]:
        new = self.rebuild(node)
        if new is GONE:
            return []
        return _dressed(new, node) if isinstance(new, list) else [new]

    def _around(self, node: cst.CSTNode, new: list[Any]) -> list[Any]:
        """`new`, with what is inserted before and behind the statement."""
        inserts = self.inserts.get(id(node), [])
        before = [line for one in inserts if one.before for line in self._lines(one.new)]
        behind = [*self._behind(node), *(line for one in inserts if not one.before for line in self._lines(one.new))]
        if before and new:
            before[0] = before[0].with_changes(leading_lines=getattr(new[0], "leading_lines", ()))
            new[0] = new[0].with_changes(leading_lines=())
        if behind and isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            blank = [cst.EmptyLine(indent=False)] * (2 if any(node is s for s in self.module.body) else 1)
            for index, above in enumerate([node, *behind[:-1]]):
                if index == 0 or (isinstance(above, (cst.FunctionDef, cst.ClassDef)) and behind[index].leading_lines):
                    behind[index] = behind[index].with_changes(leading_lines=blank)
        return [*before, *new, *behind]

    def _lines(self, code: Code) -> list[Any]:
        lines = list(template.statements(self.imports.named(code), lambda number: self._fill(code, number)))
        if code.text.startswith("\n"):  # a paragraph of its own
            lines[0] = lines[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        return lines

    # -- filling ---------------------------------------------------------------------------------------------------

    def _replaced(self, node: cst.CSTNode, new: Any) -> Any:
        if not isinstance(new, Code):
            return new(self._descend(node))
        text = self.imports.named(new)
        if self.quote == '"' and "'" not in text:  # Python 3.11 takes no such quotes within those of an f-string
            text = text.replace('"', "'")
        if isinstance(node, cst.BaseExpression):
            made = template.expression(text, lambda number: self._fill(new, number))
            if node.lpar and not made.lpar and not isinstance(node, (cst.Tuple, cst.GeneratorExp)):
                return made if self._does_without(node, made) else made.with_changes(lpar=node.lpar, rpar=node.rpar)
            return made
        lines = template.statements(text, lambda number: self._fill(new, number))
        if (
            len(lines) == 1
            and isinstance(lines[0], cst.SimpleStatementLine)
            and isinstance(node, cst.BaseSmallStatement)
        ):
            if len(lines[0].body) == 1 and not lines[0].leading_lines:
                small = lines[0].body[0]
                return (
                    small.with_changes(semicolon=node.semicolon) if isinstance(small, cst.BaseSmallStatement) else small
                )
        return lines

    def _does_without(self, node: cst.BaseExpression, made: cst.BaseExpression) -> bool:
        """Whether new code needs none of the parentheses that stand around what it replaces."""
        opening, closing = self._place(node.lpar[0]), self._place(node.rpar[-1])
        before, behind = self.source[opening[0] - 1][: opening[1]], self.source[closing[2] - 1][closing[3] :]
        touches = re.search(r"\w$", before) or re.match(r"\w", behind)
        remarks = any("#" in template.code_of(one) for one in (*node.lpar, *node.rpar))
        return isinstance(made, template.NAMED) and not touches and not remarks and "\n" not in template.code_of(made)

    def _fill(self, code: Code, number: int) -> Any:
        span = code.parts[number]
        node = self.expressions.get(span)
        if node is not None:
            new = self.rebuild(node)
            if new is GONE:
                raise ValueError(f"a removed node is used at {span}")
            return new
        return self._suite(span)

    def _suite(self, span: Span) -> list[Any]:
        """The statements between two places, rebuilt."""
        for node in self.blocks:
            inside = [s for s in node.body if span.start <= self._start(s) and self._start(s) < span.end]
            if inside and self._start(inside[0]) == span.start:
                return self._statements(inside)
        raise LookupError(f"no statements at {span}")

    def _start(self, statement: cst.CSTNode) -> tuple[int, int]:
        decorators = getattr(statement, "decorators", ())
        first = decorators[0] if decorators else statement
        if isinstance(first, cst.SimpleStatementLine):
            first = first.body[0]
        return self._span(self._place(first)).start

    def _behind(self, node: cst.CSTNode) -> list[Any]:
        """The routes of a function that are calls behind it, and no decorators."""
        found: list[Any] = []
        for decorator in getattr(node, "decorators", ()):
            if isinstance(route := self.actions.get(id(decorator.decorator)), SetRoute) and route.behind:
                found += self._route(node, route)
        return found

    def _route(self, node: cst.CSTNode, route: SetRoute) -> Any:
        column = self._place(node)[1]
        made = [
            template.expression(text, partial(self._fill, code))
            for text, code in route_code(route, self.plan.options, self.imports, self.width - column)
        ]
        if isinstance(node, cst.Name):
            return made
        if isinstance(node, cst.BaseExpression):
            return made if len(made) > 1 else made[0]
        return [cst.SimpleStatementLine([cst.Expr(one)]) for one in made]


def _pass() -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Pass()])


def _has_blank(node: Any) -> bool:
    return bool(node.leading_lines) and node.leading_lines[0].comment is None


def _with_leading(node: Any, lines: Iterable[cst.EmptyLine]) -> Any:
    return node.with_changes(leading_lines=[*lines, *node.leading_lines])


def _dressed(new: list[Any], old: Any) -> list[Any]:
    """New statements with the comments and blank lines around the one that they replace."""
    if not new:
        return []
    first = new[0]
    leading = [*getattr(old, "leading_lines", ()), *(line for line in first.leading_lines if line.comment is not None)]
    found = [first.with_changes(leading_lines=leading), *new[1:]]
    trailing = getattr(old, "trailing_whitespace", None)
    if trailing is not None and trailing.comment is not None:
        if isinstance(found[-1], cst.SimpleStatementLine):
            found[-1] = found[-1].with_changes(trailing_whitespace=trailing)
        elif isinstance(block := getattr(found[-1], "body", None), cst.IndentedBlock):
            found[-1] = found[-1].with_changes(body=block.with_changes(header=trailing))
    return found


def _remark(old: cst.CSTNode) -> list[cst.EmptyLine]:
    """What was said behind a statement that is gone, as a line of its own; remarks to tools go with it."""
    if not isinstance(old, cst.SimpleStatementLine) or isinstance(old.body[0], (cst.Import, cst.ImportFrom)):
        return []
    comment = old.trailing_whitespace.comment
    return [cst.EmptyLine(comment=comment)] if comment and not TO_TOOLS.match(comment.value) else []


__all__ = ["Import", "rewrite"]
