"""Attributes and items of values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.infer import calls, classes, filled
from migrator.infer.frame import Frame
from migrator.infer.knowledge import ATTRIBUTES, METHODS, VALUES
from migrator.infer.shapes import (
    INT,
    JSON,
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    ClassOf,
    External,
    Foreign,
    Function,
    Instance,
    Json,
    Mapping,
    ModuleOf,
    Never,
    Reply,
    Scalar,
    Shape,
    Site,
    TupleOf,
    Unknown,
    join,
    members,
    widened,
)
from migrator.infer.shapes import Sequence as SequenceOf

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference


def _sliced(shape: Shape) -> Shape:
    if isinstance(shape, Scalar) and shape.kind in ("str", "bytes"):
        return Scalar(shape.kind)
    if isinstance(shape, TupleOf):
        return SequenceOf("tuple", join(shape.items))
    if isinstance(shape, SequenceOf):
        return SequenceOf(shape.kind, shape.item)
    if isinstance(shape, (Json, Unknown)):
        return shape
    if isinstance(shape, Foreign) and shape.kind == "ndarray":
        return shape
    if isinstance(shape, Foreign) and shape.kind == "sqlalchemy.query":
        return SequenceOf("list", shape.item)
    return NEVER if shape == NONE else UNKNOWN


def _status(owner: str, name: str) -> Shape:
    from http import HTTPStatus

    member = owner.rpartition(".")[2] if owner != "http.HTTPStatus" else name
    try:
        status = HTTPStatus[member]
    except KeyError:
        return UNKNOWN
    if owner == "http.HTTPStatus" or name == "value":
        return Scalar("int", int(status))
    return STR


SESSION: Site = ("flask.session", 0, 0)


def attribute_of(inference: Inference, frame: Frame | None, owner: Shape, name: str) -> Shape:
    """`owner.name`, not called."""
    parts = members(owner)
    if len(parts) > 1:
        return join(inference.attribute(frame, member, name) for member in parts)
    if isinstance(owner, ModuleOf):
        module = inference.module(owner.name)
        return inference.global_name(module, name) if module is not None else UNKNOWN
    if isinstance(owner, External):
        return _external(inference, owner.name, name)
    if isinstance(owner, Instance):
        return inference.remembered(
            ("attribute", owner, name), lambda: classes.instance_attribute(inference, owner, name)
        )
    if isinstance(owner, ClassOf):
        return inference.remembered(("attribute", owner, name), lambda: classes.class_attribute(inference, owner, name))
    if isinstance(owner, Scalar):
        return NEVER if owner.kind == "none" else ATTRIBUTES.get((owner.kind, name), UNKNOWN)
    if isinstance(owner, Foreign):
        if owner.kind == "sqlalchemy" and name == "func":
            return External("sqlalchemy.func")
        if owner.kind == "sqlalchemy" and name in ("session", "select"):
            return Foreign("sqlalchemy") if name == "session" else External("sqlalchemy.select")
        if owner.kind == "flask.Flask" and name in ("config", "extensions"):
            return Foreign(f"flask.{name}")
        if owner.kind == "sqlite.cursor" and name == "lastrowid":
            return INT
        if owner.kind == "sqlite.row":
            return NEVER
        if owner.kind == "sqlalchemy.page" and name == "items":
            return SequenceOf("list", owner.item)
        if owner.kind == "sqlalchemy.column":
            return Foreign("sqlalchemy.column")
        if owner.kind == "named" and name in ("name", "key"):
            return owner.item
        return ATTRIBUTES.get((owner.kind, name), UNKNOWN)
    if isinstance(owner, Reply):
        if name in ("json",):
            return owner.payload
        return INT if name == "status_code" else STR if name in ("mimetype", "status") else UNKNOWN
    if isinstance(owner, (Never, Json)):
        return NEVER
    if isinstance(owner, Function) and name in ("__name__", "__qualname__"):
        return STR
    return UNKNOWN


def _external(inference: Inference, owner: str, name: str) -> Shape:
    dotted = inference.project.canonical(f"{owner}.{name}")
    if owner == "flask.g":
        return _global_value(inference, name)
    if dotted in VALUES:
        return VALUES[dotted]
    if name in ("__name__", "__qualname__", "__doc__"):
        return STR
    if owner.startswith("builtins."):
        return External(dotted) if (owner.removeprefix("builtins."), name) in METHODS else UNKNOWN
    if owner == "http.HTTPStatus" or owner.startswith("http.HTTPStatus."):
        return _status(owner, name)
    return External(dotted)


def _global_value(inference: Inference, name: str) -> Shape:
    """`g.name`: all that is put there."""
    found: list[Shape] = []
    for store in inference.index.stores.get(name, []):
        owner = inference.evaluate(inference.free(store.module), store.target.value)
        if owner == External("flask.g"):
            found.append(inference.stored_value(store))
    return widened(join(found)) if found else External(f"flask.g.{name}")


def subscript(inference: Inference, frame: Frame, node: ast.Subscript) -> Shape:
    owner = inference.evaluate(frame, node.value)
    if isinstance(node.slice, ast.Slice):
        return join(_sliced(member) for member in members(owner))
    key = inference.evaluate(frame, node.slice)
    return join(inference.item(member, key) for member in members(owner))


def item_of(inference: Inference, owner: Shape, key: Shape) -> Shape:
    """`owner[key]`."""
    if isinstance(owner, Mapping):
        if isinstance(key, Scalar) and isinstance(key.value, str):
            field = owner.field(key.value)
            if field is not None:
                return field.shape
            return owner.values if not owner.is_closed else UNKNOWN if owner.fields else NEVER
        if isinstance(key, Scalar) and key.kind != "str" and owner.is_closed and owner.fields:
            return UNKNOWN
        return owner.any_value()
    if isinstance(owner, TupleOf):
        index = key.value if isinstance(key, Scalar) else None
        if isinstance(index, int) and -len(owner.items) <= index < len(owner.items):
            return owner.items[index]
        return join(owner.items)
    if isinstance(owner, SequenceOf):
        return owner.item
    if isinstance(owner, Scalar):
        return owner if owner.kind == "str" else INT if owner.kind == "bytes" else NEVER
    if isinstance(owner, Json):
        return JSON
    if isinstance(owner, Foreign):
        if owner.kind in ("flask.config", "flask.extensions"):
            return inference.item(kept(inference, (owner.kind, 0, 0)), key)
        if owner.kind == "sqlite.row":
            return JSON
        if owner.kind == "multidict":
            return owner.item
        if owner.kind == "ndarray":
            return Foreign("ndarray")
        if owner.kind in ("match", "match?"):
            return join([STR, NONE])
    if isinstance(owner, ClassOf):
        fact = classes.class_fact(inference, owner)
        return inference.instance(owner) if fact is not None and fact.kind == "enum" else owner
    if isinstance(owner, Instance):
        found = inference.method_of(ClassOf(owner.module, owner.name), "__getitem__")
        if found is not None:
            return calls.result(inference, Function(found.module, found.name, inference.receiver(found, owner)), {}, 1)
    if isinstance(owner, External) and owner.name == "flask.session":
        return inference.item(kept(inference, SESSION), key)
    return UNKNOWN


def kept(inference: Inference, site: Site) -> Shape:
    """What the project puts into the config or the session."""
    effects = inference.global_effects(site)
    if not effects.mutations:
        return Mapping(values=UNKNOWN)
    return inference.remembered(
        ("kept", site), lambda: filled.filled(inference, None, None, site, Mapping(values=UNKNOWN), effects)
    )
