"""What `url_value_preprocessor` functions do to the values of the path before views get them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.module import FunctionNode, Module, walk
from migrator.syntax import named_items, text_of

if TYPE_CHECKING:
    from migrator.project.project import Project

KINDS = ("url_value_preprocessor", "app_url_value_preprocessor")


@dataclass(frozen=True, slots=True)
class UrlValues:
    """The names that are taken out, and those that get another value."""

    removed: frozenset[str] = frozenset()
    assigned: frozenset[str] = frozenset()


def url_values(project: Project) -> UrlValues:
    """What all of the project's functions do together."""
    removed: set[str] = set()
    assigned: set[str] = set()
    for (home, qualname), kind in project.hooked.items():
        module = project.store.module(home) if kind in KINDS else None
        function = module.functions.get(qualname) if module is not None else None
        if module is not None and function is not None and len(function.args.args) > 1:
            name = function.args.args[-1].arg
            removed |= names_removed(module, function, name)
            assigned |= names_assigned(module, function, name)
    return UrlValues(frozenset(removed - assigned), frozenset(assigned))


def names_removed(module: Module, function: FunctionNode, values: str) -> set[str]:
    """`values.pop("lang")` and `del values["lang"]`."""
    calls = [n for n in walk(function) if isinstance(n, ast.Call) and is_method(n, values, "pop") and n.args]
    items = [n for n in walk(function) if isinstance(n, ast.Subscript) and is_name(n.value, values)]
    keys = [*(call.args[0] for call in calls), *(item.slice for item in items if isinstance(item.ctx, ast.Del))]
    return {text for key in keys if (text := text_of(module, key)) is not None}


def names_assigned(module: Module, function: FunctionNode, values: str) -> set[str]:
    """`values["lang"] = ...`, `values.setdefault("lang", ...)` and `values.update(lang=...)`."""
    found: set[str] = set()
    for node in walk(function):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and is_name(node.value, values):
            found |= {text} if (text := text_of(module, node.slice)) is not None else set()
        elif isinstance(node, ast.Call) and is_method(node, values, "setdefault") and node.args:
            found |= {text} if (text := text_of(module, node.args[0])) is not None else set()
        elif isinstance(node, ast.Call) and is_method(node, values, "update"):
            found |= {name for name, _ in named_items(module, node)}
    return found


def is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def is_method(call: ast.Call, name: str, method: str) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == method and is_name(call.func.value, name)
