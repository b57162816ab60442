"""From the facts of all files to one project. Pure; the result does not depend on the order of the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import TypeAlias

from migrator.project.facts import AsView, CallFact, ClassFacts, Constructed, FunctionFacts, ModuleFacts, Registration
from migrator.project.flask_names import METHODS, ROUTE_METHODS, canonical
from migrator.project.model import Entity, FunctionId, Mounted, ObjectId, Placed, Route, Router

Key: TypeAlias = tuple[str, str, str]  # module, scope, reference

# `node = node.parent` in a loop has no end; what is an app or a blueprint is never that far away
DEEP = 8

CURRENT_APP = ("flask.current_app", "flask.current_app._get_current_object")


class Names:
    """What references mean, over the whole project: through imports, re-exports, assignments, calls and parameters."""

    def __init__(self, modules: Mapping[str, ModuleFacts]) -> None:
        self.modules = dict(sorted(modules.items()))
        self.functions: dict[FunctionId, FunctionFacts] = {}
        self.classes: dict[FunctionId, ClassFacts] = {}
        self.constructed: dict[ObjectId, Constructed] = {}
        for name, facts in self.modules.items():
            self.functions.update({(name, f.qualname): f for f in facts.functions})
            self.classes.update({(name, c.qualname): c for c in facts.classes})
            self.constructed.update({(name, c.scope, c.target): c for c in facts.constructed})
        self._methods: dict[FunctionId, list[str]] = {}
        for module, qualname in self.functions:
            if owner := self.functions[module, qualname].in_class:
                self._methods.setdefault((module, owner), []).append(qualname)
        self._values: dict[Key, frozenset[Entity]] = {}
        self._readers: dict[Key, set[Key]] = {}
        self._waiting: list[Key] = []
        self._current: Key | None = None
        self._arguments: dict[tuple[FunctionId | str, str, int], tuple[Key, ...]] = {}
        self._routers_at: dict[Key, list[ObjectId]] = {}
        self._classes = {name: frozenset(c.qualname for c in facts.classes) for name, facts in self.modules.items()}
        self.app_classes = self._derived_from_flask()
        self.made_by: dict[ObjectId, FunctionId] = {}
        if self.app_classes:
            self._make_apps()

    def _derived_from_flask(self) -> frozenset[FunctionId]:
        """The classes of the project whose objects are apps, as their bases say themselves."""
        flask = Entity("external", "", "flask.Flask")
        return frozenset(
            (name, one.qualname)
            for name, facts in self.modules.items()
            if "flask.Flask" in facts.flask_imports or "flask" in facts.flask_imports
            for one in facts.classes
            if any(flask in self.resolve(name, one.qualname.rpartition(".")[0], base) for base in one.bases)
        )

    def _make_apps(self) -> None:
        """What such a class makes is an app too."""
        for name, facts in self.modules.items():
            for callee, one in facts.made:
                kinds = {e.function_id for e in self.resolve(name, one.scope, callee) if e.kind == "class"}
                if found := kinds & self.app_classes:
                    self.constructed[name, one.scope, one.target] = one
                    self.made_by[name, one.scope, one.target] = min(found)
        self._values.clear()  # found out when there were fewer apps
        self._readers.clear()

    def resolve(self, module: str, scope: str, ref: str) -> frozenset[Entity]:
        """Everything that `ref`, read in a scope, may be: the least fixpoint over all assignments, returns and
        arguments."""
        key = module, scope, ref
        if not ref or module not in self.modules:
            return frozenset()
        if self._current is not None:  # asked while another one is worked out: what is known so far
            self._readers.setdefault(key, set()).add(self._current)
            if key not in self._values:
                self._values[key] = frozenset()
                self._waiting.append(key)
            return self._values[key]
        if key not in self._values:
            self._values[key] = frozenset()
            self._waiting.append(key)
            while self._waiting:
                self._current = self._waiting.pop()
                found = frozenset(self._resolve(*self._current))
                if found != self._values[self._current]:
                    self._values[self._current] = found
                    self._waiting += self._readers.get(self._current, ())
            self._current = None
        return self._values[key]

    def dotted(self, name: str) -> frozenset[Entity]:
        """What an absolute dotted name leads to."""
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            head = ".".join(parts[:length])
            if head in self.modules:
                rest = ".".join(parts[length:])
                if not rest:
                    return frozenset({Entity("module", head)})
                found = self.resolve(head, "", rest)
                return found or frozenset({Entity("external", "", name)})
        return frozenset({Entity("external", "", canonical(name))})

    def _resolve(self, module: str, scope: str, ref: str) -> Iterator[Entity]:
        facts = self.modules[module]
        root, _, rest = ref.partition(".")
        if "()." in ref:
            made, _, rest = ref.partition("().")
            yield from self._called(module, scope, made, rest)
            return
        if ref.endswith("()"):
            yield from self._called(module, scope, ref.removesuffix("()"), "")
            return
        if root in ("self", "cls") and rest:
            yield from self._attribute(module, scope, ref)
            return
        for level in chain(scope):
            bindings = facts.bindings.get((level, root))
            if bindings is None or (level in self._classes[module] and level != scope):
                continue
            for binding in bindings:
                yield from self._binding(module, level, root, rest, binding)
            return
        for star in facts.stars:
            yield from self.dotted(f"{star}.{ref}")
        if f"{module}.{root}" in self.modules:
            yield from self.dotted(f"{module}.{ref}")

    def _binding(self, module: str, scope: str, root: str, rest: str, binding: str) -> Iterator[Entity]:
        kind, _, what = binding.partition(":")
        tail = f".{rest}" if rest else ""
        if kind == "import":
            yield from self.dotted(what + tail)
        elif kind == "def" and not rest:
            yield Entity("function", module, what)
        elif kind == "class":
            yield Entity("function", module, what + tail) if rest else Entity("class", module, what)
        elif kind == "call":
            if (module, scope, root) in self.constructed and not rest:
                yield Entity("object", module, root, scope)
            else:
                yield from self._called(module, scope, what, rest)
        elif kind == "ref" and not (rest and what.startswith(f"{root}.")) and (what + tail).count(".") < DEEP:
            yield from self.resolve(module, scope, what + tail)
        elif kind == "param" and not rest:
            yield from self._parameter(module, scope, root)
        elif kind.startswith("each"):
            for home, level, cell in self._cells(module, scope, what, kind.removeprefix("each"), 8):
                yield from self._binding(home, level, "", rest, cell)
        elif kind.startswith("item"):
            for home, level, cell in self._items(module, scope, what, int(kind.removeprefix("item"))):
                yield from self._binding(home, level, "", rest, cell)

    def _items(self, module: str, scope: str, source: str, number: int, depth: int = 4) -> Iterator[Key]:
        """What stands at a place of the tuple that a function returns or a fixture yields."""
        kind, _, ref = source.partition(":")
        functions: list[FunctionId | None] = []
        if kind == "call":
            functions = [e.function_id for e in self.resolve(module, scope, ref) if e.kind == "function"]
        elif depth:
            level = next((level for level in chain(scope) if (level, ref) in self.modules[module].bindings), "")
            for binding in self.modules[module].bindings.get((level, ref), ()):
                if binding == "param:" and (module, level) in self.functions:
                    functions.append(self.fixture_for(module, level, ref))
                elif binding.partition(":")[0] in ("call", "ref"):
                    yield from self._items(module, level, binding, number, depth - 1)
        for function in filter(None, functions):
            for returned in self.functions[function].returns if function in self.functions else ():
                rows = returned.removeprefix("rows:").split("|") if returned.startswith("rows:") else []
                if number < len(rows):
                    yield *function, rows[number]

    def _cells(self, module: str, scope: str, ref: str, cell: str, depth: int) -> Iterator[Key]:
        """What stands in one column of a list of tuples ("" for a list without): the bindings, and where to read
        them."""
        root, _, rest = ref.partition(".")
        if not depth or module not in self.modules:
            return
        bindings = self.modules[module].bindings
        level = next((level for level in chain(scope) if (level, root) in bindings), None)
        for binding in bindings.get((level or "", root), ()):
            kind, _, what = binding.partition(":")
            if kind == "rows" and not rest:
                rows = [row.split(",") for row in what.split("|")]
                for row in rows:
                    if cell and int(cell) < len(row):
                        yield module, level or "", row[int(cell)]
                    elif not cell and len(row) == 1:
                        yield module, level or "", row[0]
            elif kind == "ref":
                yield from self._cells(module, level or "", f"{what}.{rest}".rstrip("."), cell, depth - 1)
            elif kind == "import":
                home, _, name = f"{what}.{rest}".rstrip(".").rpartition(".")
                yield from self._cells(home, "", name, cell, depth - 1)

    def _called(self, module: str, scope: str, callee: str, rest: str) -> Iterator[Entity]:
        for entity in self.resolve(module, scope, callee):
            if entity.kind == "function" and not rest:
                yield from self._returned(entity.function_id)
            elif entity.kind == "class":
                if rest:
                    yield from self._class_attribute(entity, rest)
                else:
                    yield Entity("instance", entity.module, entity.name)

    def _returned(self, function: FunctionId) -> Iterator[Entity]:
        facts = self.functions.get(function)
        if facts is None:
            return
        module, qualname = function
        if (module, qualname, "return") in self.constructed:
            yield Entity("object", module, "return", qualname)
        for returned in facts.returns:
            if returned.startswith("rows:"):
                continue
            if returned.startswith("call:"):
                yield from self.resolve(module, qualname, f"{returned.removeprefix('call:')}()")  # perhaps itself
            else:
                yield from self.resolve(module, qualname, returned)

    def _attribute(self, module: str, scope: str, ref: str) -> Iterator[Entity]:
        """`self.app`, where methods of the class, or of one that it derives from, set it; the methods themselves."""
        function = self.functions.get((module, scope))
        owner = function.in_class if function is not None else ""
        name = ref.partition(".")[2]
        for home, kind in self.lineage((module, owner)) if owner else ():
            yield from self._own_attribute(home, kind, name)

    def _own_attribute(self, module: str, owner: str, name: str) -> Iterator[Entity]:
        """What one class itself says of an attribute."""
        if (module, f"{owner}.{name}") in self.functions:
            yield Entity("function", module, f"{owner}.{name}")
        bindings = self.modules[module].bindings
        for binding in bindings.get((owner, name), ()):
            yield from self._binding(module, owner, name, "", binding)
        for method in self._methods.get((module, owner), ()):
            for ref in (f"self.{name}", f"cls.{name}"):
                if (module, method, ref) in self.constructed:
                    yield Entity("object", module, ref, method)
            for binding in bindings.get((owner, f"self.{name}"), ()):
                kind, _, what = binding.partition(":")
                if kind in ("ref", "call") and what != f"self.{name}":
                    yield from self.resolve(module, method, what if kind == "ref" else f"{what}()")
        if name == "app" and (create := self.method_of((module, owner), "create_app")) is not None:
            if any(base.startswith("flask_testing") for base in self._outside_bases((module, owner))):
                yield from self._returned(create)

    def _outside_bases(self, owner: FunctionId) -> Iterator[str]:
        """The classes of other packages that a class derives from."""
        for module, name in self.lineage(owner):
            for base in self.classes[module, name].bases:
                found = self.resolve(module, name.rpartition(".")[0], base)
                yield from (entity.name for entity in found if entity.kind == "external")

    def _class_attribute(self, entity: Entity, rest: str) -> Iterator[Entity]:
        """`Server().app`, where a method of the class sets `self.app`."""
        for method in self._methods.get((entity.module, entity.name), ())[:1]:
            yield from self._attribute(entity.module, method, f"self.{rest}")

    def _parameter(self, module: str, scope: str, name: str) -> Iterator[Entity]:
        function = self.functions.get((module, scope))
        if function is None or name not in function.params:
            return
        is_bound = function.in_class and "staticmethod" not in function.decorators
        position = function.params.index(name) - (1 if is_bound else 0)

        if is_bound and position < 0 and (module, function.in_class) in self.app_classes:
            made = (key for key, owner in self.made_by.items() if owner == (module, function.in_class))
            yield from (Entity("object", home, target, around) for home, around, target in made)
            return
        calls = self.calls_of((module, scope))
        if fixture := self.fixture_for(module, scope, name):
            yield from self._returned(fixture)
        by_name = [(home, call) for home, call in calls if is_init_by_name(call)]
        for key in self._given(by_name, name, position + 1, (module, scope)):
            yield from self.resolve(*key)
        for key in self._given((one for one in calls if one not in by_name), name, position, (module, scope)):
            yield from self.resolve(*key)
        if name in function.apps and not calls:
            found = [key for key, one in self.constructed.items() if one.kind == "flask.Flask"]
            yield from (Entity("object", home, target, around) for home, around, target in found)
        elif not calls:  # `config[name].init_app(app)`: an app, whatever it is called on
            method = scope.rpartition(".")[2]
            for key in self._given(self._unknown_calls.get(method, ()), name, position, method):
                yield from (entity for entity in self.resolve(*key) if entity.kind == "object")

    def fixture_for(self, module: str, scope: str, name: str) -> FunctionId | None:
        """The pytest fixture behind a parameter of a test or of a fixture: of its class, its module, or the nearest
        `conftest.py`."""
        function = self.functions[module, scope]
        if not function.fixture and not scope.rpartition(".")[2].startswith("test"):
            return None
        folder = PurePosixPath(self.modules[module].path).parent
        places = [module, *(self._conftests.get(str(place), "") for place in (folder, *folder.parents))]
        for place in dict.fromkeys(filter(None, places)):
            found = self._fixtures.get((place, name), [])
            nearest = [f for f in found if f == function.in_class + "." + name] or [f for f in found if f != scope]
            if nearest:
                return place, nearest[0]
        return None

    @cached_property
    def _conftests(self) -> dict[str, str]:
        """The modules of `conftest.py` files, by their folder."""
        paths = {name: PurePosixPath(facts.path) for name, facts in self.modules.items()}
        return {str(path.parent): name for name, path in paths.items() if path.name == "conftest.py"}

    @cached_property
    def _fixtures(self) -> dict[tuple[str, str], list[str]]:
        """The functions behind the fixtures of a module, by the name that tests use."""
        found: dict[tuple[str, str], list[str]] = {}
        for (module, qualname), function in self.functions.items():
            if function.fixture:
                found.setdefault((module, function.fixture), []).append(qualname)
        return found

    def _given(
        self, calls: Iterable[tuple[str, CallFact]], name: str, position: int, callee: FunctionId | str
    ) -> tuple[Key, ...]:
        """What the calls of one function give for a parameter: each reference once."""
        key = callee, name, position
        if key not in self._arguments:
            found: dict[Key, None] = {}
            for caller, call in calls:
                given = call.args[position] if 0 <= position < len(call.args) else ""
                for keyword, value in call.keywords:
                    if keyword == name and value:
                        given = value
                if given:
                    found[caller, call.scope, given] = None
            self._arguments[key] = tuple(found)
        return self._arguments[key]

    @cached_property
    def _unknown_calls(self) -> dict[str, list[tuple[str, CallFact]]]:
        """Calls of methods of objects whose class is not known, by the name of the method."""
        found: dict[str, list[tuple[str, CallFact]]] = {}
        for module, facts in self.modules.items():
            for call in facts.calls:
                if (
                    "." in call.callee
                    and not is_init_by_name(call)
                    and not self.targets(module, call.scope, call.callee)
                ):
                    found.setdefault(call.callee.rpartition(".")[2], []).append((module, call))
        return found

    def lineage(self, owner: FunctionId) -> list[FunctionId]:
        """A class of the project and those that it derives from, in the order in which attributes are looked up."""
        found: list[FunctionId] = []
        waiting = [owner]
        while waiting:
            current = waiting.pop(0)
            if current in found or current not in self.classes:
                continue
            found.append(current)
            scope = current[1].rpartition(".")[0]
            bases = [sorted(self.resolve(current[0], scope, base)) for base in self.classes[current].bases]
            waiting += [e.function_id for entities in bases for e in entities if e.kind == "class"]
        return found

    def method_of(self, owner: FunctionId, name: str) -> FunctionId | None:
        """The method of this name that objects of a class have."""
        for module, qualname in self.lineage(owner):
            if name in self.classes[module, qualname].methods:
                return module, f"{qualname}.{name}"
        return None

    def calls_of(self, function: FunctionId) -> list[tuple[str, CallFact]]:
        """The calls of a function of the project, and the modules they stand in, as far as names tell."""
        return self._callers.get(function, [])

    @cached_property
    def _callers(self) -> dict[FunctionId, list[tuple[str, CallFact]]]:
        found: dict[FunctionId, list[tuple[str, CallFact]]] = {}
        for module, facts in self.modules.items():
            for call in facts.calls:
                for target in self.targets(module, call.scope, call.callee):
                    found.setdefault(target, []).append((module, call))
        return found

    def targets(self, module: str, scope: str, callee: str) -> frozenset[FunctionId]:
        """The functions that a call may run, judged by imports, definitions and instances that have a name; classes
        count as their `__init__`."""
        key = module, scope, callee
        if key not in self._targets:
            self._targets[key] = frozenset()
            self._targets[key] = frozenset(self._named(module, scope, callee, 8))
        return self._targets[key]

    @cached_property
    def _targets(self) -> dict[Key, frozenset[FunctionId]]:
        return {}

    def _named(self, module: str, scope: str, ref: str, depth: int) -> Iterator[FunctionId]:
        if not depth or not ref or module not in self.modules:
            return
        facts = self.modules[module]
        root, _, rest = ref.partition(".")
        if root in ("self", "cls"):
            function = self.functions.get((module, scope))
            if function is not None and function.in_class and (module, f"{function.in_class}.{rest}") in self.functions:
                yield module, f"{function.in_class}.{rest}"
            return
        for level in chain(scope):
            bindings = facts.bindings.get((level, root))
            if bindings is None or (level in self._classes[module] and level != scope):
                continue
            for binding in bindings:
                kind, _, what = binding.partition(":")
                tail = f".{rest}" if rest else ""
                if kind == "import":
                    yield from self._named_absolute(what + tail, depth)
                elif kind == "def" and not rest:
                    yield module, what
                elif kind == "class":
                    yield from self._in_class(module, what, rest or "__init__")
                elif kind == "ref":
                    yield from self._named(module, scope, what + tail, depth - 1)
                elif kind.startswith("each"):
                    for home, inner, cell in self._cells(module, scope, what, kind.removeprefix("each"), depth):
                        if cell.startswith("ref:"):
                            yield from self._named(home, inner, cell.removeprefix("ref:") + tail, depth - 1)
                elif kind == "call" and rest:
                    for made in self._named(module, scope, what, depth - 1):
                        owner, _, last = made[1].rpartition(".")
                        if last == "__init__":
                            yield from self._in_class(made[0], owner, rest)
            return
        for star in facts.stars:
            yield from self._named_absolute(f"{star}.{ref}", depth)

    def _in_class(self, module: str, name: str, method: str) -> Iterator[FunctionId]:
        if (module, f"{name}.{method}") in self.functions or (method == "__init__" and (module, name) in self.classes):
            yield module, f"{name}.{method}"

    def _named_absolute(self, dotted: str, depth: int) -> Iterator[FunctionId]:
        parts = dotted.split(".")
        for length in range(len(parts) - 1, 0, -1):
            head = ".".join(parts[:length])
            if head in self.modules:
                yield from self._named(head, "", ".".join(parts[length:]), depth - 1)
                return

    @cached_property
    def routers(self) -> dict[ObjectId, Router]:
        """All apps and blueprints."""
        return {key: Router(key, fact) for key, fact in sorted(self.constructed.items(), key=lambda item: item[0])}

    @cached_property
    def _apps(self) -> frozenset[ObjectId]:
        return frozenset(key for key, router in self.routers.items() if router.is_app)

    def routers_at(self, module: str, scope: str, ref: str) -> list[ObjectId]:
        """The apps and blueprints that a reference may be; all apps for `current_app`."""
        key = module, scope, ref
        if self._current is not None:
            return self._find_routers(module, scope, ref)
        if key not in self._routers_at:
            self._routers_at[key] = self._find_routers(module, scope, ref)
        return self._routers_at[key]

    def _find_routers(self, module: str, scope: str, ref: str) -> list[ObjectId]:
        if not ref:
            return []
        found: set[ObjectId] = set()
        for entity in self.resolve(module, scope, ref):
            if entity.kind == "object":
                found.add(entity.object_id)
            elif entity.kind == "external" and entity.name in CURRENT_APP:
                found |= self._apps
        return sorted(found)


def is_init_by_name(call: CallFact) -> bool:
    """Whether it is `Base.__init__(self, ...)`."""
    return call.callee.endswith(".__init__") and call.args[:1] == ("self",)


def chain(scope: str) -> Iterator[str]:
    """The scope, the one around it, ... and the module ("")."""
    while scope:
        yield scope
        scope = scope.rpartition(".")[0]
    yield ""


def placed(names: Names) -> Iterator[tuple[Placed, list[ObjectId]]]:
    """Each registration whose receiver is an app or blueprint."""
    for module, facts in names.modules.items():
        for fact in facts.registrations:
            if routers := names.routers_at(module, fact.scope, fact.receiver):
                yield Placed(module, fact), routers


def mounts(names: Names, registered: Iterable[tuple[Placed, list[ObjectId]]]) -> list[Mounted]:
    """How blueprints hang below apps; each path from an app to a blueprint once."""
    children: dict[ObjectId, list[tuple[Placed, ObjectId]]] = {}
    for place, receivers in registered:
        if place.fact.method == "register_blueprint":
            for entity in sorted(names.resolve(place.module, place.fact.scope, place.fact.view)):
                if entity.kind == "object":
                    for receiver in receivers:
                        children.setdefault(receiver, []).append((place, entity.object_id))
    found: list[Mounted] = []

    def walk(app: ObjectId | None, parent: ObjectId, name: str, prefix: str | None, seen: frozenset[ObjectId]) -> None:
        for place, child in children.get(parent, []):
            router = names.routers.get(child)
            if router is None or router.is_app or child in seen:
                continue
            own = place.fact.url_prefix if place.fact.url_prefix != "" else router.fact.url_prefix
            below = None if prefix is None or own is None else joined(prefix, own) if own else prefix
            full = ".".join(part for part in (name, place.fact.name or router.fact.name) if part)
            found.append(Mounted(app, child, full, below, place))
            walk(app, child, full, below, seen | {child})

    apps = [key for key, router in names.routers.items() if router.is_app]
    for app in apps:
        walk(app, app, "", "", frozenset())
    reached = {mount.blueprint for mount in found}
    for key, router in names.routers.items():
        if not router.is_app and key not in reached and not any(key == c for cs in children.values() for _, c in cs):
            found.append(Mounted(None, key, router.fact.name, router.fact.url_prefix, None))
            walk(None, key, router.fact.name, router.fact.url_prefix, frozenset({key}))
    return found


def joined(prefix: str, rule: str) -> str:
    """A rule below a prefix, as a blueprint joins them."""
    if not prefix:
        return rule
    return f"{prefix.rstrip('/')}/{rule.lstrip('/')}" if rule else prefix


def routes(names: Names, registered: Iterable[tuple[Placed, list[ObjectId]]], mounted: list[Mounted]) -> list[Route]:
    """All rules of all apps, sorted by place."""
    found: list[Route] = []
    for place, receivers in registered:
        fact = place.fact
        if fact.method not in ROUTE_METHODS and fact.method != "add_url_rule":
            continue
        view = view_of(names, place)
        own = fact.endpoint if fact.endpoint else default_endpoint(names, place.module, fact, view)
        methods = fact.methods if fact.methods else default_methods(names, fact, view)
        for receiver in receivers:
            if names.routers[receiver].is_app:
                places: list[tuple[str, str | None]] = [("", "")]
            else:
                places = [(m.name, m.prefix) for m in mounted if m.blueprint == receiver]
            for name, prefix in places:
                rule = "?" if prefix is None or fact.rule is None else joined(prefix, fact.rule)
                endpoint = f"{name}.{own}" if name else own
                found.append(Route(rule, endpoint, methods, place, receiver, view))
    found.sort(key=lambda route: (route.registration.module, route.registration.fact.span, route.endpoint, route.rule))
    return list(dict.fromkeys(found))


def view_of(names: Names, place: Placed) -> Entity | None:
    """The function or class that answers."""
    fact = place.fact
    if fact.function:
        return Entity("function", place.module, fact.function)
    ref = fact.view_class or fact.view
    if not ref and fact.endpoint:
        return view_of_endpoint(names, place)
    entities = sorted(e for e in names.resolve(place.module, fact.scope, ref) if e.kind in ("function", "class"))
    if (created := as_view_of(names, place.module, fact)) is not None:
        home, made = created
        found = names.resolve(home, made.scope, made.view_class)
        entities = sorted(e for e in found if e.kind == "class") or entities
    return entities[0] if len(entities) == 1 else None


def view_of_endpoint(names: Names, place: Placed) -> Entity | None:
    """The function that `@app.endpoint("name")` makes the view of a rule that names none."""
    fact = place.fact
    wanted = names.routers_at(place.module, fact.scope, fact.receiver)
    for module, facts in names.modules.items():
        for other in facts.registrations:
            if other.method == "endpoint" and other.function and other.name == fact.endpoint:
                if set(names.routers_at(module, other.scope, other.receiver)) & set(wanted):
                    return Entity("function", module, other.function)
    return None


def as_view_of(names: Names, module: str, fact: Registration) -> tuple[str, AsView] | None:
    """Where the view was made that a rule names: `view = Class.as_view("name")`, here or in the module that it is
    imported from."""
    return None if fact.view_class else _as_view(names, module, fact.scope, fact.view, 8)


def _as_view(names: Names, module: str, scope: str, ref: str, depth: int) -> tuple[str, AsView] | None:
    if not ref or not depth or module not in names.modules:
        return None
    facts = names.modules[module]
    for level in chain(scope):
        for one in facts.as_views:
            if (one.scope, one.target) == (level, ref):
                return module, one
    root, _, rest = ref.partition(".")
    for binding in next((b for level in chain(scope) if (b := facts.bindings.get((level, root)))), ()):
        kind, _, what = binding.partition(":")
        if kind == "import":
            home, _, name = f"{what}.{rest}".rstrip(".").rpartition(".")
            return _as_view(names, home, "", name, depth - 1)
    return None


def default_endpoint(names: Names, module: str, fact: Registration, view: Entity | None) -> str:
    if fact.function:
        return fact.function.rpartition(".")[2]
    if (made := as_view_of(names, module, fact)) is not None:
        return made[1].endpoint or "?"
    if view is not None:
        return view.name.rpartition(".")[2]
    return (fact.view or fact.wrapped).rpartition(".")[2] or "?"


def default_methods(names: Names, fact: Registration, view: Entity | None) -> tuple[str, ...]:
    if fact.methods is None:
        return ()
    if view is not None and view.kind == "class":
        given = next((m for c in names.lineage(view.function_id) if (m := names.classes[c].http_methods)), None)
        if given is not None:
            return given
        found = tuple(m for m in METHODS if names.method_of(view.function_id, m.lower()))
        return found or ("GET",)
    facts = names.functions.get(view.function_id) if view is not None else None
    return facts.http_methods if facts is not None and facts.http_methods else ("GET",)
