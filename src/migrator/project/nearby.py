"""Imports that stand behind the head of a module, so that two modules can import each other."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.changes import Import
from migrator.module import Module, walk


def late_import(module: Module, place: ast.AST, home: str, name: str) -> str:
    """The statement that imports something at a place, where others of its module or of the package around that are
    imported only there; "" where the head of the module will do."""
    for node in late_imports(module, place):
        origin = module.absolute(node)
        sources = [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
        if any(f"{home}.".startswith(f"{source}.") for source in sources if source):
            around = origin.removesuffix(node.module or "").rstrip(".")
            if node.level and f"{home}.".startswith(f"{around}."):
                return f"from {'.' * node.level}{home[len(around) :].lstrip('.')} import {name}"
            return f"from {home} import {name}"
    return ""


def placed_imports(module: Module, place: ast.AST, imports: Iterable[Import]) -> tuple[list[str], list[Import]]:
    """The statements for those imports that code at a place has to bring itself, and the other imports."""
    lines: list[str] = []
    others: list[Import] = []
    for wanted in imports:
        if line := late_import(module, place, wanted.module, wanted.name):
            lines.append(line)
        else:
            others.append(wanted)
    return list(dict.fromkeys(lines)), others


def late_imports(module: Module, place: ast.AST) -> Iterator[ast.ImportFrom]:
    """The imports of the function around a place, or those of the module that stand behind other statements."""
    if (function := module.function_of(place)) is not None:
        first, last = function.lineno, function.end_lineno or function.lineno
        if any(first <= node.lineno <= last for node in module.nodes(ast.ImportFrom)):
            yield from (node for node in walk(function) if isinstance(node, ast.ImportFrom))
        return
    is_head = True
    for statement in module.tree.body:
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_head = is_head and (is_docstring or isinstance(statement, (ast.Import, ast.ImportFrom, ast.If, ast.Try)))
        if not is_head and isinstance(statement, ast.ImportFrom):
            yield statement
