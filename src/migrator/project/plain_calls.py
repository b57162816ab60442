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


class Namings:
    """The places where functions of a project are named. All functions of one short name are looked up together, and
    only where that name stands."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._modules: dict[str, list[str]] = {}
        self._found: dict[str, dict[FunctionId, list[tuple[Module, ast.Name]]]] = {}
        shorts = {key[1].rpartition(".")[2] for key in project.names.functions}
        for name, module in modules_of(project):
            for short in _mentioned(module) & shorts:
                self._modules.setdefault(short, []).append(name)

    def of(self, function: FunctionId) -> list[tuple[Module, ast.Name]]:
        """The places of one function, in the order of the project's files."""
        short = function[1].rpartition(".")[2]
        if short not in self._found:
            found = self._found[short] = {}
            for name in self._modules.get(short, ()):
                if (module := self.project.store.module(name)) is None:
                    continue
                for node in named(module, {short}):
                    for key in led_to(self.project, module, node):
                        found.setdefault(key, []).append((module, node))
        return self._found[short].get(function, [])


def _mentioned(module: Module) -> set[str]:
    """The names that stand in a file."""
    found = {node.id for node, _ in module.loads} | {node.attr for node in module.nodes(ast.Attribute)}
    for scope in module.scopes.values():
        for bindings in scope.bindings.values():
            found |= {binding.target.rpartition(".")[2] for binding in bindings if binding.target}
    return found


def plain_calls(project: Project, function: FunctionId) -> list[tuple[Module, ast.Call]] | None:
    """The calls of a function, and the files they stand in; None where it is named in other ways too."""
    found: list[tuple[Module, ast.Call]] = []
    for module, name in project.namings.of(function):
        reading: ast.AST = name
        while isinstance(module.parents[reading], ast.Attribute):
            reading = module.parents[reading]
        call = module.parents[reading]
        if not (isinstance(call, ast.Call) and call.func is reading):
            return None
        found.append((module, call))
    return found
