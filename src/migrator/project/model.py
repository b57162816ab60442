"""The values of a linked project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from migrator.project.facts import Constructed, Registration

FunctionId: TypeAlias = tuple[str, str]  # module, qualname
ObjectId: TypeAlias = tuple[str, str, str]  # module, scope, target of the assignment


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """What a reference leads to. `kind`: "function", "class", "object", "instance", "module" or "external"."""

    kind: str
    module: str
    name: str = ""
    scope: str = ""

    @property
    def object_id(self) -> ObjectId:
        return self.module, self.scope, self.name

    @property
    def function_id(self) -> FunctionId:
        return self.module, self.name


@dataclass(frozen=True, slots=True)
class Placed:
    """A registration and the module it stands in."""

    module: str
    fact: Registration


@dataclass(frozen=True, slots=True)
class Router:
    """An app or a blueprint."""

    id: ObjectId
    fact: Constructed

    @property
    def is_app(self) -> bool:
        return self.fact.kind == "flask.Flask"


@dataclass(frozen=True, slots=True)
class Mounted:
    """A blueprint as it was registered: the name and the prefix that its routes get there."""

    app: ObjectId | None  # None for a blueprint that nobody registers
    blueprint: ObjectId
    name: str
    prefix: str | None  # None: not known
    registration: Placed | None


@dataclass(frozen=True, slots=True)
class Route:
    """One rule of Flask's URL map."""

    rule: str  # "?" where it is not known before the app runs
    endpoint: str
    methods: tuple[str, ...]  # as given or by default, without the automatic ones
    registration: Placed
    router: ObjectId | None
    view: Entity | None  # function or class


@dataclass(frozen=True, slots=True)
class HookEntry:
    """A hook, and the registration in the app's own code behind which it can be added to the app."""

    place: Placed
    at: Placed
    blueprint: str  # the name of the blueprint whose routes it is for, "" for all
    endpoints: tuple[str, ...] = ()
