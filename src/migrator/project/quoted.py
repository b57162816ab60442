"""Annotations that stand in quotes: what the names in them mean."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from migrator.module import Module, all_arguments, children, walk
from migrator.syntax import reference


@dataclass(frozen=True, slots=True)
class QuotedName:
    """A dotted name in a quoted annotation: its place in the text between the quotes, and what is imported as it."""

    start: int
    end: int
    root: str
    target: str


def quoted_annotations(module: Module) -> Iterator[tuple[ast.Constant, list[QuotedName]]]:
    """All quoted annotations of a module (or parts of annotations), with the names in them that are imported."""
    for annotation in annotations_in(module):
        if isinstance(annotation, (ast.Name, ast.Attribute)):
            continue
        for node in walk(annotation):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
                yield node, list(names_in(module, node, node.value))


def annotations_in(module: Module) -> Iterator[ast.expr]:
    yield from (node.annotation for node in module.nodes(ast.AnnAssign))
    for function in module.defs:
        yield from (arg.annotation for arg in all_arguments(function.args) if arg.annotation is not None)
        if function.returns is not None:
            yield function.returns


def names_in(module: Module, place: ast.Constant, text: str) -> Iterator[QuotedName]:
    try:
        waiting: list[ast.AST] = [ast.parse(text, mode="eval").body]
    except (SyntaxError, ValueError):
        return
    scope = module.scope_of(place)
    while waiting:
        node = waiting.pop()
        dotted = reference(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
        if not dotted or not isinstance(node, ast.expr):
            waiting += children(node)
        elif (target := module.dotted(node, scope)) and text.isascii():
            root = dotted.partition(".")[0]
            yield QuotedName(node.col_offset, node.end_col_offset or node.col_offset, root, target)
