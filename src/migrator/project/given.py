"""Names of Flask's that views get as parameters: `url_for`, the session and the like."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from migrator.changes import AddParameter, Change, Code, Import, Replace
from migrator.module import FunctionNode, Module, walk
from migrator.rule import Rule

if TYPE_CHECKING:
    from migrator.project.project import Project


def given_or_ambient(
    rule: Rule,
    module: Module,
    project: Project,
    reads: Iterable[ast.expr],
    name: str,
    given: Import,
    ambient: Import,
    order: int,
) -> Iterator[Change]:
    """The changes by which views read a name from a parameter with the annotation `given`, where their signature may
    change; all other code takes `ambient` from the context."""
    views = set(project.parameter_views(module))
    by_view: dict[FunctionNode | None, list[ast.expr]] = {}
    for node in reads:
        view = project.view_around(module, node)
        by_view.setdefault(view if view in views else None, []).append(node)
    for view, nodes in by_view.items():
        code = Code(ambient.name, imports=(ambient,))
        if view is not None and is_free(view, name, nodes):
            yield AddParameter(rule, module.span(view), name, Code(given.name, imports=(given,)), None, order)
            code = Code(name)
        for node in nodes:
            yield Replace(rule, module.span(node), code)


def is_free(function: FunctionNode, name: str, reads: Iterable[ast.expr]) -> bool:
    """Whether a function has no use for a name but these reads."""
    known = {id(inner) for node in reads for inner in walk(node)}
    return not any(
        (isinstance(node, ast.Name) and node.id == name and id(node) not in known)
        or (isinstance(node, ast.arg) and node.arg == name)
        for node in walk(function)
    )
