"""Comprehensions over items that are known one by one: `{name: getattr(self, name) for name in ("id", "title")}`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from migrator.infer import classes
from migrator.infer.frame import Frame, scope_key
from migrator.infer.shapes import (
    NEVER,
    NONE,
    ClassOf,
    Foreign,
    Instance,
    Mapping,
    Scalar,
    Shape,
    TupleOf,
    is_none_possible,
    members,
)
from migrator.syntax import reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

Comprehension: TypeAlias = ast.DictComp | ast.GeneratorExp | ast.ListComp
MAX_ITEMS = 40
COPIES = ("list", "tuple", "set", "frozenset", "sorted", "reversed")
COLUMNS = ("__table__.columns", "__table__.c", "__mapper__.columns", "__mapper__.c", "__mapper__.column_attrs")


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a loop: what is known in it, and whether no test leaves it out."""

    frame: Frame
    always: bool


def pairs(inference: Inference, frame: Frame, node: ast.expr) -> tuple[tuple[Shape, Shape, bool], ...] | None:
    """The keys and values of the dict that a comprehension makes, and whether they are always there; None where not all
    of them are known."""
    if isinstance(node, ast.DictComp):
        key, value = node.key, node.value
    elif isinstance(node, (ast.GeneratorExp, ast.ListComp)) and isinstance(node.elt, ast.Tuple):
        if len(node.elt.elts) != 2:
            return None
        key, value = node.elt.elts
    else:
        return None
    known = turns(inference, frame, node)
    if known is None:
        return None
    return tuple((inference.evaluate(t.frame, key), inference.evaluate(t.frame, value), t.always) for t in known)


def turns(inference: Inference, frame: Frame, node: Comprehension) -> tuple[Turn, ...] | None:
    """The turns of a comprehension in their order; None where not all of its items are known."""
    loop = node.generators[0]
    if len(node.generators) > 1 or loop.is_async:
        return None
    items = known_items(inference, frame, loop.iter)
    if items is None or len(items) > MAX_ITEMS:
        return None
    scope = scope_key(frame.module.scopes[node])
    found: list[Turn] = []
    for item, always in items:
        given = dict(_unpacked(loop.target, item))
        if any(given.get(name.id, NEVER) == NEVER for name in ast.walk(loop.target) if isinstance(name, ast.Name)):
            return None
        bound = {**frame.bound, **{(scope, name): shape for name, shape in given.items()}}
        here = Frame(frame.module, bound, frame.inside | {scope}, frame.depth)
        answers = [_is_true(inference, here, test) for test in loop.ifs]
        if False not in answers:
            found.append(Turn(here, always and None not in answers))
    return tuple(found)


def _unpacked(target: ast.expr, item: Shape) -> Iterator[tuple[str, Shape]]:
    if isinstance(target, ast.Name):
        yield target.id, item
    elif isinstance(target, ast.Tuple) and isinstance(item, TupleOf) and len(target.elts) == len(item.items):
        for one, part in zip(target.elts, item.items, strict=True):
            yield from _unpacked(one, part)


def known_items(inference: Inference, frame: Frame, node: ast.expr) -> tuple[tuple[Shape, bool], ...] | None:
    """What an expression gives one after the other, and whether it always does; None where that is not known."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        return _view(inference, frame, node.func)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in COPIES and len(node.args) == 1:
            return known_items(inference, frame, node.args[0])
        if frame.module.dotted(node.func) == "dataclasses.fields" and len(node.args) == 1:
            return _fields(inference, inference.evaluate(frame, node.args[0]))
    if isinstance(node, ast.Attribute) and (columns := _columns(inference, frame, node)) is not None:
        return columns
    if (display := _display(inference, frame, node)) is not None:
        return tuple((inference.evaluate(frame, one), True) for one in display)
    shape = inference.evaluate(frame, node)
    if isinstance(shape, TupleOf):
        return tuple((item, True) for item in shape.items)
    if isinstance(shape, Mapping) and shape.is_closed:
        return tuple((Scalar("str", field.key), field.always) for field in shape.fields)
    return None


def _view(inference: Inference, frame: Frame, func: ast.Attribute) -> tuple[tuple[Shape, bool], ...] | None:
    """`x.items()`, `x.keys()` and `x.values()` of a dict whose keys are known."""
    if func.attr == "keys" and isinstance(func.value, ast.Attribute):
        columns = _columns(inference, frame, func.value)
        if columns is not None:
            return tuple((inference.attribute(frame, column, "key"), always) for column, always in columns)
    if func.attr not in ("items", "keys", "values"):
        return None
    owner = inference.evaluate(frame, func.value)
    if not isinstance(owner, Mapping) or not owner.is_closed:
        return None
    parts = [(Scalar("str", field.key), field.shape, field.always) for field in owner.fields]
    if func.attr == "items":
        return tuple((TupleOf((key, value)), always) for key, value, always in parts)
    return tuple((key if func.attr == "keys" else value, always) for key, value, always in parts)


def _display(inference: Inference, frame: Frame, node: ast.expr) -> list[ast.expr] | None:
    """The items of a list or set that is written there, or elsewhere and never changed."""
    module, made = frame.module, node
    if isinstance(node, ast.Name) and (found := inference.definition(module, node)) is not None:
        module, made = found
    if not isinstance(made, (ast.List, ast.Set)) or any(isinstance(one, ast.Starred) for one in made.elts):
        return None
    if made is not node:
        effects = inference.effects(module, made, (module.name, made.lineno, made.col_offset))
        if effects.mutations or effects.is_lost or any(not isinstance(one, ast.Constant) for one in made.elts):
            return None
    return made.elts


def _fields(inference: Inference, shape: Shape) -> tuple[tuple[Shape, bool], ...] | None:
    """What `dataclasses.fields` gives for a dataclass or an object of one."""
    if not isinstance(shape, (Instance, ClassOf)):
        return None
    fact = classes.class_fact(inference, ClassOf(shape.module, shape.name))
    if fact is None or fact.kind != "dataclass":
        return None
    names = (f.name for f in classes.annotated_fields(inference, fact, every=True))
    return tuple((Foreign("named", Scalar("str", name)), True) for name in names)


def _columns(inference: Inference, frame: Frame, node: ast.Attribute) -> tuple[tuple[Shape, bool], ...] | None:
    """The columns of a model, each of which has a `name` and a `key`."""
    text = reference(node)
    path = next((path for path in COLUMNS if text.endswith(f".{path}")), None)
    if path is None:
        return None
    assert isinstance(node.value, ast.Attribute)
    owner = inference.evaluate(frame, node.value.value)
    names = classes.column_names(inference, owner) if isinstance(owner, (Instance, ClassOf)) else None
    return tuple((Foreign("named", Scalar("str", name)), True) for name in names) if names is not None else None


def _is_true(inference: Inference, frame: Frame, test: ast.expr) -> bool | None:
    """The answer of a test, where it is always the same."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        answer = _is_true(inference, frame, test.operand)
        return None if answer is None else not answer
    if isinstance(test, ast.BoolOp):
        answers = [_is_true(inference, frame, value) for value in test.values]
        decides = isinstance(test.op, ast.Or)
        return decides if decides in answers else None if None in answers else not decides
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(inference, frame, test.left, test.ops[0], test.comparators[0])
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) and len(test.args) == 1:
        text, part = (_text(inference.evaluate(frame, one)) for one in (test.func.value, test.args[0]))
        if text is not None and part is not None and test.func.attr in ("startswith", "endswith"):
            return text.startswith(part) if test.func.attr == "startswith" else text.endswith(part)
    return None


def _compared(inference: Inference, frame: Frame, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool | None:
    if isinstance(op, (ast.Is, ast.IsNot)) and isinstance(right, ast.Constant) and right.value is None:
        shape = inference.evaluate(frame, left)
        if members(shape) and (shape == NONE or not is_none_possible(shape)):
            return (shape == NONE) == isinstance(op, ast.Is)
        return None
    text = _text(inference.evaluate(frame, left))
    if text is None:
        return None
    if isinstance(op, (ast.Eq, ast.NotEq)):
        other = _text(inference.evaluate(frame, right))
        return None if other is None else (text == other) == isinstance(op, ast.Eq)
    if isinstance(op, (ast.In, ast.NotIn)):
        items = known_items(inference, frame, right)
        texts = [(_text(item), always) for item, always in items or ()]
        if items is None or any(other is None or not always for other, always in texts):
            return None
        return (text in {other for other, _ in texts}) == isinstance(op, ast.In)
    return None


def _text(shape: Shape) -> str | None:
    return shape.value if isinstance(shape, Scalar) and isinstance(shape.value, str) else None
