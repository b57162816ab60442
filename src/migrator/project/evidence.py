"""What the use of a value says of its type."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.module import FunctionNode, Module, walk

if TYPE_CHECKING:
    from migrator.project.project import Project

CONVERSIONS = {"int", "float", "str", "bool"}
TYPES = {"int": "int", "float": "float", "str": "str", "bool": "bool", "list": "list", "dict": "dict"}
TEXT_METHODS = {
    "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold", "swapcase", "split",
    "rsplit", "splitlines", "startswith", "endswith", "replace", "encode", "isdigit", "isalpha", "isalnum",
    "isnumeric", "isspace", "partition", "rpartition", "removeprefix", "removesuffix", "zfill", "center",
    "ljust", "rjust", "format",
}  # fmt: skip
DICT_METHODS = {"items", "keys", "values", "get"}
LIST_METHODS = {"append", "extend", "sort", "reverse", "insert"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """`fails`: other values make the view fail here; `converts`: the view makes the type of them; weak: a default."""

    type: str = ""
    fails: bool = False
    converts: bool = False
    is_weak: bool = False


NOTHING = Evidence()


def evidence_of(
    module: Module,
    project: Project,
    view: FunctionNode,
    node: ast.expr,
    default: ast.expr | None = None,
    depth: int = 0,
) -> Evidence:
    """What is done with a value at the place where it is read, and with the local name that it gets."""
    parent = module.parents[node]
    found = direct(module, view, node, parent)
    if not found.type and depth < 3:
        found = followed(module, project, view, node, parent, depth)
    if not found.type and default is not None:
        return Evidence(literal_type(default), is_weak=True)
    return found


def direct(module: Module, view: FunctionNode, node: ast.expr, parent: ast.AST) -> Evidence:
    if (
        isinstance(parent, ast.Call)
        and parent.args == [node]
        and not parent.keywords
        and isinstance(parent.func, ast.Name)
    ):
        name = parent.func.id
        if name in CONVERSIONS and module.scope_of(parent).lookup(name) is None:
            caught = is_within_try(module, view, parent, {"ValueError", "TypeError", "Exception", "BaseException"})
            return Evidence(name, not caught, not caught)
        if name in ("len", "sum", "sorted", "set", "tuple", "list", "enumerate") and name != "len":
            return Evidence("list")
    if (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and parent.func.id == "enumerate"
        and parent.args[:1] == [node]
    ):
        return Evidence("list")
    if (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and parent.func.id == "isinstance"
        and parent.args[:1] == [node]
    ):
        kinds = parent.args[1].elts if isinstance(parent.args[1], ast.Tuple) else [parent.args[1]]
        names = {TYPES.get(ast.unparse(k), "") for k in kinds}
        if names == {"int", "float"}:
            return Evidence("float")
        return Evidence(names.pop()) if len(names) == 1 else NOTHING
    if (
        isinstance(parent, ast.Attribute)
        and isinstance(call := module.parents[parent], ast.Call)
        and call.func is parent
    ):
        if parent.attr in TEXT_METHODS:
            return Evidence(
                "str", not is_within_try(module, view, call, {"AttributeError", "Exception", "BaseException"})
            )
        if parent.attr in DICT_METHODS:
            return Evidence("dict")
        if parent.attr in LIST_METHODS:
            return Evidence("list")
    if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.slice, ast.Constant):
        return Evidence("dict") if isinstance(parent.slice.value, str) else NOTHING
    if isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is node:
        return Evidence("list")
    if isinstance(parent, ast.Compare) and len(parent.ops) == 1:
        return compared(module, node, parent)
    if isinstance(parent, ast.Compare) and all(
        is_number(c) for c in (parent.left, *parent.comparators) if c is not node
    ):
        return Evidence(
            "int" if all(is_int(c) for c in (parent.left, *parent.comparators) if c is not node) else "float"
        )
    if isinstance(parent, ast.BinOp):
        other = parent.right if parent.left is node else parent.left
        if isinstance(parent.op, (ast.Sub, ast.Div, ast.Pow, ast.FloorDiv)) or (
            isinstance(parent.op, ast.Add) and is_number(other)
        ):
            return Evidence("float")
        if isinstance(parent.op, ast.Mult) and isinstance(other, ast.Constant) and isinstance(other.value, float):
            return Evidence("float")
        if isinstance(parent.op, ast.Add) and isinstance(other, ast.Constant) and isinstance(other.value, str):
            return Evidence("str")
    return NOTHING


def compared(module: Module, node: ast.expr, parent: ast.Compare) -> Evidence:
    operator, other = parent.ops[0], parent.comparators[0] if parent.left is node else parent.left
    if isinstance(operator, (ast.In, ast.NotIn)):
        if parent.left is not node:
            return Evidence(
                "str" if isinstance(parent.left, ast.Constant) and isinstance(parent.left.value, str) else "list"
            )
        if isinstance(other, (ast.Tuple, ast.List, ast.Set)) and other.elts:
            kinds = {literal_type(e) for e in other.elts}
            return Evidence(kinds.pop()) if len(kinds) == 1 else NOTHING
        return NOTHING
    if (
        isinstance(other, ast.Constant)
        and isinstance(other.value, (str, int, float))
        and not isinstance(other.value, bool)
    ):
        return Evidence(literal_type(other))
    return NOTHING


def followed(
    module: Module, project: Project, view: FunctionNode, node: ast.expr, parent: ast.AST, depth: int
) -> Evidence:
    """What is done with the name, or the alternative, that a value becomes."""
    if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or) and parent.values[0] is node:
        found = evidence_of(module, project, view, parent, None, depth + 1)
        kind = found.type or literal_type(parent.values[-1])
        return Evidence(kind)
    if isinstance(parent, ast.NamedExpr):
        return of_name(module, project, view, parent.target.id, depth)
    if isinstance(parent, (ast.Assign, ast.AnnAssign)) and parent.value is node:
        target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
        if isinstance(target, ast.Name):
            return of_name(module, project, view, target.id, depth)
    return NOTHING


def of_name(module: Module, project: Project, view: FunctionNode, name: str, depth: int) -> Evidence:
    """What is done with a local name, wherever it is read; that alone never makes a type hard."""
    found: set[str] = set()
    for node in walk(view):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            found.add(evidence_of(module, project, view, node, None, depth + 1).type)
    found.discard("")
    if found == {"int", "float"}:
        return Evidence("float")
    return Evidence(found.pop()) if len(found) == 1 else NOTHING


def literal_type(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return {str: "str", bool: "bool", int: "int", float: "float"}.get(type(node.value), "")
    if isinstance(node, (ast.List, ast.ListComp, ast.Tuple)):
        return "list"
    if isinstance(node, (ast.Dict, ast.DictComp)):
        return "dict"
    return "str" if isinstance(node, ast.JoinedStr) else ""


def is_number(node: ast.expr) -> bool:
    value = node.operand if isinstance(node, ast.UnaryOp) else node
    return (
        isinstance(value, ast.Constant) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool)
    )


def is_int(node: ast.expr) -> bool:
    value = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(value, ast.Constant) and type(value.value) is int


def is_within_try(module: Module, view: FunctionNode, node: ast.AST, names: set[str]) -> bool:
    """Whether the view catches one of these exceptions around a place."""
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, ast.Try) and child in parent.body:
            for handler in parent.handlers:
                kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
                if any(k is None or ast.unparse(k).rpartition(".")[2] in names for k in kinds):
                    return True
        if parent is view:
            return False
        child = parent
    return False
