"""The linked project, as codemods ask it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from weakref import WeakKeyDictionary

from migrator.location import Span
from migrator.module import FunctionNode, Module
from migrator.project.decorators import (
    Decoration,
    Decorator,
    class_decorations,
    decorations_on,
    decorator_of,
    is_response,
    is_transparent,
)
from migrator.project.dependencies import Dependency, changes_of_state, find_dependencies
from migrator.project.errors import Errors
from migrator.project.facts import FunctionFacts, ModuleFacts
from migrator.project.flask_names import FLASK_MODULES, HANDLERS, HOOKS, METHODS, ROUTE_METHODS, canonical
from migrator.project.grouping import grouped
from migrator.project.guards import Guards, find_guards
from migrator.project.kinds import Kinds
from migrator.project.link import Names, mounts, placed, routes
from migrator.project.model import Entity, FunctionId, HookEntry, Mounted, ObjectId, Placed, Route, Router
from migrator.project.mounting import Mounting, mounted_apps
from migrator.project.moved import MovedRoute, moved_routes
from migrator.project.pages import Pages, read_pages
from migrator.project.plain_calls import Namings
from migrator.project.requests import RequestUses, read_requests, reads_of_request
from migrator.project.returned import own_returns
from migrator.project.store import Store
from migrator.project.url_values import UrlValues, url_values
from migrator.project.view_classes import ViewClass, view_class
from migrator.support import CONTEXT_READERS
from migrator.syntax import function_scope, reference, reference_or_call
from migrator.words import singular


@dataclass(eq=False)
class Project:
    """All files together. `support` are the names that migrated code takes from the support package, once known."""

    root: Path
    modules: Mapping[str, ModuleFacts]
    store: Store
    support: frozenset[str] = frozenset()
    mount: bool = True
    style: str = "contract"
    staying: frozenset[ObjectId] = frozenset()  # apps that stay Flask, and are to be mounted
    moving: frozenset[ObjectId] = frozenset()  # blueprints that move while their apps stay
    _requests: dict[FunctionId, RequestUses] = field(default_factory=dict)
    _view_classes: dict[FunctionId, ViewClass | None] = field(default_factory=dict)
    _decorators: dict[FunctionId, Decorator | None] = field(default_factory=dict)
    _decorations: dict[FunctionId, tuple[Decoration, ...]] = field(default_factory=dict)
    _canonical: dict[str, str] = field(default_factory=dict)
    _is_called: dict[FunctionId, bool] = field(default_factory=dict)
    _endpoints: dict[FunctionId, tuple[str, ...]] = field(default_factory=dict)
    _request_reads: WeakKeyDictionary[Module, dict[FunctionNode | None, list[ast.expr]]] = field(
        default_factory=WeakKeyDictionary
    )
    _calls: WeakKeyDictionary[Module, dict[str, list[ast.Call]]] = field(default_factory=WeakKeyDictionary)
    _flask_reads: WeakKeyDictionary[Module, list[tuple[ast.expr, str]]] = field(default_factory=WeakKeyDictionary)

    def part(
        self,
        modules: Mapping[str, ModuleFacts],
        staying: frozenset[ObjectId] = frozenset(),
        moving: frozenset[ObjectId] = frozenset(),
    ) -> Project:
        """A project with these modules alone, or with other facts of them, in which some apps stay Flask, and only
        some blueprints of these apps move."""
        return Project(
            self.root, modules, self.store, mount=self.mount, style=self.style, staying=staying, moving=moving
        )

    def supported_by(self, support: frozenset[str]) -> Project:
        """The project once it is known what migrated code takes from the support package. All else stays as it was
        found out."""
        known = copy(self)
        known.support = support
        return known

    @cached_property
    def names(self) -> Names:
        return Names(self.modules)

    @cached_property
    def registrations(self) -> list[tuple[Placed, list[ObjectId]]]:
        """Everything that is registered on an app or blueprint."""
        return list(placed(self.names))

    @cached_property
    def mounted(self) -> list[Mounted]:
        return mounts(self.names, self.registrations)

    @cached_property
    def routes(self) -> list[Route]:
        """Flask's URL map."""
        return routes(self.names, self.registrations, self.mounted)

    @cached_property
    def routers(self) -> dict[ObjectId, Router]:
        return self.names.routers

    @cached_property
    def views(self) -> dict[FunctionId, tuple[Route, ...]]:
        """The functions that answer requests, methods of view classes too, and their routes."""
        found: dict[FunctionId, list[Route]] = {}
        for route in self.routes:
            if route.view is None:
                continue
            if route.view.kind == "function":
                found.setdefault(route.view.function_id, []).append(route)
            else:
                known = route.methods and {*route.methods, *(["HEAD"] if "GET" in route.methods else [])}
                answering = (m.lower() for m in METHODS if not known or m in known)
                for name in (*answering, "dispatch_request"):
                    if (method := self.names.method_of(route.view.function_id, name)) is not None:
                        found.setdefault(method, []).append(route)
        return {key: tuple(value) for key, value in sorted(found.items())}

    @cached_property
    def hooked(self) -> dict[FunctionId, str]:
        """The functions that are hooks or error handlers, and what they are registered as."""
        found: dict[FunctionId, str] = {}
        for place, _ in self.registrations:
            fact = place.fact
            if fact.method in HOOKS or fact.method in HANDLERS:
                if fact.function:
                    found[place.module, fact.function] = fact.method
                else:
                    for entity in sorted(self.names.resolve(place.module, fact.scope, fact.view)):
                        if entity.kind == "function":
                            found[entity.function_id] = fact.method
        return found

    @cached_property
    def apps(self) -> tuple[Router, ...]:
        """Those routers that are apps."""
        return tuple(router for router in self.routers.values() if router.is_app)

    def router_made_by(self, module: Module, call: ast.Call) -> Router | None:
        """The app or blueprint that a constructor's call makes, if it gets a name."""
        return self._routers_by_place.get((module.name, module.span(call)))

    @cached_property
    def _routers_by_place(self) -> dict[tuple[str, Span], Router]:
        found: dict[tuple[str, Span], Router] = {}
        for router in self.routers.values():
            found.setdefault((router.id[0], router.fact.span), router)
        return found

    def mounts_of(self, blueprint: ObjectId) -> list[Mounted]:
        """The places at which a blueprint is registered."""
        return self._mounts.get(blueprint, [])

    @cached_property
    def _mounts(self) -> dict[ObjectId, list[Mounted]]:
        return grouped((mount.blueprint, mount) for mount in self.mounted)

    def mounts_by(self, module: str, call: Span) -> list[Mounted]:
        """What a call that registers a blueprint mounts."""
        return self._mounts_by_call.get((module, call), [])

    @cached_property
    def _mounts_by_call(self) -> dict[tuple[str, Span], list[Mounted]]:
        known = ((mount.registration, mount) for mount in self.mounted)
        return grouped(((place.module, place.fact.span), mount) for place, mount in known if place is not None)

    def mounts_around(self, mount: Mounted) -> list[Mounted]:
        """The mounts of an app under a name or a part of it from the left."""
        parts = mount.name.split(".")
        names = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
        return [one for name in names for one in self._mounts_by_name.get((mount.app, name), ())]

    @cached_property
    def _mounts_by_name(self) -> dict[tuple[ObjectId | None, str], list[Mounted]]:
        return grouped(((mount.app, mount.name), mount) for mount in self.mounted)

    def routes_in(self, module: str) -> list[Route]:
        """The routes that a module registers."""
        return self._routes_by_module.get(module, [])

    @cached_property
    def _routes_by_module(self) -> dict[str, list[Route]]:
        return grouped((route.registration.module, route) for route in self.routes)

    def routes_to(self, owner: FunctionId) -> list[Route]:
        """The routes whose view is a class."""
        return self._routes_by_class.get(owner, [])

    @cached_property
    def _routes_by_class(self) -> dict[FunctionId, list[Route]]:
        made = (route for route in self.routes if route.view is not None and route.view.kind == "class")
        return grouped((route.view.function_id, route) for route in made if route.view is not None)

    def registrations_in(self, module: str) -> list[tuple[Placed, list[ObjectId]]]:
        """What a module registers on apps and blueprints."""
        return self._registrations_by_module.get(module, [])

    @cached_property
    def _registrations_by_module(self) -> dict[str, list[tuple[Placed, list[ObjectId]]]]:
        return grouped((place.module, (place, routers)) for place, routers in self.registrations)

    def is_renamed(self, blueprint: ObjectId) -> bool:
        """Whether a blueprint gets its name where it is included: it is under several names, or with values for its
        views, or some route is written once for it and for others."""
        mounts = self.mounts_of(blueprint)
        places = {mount.registration for mount in mounts if mount.registration is not None}
        if any("url_defaults" in place.fact.options or place.fact.name is None for place in places):
            return True
        if places and blueprint in self._sharing:
            return True
        return len(places) > 1 and len({mount.name for mount in mounts}) > 1

    @cached_property
    def _sharing(self) -> frozenset[ObjectId]:
        """The blueprints of routes that are added to several: by a function that is given one."""
        adding = {*ROUTE_METHODS, "add_url_rule"}
        shared = [routers for place, routers in self.registrations if place.fact.method in adding and len(routers) > 1]
        return frozenset(router for routers in shared for router in routers if not self.routers[router].is_app)

    def prefix_is_elsewhere(self, blueprint: ObjectId) -> bool:
        """Whether some registration of a blueprint brings a prefix of its own, which replaces that of the
        constructor."""
        return any(
            m.registration is not None and m.registration.fact.url_prefix != "" for m in self.mounts_of(blueprint)
        )

    def endpoints_below(self, router: ObjectId) -> tuple[str, ...]:
        """The endpoints of a blueprint and of those registered on it; of an app: all."""
        if router in self.routers and self.routers[router].is_app:
            return self._all_endpoints
        names = {mount.name for mount in self.mounts_of(router)}
        return tuple(sorted({endpoint for name in names for endpoint in self._endpoints_by_prefix.get(name, ())}))

    @cached_property
    def moved_routes(self) -> list[MovedRoute]:
        """The routes that an earlier step has moved, where there is a Flask app still."""
        return moved_routes(self) if self.apps else []

    @cached_property
    def _all_endpoints(self) -> tuple[str, ...]:
        return tuple(sorted({route.endpoint for route in self.routes}))

    @cached_property
    def _endpoints_by_prefix(self) -> dict[str, list[str]]:
        """The endpoints below each name of a blueprint."""
        found: list[tuple[str, str]] = []
        for endpoint in self._all_endpoints:
            parts = endpoint.split(".")
            found += [(".".join(parts[:length]), endpoint) for length in range(1, len(parts))]
        return grouped(found)

    @cached_property
    def converters(self) -> dict[str, str]:
        """The project's own URL converters: the name in rules, and the dotted name of the class."""
        found: dict[str, str] = {}
        for module, facts in self.modules.items():
            for scope, name, ref in facts.converters:
                for entity in sorted(self.names.resolve(module, scope, ref)):
                    if entity.kind in ("class", "external"):
                        found[name] = f"{entity.module}.{entity.name}" if entity.module else entity.name
        return found

    @cached_property
    def url_values(self) -> UrlValues:
        """What hooks do to the values of the path."""
        return url_values(self)

    @cached_property
    def command_routers(self) -> tuple[Router, ...]:
        """The blueprints that have commands, as far as they are made at the top of their modules."""
        found: set[ObjectId] = set()
        for name, facts in self.modules.items():
            for call in facts.calls:
                found |= set(self.names.routers_at(name, call.scope, call.callee.rpartition(".cli.")[0]))
            for function in facts.functions:
                outside = function.qualname.rpartition(".")[0]
                for decorator in function.decorators:
                    found |= set(self.names.routers_at(name, outside, decorator.rpartition(".cli.")[0]))
        return tuple(self.routers[r] for r in sorted(found) if not self.routers[r].is_app and not r[1])

    @property
    def needs_context(self) -> bool:
        """Whether migrated code asks for the ambient request."""
        return any(name.startswith("context.") or name in CONTEXT_READERS for name in self.support)

    @property
    def needs_session(self) -> bool:
        """Whether migrated code reads or writes the session."""
        return any(name == "context.session" or name.startswith(("sessions.", "flashing.")) for name in self.support)

    @cached_property
    def pages(self) -> Pages:
        """The templates."""
        return read_pages(self)

    def hook_scopes(self, module: str, kinds: tuple[str, ...]) -> list[tuple[str, str, list[HookEntry]]]:
        """For each scope of a module in which an app gets hooks: the scope, the app's name there, and all the hooks
        in Flask's
        order: the app's, then those of the blueprints that are registered there, outer before inner."""
        found: dict[tuple[str, str], list[HookEntry]] = {}
        for place, routers in self.registrations_in(module):
            if place.fact.method in kinds and all(self.routers[r].is_app for r in routers):
                found.setdefault((place.fact.scope, place.fact.receiver), []).append(HookEntry(place, place, ""))
        for mount, at in self._mounts_from.get(module, ()):
            for place in self._registered_on.get(mount.blueprint, ()):
                if place.fact.method in kinds:
                    name = (
                        "" if "app_" in place.fact.method or place.fact.method == "teardown_appcontext" else mount.name
                    )
                    entry = HookEntry(place, at, name, self.endpoints_below(mount.blueprint))
                    found.setdefault((at.fact.scope, at.fact.receiver), []).append(entry)
        for entries in found.values():  # a blueprint may have hooks for the whole app
            entries.sort(key=lambda entry: entry.blueprint.count(".") + 1 if entry.blueprint else 0)
        return [(scope, receiver, entries) for (scope, receiver), entries in found.items()]

    @cached_property
    def _registered_on(self) -> dict[ObjectId, list[Placed]]:
        """What is registered on each app or blueprint."""
        return grouped((router, place) for place, routers in self.registrations for router in routers)

    @cached_property
    def _mounts_from(self) -> dict[str, list[tuple[Mounted, Placed]]]:
        """The mounts below an app, outer before inner, by the module in which the app gets the outermost of them, and
        where it does."""
        found: list[tuple[str, tuple[Mounted, Placed]]] = []
        for mount in sorted(self.mounted, key=lambda m: m.name.count(".")):
            top = self._mounted_as.get((mount.app, mount.name.partition(".")[0])) if mount.app else None
            if top is not None and top.registration is not None:
                found.append((top.registration.module, (mount, top.registration)))
        return grouped(found)

    @cached_property
    def _mounted_as(self) -> dict[tuple[ObjectId | None, str], Mounted]:
        """The first mount of each app and name."""
        found: dict[tuple[ObjectId | None, str], Mounted] = {}
        for mount in self.mounted:
            found.setdefault((mount.app, mount.name), mount)
        return found

    def canonical(self, dotted: str) -> str:
        """The name of what a dotted name leads to after all re-exports: "flask.request", "shop.store.Store"."""
        if not dotted:
            return ""
        if dotted not in self._canonical:
            self._canonical[dotted] = self._without_exports(dotted)
        return self._canonical[dotted]

    def _without_exports(self, dotted: str) -> str:
        head = dotted.partition(".")[0]
        if head not in self._heads:
            return canonical(dotted)
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            entities = self.names.dotted(".".join(parts[:length]))
            if len(entities) == 1:
                entity = next(iter(entities))
                tail = "".join(f".{part}" for part in parts[length:])
                if entity.kind == "external":
                    return canonical(entity.name + tail)
                return f"{entity.module}.{entity.name}".rstrip(".") + tail
        return canonical(dotted)

    @cached_property
    def _heads(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for name in self.modules)

    def function_id(self, module: Module, node: FunctionNode) -> FunctionId:
        return module.name, module.scopes[node].qualname

    def function(self, function: FunctionId) -> FunctionFacts | None:
        return self.names.functions.get(function)

    def view_around(self, module: Module, node: ast.AST) -> FunctionNode | None:
        """The view in whose body (or in a function within it) the node stands."""
        current = module.function_of(node)
        while current is not None:
            key = self.function_id(module, current)
            if key in self.views or key in self.guards.wrappers or key in self.dependencies:
                return current
            current = module.function_of(current)
        return None

    def request_reads(self, module: Module, view: FunctionNode) -> list[ast.expr]:
        """Every read of Flask's request in a view."""
        if module not in self._request_reads:
            reads = ((self.view_around(module, node), node) for node in reads_of_request(module, self))
            self._request_reads[module] = grouped(reads)
        return self._request_reads[module].get(view, [])

    def calls_to(self, module: Module, target: str) -> list[ast.Call]:
        """The calls of something by its canonical name, in the order of the file."""
        if module not in self._calls:
            named = ((self.canonical(module.dotted(call.func)), call) for call in module.calls)
            self._calls[module] = grouped((name, call) for name, call in named if name)
        return self._calls[module].get(target, [])

    def routers_at(self, module: Module, node: ast.AST) -> list[ObjectId]:
        """The apps and blueprints that an expression may be."""
        return self.names.routers_at(module.name, function_scope(module, node), reference_or_call(node))

    def entities_at(self, module: Module, node: ast.AST) -> list[Entity]:
        """What a name or attribute chain leads to."""
        return sorted(self.names.resolve(module.name, function_scope(module, node), reference(node)))

    # -- who calls whom --------------------------------------------------------------------------------------------

    @cached_property
    def callers(self) -> dict[FunctionId, frozenset[FunctionId]]:
        """The functions in whose body a function is named as callee or decorator, or that hold it."""
        found: dict[FunctionId, set[FunctionId]] = {}
        for module, facts in self.modules.items():
            for call in facts.calls:
                targets = self.names.targets(module, call.scope, call.callee)
                if not targets and "." in call.callee and call.callee[0] != "?":  # its object's class is not known
                    named = self._methods.get(call.callee.rpartition(".")[2], [])
                    targets = frozenset(named if len(named) <= 3 else ())
                if call.scope and not call.is_later:
                    for target in targets:
                        found.setdefault(target, set()).add((module, call.scope))
            for function in facts.functions:
                outside = function.qualname.rpartition(".")[0]
                if (module, outside) in self.names.functions:
                    found.setdefault((module, function.qualname), set()).add((module, outside))
                for decorator in function.decorators:
                    for target in self.names.targets(module, outside, decorator):
                        found.setdefault(target, set()).add((module, function.qualname))
        return {key: frozenset(value) for key, value in found.items()}

    @cached_property
    def callees(self) -> dict[FunctionId, frozenset[FunctionId]]:
        """The other way round: what a function may call, is decorated with, or holds."""
        found: dict[FunctionId, set[FunctionId]] = {}
        for callee, callers in self.callers.items():
            for caller in callers:
                found.setdefault(caller, set()).add(callee)
        return {key: frozenset(value) for key, value in found.items()}

    @cached_property
    def _methods(self) -> dict[str, list[FunctionId]]:
        found: dict[str, list[FunctionId]] = {}
        for key, function in self.names.functions.items():
            if function.in_class:
                found.setdefault(key[1].rpartition(".")[2], []).append(key)
        return found

    def is_in_requests(self, module: str) -> bool:
        """Whether requests may go through the code of a module: it names Flask, or views or hooks reach it."""
        names_flask = any(name.startswith("flask") for name in self.modules[module].flask_imports)
        return names_flask or module in self._modules_in_requests

    @cached_property
    def _modules_in_requests(self) -> frozenset[str]:
        seen: set[FunctionId] = set()
        waiting = [*self.views, *self.hooked]
        while waiting:
            if (current := waiting.pop()) not in seen:
                seen.add(current)
                waiting += self.callees.get(current, ())
        return frozenset(module for module, _ in seen)

    def endpoints_of(self, function: FunctionId) -> tuple[str, ...]:
        """The Flask endpoints whose answers a function can touch: those of all views that reach it."""
        if function not in self._endpoints:
            self._endpoints[function] = self._reached_by(function)
        return self._endpoints[function]

    def _reached_by(self, function: FunctionId) -> tuple[str, ...]:
        seen: set[FunctionId] = set()
        stack = [function]
        found: set[str] = set()
        while stack:
            current = stack.pop()
            if current in seen:
                continue
            seen.add(current)
            found.update(route.endpoint for route in self.views.get(current, ()))
            stack.extend(self.callers.get(current, ()))
        return tuple(sorted(found))

    def endpoints_at(self, module: Module, node: ast.AST) -> tuple[str, ...]:
        """The endpoints that a place in the code can touch."""
        current = node if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else module.function_of(node)
        return self.endpoints_of(self.function_id(module, current)) if current is not None else ()

    def is_called(self, function: FunctionId) -> bool:
        """Whether the project's own code calls a function by name (a view that other views call, say)."""
        if function not in self._is_called:
            facts = self.names.functions.get(function)
            if facts is not None and facts.in_class and function in self.views:
                self._is_called[function] = self._is_called_in_family(function, facts.in_class)
            else:
                self._is_called[function] = facts is not None and bool(self.names.calls_of(function))
        return self._is_called[function]

    def _is_called_in_family(self, method: FunctionId, owner: str) -> bool:
        """Whether classes around a view class call one of its methods: `self.get()`, `super().get()`."""
        name = method[1].rpartition(".")[2]
        key = method[0], owner
        family = {*self._heirs.get(key, ()), *self.names.lineage(key)}
        return any(
            place in family for of in ("self", "cls", "super") for place in self._own_calls.get(f"{of}.{name}", ())
        )

    @cached_property
    def _heirs(self) -> dict[FunctionId, list[FunctionId]]:
        """Each class, and those below it."""
        return grouped((other, key) for key in self.names.classes for other in (key, *self.names.lineage(key)))

    @cached_property
    def _own_calls(self) -> dict[str, list[FunctionId]]:
        """The classes in whose methods `self.get()`, `super().get()`, ... stand."""
        return grouped(
            (call.callee, (module, call.scope.rpartition(".")[0]))
            for module, facts in self.modules.items()
            for call in facts.calls
            if call.callee.startswith(("self.", "cls.", "super."))
        )

    @cached_property
    def _imports(self) -> frozenset[str]:
        return frozenset(
            binding.removeprefix("import:")
            for facts in self.modules.values()
            for bindings in facts.bindings.values()
            for binding in bindings
            if binding.startswith("import:")
        )

    def is_imported(self, module: str, name: str) -> bool:
        """Whether another file takes a name from a module."""
        return f"{module}.{name}" in self._imports or module in self._stars

    @cached_property
    def _stars(self) -> frozenset[str]:
        return frozenset(star for facts in self.modules.values() for star in facts.stars)

    def requests(self, module: Module, view: FunctionNode) -> RequestUses:
        """How a view uses `request`."""
        key = self.function_id(module, view)
        if key not in self._requests:
            methods = frozenset(m for route in self.views.get(key, ()) for m in route.methods)
            name = key[1].rpartition(".")[2]
            if self.names.functions[key].in_class:
                methods = frozenset({name.upper()}) if name != "dispatch_request" else methods
            self._requests[key] = read_requests(module, self, view, methods)
        return self._requests[key]

    def takes_route_options(self, function: FunctionId) -> bool:
        """Whether all routes of a view stand in its own module, so that they can say its status and response class."""
        return all(route.registration.module == function[0] for route in self.views.get(function, ()))

    def takes_parameters(self, function: FunctionId) -> bool:
        """Whether only FastAPI calls a view, so that its signature may change."""
        if function not in self.views or self.is_called(function):
            return False
        return all(one.decorator is None or one.decorator.passes_keywords for one in self.kept_decorations(function))

    def keeps_flask_values(self, function: FunctionId) -> bool:
        """Whether what a view returns goes through a decorator, or to code of the project, first."""
        return self.is_called(function) or any(not is_transparent(one) for one in self.kept_decorations(function))

    def takes_whole_path(self, view: FunctionId) -> bool:
        """Whether a view has `*args` or `**kwargs`, which FastAPI would look for in the query, and keeps them."""
        module = self.store.module(view[0])
        function = module.functions.get(view[1]) if module is not None else None
        is_open = function is not None and bool(function.args.vararg or function.args.kwarg)
        return is_open and not self.takes_parameters(view)

    def is_answered_at_route(self, function: FunctionId) -> bool:
        """Whether a view is called by other code too, so that only its routes may make a response of what it
        returns."""
        module = self.store.module(function[0])
        node = module.functions.get(function[1]) if module is not None else None
        if module is None or node is None or not self.is_called(function):
            return False
        return not all(is_response(module, self, one) for one in own_returns(node))

    @cached_property
    def guards(self) -> Guards:
        """The decorators that become dependencies. What the views of both halves share stays as it is."""
        return Guards({}) if self.moving else find_guards(self)

    @cached_property
    def namings(self) -> Namings:
        """The places where functions are named."""
        return Namings(self)

    @cached_property
    def state_changes(self) -> dict[FunctionId, set[str]]:
        """What functions change of the session and of `g`: "session", "g.user"; a name that is not known is "g."."""
        return changes_of_state(self)

    @cached_property
    def dependencies(self) -> dict[FunctionId, Dependency]:
        """The helpers that become dependencies."""
        return {} if self.moving else find_dependencies(self)

    def name_after(self, function: FunctionId) -> FunctionId:
        """The name of a function after the migration, where another function takes its place."""
        facts = self.names.functions.get(function)
        if facts is not None and facts.in_class:
            made = self.view_class((function[0], facts.in_class))
            node = made.module.functions.get(function[1]) if made is not None and made.becomes_functions else None
            return (function[0], made.function_name(node)) if made is not None and node is not None else function
        guard = self.guards.wrappers.get(function)
        if guard is not None:
            return (guard.id[0], f"{guard.id[1]}.check") if guard.decorator.has_arguments else guard.id
        return function

    def thing_at(self, view: FunctionId) -> str:
        """What the address of a view is about: `recipe` for `POST /recipes` or `/recipes/<int:number>`; "" for `/`, and
        where several addresses are about several things."""
        things: set[str] = set()
        for route in self.views.get(view, ()):
            parts = [part for part in route.rule.split("/") if part]
            texts = [part for part in parts if re.fullmatch(r"[A-Za-z][\w-]+", part)]
            if texts:
                thing = texts[-1].replace("-", "_").lower()
                is_one = texts[-1] != parts[-1] or not set(route.methods) <= {"GET", "HEAD", "OPTIONS"}
                things.add((singular(thing) if is_one else None) or thing)
        return things.pop() if len(things) == 1 else ""

    def kept_decorations(self, view: FunctionId) -> tuple[Decoration, ...]:
        """The decorators of a view that stay decorators."""
        return tuple(
            d for d in self.decorations(view) if d.decorator is None or d.decorator.id not in self.guards.by_id
        )

    def span_of(self, one: Decoration) -> Span:
        """Where a decorator stands."""
        module = self.store.module(one.module)
        assert module is not None
        return module.span(one.node)

    def view_class(self, owner: FunctionId) -> ViewClass | None:
        """A class of the project, as a class-based view."""
        if owner not in self._view_classes:
            self._view_classes[owner] = view_class(self, owner) if owner in self.names.classes else None
        return self._view_classes[owner]

    def decorator(self, function: FunctionId) -> Decorator | None:
        """A function of the project, as a decorator of views."""
        if function not in self._decorators:
            module = self.store.module(function[0])
            node = module.functions.get(function[1]) if module is not None else None
            self._decorators[function] = decorator_of(module, node) if module is not None and node is not None else None
        return self._decorators[function]

    def decorations(self, view: FunctionId) -> tuple[Decoration, ...]:
        """What stands between the routes of a view and the view, from the outside in."""
        if view not in self._decorations:
            module = self.store.module(view[0])
            node = module.functions.get(view[1]) if module is not None else None
            found: list[Decoration] = []
            if module is not None and node is not None:
                owners = {
                    r.view.function_id
                    for r in self.views.get(view, ())
                    if r.view is not None and r.view.kind == "class"
                }
                lists = [class_decorations(self, owner) for owner in sorted(owners)]
                found += reversed(max(lists, key=len, default=[]))
                found += decorations_on(self, module, node)
            self._decorations[view] = tuple(found)
        return self._decorations[view]

    @cached_property
    def errors(self) -> Errors:
        return Errors(self)

    @cached_property
    def mounted_apps(self) -> frozenset[ObjectId]:
        """The Flask apps that are mounted already."""
        return mounted_apps(self)

    @cached_property
    def mounting(self) -> Mounting:
        """What becomes of the names of the apps that stay Flask."""
        return Mounting(self, self.staying)

    @cached_property
    def infer(self) -> Kinds:
        return Kinds(self)

    def parameter_views(self, module: Module) -> Iterator[FunctionNode]:
        """The views of a module whose signature may change, in the order of the file."""
        names = [name for name in self.views_in(module.name) if self.takes_parameters((module.name, name))]
        names += self._injected_by_module.get(module.name, ())  # dependencies have parameters too
        found = (function for name in names if (function := module.functions.get(name)) is not None)
        yield from sorted(found, key=lambda function: function.lineno)

    @cached_property
    def _injected_by_module(self) -> dict[str, list[str]]:
        return grouped((*self.guards.wrappers, *self.dependencies))

    def views_in(self, module: str) -> tuple[str, ...]:
        """The qualified names of the views of a module."""
        return self._views_by_module.get(module, ())

    @cached_property
    def _views_by_module(self) -> dict[str, tuple[str, ...]]:
        return {name: tuple(views) for name, views in grouped(self.views).items()}

    @cached_property
    def view_decorators(self) -> dict[str, list[Decorator]]:
        """The project's own decorators that stay on views, by the module that has them."""
        found = {d.decorator for view in self.views for d in self.kept_decorations(view) if d.decorator is not None}
        return grouped((one.module.name, one) for one in sorted(found, key=lambda one: one.id))

    def has_module(self, top: str) -> bool:
        """Whether a module or package of that name is the project's own."""
        return top in self._heads

    def flask_reads(self, module: Module) -> Iterator[tuple[ast.expr, str]]:
        """Each read of something of Flask's: the node that stands for it (`jsonify`, `flask.jsonify`,
        `flask.json.dumps`),
        and its canonical name."""
        if module not in self._flask_reads:
            self._flask_reads[module] = list(self._read_flask(module))
        return iter(self._flask_reads[module])

    def _read_flask(self, module: Module) -> Iterator[tuple[ast.expr, str]]:
        for name in module.names:
            target = self.canonical(name.target)
            node: ast.expr = name.node
            # `views.session`: what a module of the project took from Flask
            while target in self.modules and isinstance(parent := module.parents[node], ast.Attribute):
                if not isinstance(parent.ctx, ast.Load):
                    break
                node, target = parent, self.canonical(f"{target}.{parent.attr}")
            if target.partition(".")[0] != "flask":
                continue
            while target in FLASK_MODULES:
                parent = module.parents[node]
                if not isinstance(parent, ast.Attribute):
                    break
                node, target = parent, self.canonical(f"{target}.{parent.attr}")
            yield node, target
