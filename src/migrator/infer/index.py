"""Where names are called, read and set, over the whole project; each table is made when it is first asked for."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cached_property

from migrator.infer.mutations import AttributeStore, Mutation, attribute_stores, mutations
from migrator.module import FunctionNode, Module
from migrator.project.facts import ModuleFacts


class Index:
    """The tables of a project. `facts` and `modules` are those of all its files."""

    def __init__(self, facts: Sequence[ModuleFacts], modules: Sequence[Module]) -> None:
        self.facts = facts
        self.modules = modules

    @cached_property
    def mutations(self) -> list[Mutation]:
        return [mutation for module in self.modules for mutation in mutations(module)]

    @cached_property
    def calls(self) -> dict[str, list[tuple[Module, ast.Call]]]:
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
            for node, parent in module.parents.items():
                name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
                is_called = isinstance(parent, ast.Call) and parent.func is node
                if name in names and not is_called and isinstance(getattr(node, "ctx", None), ast.Load):
                    assert isinstance(node, ast.expr)
                    found.setdefault(name, []).append((module, node))
        return found

    @cached_property
    def decorators(self) -> list[tuple[Module, ast.expr, FunctionNode]]:
        return [
            (module, decorator, node)
            for module in self.modules
            for node in module.scopes
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            for decorator in node.decorator_list
        ]

    @cached_property
    def stores(self) -> dict[str, list[AttributeStore]]:
        found: dict[str, list[AttributeStore]] = {}
        for module in self.modules:
            for store in attribute_stores(module):
                found.setdefault(store.target.attr, []).append(store)
        return found
