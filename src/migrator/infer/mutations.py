"""Where lists and dicts are filled or emptied after they were made, and where attributes of objects are set."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from migrator.module import Module

METHODS = frozenset(
    {
        "append",
        "appendleft",
        "add",
        "insert",
        "extend",
        "update",
        "setdefault",
        "pop",
        "popitem",
        "put",
        "put_nowait",
        "clear",
        "from_mapping",
    }
)
FILLING_CALLS = {"heapq.heappush": 1, "bisect.insort": 1, "bisect.insort_left": 1, "bisect.insort_right": 1}


@dataclass(frozen=True, eq=False)
class Mutation:
    """`receiver[key] = value` ("item"), `del receiver[key]` ("delete"), `receiver += value` ("extend"), or a call of
    one of the methods."""

    module: Module
    receiver: ast.expr
    kind: str
    node: ast.AST  # the statement or call
    key: ast.expr | None = None
    value: ast.expr | None = None


@dataclass(frozen=True, eq=False)
class AttributeStore:
    module: Module
    target: ast.Attribute
    value: ast.expr | None  # None where the value is not one expression


def mutations(module: Module) -> list[Mutation]:
    """All of a file, in the order of the text."""
    found: list[Mutation] = []
    for node in module.nodes(ast.Assign, ast.AugAssign, ast.Delete, ast.Call):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
                    found.append(Mutation(module, target.value, "item", node, target.slice, node.value))
                elif isinstance(target, ast.Tuple):
                    parts = node.value.elts if isinstance(node.value, ast.Tuple) else [None] * len(target.elts)
                    if len(parts) == len(target.elts):
                        found += [
                            Mutation(module, one.value, "item", node, one.slice, part)
                            for one, part in zip(target.elts, parts, strict=True)
                            if isinstance(one, ast.Subscript)
                        ]
        elif isinstance(node, ast.AugAssign):
            if isinstance(node.target, ast.Subscript):
                found.append(Mutation(module, node.target.value, "augmented", node, node.target.slice, node.value))
            elif isinstance(node.op, (ast.Add, ast.BitOr)):
                found.append(Mutation(module, node.target, "extend", node, None, node.value))
        elif isinstance(node, ast.Delete):
            found += [
                Mutation(module, target.value, "delete", node, target.slice)
                for target in node.targets
                if isinstance(target, ast.Subscript)
            ]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in METHODS:
                found.append(Mutation(module, node.func.value, node.func.attr, node))
            elif node.args and len(node.args) > 1 and module.dotted(node.func) in FILLING_CALLS:
                found.append(Mutation(module, node.args[0], "append", node, None, node.args[1]))
    return found


def attribute_stores(module: Module) -> list[AttributeStore]:
    """`obj.name = value`, also in tuples."""
    found: list[AttributeStore] = []
    for node in module.nodes(ast.Attribute):
        if not isinstance(node.ctx, ast.Store):
            continue
        parent = module.parents[node]
        if isinstance(parent, (ast.Assign, ast.AnnAssign)):
            found.append(AttributeStore(module, node, parent.value))
        elif isinstance(parent, ast.Tuple) and isinstance(outer := module.parents.get(parent), ast.Assign):
            value = outer.value
            index = parent.elts.index(node)
            same = isinstance(value, ast.Tuple) and len(value.elts) == len(parent.elts)
            found.append(AttributeStore(module, node, value.elts[index] if same else None))  # type: ignore[attr-defined]
        else:
            found.append(AttributeStore(module, node, None))
    return found
