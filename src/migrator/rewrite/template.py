"""New code with holes (`__0__`, `__1__`, ...) as LibCST nodes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

import libcst as cst

HOLE = re.compile(r"__(\d+)__")
Fill: TypeAlias = Callable[[int], "cst.BaseExpression | Sequence[cst.BaseStatement]"]
# what needs no parentheses wherever it is put
CLOSED = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.SimpleString,
    cst.FormattedString,
    cst.Integer,
    cst.Float,
    cst.List,
    cst.Dict,
    cst.Set,
    cst.ListComp,
    cst.DictComp,
    cst.SetComp,
    cst.Ellipsis,
)
# what may stand before a dot as well
NAMED = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)
BRACKETED = (
    cst.List,
    cst.Dict,
    cst.Set,
    cst.ListComp,
    cst.DictComp,
    cst.SetComp,
    cst.Call,
    cst.Subscript,
    cst.Attribute,
)
_EMPTY = cst.Module([])


def expression(text: str, fill: Fill) -> cst.BaseExpression:
    """The expression that `text` is, with its holes filled. Raises `libcst.ParserSyntaxError` for bad text."""
    if HOLE.fullmatch(text.strip()):
        found = fill(int(text.strip().strip("_")))
        assert isinstance(found, cst.BaseExpression)
        return found
    tree = _parse_expression(text)
    return _filled(tree, text, fill)


@lru_cache(maxsize=2000)
def is_expression(text: str) -> bool:
    """Whether new code is an expression (and not a statement)."""
    try:
        ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return False
    return True


def statements(text: str, fill: Fill) -> list[cst.BaseStatement]:
    """The statements that `text` is; a line with only a hole may be filled with several."""
    found: list[cst.BaseStatement] = []
    for statement in _parse_module(text).body:
        lines = _suite(statement, fill)
        if lines is not None:
            found += lines
        else:
            filled = statement.visit(_Filler(text, fill)) if HOLE.search(text) else statement
            assert isinstance(filled, cst.BaseStatement)
            found.append(filled)
    return found


def code_of(node: cst.CSTNode) -> str:
    """The text of a node."""
    return _EMPTY.code_for_node(node)


def parenthesized(node: cst.BaseExpression) -> cst.BaseExpression:
    """The node in parentheses, unless it has them."""
    return node if node.lpar else node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def closed(node: cst.BaseExpression, *, tight: bool) -> cst.BaseExpression:
    """The node in parentheses where it needs them: `tight` beside an operator or a dot, else only over lines."""
    if node.lpar:
        return node
    if tight and not isinstance(node, CLOSED):
        return parenthesized(node)
    if isinstance(node, (cst.Attribute, cst.Call)) and breaks_outside(code_of(node)):
        return parenthesized(node)
    if not isinstance(node, (*BRACKETED, cst.Name, cst.SimpleString)) and "\n" in code_of(node):
        return parenthesized(node)
    return node


def breaks_outside(text: str) -> bool:
    """Whether a chain of calls has a newline outside all brackets (it stood in parentheses before)."""
    if "\n" not in text:
        return False
    depth = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if char == "\n" and depth == 0:
            return True
    return False


@lru_cache(maxsize=2000)
def _parse_expression(text: str) -> cst.BaseExpression:
    return cst.parse_expression(text)


@lru_cache(maxsize=500)
def _parse_module(text: str) -> cst.Module:
    return cst.parse_module(text)


def _filled(tree: cst.BaseExpression, text: str, fill: Fill) -> cst.BaseExpression:
    if not HOLE.search(text):
        return tree
    filled = tree.visit(_Filler(text, fill))
    assert isinstance(filled, cst.BaseExpression)
    return filled


def _suite(statement: cst.BaseStatement, fill: Fill) -> list[cst.BaseStatement] | None:
    """The statements that fill a line which is only a hole."""
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        only = statement.body[0]
        if isinstance(only, cst.Expr) and isinstance(only.value, cst.Name) and HOLE.fullmatch(only.value.value):
            found = fill(int(only.value.value.strip("_")))
            if isinstance(found, cst.BaseExpression):  # a statement that is only an expression
                return [statement.with_changes(body=[only.with_changes(value=found)])]
            return list(found)
    return None


class _Filler(cst.CSTTransformer):
    def __init__(self, text: str, fill: Fill) -> None:
        self.fill = fill
        self.tight = {int(m.group(1)): is_tight(text, m) for m in HOLE.finditer(text)}

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        if not (hole := HOLE.fullmatch(original_node.value)):
            return updated_node
        number = int(hole.group(1))
        found = self.fill(number)
        assert isinstance(found, cst.BaseExpression)
        return closed(found, tight=self.tight[number])

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body: list[cst.BaseStatement] = []
        for statement, new in zip(original_node.body, updated_node.body, strict=True):
            lines = _suite(statement, self.fill)
            body += [new] if lines is None else lines
        return updated_node.with_changes(body=body)

    def visit_Expr(self, node: cst.Expr) -> bool:
        return not (isinstance(node.value, cst.Name) and HOLE.fullmatch(node.value.value))


def is_tight(text: str, hole: re.Match[str]) -> bool:
    """Whether a hole stands beside something that binds: an operator, a dot, a bracket behind it."""
    before, behind = text[: hole.start()].rstrip(" "), text[hole.end() :].lstrip(" ")
    loose_before = (
        not before or before[-1] in "([{,:=\n" or bool(re.search(r"\b(return|raise|yield|in|if|else|lambda)$", before))
    )
    loose_behind = not behind or behind[0] in ")]},:=\n" or behind.startswith(("if ", "else ", "for "))
    if before.endswith(("==", "!=", "<=", ">=")) or behind.startswith("=="):
        return True
    return not (loose_before and loose_behind)
