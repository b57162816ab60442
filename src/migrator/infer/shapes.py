"""Shapes: what is known about a value without running the code. Frozen, hashable, without a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

Site: TypeAlias = tuple[str, int, int]  # module, line, column: where a list or dict is made
MAX_MEMBERS = 8  # of a union; beyond that nothing is known
MAX_DEPTH = 8  # of nested containers, that shapes which grow in a cycle come to an end


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may be anything."""


@dataclass(frozen=True, slots=True)
class Never:
    """No value gets here: it raises, or the place is not reached."""


@dataclass(frozen=True, slots=True)
class Json:
    """It came out of JSON: text, number, true, false, null, or lists and dicts of these."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value of a built-in kind: "str", "int", "float", "bool", "none", "bytes", "datetime", "date", "time",
    "timedelta", "decimal", "uuid", "path", "complex". `value` is that of a literal text, number or truth value."""

    kind: str
    value: str | int | bool | None = None


@dataclass(frozen=True, slots=True)
class Field:
    key: str
    shape: Shape
    always: bool = True


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dict. Beside `fields` it may have other keys, whose values have the shape `values` (Never: no other keys).

    `name` is what a person would call it, where the code says so; `sites` are the places that make it.
    """

    fields: tuple[Field, ...] = ()
    values: Shape = Never()
    keys: Shape = Never()
    name: str = ""
    sites: frozenset[Site] = frozenset()

    @property
    def is_closed(self) -> bool:
        """Whether all keys are known."""
        return isinstance(self.values, Never)

    def field(self, key: str) -> Field | None:
        return next((field for field in self.fields if field.key == key), None)

    def any_value(self) -> Shape:
        return join([*(field.shape for field in self.fields), self.values])


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, set, frozenset, tuple of any length or other iterable ("generator") of items of one shape."""

    kind: str
    item: Shape = Never()
    sites: frozenset[Site] = frozenset()


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A tuple whose items are known one by one."""

    items: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of the project. `base` is what it also is: "str" or "int" (enums with values of that kind),
    "enum", "tuple", "exception" or ""."""

    module: str
    name: str
    base: str = ""


@dataclass(frozen=True, slots=True)
class ClassOf:
    """A class of the project itself."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the project; `bound` are values that are known: `self`, and names of functions around it."""

    module: str
    name: str
    bound: tuple[tuple[str, str, Shape], ...] = ()  # scope, name, shape


@dataclass(frozen=True, slots=True)
class ModuleOf:
    """A module of the project."""

    name: str


@dataclass(frozen=True, slots=True)
class External:
    """Something of another library, by its dotted name: `flask.request`, `datetime.datetime.now`."""

    name: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """An object that another library made: "sqlalchemy.query" of an item, "file", "flask.Flask"."""

    kind: str
    item: Shape = Unknown()


@dataclass(frozen=True, slots=True)
class Reply:
    """What Flask will answer. `body`: "json" (of `payload`), "html", "text", "bytes", "redirect", "file", "stream" or
    "unknown". `status` is None where it is not known."""

    body: str
    payload: Shape = Unknown()
    status: int | None = 200
    headers: bool = False  # sets headers or cookies beside those of the body


@dataclass(frozen=True, slots=True)
class Union:
    """One of several, none of which is a union; in an order that does not depend on how they were found."""

    members: tuple[Shape, ...]


Shape: TypeAlias = (
    Unknown
    | Never
    | Json
    | Scalar
    | Mapping
    | Sequence
    | TupleOf
    | Instance
    | ClassOf
    | Function
    | ModuleOf
    | External
    | Foreign
    | Reply
    | Union
)

UNKNOWN = Unknown()
NEVER = Never()
JSON = Json()
STR = Scalar("str")
INT = Scalar("int")
FLOAT = Scalar("float")
BOOL = Scalar("bool")
NONE = Scalar("none")
BYTES = Scalar("bytes")
STR_OR_NONE: Shape = Union((NONE, STR))
INT_OR_NONE: Shape = Union((INT, NONE))
JSON_SCALARS = frozenset({"str", "int", "float", "bool", "none"})


def members(shape: Shape) -> tuple[Shape, ...]:
    """The shapes that a shape is one of."""
    if isinstance(shape, Union):
        return shape.members
    return () if isinstance(shape, Never) else (shape,)


def join(shapes: Iterable[Shape]) -> Shape:
    """The shape of a value that has one of these shapes."""
    found: dict[Shape, None] = {}
    for shape in shapes:
        for member in members(shape):
            if isinstance(member, Unknown):
                return UNKNOWN
            found[member] = None
    if len(found) <= 1:
        return next(iter(found), NEVER)
    merged = _merged(list(found))
    if len(merged) == 1:
        return merged[0]
    if len(merged) > MAX_MEMBERS:
        return UNKNOWN
    return Union(tuple(sorted(merged, key=repr)))


def _merged(shapes: list[Shape]) -> list[Shape]:
    scalars: dict[str, Scalar] = {}
    mappings: list[Mapping] = []
    sequences: dict[str, Sequence] = {}
    tuples: dict[tuple[object, ...], TupleOf] = {}
    replies: dict[tuple[str, int | None, bool], Reply] = {}
    others: list[Shape] = []
    for shape in shapes:
        if isinstance(shape, Scalar):
            known = scalars.get(shape.kind)
            scalars[shape.kind] = shape if known is None or known == shape else Scalar(shape.kind)
        elif isinstance(shape, Mapping):
            mappings.append(shape)
        elif isinstance(shape, Sequence):
            before = sequences.get(shape.kind)
            sequences[shape.kind] = (
                shape
                if before is None
                else Sequence(shape.kind, join([before.item, shape.item]), before.sites | shape.sites)
            )
        elif isinstance(shape, TupleOf):
            group = _group(shape)
            same = tuples.get(group)
            tuples[group] = (
                shape
                if same is None
                else TupleOf(tuple(join(pair) for pair in zip(same.items, shape.items, strict=True)))
            )
        elif isinstance(shape, Reply):
            key = shape.body, shape.status, shape.headers
            like = replies.get(key)
            replies[key] = shape if like is None else replace(shape, payload=join([like.payload, shape.payload]))
        else:
            others.append(shape)
    found: list[Shape] = [*scalars.values(), *_merged_mappings(mappings), *sequences.values()]
    found += [*tuples.values(), *replies.values(), *others]
    return found


def _group(shape: TupleOf) -> tuple[object, ...]:
    """Tuples that become one: those of one length, but answers with different statuses stay apart."""
    status = shape.items[1] if len(shape.items) > 1 else None
    if not isinstance(status, Scalar) or not isinstance(status.value, int) or not 100 <= status.value <= 599:
        return (len(shape.items),)
    is_answer = any(isinstance(m, (Reply, Mapping)) or widened(m) == STR for m in members(shape.items[0]))
    return (len(shape.items), status.value) if is_answer else (len(shape.items),)


def _merged_mappings(mappings: list[Mapping]) -> list[Mapping]:
    """Dicts with the same keys become one; so do an empty one and any other, and all of them where they are many."""
    groups: dict[tuple[bool, frozenset[str]], Mapping] = {}
    for mapping in mappings:
        key = mapping.is_closed, frozenset(field.key for field in mapping.fields)
        groups[key] = both(groups[key], mapping) if key in groups else mapping
    found = list(groups.values())
    empty = [m for m in found if m.is_closed and not m.fields]
    is_open = [m for m in found if not m.is_closed]
    if len(found) > 1 and (empty or is_open or len(found) > MAX_MEMBERS // 2):
        first, *rest = found
        for mapping in rest:
            first = both(first, mapping)
        return [first]
    return found


def both(one: Mapping, other: Mapping) -> Mapping:
    """One mapping that covers two."""
    fields: dict[str, Field] = {}
    for mine, theirs in ((one, other), (other, one)):
        for field in mine.fields:
            if field.key in fields:
                continue
            same = theirs.field(field.key)
            if same is None:
                fields[field.key] = replace(field, always=False)
            else:
                fields[field.key] = Field(field.key, join([field.shape, same.shape]), field.always and same.always)
    return Mapping(
        tuple(fields.values()),
        join([one.values, other.values]),
        join([one.keys, other.keys]),
        one.name if one.name == other.name else one.name or other.name if not (one.fields and other.fields) else "",
        one.sites | other.sites,
    )


def shallow(shape: Shape, depth: int = MAX_DEPTH) -> Shape:
    """The shape with what lies deeper than `depth` containers forgotten."""
    if isinstance(shape, (Mapping, Sequence, TupleOf, Union, Reply)) and depth <= 0:
        return UNKNOWN
    if isinstance(shape, Mapping):
        fields = tuple(replace(field, shape=shallow(field.shape, depth - 1)) for field in shape.fields)
        return replace(shape, fields=fields, values=shallow(shape.values, depth - 1))
    if isinstance(shape, Sequence):
        return replace(shape, item=shallow(shape.item, depth - 1))
    if isinstance(shape, TupleOf):
        return TupleOf(tuple(shallow(item, depth - 1) for item in shape.items))
    if isinstance(shape, Union):
        return join(shallow(member, depth) for member in shape.members)
    return shape


def without_none(shape: Shape) -> Shape:
    """The shape of a value that is not None."""
    return join(member for member in members(shape) if member != NONE)


def is_none_possible(shape: Shape) -> bool:
    return any(member == NONE or isinstance(member, (Unknown, Json)) for member in members(shape))


def widened(shape: Shape) -> Shape:
    """The shape without the values of literals."""
    if isinstance(shape, Scalar):
        return Scalar(shape.kind)
    if isinstance(shape, Union):
        return join(widened(member) for member in shape.members)
    if isinstance(shape, TupleOf):
        return TupleOf(tuple(widened(item) for item in shape.items))
    return shape


def settled(shape: Shape) -> Shape:
    """The shape without the values of literals, all the way down."""
    if isinstance(shape, Mapping):
        fields = tuple(replace(field, shape=settled(field.shape)) for field in shape.fields)
        return replace(shape, fields=fields, values=settled(shape.values))
    if isinstance(shape, Sequence):
        return replace(shape, item=settled(shape.item))
    if isinstance(shape, TupleOf):
        return TupleOf(tuple(settled(item) for item in shape.items))
    if isinstance(shape, Union):
        return join(settled(member) for member in shape.members)
    return widened(shape)


def sites_of(shape: Shape) -> Iterator[Site]:
    """The places that made the list or dict that a value is."""
    for member in members(shape):
        if isinstance(member, (Mapping, Sequence)):
            yield from member.sites


def is_vague(shape: Shape) -> bool:
    """Whether some part of a shape is not known."""
    if isinstance(shape, Mapping):
        return any(is_vague(field.shape) for field in shape.fields) or is_vague(shape.values)
    if isinstance(shape, Sequence):
        return is_vague(shape.item)
    if isinstance(shape, TupleOf):
        return any(is_vague(item) for item in shape.items)
    if isinstance(shape, Union):
        return any(is_vague(member) for member in shape.members)
    return isinstance(shape, Unknown)


def describe(shape: Shape) -> str:
    """A shape as people would write it: `{id: int, note?: str | None}`, `list[Order]`."""
    if isinstance(shape, Scalar):
        return "None" if shape.kind == "none" else shape.kind
    if isinstance(shape, Mapping):
        parts = [f"{field.key}{'' if field.always else '?'}: {describe(field.shape)}" for field in shape.fields]
        if not shape.is_closed:
            parts.append(f"...: {describe(shape.values)}")
        return "{" + ", ".join(parts) + "}"
    if isinstance(shape, Sequence):
        return f"{shape.kind}[{describe(shape.item)}]"
    if isinstance(shape, TupleOf):
        return "(" + ", ".join(describe(item) for item in shape.items) + ")"
    if isinstance(shape, Union):
        return " | ".join(sorted(dict.fromkeys(describe(m) for m in shape.members), key=lambda t: (t == "None", t)))
    if isinstance(shape, (Instance, Function)):
        return shape.name
    if isinstance(shape, ClassOf):
        return f"type[{shape.name}]"
    if isinstance(shape, (External, ModuleOf)):
        return f"<{shape.name}>"
    if isinstance(shape, Foreign):
        return f"<{shape.kind}>" if isinstance(shape.item, Unknown) else f"<{shape.kind} of {describe(shape.item)}>"
    if isinstance(shape, Reply):
        what = f"{shape.body} {describe(shape.payload)}" if shape.body == "json" else shape.body
        return (
            f"reply({shape.status if shape.status is not None else '?'} {what}{' +headers' if shape.headers else ''})"
        )
    return type(shape).__name__.lower()
