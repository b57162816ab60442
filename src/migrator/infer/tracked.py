"""What is collected about a value while it is followed."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.infer.asked import Path
from migrator.infer.shapes import (
    Instance,
    Mapping,
    Scalar,
    Shape,
    TupleOf,
    Unknown,
    join,
    members,
)
from migrator.infer.shapes import Sequence as SequenceOf
from migrator.infer.text import source_of
from migrator.infer.uses import Access, Coercion, Escape
from migrator.module import Module

if TYPE_CHECKING:
    pass


@dataclass(slots=True)
class Fact:
    """One thing that a use says about the type. `strength`: 3 it failed otherwise, 2 the app checks it, 1 it is stored
    or compared as such, 0 the type of a default."""

    type: str
    strength: int
    text: str


@dataclass(slots=True)
class Value:
    """What is collected about one value; the builder of `KeyUse` and `BodyUse`."""

    name: str = ""
    facts: list[Fact] = field(default_factory=list)
    keys: dict[str, Value] = field(default_factory=dict)
    item: Value | None = None
    accesses: list[Access] = field(default_factory=list)  # to its keys
    own: list[Access] = field(default_factory=list)  # that give it
    escapes: list[Escape] = field(default_factory=list)
    needed: list[Path] = field(default_factory=list)  # where Flask fails without it
    optional: bool = False
    missing_caught: bool = False
    tested: bool = False
    truth_tested: bool = False
    none_tested: bool = False
    kind_tested: bool = False
    mixed: bool = False
    forbids_extra: bool = False
    defaults: list[tuple[Module, ast.expr]] = field(default_factory=list)
    has_plain_get: bool = False
    fallback: ast.expr | None = None
    coercions: list[Coercion] = field(default_factory=list)
    raw: int = 0  # uses of the value as it came
    fills: list[tuple[Module, ast.expr]] = field(default_factory=list)  # that may store under any key

    def key(self, name: str) -> Value:
        if name not in self.keys:
            self.keys[name] = Value(name)
        return self.keys[name]

    def items(self) -> Value:
        if self.item is None:
            self.item = Value("item")
        return self.item


@dataclass(frozen=True, slots=True)
class Way:
    """How the place was reached: how many calls deep, and whether on every path."""

    depth: int = 0
    always: bool = True
    caught: frozenset[str] = frozenset()


def classes_of(shape: Shape) -> set[str]:
    """The JSON types of a shape; empty where one of them is not known."""
    found: set[str] = set()
    for member in members(shape):
        if isinstance(member, Scalar):
            kind = {"datetime": "str", "date": "str", "uuid": "str", "decimal": "number", "time": "str"}.get(
                member.kind, member.kind
            )
            if kind not in ("str", "int", "float", "number", "bool", "none"):
                return set()
            found.add(kind)
        elif isinstance(member, Mapping):
            found.add("dict")
        elif isinstance(member, (SequenceOf, TupleOf)):
            found.add("list")
        elif isinstance(member, Instance) and member.base in ("str", "int"):
            found.add(member.base)
        else:
            return set()
    return found


def container_item(shape: Shape) -> Shape:
    """The keys of a dict, the items of a list."""
    found: list[Shape] = []
    for member in members(shape):
        if isinstance(member, Mapping):
            found += [Scalar("str")] if member.fields else []
            found.append(member.keys)
        elif isinstance(member, SequenceOf):
            found.append(member.item)
        elif isinstance(member, TupleOf):
            found += member.items
        else:
            return Unknown()
    return join(found)


def settled(facts: Sequence[Fact]) -> tuple[str, bool, tuple[str, ...]]:
    """The type that the facts agree on, whether it is certain, and the facts that say so."""
    for strength in (3, 2, 1, 0):
        kinds = {fact.type for fact in facts if fact.strength == strength}
        if not kinds:
            continue
        if len(kinds) > 1 and kinds <= {"int", "float", "number", "bool"}:
            if kinds == {"bool", "number"} and strength < 3:
                kinds = {"bool"}  # a truth value can be multiplied
            else:
                kinds = (
                    {"int"} if kinds == {"int", "number"} else {"float"} if kinds == {"float", "number"} else {"number"}
                )
        if kinds > {"list"} and kinds <= {"list", "str", "dict"}:
            kinds = kinds - {"list"}
        if len(kinds) > 1:
            return "any", False, ()
        kind = kinds.pop()
        if kind == "number":
            weaker = {f.type for f in facts if f.type in ("int", "float")}
            if weaker == {"int"} and any(f.type == "int" and f.strength >= 1 for f in facts):
                kind = "int"
                strength = min(strength, 2)
        if kind == "none":
            continue
        texts = tuple(dict.fromkeys(f.text for f in facts if f.type in (kind, "number") or f.strength == strength))
        return kind, strength == 3, texts
    return "any", False, ()


def text_of(module: Module, node: ast.AST) -> str:
    text = " ".join(source_of(module, node).split())
    return f"line {getattr(node, 'lineno', 0)}: {text if len(text) <= 60 else text[:57] + '...'}"
