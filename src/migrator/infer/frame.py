"""Where an expression is evaluated: in a module, with what is known of the parameters around it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from migrator.infer.shapes import Shape
from migrator.module import COMPREHENSIONS, Module, Scope


@dataclass(eq=False, slots=True)
class Frame:
    """`bound` gives parameters by scope and name; the locals of the scopes in `inside` depend on them."""

    module: Module
    bound: dict[tuple[str, str], Shape]
    inside: frozenset[str] = frozenset()
    depth: int = 0  # how many calls deep parameters are bound


def scope_key(scope: Scope) -> str:
    """A name for a function scope; lambdas and comprehensions share theirs, so the place is added."""
    node = scope.node
    if isinstance(node, (ast.Lambda, *COMPREHENSIONS)):
        return f"{scope.qualname}@{node.lineno}:{node.col_offset}"
    return scope.qualname


def function_scope_of(scope: Scope) -> Scope:
    """The scope of the function, class, lambda or module that holds a comprehension, or the scope itself."""
    while isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
        scope = scope.parent
    return scope


def scope_at(module: Module, node: ast.AST) -> Scope:
    """The scope in which a node is read or bound; that of a comprehension for all in it but the first iterable."""
    child, current = node, module.parents.get(node)
    while current is not None:
        if isinstance(current, ast.comprehension):
            holder = module.parents[current]
            if isinstance(holder, COMPREHENSIONS) and not (child is current.iter and current is holder.generators[0]):
                return module.scopes[holder]
            child, current = holder, module.parents.get(holder)
            continue
        scope = module.scopes.get(current)
        if scope is not None and _is_inside(child, current):
            return scope
        child, current = current, module.parents.get(current)
    return module.scope


def _is_inside(child: ast.AST, owner: ast.AST) -> bool:
    if isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return any(child is statement for statement in owner.body)
    return child is owner.body if isinstance(owner, ast.Lambda) else True
