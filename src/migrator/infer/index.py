"""Where names are called, read and set, over the whole project; each table is made when it is first asked for."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cached_property

from migrator.infer.mutations import AttributeStore, attribute_stores
from migrator.module import FunctionNode, Module
from migrator.project.facts import ModuleFacts
from migrator.project.model import FunctionId
from migrator.syntax import reference


class Index:
    """The tables of a project. `facts` and `modules` are those of all its files."""

    def __init__(self, facts: Sequence[ModuleFacts], modules: Sequence[Module]) -> None:
        self.facts = facts
        self.modules = modules

    @cached_property
    def calls(self) -> dict[str, list[tuple[Module, ast.Call]]]:
        """All calls by the last part of what is called."""
        found: dict[str, list[tuple[Module, ast.Call]]] = {}
        for module in self.modules:
            for call in module.calls:
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                if name:
                    found.setdefault(name, []).append((module, call))
        return found

    @cached_property
    def values(self) -> dict[str, list[tuple[Module, ast.expr]]]:
        """The names of functions, where they are read and not called."""
        names = {f.qualname.rpartition(".")[2] for facts in self.facts for f in facts.functions}
        found: dict[str, list[tuple[Module, ast.expr]]] = {}
        for module in self.modules:
            for name, _ in module.loads:
                if name.id in names and not is_called(module, name):
                    found.setdefault(name.id, []).append((module, name))
        for attr in names:
            for module, node in self.attributes.get(attr, ()):
                if isinstance(node.ctx, ast.Load) and not is_called(module, node):
                    found.setdefault(attr, []).append((module, node))
        return found

    @cached_property
    def attributes(self) -> dict[str, list[tuple[Module, ast.Attribute]]]:
        """All attributes that are read, or changed in place."""
        found: dict[str, list[tuple[Module, ast.Attribute]]] = {}
        for module in self.modules:
            for node in module.nodes(ast.Attribute):
                if isinstance(node.ctx, ast.Load) or isinstance(module.parents.get(node), ast.AugAssign):
                    found.setdefault(node.attr, []).append((module, node))
        return found

    @cached_property
    def decorators(self) -> dict[str, list[tuple[Module, ast.expr, FunctionNode]]]:
        """All decorators by the last part of their name: as it is written, and as it was before an `import ... as`."""
        found: dict[str, list[tuple[Module, ast.expr, FunctionNode]]] = {}
        for module in self.modules:
            for node in module.scopes:
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    for decorator in node.decorator_list:
                        target = decorator.func if isinstance(decorator, ast.Call) else decorator
                        for name in {reference(target).rpartition(".")[2], module.dotted(target).rpartition(".")[2]}:
                            found.setdefault(name, []).append((module, decorator, node))
        return found

    @cached_property
    def stores(self) -> dict[str, list[AttributeStore]]:
        """All places that set an attribute, by its name."""
        found: dict[str, list[AttributeStore]] = {}
        for module in self.modules:
            for store in attribute_stores(module):
                found.setdefault(store.target.attr, []).append(store)
        return found

    @cached_property
    def importers(self) -> dict[str, list[tuple[str, str, str]]]:
        """Who imports a name from a module: the module, scope and name there, by the dotted name that is imported."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        for facts in self.facts:
            for (scope, name), bindings in facts.bindings.items():
                for binding in bindings:
                    if binding.startswith("import:"):
                        found.setdefault(binding.removeprefix("import:"), []).append((facts.name, scope, name))
        return found

    @cached_property
    def methods(self) -> dict[str, list[FunctionId]]:
        """All methods by their name."""
        found: dict[str, list[FunctionId]] = {}
        for facts in self.facts:
            for function in facts.functions:
                if function.in_class:
                    found.setdefault(function.qualname.rpartition(".")[2], []).append((facts.name, function.qualname))
        return found

    @cached_property
    def classes(self) -> dict[str, list[str]]:
        """The modules that have a class of a name."""
        found: dict[str, list[str]] = {}
        for facts in self.facts:
            for cls in facts.classes:
                found.setdefault(cls.qualname, []).append(facts.name)
        return found

    @cached_property
    def children(self) -> dict[str, list[tuple[str, str]]]:
        """The classes that derive from one, by the last part of its name."""
        found: dict[str, list[tuple[str, str]]] = {}
        for facts in self.facts:
            for cls in facts.classes:
                for base in cls.bases:
                    found.setdefault(base.rpartition(".")[2], []).append((facts.name, cls.qualname))
        return found


def is_called(module: Module, node: ast.expr) -> bool:
    parent = module.parents.get(node)
    return isinstance(parent, ast.Call) and parent.func is node
