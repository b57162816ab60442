"""Where a function of the project is named, and whether it is only called there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.module import Module
from migrator.project.model import FunctionId

if TYPE_CHECKING:
    from migrator.project.project import Project


def modules_of(project: Project) -> Iterator[tuple[str, Module]]:
    """All files of the project, by name."""
    for name in project.modules:
        if (module := project.store.module(name)) is not None:
            yield name, module


def named(module: Module, names: set[str]) -> Iterator[ast.Name]:
    """The reads of a file that may lead to something with one of these names."""
    targets = {
        name
        for scope in module.scopes.values()
        for name, bindings in scope.bindings.items()
        if name in names or any(binding.target.rpartition(".")[2] in names for binding in bindings if binding.target)
    }
    if not targets and not any(node.attr in names for node in module.nodes(ast.Attribute)):
        return
    for node, _ in module.loads:
        parent: ast.AST = node
        if node.id in names or node.id in targets:
            yield node
            continue
        while isinstance(parent := module.parents[parent], ast.Attribute):
            if parent.attr in names:
                yield node
                break


def led_to(project: Project, module: Module, node: ast.Name) -> set[FunctionId]:
    """The functions that a name may mean, or the attribute chain that it begins: those that are called so."""
    name: ast.AST = node
    while isinstance(parent := module.parents[name], ast.Attribute):
        name = parent
    shorts = node.id, getattr(name, "attr", ""), module.dotted(node).rpartition(".")[2]
    functions = (e.function_id for e in project.entities_at(module, name) if e.kind == "function")
    return {key for key in functions if key[1].rpartition(".")[2] in shorts}


def plain_calls(project: Project, function: FunctionId) -> list[tuple[Module, ast.Call]] | None:
    """The calls of a function, and the files they stand in; None where it is named in other ways too."""
    found: list[tuple[Module, ast.Call]] = []
    for _, module in modules_of(project):
        for name in named(module, {function[1].rpartition(".")[2]}):
            if function not in led_to(project, module, name):
                continue
            reading: ast.AST = name
            while isinstance(module.parents[reading], ast.Attribute):
                reading = module.parents[reading]
            call = module.parents[reading]
            if not (isinstance(call, ast.Call) and call.func is reading):
                return None
            found.append((module, call))
    return found
