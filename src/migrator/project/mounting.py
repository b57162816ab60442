"""How apps that stay Flask are served by FastAPI: which names hold them, and which of these become the FastAPI app.

A *holder* is a name at the top of a module that is given the app, a *factory* a function at the top of one that returns
it. What only serves the app (`app.run()`, a name that a server is told) goes over to FastAPI; all else stays Flask.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

from migrator.module import Binding, FunctionNode, Module, Scope
from migrator.project.grouping import grouped
from migrator.project.model import ObjectId
from migrator.project.servers import servings
from migrator.syntax import argument, reference, reference_or_call

if TYPE_CHECKING:
    from migrator.project.project import Project

Place: TypeAlias = tuple[str, str]  # module, and a name at its top

BRIDGES = ("WSGIMiddleware", "FlaskMount")  # what makes an ASGI app of a WSGI app
FACTORY = re.compile(r"(?:create|make|build)_(?:\w+_)?app(?:lication)?\Z")
SERVED = re.compile(r"(?:app|application|wsgi|asgi|server)\Z")  # what servers look for
STARTING = re.compile(r"(?:__init__|__main__|wsgi|asgi|main|run|runserver|server|serve|app|application)\Z")


@dataclass(frozen=True, eq=False, slots=True)
class Read:
    """Where a holder or factory is read. `alias` is the import that gave it its name here, if one did."""

    module: Module
    node: ast.Name | ast.Attribute
    place: Place
    alias: ast.alias | None
    path: tuple[Place, ...]  # the imports that lead from here to it


@dataclass(frozen=True, eq=False, slots=True)
class Local:
    """An app that a function makes and serves itself, and the reads of its name that go on meaning the Flask app."""

    module: Module
    statement: ast.Assign | ast.AnnAssign
    target: ast.Name
    flask: str
    asked: tuple[ast.Name, ...]
    served: tuple[ast.expr, ...]


class Mounting:
    """What becomes of the names of some apps. `apps` stay Flask and are to be mounted."""

    def __init__(self, project: Project, apps: frozenset[ObjectId]) -> None:
        self.project, self.names, self.apps = project, project.names, apps
        self._servers: dict[Module, set[ast.expr]] = {}

    # -- what holds an app -----------------------------------------------------------------------------------------

    @cached_property
    def holders(self) -> dict[Place, tuple[Binding, ...]]:
        """The names at the top of modules that are given an app, and where they are."""
        found: dict[Place, tuple[Binding, ...]] = {}
        for name, facts in self.names.modules.items():
            given = [n for (scope, n), bs in facts.bindings.items() if not scope and any(map(_is_value, bs))]
            held = [n for n in given if self._is_app(name, "", n)]
            module = self.project.store.module(name) if held else None
            for one in held:
                bindings = module.scope.bindings.get(one, []) if module is not None else []
                if module is not None and all(_given(module, b) is not None for b in bindings):
                    found[name, one] = tuple(bindings)
        return found

    @cached_property
    def factories(self) -> dict[Place, FunctionNode]:
        """The functions at the top of modules that return an app."""
        found: dict[Place, FunctionNode] = {}
        for name, facts in self.names.modules.items():
            for function in facts.functions:
                is_plain = "." not in function.qualname and not function.fixture and not function.is_async
                if not is_plain or not function.returns or not self._is_app(name, "", f"{function.qualname}()"):
                    continue
                module = self.project.store.module(name)
                node = module.functions.get(function.qualname) if module is not None else None
                if module is not None and node is not None and node not in module.yields:
                    found[name, function.qualname] = node
        return found

    def _is_app(self, module: str, scope: str, ref: str) -> bool:
        found = self.names.resolve(module, scope, ref)
        return bool(found) and all(e.kind == "object" and e.object_id in self.apps for e in found)

    def _defined(self, dotted: str) -> tuple[Place, tuple[Place, ...]] | None:
        """The holder or factory that a dotted name leads to, and the imports on the way there."""
        path: list[Place] = []
        while len(path) < 8:
            home, _, name = dotted.rpartition(".")
            if home not in self.names.modules:
                return None
            if (home, name) in self.holders or (home, name) in self.factories:
                return (home, name), tuple(path)
            bindings = self.names.modules[home].bindings.get(("", name), ())
            targets = {b.removeprefix("import:") for b in bindings if b.startswith("import:")}
            if len(targets) != 1:
                return None
            path.append((home, name))
            dotted = targets.pop()
        return None

    # -- where it is read ------------------------------------------------------------------------------------------

    @cached_property
    def reads(self) -> list[Read]:
        """Every read of a holder or factory, by whatever name."""
        homes = {home for home, _ in (*self.holders, *self.factories)}
        words = {name for _, name in (*self.holders, *self.factories)}
        found: list[Read] = []
        for name, facts in self.names.modules.items():
            near = name in homes or words & {t.rpartition(".")[2] for t in _imported(facts.bindings)}
            module = (
                self.project.store.module(name) if near or facts.stars or homes & _imported(facts.bindings) else None
            )
            if module is not None:
                found += self._reads_in(module)
        return found

    def _reads_in(self, module: Module) -> Iterator[Read]:
        for load, scope in module.loads:
            if (known := scope.lookup(load.id)) is None:
                for star in module.stars:
                    if (target := self._defined(f"{star}.{load.id}")) is not None:
                        yield Read(module, load, target[0], None, target[1])
                        break
                continue
            owner, bindings = known
            aliases = [b for b in bindings if b.kind == "import"]
            if aliases:
                target = self._defined(aliases[0].target)
                if target is not None and isinstance(alias := aliases[0].node, ast.alias):
                    yield Read(module, load, target[0], alias, target[1])
            elif owner is module.scope and (place := (module.name, load.id)) in {**self.holders, **self.factories}:
                yield Read(module, load, place, None, ())
        for node in module.nodes(ast.Attribute):
            if isinstance(node.value, (ast.Name, ast.Attribute)) and (dotted := module.dotted(node)):
                if (target := self._defined(dotted)) is not None:
                    yield Read(module, node, target[0], None, target[1])

    @cached_property
    def _by_place(self) -> dict[Place, list[Read]]:
        return grouped((read.place, read) for read in self.reads)

    # -- who only serves it ----------------------------------------------------------------------------------------

    @cached_property
    def served(self) -> dict[str, list[ast.expr]]:
        """The reads (and calls of factories) that are for the FastAPI app, by module."""
        found: list[tuple[str, ast.expr]] = []
        for read in self.reads:
            whole = self._whole(read)
            if whole is not None and (served := self._serves(read.module, whole, frozenset())) is not None:
                found += ((read.module.name, node) for node in (read.node, whole, *served))
        found += ((one.module.name, node) for one in self.local for node in one.served)
        return grouped(found)

    def is_served(self, module: Module, node: ast.AST) -> bool:
        """Whether an expression is the FastAPI app."""
        return any(node is one for one in self.served.get(module.name, ()))

    def _whole(self, read: Read) -> ast.expr | None:
        """The app itself at a read: of a factory, the call."""
        if read.place in self.holders:
            return read.node
        parent = read.module.parents[read.node]
        return parent if isinstance(parent, ast.Call) and parent.func is read.node else None

    def _serves(self, module: Module, node: ast.expr, seen: frozenset[Place]) -> list[ast.expr] | None:
        """Where an app that stands somewhere only serves: what it goes through; None where more is asked of it."""
        if is_test(self.names.modules[module.name].path) or self._is_in_factory(module, node):
            return None
        parent = module.parents[node]
        if isinstance(parent, ast.Attribute) and parent.attr == "run":
            call = module.parents[parent]
            return [] if isinstance(call, ast.Call) and call.func is parent else None
        if isinstance(parent, ast.Expr) or node in self._given_to_servers(module):
            return []
        name = _target(parent)
        if name is None or getattr(parent, "value", None) is not node:
            return None
        if module.function_of(node) is None:
            place = module.name, name
            if place not in self.holders or place in seen:
                return None
            reads = self._by_place.get(place, [])
            found = [self._serves(read.module, read.node, seen | {place}) for read in reads]
            return None if None in found else []
        loads = _loads(module, module.scope_of(node), name)
        parts = [self._serves(module, load, seen) for load in loads]
        return None if None in parts else [*loads, *(n for part in parts if part for n in part)]

    def _given_to_servers(self, module: Module) -> set[ast.expr]:
        if module not in self._servers:
            self._servers[module] = {one.app for one in servings(module) if one.is_followed}
        return self._servers[module]

    def _is_in_factory(self, module: Module, node: ast.AST) -> bool:
        function = module.function_of(node)
        return function is not None and (module.name, module.scopes[function].qualname) in self.factories

    # -- what gets another name ------------------------------------------------------------------------------------

    @cached_property
    def split(self) -> dict[Place, str]:
        """The holders that become two names: the Flask app's new one for each. The FastAPI app gets the old one."""
        found: dict[Place, str] = {}
        for module, name in self.holders:
            if is_test(self.names.modules[module].path) or self.is_mounted(module, name):
                continue
            is_first = (module, "", name) in self.apps
            reads = self._by_place.get((module, name), [])
            is_asked = any(self._serves(r.module, r.node, frozenset({(module, name)})) is None for r in reads)
            is_public = bool(SERVED.search(name) or STARTING.search(module.rpartition(".")[2]))
            if (is_first and not self.renamed) or (is_public and (is_first or is_asked)):
                prefix, plain = "_" * name.startswith("_"), name.removeprefix("_")
                new = f"{prefix}{'flask' if 'flask' not in name else 'wsgi'}_{plain}"
                found[module, name] = self._free(module, new)
        return found

    @cached_property
    def renamed(self) -> dict[Place, str]:
        """The factories that go on making the Flask app under a new name; the old one makes the FastAPI app."""
        inner = {r.place for r in self.reads if r.place in self.factories and self._is_in_factory(r.module, r.node)}
        found: dict[Place, str] = {}
        for module, name in self.factories:
            if (
                (module, name) in inner
                or is_test(self.names.modules[module].path)
                or self.is_mounted(module, f"{name}()")
            ):
                continue
            is_served = any(self.is_served(r.module, r.node) for r in self._by_place.get((module, name), []))
            is_only = all(app[1] for app in self._apps_of(module, name))
            if FACTORY.match(name) or is_served or is_only:
                new = re.sub(r"(?=app(?:lication)?\Z)", "flask_", name, count=1)
                found[module, name] = self._free(module, new if new != name else f"{name}_flask")
        return found

    def _apps_of(self, module: str, factory: str) -> list[ObjectId]:
        found = self.names.resolve(module, "", f"{factory}()")
        return [entity.object_id for entity in found if entity.kind == "object"]

    def _free(self, module: str, name: str) -> str:
        bindings = self.names.modules[module].bindings
        while ("", name) in bindings:
            name = f"{name}_"
        return name

    def is_mounted(self, module: str, ref: str) -> bool:
        """Whether what a name holds is mounted already."""
        return any(
            e.kind == "object" and e.object_id in self.project.mounted_apps for e in self.names.resolve(module, "", ref)
        )

    @cached_property
    def local(self) -> list[Local]:
        """The apps that are made in a function which serves them."""
        found: list[Local] = []
        for home, scope, name in sorted(self.apps):
            module = self.project.store.module(home) if scope and name.isidentifier() else None
            function = module.functions.get(scope) if module is not None else None
            if module is None or function is None or is_test(module.path) or (home, scope) in self.factories:
                continue
            inside = module.scopes[function]
            bindings = inside.bindings.get(name, [])
            statement = module.parents.get(bindings[0].node) if len(bindings) == 1 else None
            if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or _target(statement) != name:
                continue
            served, asked = [], []
            for load in _loads(module, inside, name):
                parts = self._serves(module, load, frozenset())
                if parts is None:
                    asked.append(load)
                else:
                    served += [load, *parts]
            if served:
                target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
                assert isinstance(target, ast.Name)
                new = "flask_app" if name != "flask_app" else "wsgi_app"
                found.append(Local(module, statement, target, new, tuple(asked), tuple(served)))
        return found

    def new_name(self, place: Place) -> str | None:
        """What a holder or factory is called from now on, where the Flask app is meant."""
        return self.split.get(place) or self.renamed.get(place)

    @cached_property
    def flask_reads(self) -> list[Read]:
        """The reads that go on meaning the Flask app, of what has another name now."""
        return [r for r in self.reads if self.new_name(r.place) and not self.is_served(r.module, r.node)]

    @cached_property
    def passed_on(self) -> dict[Place, str]:
        """The imported names that other modules take from where they are imported, and the new name to be had there."""
        return {hop: self.new_name(read.place) or "" for read in self.flask_reads for hop in read.path}

    @cached_property
    def mounting(self) -> frozenset[str]:
        """The modules in which there is a place to mount an app."""
        places = {module for module, _ in (*self.split, *self.renamed)}
        return frozenset(places | {one.module.name for one in self.local})


def mounted_apps(project: Project) -> frozenset[ObjectId]:
    """The Flask apps that an earlier run, or somebody else, has mounted."""
    found: set[ObjectId] = set()
    for name, facts in project.modules.items():
        if not any(call.callee.rpartition(".")[2] in BRIDGES for call in facts.calls):
            continue
        module = project.store.module(name)
        for call in module.calls if module is not None else ():
            if module is not None and reference(call.func).rpartition(".")[2] in BRIDGES:
                app = argument(call, 0, "app")
                if app is not None and reference_or_call(app):
                    found |= {r for r in project.routers_at(module, app) if project.routers[r].is_app}
    return frozenset(found)


def is_test(path: str) -> bool:
    """Whether a file belongs to the tests."""
    parts = PurePosixPath(path).parts
    return any(p in ("tests", "test", "testing") for p in parts) or parts[-1].startswith(("test_", "conftest"))


def _imported(bindings: dict[Place, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(b.removeprefix("import:") for bs in bindings.values() for b in bs if b.startswith("import:"))


def _is_value(binding: str) -> bool:
    return binding.startswith(("call:", "ref:"))


def _given(module: Module, binding: Binding) -> ast.expr | None:
    """The value of a plain assignment of one name."""
    statement = module.parents.get(binding.node)
    return getattr(statement, "value", None) if _target(statement) else None


def _target(statement: ast.AST | None) -> str | None:
    """The only name that an assignment gives a value."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def _loads(module: Module, scope: Scope, name: str) -> list[ast.Name]:
    """Where a name that is bound in a scope is read."""
    return [load for load, at in module.loads if load.id == name and _owner(at, name) is scope]


def _owner(scope: Scope, name: str) -> Scope | None:
    found = scope.lookup(name)
    return found[0] if found is not None else None
