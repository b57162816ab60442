"""Annotations as shapes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.infer.frame import scope_at
from migrator.infer.knowledge import MAPPINGS, SEQUENCES, TYPES
from migrator.infer.shapes import (
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    ClassOf,
    External,
    Mapping,
    Scalar,
    Sequence,
    Shape,
    TupleOf,
    join,
)
from migrator.module import Module, walk
from migrator.syntax import reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

UNWRAPPED = frozenset(
    {
        "Annotated",
        "Final",
        "ClassVar",
        "Required",
        "NotRequired",
        "ReadOnly",
        "Mapped",
        "InitVar",
        "Awaitable",
        "Coroutine",
    }
)


def is_class_var(module: Module, annotation: ast.expr) -> bool:
    head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return reference(head).rpartition(".")[2] == "ClassVar" or (
        isinstance(annotation, ast.Constant) and str(annotation.value).startswith(("ClassVar", "typing.ClassVar"))
    )


def annotated(inference: Inference, module: Module, node: ast.expr | None, depth: int = 0) -> Shape:
    """The shape that an annotation promises; unknown for `Any` and what is not understood."""
    if node is None or depth > 8:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        if node.value is None:
            return NONE
        if isinstance(node.value, str):
            return _quoted(inference, module, node, depth)
        return UNKNOWN
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return join(
            [annotated(inference, module, node.left, depth + 1), annotated(inference, module, node.right, depth + 1)]
        )
    if isinstance(node, (ast.Name, ast.Attribute)):
        return _named(inference, module, node, depth)
    if isinstance(node, ast.Subscript):
        return _subscripted(inference, module, node, depth)
    return UNKNOWN


def _quoted(inference: Inference, module: Module, node: ast.Constant, depth: int) -> Shape:
    """A quoted annotation: parsed, and its names looked up where the text stands."""
    try:
        inner = ast.parse(str(node.value), mode="eval").body
    except (SyntaxError, ValueError):
        return UNKNOWN
    scope = scope_at(module, node)
    for child in walk(inner):
        if isinstance(child, (ast.Name, ast.Attribute)):
            inference.places[child] = (module, scope)
    return annotated(inference, module, inner, depth + 1)


def _dotted(inference: Inference, module: Module, node: ast.expr) -> str:
    _, scope = inference.places.get(node, (module, None))
    dotted = inference.project.canonical(module.dotted(node, scope))
    if not dotted and isinstance(node, ast.Name) and (scope or scope_at(module, node)).lookup(node.id) is None:
        return node.id
    return dotted


def _named(inference: Inference, module: Module, node: ast.Name | ast.Attribute, depth: int) -> Shape:
    dotted = _dotted(inference, module, node)
    if dotted in TYPES:
        return TYPES[dotted]
    if dotted in SEQUENCES:
        return Sequence(SEQUENCES[dotted], UNKNOWN)
    if dotted in MAPPINGS:
        return Mapping(values=UNKNOWN, keys=UNKNOWN)
    if dotted in ("tuple", "typing.Tuple"):
        return Sequence("tuple", UNKNOWN)
    if dotted in ("typing.Any", "object", "") and dotted:
        return UNKNOWN
    if dotted in ("typing.NoReturn", "typing.Never"):
        return NEVER
    if dotted in ("typing.Self", "typing_extensions.Self"):
        owner = next((a for a in module.ancestors(node) if isinstance(a, ast.ClassDef)), None)
        return inference.instance(ClassOf(module.name, module.scopes[owner].qualname)) if owner is not None else UNKNOWN
    shape = inference.named(module, node)
    if isinstance(shape, ClassOf):
        return inference.instance(shape)
    if isinstance(shape, External):
        return TYPES.get(shape.name, UNKNOWN)
    alias = inference.alias(module, node)
    return annotated(inference, *alias, depth + 1) if alias is not None else UNKNOWN


def _subscripted(inference: Inference, module: Module, node: ast.Subscript, depth: int) -> Shape:
    dotted = _dotted(inference, module, node.value)
    last = dotted.rpartition(".")[2]
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if last == "Literal":
        return join(_literal(part) for part in parts)
    if last == "Optional":
        return join([annotated(inference, module, parts[0], depth + 1), NONE])
    if last == "Union":
        return join(annotated(inference, module, part, depth + 1) for part in parts)
    if last in UNWRAPPED:
        return annotated(inference, module, parts[-1 if last == "Coroutine" else 0], depth + 1)
    if dotted in SEQUENCES:
        return Sequence(SEQUENCES[dotted], annotated(inference, module, parts[0], depth + 1))
    if dotted in MAPPINGS:
        values = annotated(inference, module, parts[1], depth + 1) if len(parts) > 1 else Scalar("int")
        return Mapping(values=values, keys=annotated(inference, module, parts[0], depth + 1))
    if dotted in ("tuple", "typing.Tuple"):
        if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is Ellipsis:
            return Sequence("tuple", annotated(inference, module, parts[0], depth + 1))
        return TupleOf(tuple(annotated(inference, module, part, depth + 1) for part in parts))
    shape = inference.named(module, node.value)
    return inference.instance(shape) if isinstance(shape, ClassOf) else UNKNOWN


def _literal(part: ast.expr) -> Shape:
    if isinstance(part, ast.Constant):
        if part.value is None:
            return NONE
        if isinstance(part.value, (str, bool, int)):
            return Scalar(type(part.value).__name__, part.value)
    return STR if isinstance(part, ast.Constant) else UNKNOWN
