"""Lists and dicts with all that fills them: what is appended, set, updated or deleted after they were made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.infer.flow import blocks, start, statements
from migrator.infer.frame import Frame
from migrator.infer.operators import binary, element
from migrator.infer.shapes import (
    JSON,
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    Field,
    Json,
    Mapping,
    Never,
    Scalar,
    Shape,
    Site,
    TupleOf,
    join,
    members,
    widened,
)
from migrator.infer.shapes import Sequence as SequenceOf
from migrator.module import Module

if TYPE_CHECKING:
    from migrator.infer.aliases import Effects
    from migrator.infer.evaluate import Inference
    from migrator.infer.mutations import Mutation


def made(inference: Inference, frame: Frame, node: ast.expr, shape: Shape) -> Shape:
    """A list or dict that is made at `node`, with what is put into it later."""
    if not isinstance(shape, (Mapping, SequenceOf)):
        return shape
    site = frame.module.name, node.lineno, node.col_offset
    return filled(inference, frame, node, site, shape, inference.effects(frame.module, node, site))


def filled(
    inference: Inference,
    frame: Frame | None,
    node: ast.expr | None,
    site: Site,
    shape: Mapping | SequenceOf,
    effects: Effects,
) -> Shape:
    changed: Mapping | SequenceOf = (
        Mapping(shape.fields, shape.values, shape.keys, shape.name, frozenset({site}))
        if isinstance(shape, Mapping)
        else SequenceOf(shape.kind, shape.item, frozenset({site}))
    )
    for mutation in effects.mutations:
        here = inference.free(mutation.module)
        if frame is not None and node is not None and _is_same_function(frame.module, node, mutation):
            here = frame
        if isinstance(changed, SequenceOf):
            changed = _listed(inference, here, changed, mutation)
        else:
            always = node is not None and _always_follows(mutation, node)
            changed = _keyed(inference, here, changed, mutation, always)
    if effects.is_lost:
        return _opened(changed)
    return changed


def _opened(shape: Mapping | SequenceOf) -> Shape:
    """A list or dict that may hold anything else too."""
    if isinstance(shape, SequenceOf):
        return SequenceOf(shape.kind, UNKNOWN, shape.sites)
    fields = tuple(Field(field.key, UNKNOWN, False) for field in shape.fields)
    return Mapping(fields, UNKNOWN, STR, shape.name, shape.sites)


def _is_same_function(module: Module, node: ast.expr, mutation: Mutation) -> bool:
    return module is mutation.module and module.function_of(node) is module.function_of(mutation.node)


def _always_follows(mutation: Mutation, node: ast.expr) -> bool:
    """Whether a dict that is made at `node` gets the key in the same run of statements."""
    module = mutation.module
    if node not in module.parents:
        return False
    maker, filler = module.statement_of(node), module.statement_of(mutation.node)
    parent = module.parents.get(maker)
    if module.parents.get(filler) is not parent or start(filler) <= start(maker):
        return False
    around = blocks(module, filler)
    return bool(around) and any(maker is one for one in statements(around[0][0]))


def _listed(inference: Inference, frame: Frame, shape: SequenceOf, mutation: Mutation) -> SequenceOf:
    node = mutation.node
    added: Shape = NEVER
    if mutation.kind == "extend" or mutation.kind == "update":
        value = mutation.value
        if isinstance(node, ast.Call):
            value = node.args[0] if node.args else None
        added = element(inference.evaluate(frame, value)) if value is not None else NEVER
    elif mutation.kind in ("item", "augmented") or mutation.value is not None:
        added = inference.evaluate(frame, mutation.value) if mutation.value is not None else UNKNOWN
    elif isinstance(node, ast.Call) and mutation.kind in ("append", "appendleft", "add", "insert", "put", "put_nowait"):
        position = 1 if mutation.kind == "insert" else 0
        if len(node.args) > position:
            added = inference.evaluate(frame, node.args[position])
    return (
        SequenceOf(shape.kind, join([shape.item, widened(added)]), shape.sites)
        if not isinstance(added, Never)
        else shape
    )


def _keyed(inference: Inference, frame: Frame, shape: Mapping, mutation: Mutation, always: bool) -> Mapping:
    node = mutation.node
    if mutation.kind in ("item", "augmented"):
        assert mutation.key is not None
        value = inference.evaluate(frame, mutation.value) if mutation.value is not None else UNKNOWN
        if mutation.kind == "augmented" and isinstance(node, ast.AugAssign):
            value = binary(node.op, NEVER, widened(value))
        return _with_key(shape, inference.evaluate(frame, mutation.key), value, always)
    if mutation.kind == "delete":
        assert mutation.key is not None
        return _without_key(shape, inference.evaluate(frame, mutation.key))
    if mutation.kind == "extend" and mutation.value is not None:
        return _maybe_updated(shape, inference.evaluate(frame, mutation.value), always)
    if not isinstance(node, ast.Call):
        return shape
    if mutation.kind in ("setdefault", "insert") and node.args:
        value = inference.evaluate(frame, node.args[1]) if len(node.args) > 1 else NONE
        return _with_key(shape, inference.evaluate(frame, node.args[0]), value, always)
    if mutation.kind == "pop" and node.args:
        return _without_key(shape, inference.evaluate(frame, node.args[0]))
    if mutation.kind in ("update", "from_mapping"):
        for arg in node.args:
            shape = _maybe_updated(shape, inference.evaluate(frame, arg), always)
        for keyword in node.keywords:
            value = inference.evaluate(frame, keyword.value)
            more = Mapping((Field(keyword.arg, value),)) if keyword.arg else value
            shape = _maybe_updated(shape, more, always)
        return shape
    if mutation.kind in ("popitem", "clear"):
        fields = tuple(Field(f.key, f.shape, False) for f in shape.fields)
        return Mapping(fields, shape.values, shape.keys, shape.name, shape.sites)
    return shape


def _with_key(shape: Mapping, key: Shape, value: Shape, always: bool) -> Mapping:
    names = [m.value for m in members(key) if isinstance(m, Scalar) and isinstance(m.value, str)]
    if len(names) == 1 and len(members(key)) == 1:
        old = shape.field(names[0])
        if old is not None:
            new = Field(old.key, join([old.shape, value]), old.always or always)
            fields = tuple(new if field is old else field for field in shape.fields)
        else:
            fields = (*shape.fields, Field(names[0], value, always))
        return Mapping(fields, shape.values, shape.keys, shape.name, shape.sites)
    fields = shape.fields
    if fields:  # any of the known keys may be meant
        fields = tuple(Field(f.key, join([f.shape, value]), f.always) for f in fields)
    return Mapping(
        fields, join([shape.values, widened(value)]), join([shape.keys, widened(key)]), shape.name, shape.sites
    )


def _without_key(shape: Mapping, key: Shape) -> Mapping:
    name = key.value if isinstance(key, Scalar) else None
    fields = tuple(Field(f.key, f.shape, f.always and name is not None and f.key != name) for f in shape.fields)
    return Mapping(fields, shape.values, shape.keys, shape.name, shape.sites)


def _maybe_updated(shape: Mapping, more: Shape, always: bool) -> Mapping:
    for member in members(more):
        if isinstance(member, Mapping):
            for field in member.fields:
                shape = _with_key(shape, Scalar("str", field.key), field.shape, always and field.always)
            if not member.is_closed:
                shape = Mapping(
                    tuple(Field(f.key, join([f.shape, member.values]), f.always) for f in shape.fields),
                    join([shape.values, member.values]), join([shape.keys, member.keys]), shape.name, shape.sites,
                )  # fmt: skip
        elif isinstance(member, (SequenceOf, TupleOf)):
            pair = element(member)
            if isinstance(pair, TupleOf) and len(pair.items) == 2:
                shape = _with_key(shape, pair.items[0], pair.items[1], False)
        elif member != NONE:
            values = JSON if isinstance(member, Json) else UNKNOWN
            fields = tuple(Field(f.key, join([f.shape, values]), f.always) for f in shape.fields)
            shape = Mapping(fields, join([shape.values, values]), join([shape.keys, STR]), shape.name, shape.sites)
    return shape
