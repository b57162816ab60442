"""What tests around a place say about a value: `if x is None: return`, `isinstance(x, dict)`, `if x:`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.infer.flow import DEFINITIONS, statements, stops
from migrator.infer.frame import Frame, scope_at
from migrator.infer.operators import truthy
from migrator.infer.shapes import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    JSON,
    NONE,
    STR,
    UNKNOWN,
    ClassOf,
    External,
    Foreign,
    Instance,
    Json,
    Mapping,
    Never,
    Reply,
    Scalar,
    Sequence,
    Shape,
    TupleOf,
    Unknown,
    join,
    members,
    without_none,
)
from migrator.module import COMPREHENSIONS, Module, walk
from migrator.syntax import reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

KINDS: dict[str, Shape] = {
    "str": STR, "int": INT, "float": FLOAT, "bool": BOOL, "bytes": BYTES,
    "dict": Mapping(values=UNKNOWN, keys=UNKNOWN), "list": Sequence("list", UNKNOWN),
    "tuple": Sequence("tuple", UNKNOWN), "set": Sequence("set", UNKNOWN),
}  # fmt: skip
NUMPY_KINDS = {
    "ndarray": ("numpy.ndarray",),
    "numpy.number": ("numpy.generic", "numpy.number"),
    "numpy.float": ("numpy.generic", "numpy.number", "numpy.floating", "numpy.float64", "numpy.float32"),
    "numpy.int": ("numpy.generic", "numpy.number", "numpy.integer", "numpy.int64", "numpy.int32"),
}
JSON_KINDS: dict[str, Shape] = {**KINDS, "dict": Mapping(values=JSON, keys=STR), "list": Sequence("list", JSON)}


def narrowed(inference: Inference, frame: Frame, node: ast.expr, shape: Shape) -> Shape:
    """The shape of a name, attribute or item, as the tests that were passed leave it."""
    if isinstance(shape, (Scalar, Instance, ClassOf, Mapping, Sequence, External)) and shape != NONE:
        return shape  # nothing to gain
    if node not in frame.module.parents:
        return shape
    wanted = _text(node)
    if not wanted:
        return shape
    for test, positive in facts(frame.module, node):
        if wanted.partition(".")[0].partition("[")[0] not in _names(test):
            continue
        if _is_assigned_between(frame.module, node, test):
            continue
        shape = _under(inference, frame, wanted, test, positive, shape)
    return shape


def facts(module: Module, node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    """The tests that are known to be true or false where a node stands, in its own function."""
    child = node
    for ancestor in module.ancestors(node):
        if isinstance(ancestor, (ast.If, ast.While)):
            if any(child is one for one in ancestor.body):
                yield ancestor.test, True
            elif any(child is one for one in ancestor.orelse):
                yield ancestor.test, False
        elif isinstance(ancestor, ast.IfExp):
            if child is not ancestor.test:
                yield ancestor.test, child is ancestor.body
        elif isinstance(ancestor, ast.BoolOp):
            for value in ancestor.values:
                if value is child:
                    break
                yield value, isinstance(ancestor.op, ast.And)
        elif isinstance(ancestor, COMPREHENSIONS) and not isinstance(child, ast.comprehension):
            for generator in ancestor.generators:
                for test in generator.ifs:
                    yield test, True
        for name in ("body", "orelse", "finalbody"):
            block = getattr(ancestor, name, None)
            if not isinstance(block, list) or not any(child is one for one in block):
                continue
            for statement in statements((ancestor, name)):
                if statement is child:
                    break
                if isinstance(statement, ast.Assert):
                    yield statement.test, True
                elif isinstance(statement, ast.If):
                    if stops(statement.body):
                        yield statement.test, False
                    elif statement.orelse and stops(statement.orelse):
                        yield statement.test, True
        if isinstance(ancestor, DEFINITIONS):
            return
        child = ancestor


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        base = _text(node.value)
        return f"{base}[{node.slice.value!r}]" if base else ""
    return reference(node)


def _names(test: ast.expr) -> set[str]:
    return {node.id for node in walk(test) if isinstance(node, ast.Name)}


def _is_assigned_between(module: Module, node: ast.expr, test: ast.expr) -> bool:
    """Whether the name gets another value between the test and the node."""
    root: ast.expr = node
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    if not isinstance(root, ast.Name):
        return True
    found = scope_at(module, root).lookup(root.id)
    after, before = (test.end_lineno or 0, test.end_col_offset or 0), (node.lineno, node.col_offset)
    for binding in found[1] if found is not None else ():
        place = binding.node
        line = getattr(place, "lineno", 0), getattr(place, "col_offset", 0)
        if (
            binding.kind == "value"
            and after <= line <= before
            and not (isinstance(place, ast.Name) and place.id != root.id)
        ):
            return True
    return False


def _under(inference: Inference, frame: Frame, wanted: str, test: ast.expr, positive: bool, shape: Shape) -> Shape:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _under(inference, frame, wanted, test.operand, not positive, shape)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And if positive else ast.Or):
        for value in test.values:
            shape = _under(inference, frame, wanted, value, positive, shape)
        return shape
    if isinstance(test, ast.NamedExpr):
        test = test.target
    if _text(test) == wanted:
        return truthy(shape) if positive else shape
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and _text(test.left) == wanted:
        other = test.comparators[0]
        if isinstance(other, ast.Constant) and other.value is None:
            is_none = isinstance(test.ops[0], (ast.Is, ast.Eq))
            if is_none != positive:
                return without_none(shape)
            return NONE if positive and not isinstance(shape, Unknown) else shape
        return shape
    is_instance_test = isinstance(test, ast.Call) and reference(test.func) == "isinstance" and len(test.args) == 2
    if is_instance_test and isinstance(test, ast.Call) and _text(test.args[0]) == wanted:
        return _of_kind(inference, frame, test.args[1], shape, positive)
    return shape


def _of_kind(inference: Inference, frame: Frame, kind: ast.expr, shape: Shape, positive: bool) -> Shape:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    asked = [inference.evaluate(frame, one) for one in kinds]
    kept: list[Shape] = []
    for member in members(shape):
        answers = [_is_a(inference, member, one) for one in asked]
        if isinstance(member, (Unknown, Json)):
            if positive:
                table = JSON_KINDS if isinstance(member, Json) else KINDS
                for one in asked:
                    if isinstance(one, ClassOf):
                        if not isinstance(member, Json):
                            kept.append(inference.instance(one))
                    elif isinstance(one, External):
                        made = table.get(one.name.removeprefix("builtins."), UNKNOWN)
                        if not (isinstance(member, Json) and one.name.removeprefix("builtins.") not in table):
                            kept.append(made)
                    else:
                        kept.append(member)
            else:
                kept.append(member)
        elif any(answer is None for answer in answers) or any(answers) == positive:
            kept.append(member)
    return join(kept)


def instance_test(inference: Inference, shape: Shape, kinds: list[Shape]) -> bool | None:
    """The answer of `isinstance`, where it is always the same; False where no value gets there."""
    if isinstance(shape, Never):
        return False
    answers = [[_is_a(inference, member, kind) for kind in kinds] for member in members(shape)]
    if answers and all(any(answer is True for answer in one) for one in answers):
        return True
    return False if answers and all(answer is False for one in answers for answer in one) else None


def _is_a(inference: Inference, shape: Shape, kind: Shape) -> bool | None:
    """Whether a value is an instance of a class; None where it is not known."""
    name = kind.name.removeprefix("builtins.") if isinstance(kind, External) else ""
    if isinstance(shape, Scalar):
        if isinstance(kind, ClassOf):
            return False
        last = {
            "datetime.datetime": "datetime",
            "datetime.date": "date",
            "decimal.Decimal": "decimal",
            "uuid.UUID": "uuid",
        }
        if name in KINDS or name in last:
            wanted = last.get(name, name)
            parents = {"bool": {"bool", "int"}, "datetime": {"datetime", "date"}}
            return wanted in parents.get(shape.kind, {shape.kind})
        return None
    if isinstance(shape, Mapping):
        return (
            name in ("dict", "collections.abc.Mapping")
            if name in KINDS or "Mapping" in name
            else False
            if isinstance(kind, ClassOf)
            else None
        )
    if isinstance(shape, (Sequence, TupleOf)):
        own = shape.kind if isinstance(shape, Sequence) else "tuple"
        return name == own if name in KINDS else False if isinstance(kind, ClassOf) else None
    if isinstance(shape, Reply):
        if name.endswith("Response"):
            return True
        return False if name in KINDS or isinstance(kind, ClassOf) else None
    if isinstance(shape, Instance):
        if isinstance(kind, ClassOf):
            from migrator.infer.classes import class_fact

            fact = class_fact(inference, ClassOf(shape.module, shape.name))
            return fact is None or any(
                (module.name, module.scopes[node].qualname) == (kind.module, kind.name) for module, node in fact.lineage
            )
        return shape.base == name if name in KINDS else None
    if isinstance(shape, Foreign) and name in KINDS:
        return shape.kind == "multidict" and name == "dict"
    if isinstance(shape, Foreign) and name.startswith("numpy."):
        return name in NUMPY_KINDS.get(shape.kind, ())
    return None
