"""The values that say how a JSON body (or a form, or a query) is used."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from migrator.infer.shapes import Shape
from migrator.module import Module
from migrator.project.model import FunctionId


@dataclass(frozen=True, eq=False, slots=True)
class Access:
    """One expression that asks for a key. `kind`: "subscript", "get", "pop", "setdefault", "in", "not in", "store",
    "delete"; `depth` counts the calls between the view and the function that it stands in."""

    module: Module
    function: FunctionId
    node: ast.expr
    key: str
    kind: str
    default: ast.expr | None = None
    depth: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Escape:
    """A use of the whole value that needs a real dict (or list). `kind`: "passed" (to `function`, a function or class
    of the project), "unknown call", "spread", "iterated", "returned", "stored", "dynamic" key, "keys", "method",
    "changed", "compared", "formatted", "sized"."""

    module: Module
    node: ast.AST
    kind: str
    function: FunctionId | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Coercion:
    """A conversion of the value, as `int(...)`. `caught` are the errors for which the function has its own answer."""

    name: str  # "int", "float", "str", "bool", or a dotted name: "decimal.Decimal", "datetime.date.fromisoformat"
    caught: tuple[str, ...] = ()
    is_only_use: bool = True  # whether nothing else is done with the value as it came


@dataclass(frozen=True, eq=False, slots=True)
class KeyUse:
    """How the value under one key (or the items of a list) is used.

    `type`: "str", "int", "float", "number" (int or float, kept as it is), "bool", "list", "dict" or "any".
    `strict`: every request with a value of another type failed, or the value was converted: it may be narrowed.
    Without it the type only documents. `required`: without the key Flask failed (with its own 500).
    """

    name: str
    type: str = "any"
    strict: bool = False
    required: bool = False
    is_tested: bool = False  # for presence or truth; then the view's own answer is to be kept
    is_truth_tested: bool = False  # what is false (0, "", null) has an answer of the view's own
    missing_caught: bool = False  # a KeyError is answered by the view
    nullable: bool = False  # None is let through
    default: ast.expr | None = None  # of `.get(key, default)`
    default_text: str | None = None  # the same as code; None where there is none, or several
    default_shape: Shape | None = None
    is_constant_default: bool = False
    fallback: ast.expr | None = None  # of `data.get(key) or fallback`
    coercion: Coercion | None = None
    evidence: tuple[str, ...] = ()
    body: BodyUse | None = None  # of a nested object
    item: KeyUse | None = None  # of the items of a list
    accesses: tuple[Access, ...] = ()
    is_late: bool = False  # required, but for what else is missing the app may have answered before


@dataclass(frozen=True, eq=False, slots=True)
class BodyUse:
    """How an object is used: key by key, each access, and where it is needed as a whole."""

    keys: tuple[KeyUse, ...] = ()
    accesses: tuple[Access, ...] = ()
    escapes: tuple[Escape, ...] = ()
    may_be_other: bool = False  # tested with isinstance: other JSON than an object has an answer
    may_be_none: bool = False  # tested for None or truth, or `or {}`
    is_truth_tested: bool = False
    fallback: ast.expr | None = None  # of `get_json() or fallback`
    is_mixed: bool = False  # the same name holds something else on other paths
    forbids_extra: bool = False  # another key made Flask fail
    item: KeyUse | None = None  # where the body is used as a list

    def key(self, name: str) -> KeyUse | None:
        return next((key for key in self.keys if key.name == name), None)
