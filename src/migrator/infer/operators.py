"""What operators, iteration and truth make of shapes. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.infer.knowledge import DATE, DATETIME, DECIMAL, TIMEDELTA
from migrator.infer.shapes import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    JSON,
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    ClassOf,
    External,
    Field,
    Foreign,
    Function,
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
    both,
    join,
    members,
    widened,
)

NUMBERS = ("bool", "int", "float", "complex")
SETS = ("set", "frozenset")


def binary(op: ast.operator, left: Shape, right: Shape) -> Shape:
    """The shape of `left op right`."""
    if isinstance(left, Never) or isinstance(right, Never):
        known = right if isinstance(left, Never) else left
        return join(_binary(op, one, one) for one in members(known)) if not isinstance(known, Never) else NEVER
    return join(_binary(op, a, b) for a in members(left) for b in members(right))


def _binary(op: ast.operator, left: Shape, right: Shape) -> Shape:
    if left == NONE or right == NONE:
        return NEVER
    if (isinstance(left, Foreign) and left.kind == "ndarray") or (
        isinstance(right, Foreign) and right.kind == "ndarray"
    ):
        return Foreign("ndarray")
    if isinstance(op, ast.Mod) and isinstance(left, Scalar) and left.kind in ("str", "bytes"):
        return Scalar(left.kind)
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return _scalars(op, left, right)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Scalar) and one.kind == "str" and isinstance(op, ast.Add):
            return STR if isinstance(other, (Unknown, Json, Scalar)) else NEVER
        if isinstance(one, Scalar) and one.kind == "decimal" and isinstance(other, Json):
            return DECIMAL
        if isinstance(one, Scalar) and one.kind == "datetime" and isinstance(other, Json):
            return NEVER
    if isinstance(left, Json) or isinstance(right, Json):
        other = right if isinstance(left, Json) else left
        if isinstance(other, (Json, Scalar)):
            return FLOAT if isinstance(op, ast.Div) else JSON
        return other if isinstance(other, (Sequence, Mapping)) else UNKNOWN
    if isinstance(op, ast.Add):
        return _added(left, right)
    if isinstance(op, ast.Mult):
        for one, other in ((left, right), (right, left)):
            if isinstance(other, Scalar) and isinstance(one, (Sequence, TupleOf)):
                return one if isinstance(one, Sequence) else Sequence("tuple", join(one.items))
    if isinstance(left, Mapping) and isinstance(right, Mapping) and isinstance(op, ast.BitOr):
        return updated(left, right)
    if isinstance(left, Sequence) and left.kind == "keys":
        left = Sequence("set", left.item)
    if isinstance(left, Sequence) and left.kind in SETS:
        return (
            Sequence(left.kind, join([left.item, element(right)])) if isinstance(op, (ast.BitOr, ast.BitXor)) else left
        )
    if isinstance(left, Foreign) and left.kind == "path" and isinstance(op, ast.Div):
        return left
    if isinstance(left, ClassOf | External) and isinstance(op, ast.BitOr):
        return UNKNOWN
    return UNKNOWN


def _added(left: Shape, right: Shape) -> Shape:
    if isinstance(left, TupleOf) and isinstance(right, TupleOf):
        return TupleOf((*left.items, *right.items))
    if isinstance(left, (Sequence, TupleOf)) and isinstance(right, (Sequence, TupleOf)):
        kind = left.kind if isinstance(left, Sequence) else "tuple"
        return Sequence(kind, join([element(left), element(right)]))
    return UNKNOWN


def _scalars(op: ast.operator, left: Scalar, right: Scalar) -> Shape:
    one, other = left.kind, right.kind
    if (one == "path" and isinstance(op, ast.Div)) or (other == "path" and isinstance(op, ast.Div)):
        return Scalar("path")
    if one == "str" and other == "str":
        return STR if isinstance(op, ast.Add) else NEVER
    if "str" in (one, other):
        return STR if isinstance(op, ast.Mult) else NEVER
    if "bytes" in (one, other):
        return BYTES
    if "decimal" in (one, other):
        return DECIMAL
    if one in ("datetime", "date") and other == one and isinstance(op, ast.Sub):
        return TIMEDELTA
    for kind, shape in (("datetime", DATETIME), ("date", DATE)):
        if kind in (one, other):
            return shape
    if "timedelta" in (one, other):
        if isinstance(op, (ast.Div, ast.FloorDiv)) and one == other:
            return FLOAT if isinstance(op, ast.Div) else INT
        return TIMEDELTA
    if one in NUMBERS and other in NUMBERS:
        if isinstance(op, ast.Div):
            return Scalar("complex") if "complex" in (one, other) else FLOAT
        if isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
            return BOOL if one == other == "bool" else INT
        if isinstance(op, ast.Pow) and one == other == "int":
            negative = isinstance(right.value, int) and right.value < 0
            return FLOAT if negative else INT if isinstance(right.value, int) else join([INT, FLOAT])
        kind = max(one, other, key=NUMBERS.index)
        return Scalar("int" if kind == "bool" else kind)
    return UNKNOWN


def unary(op: ast.unaryop, shape: Shape) -> Shape:
    if isinstance(op, ast.Not):
        return BOOL
    found: list[Shape] = []
    for member in members(shape):
        if isinstance(member, Scalar):
            if member.kind == "int" and isinstance(member.value, int) and isinstance(op, ast.USub):
                found.append(Scalar("int", -member.value))
            else:
                found.append(Scalar("int" if member.kind == "bool" else member.kind))
        else:
            found.append(member if isinstance(member, (Json, Foreign)) else UNKNOWN)
    return join(found)


def element(shape: Shape) -> Shape:
    """What iterating gives."""
    found: list[Shape] = []
    for member in members(shape):
        if isinstance(member, Sequence):
            found.append(member.item)
        elif isinstance(member, TupleOf):
            found.append(join(member.items))
        elif isinstance(member, Mapping):
            found.append(key_of(member))
        elif isinstance(member, Scalar):
            found.append(STR if member.kind == "str" else INT if member.kind == "bytes" else NEVER)
        elif isinstance(member, Json):
            found.append(JSON)
        elif isinstance(member, Foreign) and member.kind in (
            "sqlalchemy.query",
            "sqlalchemy.result",
            "sqlalchemy.page",
        ):
            found.append(member.item)
        elif isinstance(member, Foreign) and member.kind in ("sqlite.cursor", "sqlite.row"):
            found.append(Foreign("sqlite.row") if member.kind == "sqlite.cursor" else JSON)
        elif isinstance(member, Foreign) and member.kind == "ndarray":
            found.append(member)
        elif isinstance(member, Foreign) and member.kind in ("multidict", "file"):
            found.append(STR if member.kind == "multidict" else UNKNOWN)
        else:
            found.append(UNKNOWN)
    return join(found)


def key_of(mapping: Mapping) -> Shape:
    names = [Scalar("str", field.key) for field in mapping.fields]
    return join(
        [*names, mapping.keys, *([STR] if not names and mapping.keys == NEVER and not mapping.is_closed else [])]
    )


def updated(left: Mapping, right: Mapping) -> Mapping:
    """`{**left, **right}`."""
    merged = both(left, right)
    fields = []
    for field in merged.fields:
        mine, theirs = left.field(field.key), right.field(field.key)
        if theirs is not None and theirs.always:
            fields.append(theirs)
        elif mine is not None and theirs is not None:
            fields.append(type(field)(field.key, field.shape, mine.always))
        elif mine is not None:
            extra = right.values if not right.is_closed else NEVER
            fields.append(type(field)(field.key, join([mine.shape, extra]), mine.always))
        else:
            assert theirs is not None
            fields.append(theirs)
    return Mapping(tuple(fields), merged.values, merged.keys, left.name or right.name)


def may_be_falsy(shape: Shape) -> bool:
    return any(
        not isinstance(member, (Instance, ClassOf, Function, Reply))
        and not (isinstance(member, TupleOf) and member.items)
        for member in members(shape)
    )


def truthy(shape: Shape) -> Shape:
    """The shape of a value that is true."""
    found: list[Shape] = []
    for member in members(shape):
        if member == NONE:
            continue
        if isinstance(member, Scalar) and member.value is not None and not member.value:
            continue
        if isinstance(member, Mapping) and member.is_closed and not member.fields and not member.sites:
            continue
        found.append(member)
    return join(found)


def falsy(shape: Shape) -> Shape:
    """The shape of a value that is false."""
    found: list[Shape] = []
    for member in members(shape):
        if isinstance(member, Scalar):
            if member.value is None or not member.value:
                found.append(Scalar("str", "") if member.kind == "str" else member)
        elif isinstance(member, Mapping):
            found.append(Mapping(sites=member.sites))
        elif isinstance(member, Sequence):
            found.append(Sequence(member.kind, sites=member.sites))
        elif may_be_falsy(member):
            found.append(member)
    return join(found)


def with_key(made: Mapping, key: Shape, value: Shape, *, always: bool = True) -> Mapping:
    """The mapping after `made[key] = value`."""
    if isinstance(key, Scalar) and isinstance(key.value, str):
        return updated(made, Mapping((Field(key.value, value, always),)))
    values, keys = join([made.values, widened(value)]), join([made.keys, widened(key)])
    return Mapping(made.fields, values, keys, made.name, made.sites)


def dict_of(pairs: Iterable[tuple[Shape, Shape, bool]]) -> Mapping:
    """The dict of keys and values, and whether each of them is always there."""
    made = Mapping()
    for key, value, always in pairs:
        made = with_key(made, key, value, always=always)
    return made


def spread(made: Mapping, shape: Shape) -> Mapping:
    parts = [member for member in members(shape) if member != NONE]
    if len(parts) == 1 and isinstance(parts[0], Mapping):
        return updated(made, parts[0])
    if parts and all(isinstance(part, Mapping) for part in parts):
        merged = parts[0]
        for part in parts[1:]:
            assert isinstance(merged, Mapping)
            assert isinstance(part, Mapping)
            merged = both(merged, part)
        assert isinstance(merged, Mapping)
        return updated(made, merged)
    if not parts:
        return made
    values = JSON if all(isinstance(part, Json) for part in parts) else UNKNOWN
    return updated(made, Mapping(values=values, keys=STR))


def unpacked(shape: Shape, path: list[tuple[ast.AST, ast.AST]]) -> Shape:
    """The part of a value that a name in a tuple target gets; `path` leads from the name outwards."""
    for holder, child in reversed(path):
        if isinstance(holder, ast.Starred):
            shape = Sequence("list", shape)
            continue
        assert isinstance(holder, (ast.Tuple, ast.List))
        index = next(i for i, one in enumerate(holder.elts) if one is child)
        starred = any(isinstance(one, ast.Starred) for one in holder.elts)
        found: list[Shape] = []
        for member in members(shape):
            if isinstance(member, TupleOf) and not starred and len(member.items) == len(holder.elts):
                found.append(member.items[index])
            elif isinstance(member, TupleOf) and not starred:
                continue
            else:
                found.append(element(member))
        shape = join(found)
    return shape


def fits(declared: Shape, seen: Shape) -> bool:
    """Whether a value that was seen may be one of those declared."""
    if isinstance(declared, Mapping):
        return isinstance(seen, (Mapping, Json))
    if isinstance(declared, Sequence):
        return isinstance(seen, (Sequence, TupleOf, Json))
    return True
