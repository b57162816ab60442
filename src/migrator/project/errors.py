"""The error handlers of a project: for what, for whom, and which of them FastAPI chooses as Flask did.

FastAPI's `exception_handler` is enough where no handler belongs to a single blueprint, and where what a handler reads
of an HTTP error can be read of FastAPI's too. Elsewhere `handles` of the support package keeps Flask's order.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from migrator.location import Span
from migrator.module import FunctionNode, Module, all_arguments, walk
from migrator.project.flask_names import HANDLERS
from migrator.project.grouping import grouped
from migrator.project.model import FunctionId, Mounted, ObjectId
from migrator.project.narrow import narrowed
from migrator.project.returned import own_returns, taken_apart
from migrator.syntax import argument, reference

if TYPE_CHECKING:
    from migrator.project.project import Project

CODES = {
    "BadRequest": 400,
    "Unauthorized": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "MethodNotAllowed": 405,
    "NotAcceptable": 406,
    "RequestTimeout": 408,
    "Conflict": 409,
    "Gone": 410,
    "LengthRequired": 411,
    "PreconditionFailed": 412,
    "RequestEntityTooLarge": 413,
    "RequestURITooLarge": 414,
    "UnsupportedMediaType": 415,
    "RequestedRangeNotSatisfiable": 416,
    "ExpectationFailed": 417,
    "ImATeapot": 418,
    "MisdirectedRequest": 421,
    "UnprocessableEntity": 422,
    "Locked": 423,
    "FailedDependency": 424,
    "PreconditionRequired": 428,
    "TooManyRequests": 429,
    "RequestHeaderFieldsTooLarge": 431,
    "UnavailableForLegalReasons": 451,
    "InternalServerError": 500,
    "NotImplemented": 501,
    "BadGateway": 502,
    "ServiceUnavailable": 503,
    "GatewayTimeout": 504,
    "HTTPVersionNotSupported": 505,
}
WERKZEUG = "werkzeug.exceptions."
HTTP_ERROR = "werkzeug.exceptions.HTTPException"
# how tests wait for an error
EXPECTING = ("pytest.raises", "assertRaises", "assertRaisesRegex")
KEY_ERROR = "werkzeug.exceptions.BadRequestKeyError"
KEY_ERRORS = ("builtins.KeyError", "builtins.LookupError")
# what of an HTTP error FastAPI's has too, or a helper of the support package tells
ATTRIBUTES = frozenset({"code", "name", "description", "valid_methods"})
NUMBERS = ("code", "status", "status_code", "http_status")
LOGGING = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print_exception"})


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """What a handler is for: a status, or a class by its dotted name (`builtins.KeyError`, `shop.errors.Refused`)."""

    code: int = 0
    name: str = ""


EXCEPTION = Kind(name="builtins.Exception")


@dataclass(frozen=True, slots=True)
class Handler:
    """One registration. `kinds` is empty where they are only known when the app runs."""

    module: str
    span: Span  # the decorator, or the call
    kinds: tuple[Kind, ...]
    routers: tuple[ObjectId, ...]
    of_blueprint: bool  # answers for the views of a blueprint alone
    beside_blueprint: bool  # registered on one, for the whole app
    function: FunctionId | None  # None for a lambda or anything else


@dataclass(frozen=True, slots=True)
class Use:
    """A read of the error in a handler. `sort`: "attribute", "response", "original", "text", "answer", "class", "log",
    or "" for what only Flask's own object can serve; `node` is the whole expression."""

    error: ast.Name
    node: ast.expr
    sort: str
    name: str = ""


class Errors:
    """All error handlers of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def handlers(self) -> tuple[Handler, ...]:
        found: list[Handler] = []
        for place, routers in self.project.registrations:
            fact = place.fact
            if fact.method not in HANDLERS or (module := self.project.store.module(place.module)) is None:
                continue
            call = module.by_span.get(fact.span)
            if not isinstance(call, ast.Call):
                continue
            on_blueprint = not all(self.project.routers[r].is_app for r in routers)
            function: FunctionId | None = (place.module, fact.function) if fact.function else None
            if function is None and (given := handler_of(module, call)) is not None:
                named = [e for e in self.project.entities_at(module, given) if e.kind == "function"]
                function = named[0].function_id if len(named) == 1 else None
            beside = fact.method == "app_errorhandler"
            found.append(
                Handler(
                    place.module,
                    fact.span,
                    tuple(self.kinds(module, kind_of(call))),
                    tuple(routers),
                    on_blueprint and not beside,
                    beside,
                    function,
                )
            )
        return tuple(found)

    @cached_property
    def registered_in(self) -> dict[str, list[Handler]]:
        """The handlers by the module that registers them."""
        return grouped((handler.module, handler) for handler in self.handlers)

    @cached_property
    def written_in(self) -> dict[str, list[Handler]]:
        """The handlers by the module in which their function stands, each function once."""
        functions = {(h.function or (h.module, h.span)): h for h in self.handlers}
        return grouped((home, handler) for (home, _), handler in functions.items())

    @cached_property
    def moving(self) -> dict[str, list[tuple[Handler, Span]]]:
        """The handlers that need no blueprint, by the module in which an app includes its router, and where it does."""
        found: list[tuple[str, tuple[Handler, Span]]] = []
        for handler in self.handlers:
            if handler in self.plain and self.is_on_blueprint(handler) and handler.function is not None:
                place = self.place_of(self.project.mounts_of(handler.routers[0])[0])
                if place is not None:
                    found.append((place[0], (handler, place[1])))
        return grouped(found)

    @cached_property
    def mounts_with_handlers(self) -> dict[str, list[tuple[Mounted, Mounted]]]:
        """The mounts of blueprints that keep handlers of their own, each with the one on the app itself at or above it,
        by the module in which that stands."""
        owners = {r for h in self.handlers if h not in self.plain and self.is_on_blueprint(h) for r in h.routers}
        found: list[tuple[str, tuple[Mounted, Mounted]]] = []
        for mount in self.project.mounted:
            root = self.root(mount) if mount.blueprint in owners else None
            if root is not None and root.registration is not None:
                found.append((root.registration.module, (mount, root)))
        return grouped(found)

    @cached_property
    def plain(self) -> frozenset[Handler]:
        """The handlers that FastAPI's `exception_handler` can stand for."""
        refused = {h for h in self.handlers if not self._is_plain(h)}
        while True:
            http = any(self._is_http(h) for h in refused)
            functions = {h.function for h in refused if h.function is not None}
            more = {h for h in self.handlers if h.function in functions or (http and self._is_http(h))} | refused
            if more == refused:
                return frozenset(self.handlers) - refused
            refused = more

    def _is_plain(self, handler: Handler) -> bool:
        if not handler.kinds or (self.is_on_blueprint(handler) and not self._can_move(handler)):
            return False
        for other in self.handlers:
            competes = other.of_blueprint or handler.of_blueprint
            if other.routers == handler.routers and other.of_blueprint == handler.of_blueprint:
                competes = handler.of_blueprint and any(self.is_http(k) for k in handler.kinds)
            others = other.kinds or (EXCEPTION,)
            if competes and any(self._compete(handler, kind, other, one) for kind in handler.kinds for one in others):
                return False
        codes = {kind.code for kind in handler.kinds}
        if 500 in codes and self._aborts_with_500:
            return False
        if not all(self.is_known_to_fastapi(kind) for kind in handler.kinds):
            return False
        if self.raises_key_errors and any(kind.name in KEY_ERRORS for kind in handler.kinds):
            return False
        found = self.body_of(handler)
        if found is None:
            return False
        module, node = found
        uses = list(self.uses(module, node, self.kinds_of(handler)))
        if Kind(500) in handler.kinds:
            return all(use.sort in ("original", "log") for use in uses)
        return all(use.sort for use in uses)

    def _compete(self, handler: Handler, kind: Kind, other: Handler, one: Kind) -> bool:
        """Whether Flask may choose otherwise between two handlers than by the closest class."""
        if not self.are_related(kind, one):
            return False
        if handler.of_blueprint == other.of_blueprint:
            return True
        scoped, inner, outer = (handler, kind, one) if handler.of_blueprint else (other, one, kind)
        is_closer = inner != outer and (outer == EXCEPTION or outer.name in self.bases(inner.name))
        return not (is_closer and not self.is_http(inner) and self._is_raised_within(inner.name, scoped.routers))

    def _is_raised_within(self, name: str, routers: tuple[ObjectId, ...]) -> bool:
        """Whether a class of the project is raised by the views of some blueprints alone."""
        if name.rpartition(".")[0] not in self.project.modules:
            return False
        endpoints = {endpoint for router in routers for endpoint in self.project.endpoints_below(router)}
        for module, node in self._reads_of_classes.get(name, ()):
            parent = module.parents[node]
            made = parent if isinstance(parent, ast.Call) and parent.func is node else node
            if isinstance(module.parents[made], ast.Raise):
                if not set(self.project.endpoints_at(module, node)) <= endpoints:
                    return False
            elif made is not node or not self._is_only_named(parent, node):
                return False
        return True

    @cached_property
    def _reads_of_classes(self) -> dict[str, list[tuple[Module, ast.Name | ast.Attribute]]]:
        """Where each class of the project is read."""
        kinds: tuple[type[ast.Name | ast.Attribute], ...] = (ast.Name, ast.Attribute)
        nodes = ((module, node) for module in self._modules for kind in kinds for node in module.nodes(kind))
        reads = ((module, node) for module, node in nodes if isinstance(node.ctx, ast.Load))
        named = ((self.class_at(*read), read) for read in reads)
        return grouped((name, read) for name, read in named if name in self._classes)

    def _is_only_named(self, parent: ast.AST, node: ast.expr) -> bool:
        """Whether a class is only tested for, handled or annotated with at a place."""
        if isinstance(parent, ast.Call):
            names = {"isinstance", "errorhandler", "register_error_handler", "app_errorhandler"}
            return reference(parent.func).rpartition(".")[2] in names
        return isinstance(parent, (ast.ExceptHandler, ast.arg))

    def is_on_blueprint(self, handler: Handler) -> bool:
        return handler.of_blueprint or handler.beside_blueprint

    def _can_move(self, handler: Handler) -> bool:
        """Whether a blueprint's handler can be registered where the app includes the router, which has no handlers."""
        function = handler.function
        if function is None or "." in function[1] or function[0] != handler.module:
            return False
        if any(k.name and not self._is_importable(k.name) for k in handler.kinds):
            return False
        mounts = [m for r in handler.routers for m in self.project.mounts_of(r)]
        places = {self.place_of(mount) for mount in mounts}
        return len({m.app for m in mounts}) == 1 and len(places) == 1 and None not in places

    def _is_importable(self, name: str) -> bool:
        head, _, last = name.rpartition(".")
        return head not in self.project.modules or (head, last) in self.project.names.classes

    def place_of(self, mount: Mounted) -> tuple[str, Span] | None:
        """Where an app includes a router by a name that stands at the head of the module."""
        root = self.root(mount)
        if root is None or root.registration is None or root.registration.fact.in_loop:
            return None
        place = root.registration
        module = self.project.store.module(place.module)
        head = place.fact.view.partition(".")[0]
        found = module.scope.bindings.get(head, []) if module is not None else []
        is_local = module is not None and (place.fact.scope, head) in self.project.modules[module.name].bindings
        if len(found) != 1 or (place.fact.scope and is_local):
            return None
        return place.module, place.fact.span

    def root(self, mount: Mounted) -> Mounted | None:
        """The mount on the app itself at or above a mount."""
        parts = mount.name.split(".") if mount.app is not None else []
        above = [
            found
            for length in range(1, len(parts) + 1)
            if (found := self._on_apps.get((mount.app, ".".join(parts[:length])))) is not None
        ]
        return min(above)[1] if above else None

    @cached_property
    def _on_apps(self) -> dict[tuple[ObjectId | None, str], tuple[int, Mounted]]:
        """The mounts on apps by app and name, the first of each, with their places in the list of all."""
        found: dict[tuple[ObjectId | None, str], tuple[int, Mounted]] = {}
        for index, mount in enumerate(self.project.mounted):
            if mount.app is None or mount.registration is None or (mount.app, mount.name) in found:
                continue
            fact = mount.registration.fact
            receivers = self.project.names.routers_at(mount.registration.module, fact.scope, fact.receiver)
            if any(self.project.routers[r].is_app for r in receivers):
                found[mount.app, mount.name] = index, mount
        return found

    def _is_http(self, handler: Handler) -> bool:
        return not handler.kinds or any(self.is_http(k) or k.name == "builtins.Exception" for k in handler.kinds)

    def body_of(self, handler: Handler) -> tuple[Module, FunctionNode | ast.Lambda] | None:
        """The function that answers, where its signature may change."""
        module = self.project.store.module(handler.function[0] if handler.function else handler.module)
        if module is None:
            return None
        if handler.function is None:
            call = module.by_span.get(handler.span)
            given = handler_of(module, call) if isinstance(call, ast.Call) else None
            return (module, given) if isinstance(given, ast.Lambda) and len(all_arguments(given.args)) == 1 else None
        facts, node = self.project.function(handler.function), module.functions.get(handler.function[1])
        if facts is None or node is None or facts.in_class or self.project.is_called(handler.function):
            return None
        registered = {h.span for h in self.of_function(handler.function)}
        if any(module.span(d) not in registered for d in node.decorator_list):
            return None
        plain = len(node.args.args) == len(all_arguments(node.args)) == 1
        return (module, node) if plain else None

    def of_function(self, function: FunctionId) -> tuple[Handler, ...]:
        return tuple(self._by_function.get(function, ()))

    @cached_property
    def _by_function(self) -> dict[FunctionId, list[Handler]]:
        return grouped((handler.function, handler) for handler in self.handlers if handler.function is not None)

    def kinds_of(self, handler: Handler) -> tuple[Kind, ...]:
        """All that the function of a handler is registered for."""
        if handler.function is None:
            return handler.kinds
        return tuple(sorted({k for h in self.of_function(handler.function) for k in h.kinds}))

    def sees(self, name: str) -> bool:
        """Whether the app has its own answer, other than a 500, to a class of errors ("builtins.KeyError")."""
        wanted = {name, *self.bases(name)} - {EXCEPTION.name}
        return any(
            kind.name in wanted or (kind == EXCEPTION and self._answers_below_500(handler))
            for handler in self.handlers
            for kind in handler.kinds
        )

    @cached_property
    def sees_missing_values(self) -> bool:
        """Whether a query or form value that is not there (a 400, and a `KeyError`) has an answer of its own."""
        if any(kind.name in KEY_ERRORS for handler in self.handlers for kind in handler.kinds):
            return True
        names = (KEY_ERROR, *KEY_ERRORS)
        return any(
            self.class_at(module, node) in names
            for handler in self.handlers
            if any(kind == EXCEPTION or kind.code == 400 or kind.name == HTTP_ERROR for kind in handler.kinds)
            and (found := self._function_of(handler)) is not None
            for module, function in [found]
            for node in walk(function)
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load)
        )

    def _function_of(self, handler: Handler) -> tuple[Module, FunctionNode] | None:
        module = self.project.store.module(handler.function[0]) if handler.function else None
        node = module.functions.get(handler.function[1]) if module is not None and handler.function else None
        return (module, node) if module is not None and node is not None else None

    def _answers_below_500(self, handler: Handler) -> bool:
        """Whether a handler for everything has an answer other than 500 to what is no HTTP error."""
        found = self._function_of(handler)
        if found is None:
            return True
        module, function = found
        name = next((arg.arg for arg in all_arguments(function.args)), "")
        return any(
            0 < (returned.status or 0) < 500
            and returned.kind not in ("none", "raise", "response")
            and narrowed(module, function, node, name, self._tests_for_http) != "http"
            for node in own_returns(function)
            for returned in [taken_apart(module, self.project, node)]
        )

    # -- kinds -----------------------------------------------------------------------------------------------------

    def kinds(self, module: Module, node: ast.expr | None) -> Iterator[Kind]:
        """What `404`, `NotFound` or a loop's variable stands for; nothing where it is not known."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            yield Kind(node.value)
            return
        if node is None:
            return
        dotted = self.class_at(module, node)
        if dotted.startswith("http.HTTPStatus."):
            name = dotted.removeprefix("http.HTTPStatus.").removesuffix(".value")
            if name in HTTPStatus.__members__:
                yield Kind(HTTPStatus[name].value)
        elif dotted.startswith(WERKZEUG) and (code := CODES.get(dotted.removeprefix(WERKZEUG))):
            yield Kind(code)
        elif dotted:
            yield Kind(name=dotted)
        elif isinstance(node, ast.Name) and (values := looped(module, node)) is not None:
            for value in values:
                yield from self.kinds(module, value)

    def class_at(self, module: Module, node: ast.expr) -> str:
        """The dotted name of a class (or constant of another package) that an expression names."""
        entities = self.project.entities_at(module, node)
        if len(entities) == 1:
            if entities[0].kind == "class":
                return f"{entities[0].module}.{entities[0].name}"
            if entities[0].kind == "external":
                return self.project.canonical(entities[0].name)
        if isinstance(node, ast.Name) and module.scope_of(node).lookup(node.id) is None:
            return f"builtins.{node.id}" if isinstance(getattr(builtins, node.id, None), type) else ""
        return ""

    def bases(self, name: str) -> tuple[str, ...]:
        """The classes above a class, as far as they are known, without the class itself."""
        found: dict[str, None] = {}
        waiting = [name]
        while waiting:
            current = waiting.pop(0)
            for base in self._direct_bases(current):
                if base not in found:
                    found[base] = None
                    waiting.append(base)
        return tuple(found)

    def _direct_bases(self, name: str) -> Iterator[str]:
        head, _, last = name.rpartition(".")
        if head == "builtins":
            yield from (f"builtins.{base.__name__}" for base in getattr(builtins, last).__bases__ if base is not object)
        elif name == KEY_ERROR:
            yield from (f"{WERKZEUG}BadRequest", "builtins.KeyError")
        elif name.startswith(WERKZEUG):
            yield "builtins.Exception" if name == HTTP_ERROR else HTTP_ERROR
        for module, qualname in self._classes.get(name, ()):
            scope = qualname.rpartition(".")[0]
            for base in self.project.names.classes[module, qualname].bases:
                yield from self._class_named(module, scope, base)

    @cached_property
    def _classes(self) -> dict[str, list[FunctionId]]:
        """The project's classes by dotted name."""
        return grouped((f"{module}.{qualname}", (module, qualname)) for module, qualname in self.project.names.classes)

    def _class_named(self, module: str, scope: str, reference: str) -> Iterator[str]:
        entities = self.project.names.resolve(module, scope, reference)
        for entity in sorted(entities):
            if entity.kind in ("class", "external"):
                yield f"{entity.module}.{entity.name}" if entity.module else self.project.canonical(entity.name)
        if not entities and isinstance(getattr(builtins, reference, None), type):
            yield f"builtins.{reference}"

    def is_http(self, kind: Kind) -> bool:
        """Whether errors of a kind carry a status of Werkzeug's."""
        return bool(kind.code) or kind.name.startswith(WERKZEUG) or HTTP_ERROR in self.bases(kind.name)

    def is_known_to_fastapi(self, kind: Kind) -> bool:
        return not kind.name.startswith(WERKZEUG) or kind.name == HTTP_ERROR

    def are_related(self, kind: Kind, other: Kind) -> bool:
        """Whether one error can be of both kinds."""
        if kind.name == "builtins.Exception" or other.name == "builtins.Exception":
            return True
        if self.is_http(kind) and self.is_http(other):
            return True
        names = {kind.name, *self.bases(kind.name)}, {other.name, *self.bases(other.name)}
        return kind.name in names[1] or other.name in names[0]

    # -- what a handler reads of the error -------------------------------------------------------------------------

    def uses(self, module: Module, function: FunctionNode | ast.Lambda, kinds: tuple[Kind, ...]) -> Iterator[Use]:
        """Every read of the error in a handler for these kinds, but for those that stay as they are."""
        name = all_arguments(function.args)[0].arg
        mixed = EXCEPTION in kinds
        if not mixed and not any(k.code or k.name == HTTP_ERROR for k in kinds):
            return
        pure = not any(not (k.code or k.name == HTTP_ERROR) for k in kinds)
        scope = module.scopes[function]
        for node in walk(function):
            if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id == name):
                continue
            found = module.scope_of(node).lookup(name)
            if found is None or found[0] is not scope:
                continue
            if len(found[1]) > 1:
                yield Use(node, node, "")
                continue
            side = "http" if pure else narrowed(module, function, node, name, self._tests_for_http)
            if side != "other":
                yield self._use(module, node, is_http=side == "http")

    def _tests_for_http(self, module: Module, name: str, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "isinstance"
            and len(node.args) == 2
            and isinstance(node.args[0], ast.Name)
            and node.args[0].id == name
            and self.class_at(module, node.args[1]) == HTTP_ERROR
        )

    def _use(self, module: Module, node: ast.Name, *, is_http: bool) -> Use:
        parent = module.parents[node]
        outer = module.parents.get(parent)
        if isinstance(parent, ast.Attribute):
            if is_http and parent.attr in ATTRIBUTES and isinstance(parent.ctx, ast.Load):
                return Use(node, parent, "attribute", parent.attr)
            if is_http and parent.attr == "get_response" and isinstance(outer, ast.Call) and not outer.args:
                return Use(node, outer, "response")
            return Use(node, parent, "original" if parent.attr == "original_exception" else "")
        if isinstance(parent, ast.FormattedValue) and not parent.format_spec and parent.conversion in (-1, ord("s")):
            return Use(node, node, "text")
        if isinstance(parent, ast.Return) or (isinstance(parent, ast.Lambda) and parent.body is node):
            return Use(node, node, "answer")
        if isinstance(parent, ast.Call) and node in parent.args:
            function = parent.func
            if isinstance(function, ast.Name) and function.id == "str" and len(parent.args) == 1:
                return Use(node, parent, "text")
            if isinstance(function, ast.Name) and function.id == "isinstance" and len(parent.args) == 2:
                tested = self.class_at(module, parent.args[1])
                if tested == HTTP_ERROR:
                    return Use(node, parent.args[1], "class")
                return Use(node, parent, "log" if tested and not self.is_http(Kind(name=tested)) else "")
            if isinstance(function, ast.Name) and function.id == "getattr" and len(parent.args) == 3:
                attribute = parent.args[1]
                if isinstance(attribute, ast.Constant) and attribute.value == "original_exception":
                    return Use(node, parent, "original")
                known = isinstance(attribute, ast.Constant) and attribute.value in ATTRIBUTES - {"valid_methods"}
                if is_http and known and isinstance(attribute, ast.Constant):
                    return Use(node, parent, "attribute", str(attribute.value))
            if isinstance(function, ast.Attribute) and function.attr in LOGGING:
                return Use(node, node, "log")
        return Use(node, node, "")

    # -- the numbers that errors carry -----------------------------------------------------------------------------

    def gives_number(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression in a handler is surely a status as a number: `error.code`, `error.code or 500`."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, int)
        if isinstance(node, ast.BoolOp):
            return self.gives_number(module, node.values[0])
        if isinstance(node, ast.IfExp):
            return self.gives_number(module, node.body) and self.gives_number(module, node.orelse)
        function = module.function_of(node)
        if isinstance(node, ast.Name) and function is not None:
            found = module.scope_of(node).lookup(node.id)
            values = [assigned(module, binding.node) for binding in found[1]] if found is not None else []
            return bool(values) and all(value is not None and self.gives_number(module, value) for value in values)
        if function is None or not isinstance(node, ast.Attribute) or node.attr not in NUMBERS:
            return False
        for clause in module.ancestors(node):
            if isinstance(clause, ast.ExceptHandler) and clause.type and clause.name == reference(node.value):
                return node.attr == "code" and self.is_http(Kind(name=self.class_at(module, clause.type)))
        handlers = self.of_function(self.project.function_id(module, function))
        answering: FunctionNode | ast.Lambda = function
        for parent in module.ancestors(node):
            if isinstance(parent, ast.Lambda):
                call = module.parents[parent]
                here = [h for h in self.handlers if h.module == module.name]
                handlers = tuple(h for h in here if module.by_span.get(h.span) is call)
                answering = parent
                break
        names = [arg.arg for arg in all_arguments(answering.args)]
        kinds = [k for h in handlers for k in h.kinds]
        if not kinds or reference(node.value) != names[0]:
            return False
        if EXCEPTION in kinds:
            passed = narrowed(module, answering, node, names[0], self._tests_for_http) == "http"
            return node.attr == "code" and passed
        return all((self.is_http(k) and node.attr == "code") or self._sets_number(k.name, node.attr) for k in kinds)

    def _sets_number(self, name: str, attribute: str) -> bool:
        """Whether a class, or one above it, has a number by that name."""
        classes = {name, *self.bases(name)}
        for home, qualname in self.project.names.classes:
            module = self.project.store.module(home) if f"{home}.{qualname}" in classes else None
            for scope in module.scopes.values() if module is not None else ():
                if scope.qualname == qualname and isinstance(scope.node, ast.ClassDef) and module is not None:
                    for binding in scope.bindings.get(attribute, ()):
                        if is_int(assigned(module, binding.node)):
                            return True
                    if any(gives_int(s, attribute) for s in scope.node.body if isinstance(s, ast.FunctionDef)):
                        return True
        return False

    # -- what the rest of the project does -------------------------------------------------------------------------

    @property
    def _modules(self) -> Iterator[Module]:
        for name in self.project.modules:
            if (module := self.project.store.module(name)) is not None:
                yield module

    def is_caught(self, name: str) -> bool:
        """Whether an `except` of the project, or a test, waits for a class of Werkzeug's."""
        return name in self._caught

    def may_raise_werkzeug(self, module: Module, clause: ast.ExceptHandler) -> bool:
        """Whether what an `except` guards may raise an error of Werkzeug's own: its request does, and so do classes of
        the project that are derived from Werkzeug's."""
        guarded = module.parents[clause]
        inside = {n for s in getattr(guarded, "body", ()) for n in walk(s)}
        if any(n.node in inside and self.project.canonical(n.target) == "flask.request" for n in module.names):
            return True
        if any(HTTP_ERROR in self.bases(f"{home}.{name}") for home, name in self.project.names.classes):
            return True
        called = [n.func for n in inside if isinstance(n, ast.Call)]
        waiting = [e.function_id for f in called for e in self.project.entities_at(module, f) if e.kind == "function"]
        for function in (n for n in module.ancestors(clause) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))):
            decorator = self.project.decorator(self.project.function_id(module, function))
            if decorator is not None and any(reference(f) == decorator.view for f in called):
                waiting += self.project.callers.get(decorator.id, ())
        seen: set[FunctionId] = set()
        while waiting:
            current = waiting.pop()
            facts = self.project.function(current)
            if facts is not None and "flask.request" in facts.proxies:
                return True
            if current not in seen:
                seen.add(current)
                waiting += self.project.callees.get(current, ())
        return False

    @cached_property
    def _caught(self) -> frozenset[str]:
        found: set[str] = set()
        for module in self._modules:
            for clause in module.nodes(ast.ExceptHandler):
                types = clause.type.elts if isinstance(clause.type, ast.Tuple) else [clause.type]
                found.update(self.class_at(module, node) for node in types if node is not None)
            for call in module.calls:
                if call.args and reference(call.func).endswith(EXPECTING):
                    types = call.args[0].elts if isinstance(call.args[0], ast.Tuple) else [call.args[0]]
                    found.update(self.class_at(module, node) for node in types)
        return frozenset(name for name in found if name.startswith(WERKZEUG))

    @cached_property
    def _aborts_with_500(self) -> bool:
        """Whether the project raises a 500 itself; FastAPI's handler for it is only for what nobody expected."""
        for module in self._modules:
            for call in module.calls:
                target, code = self.project.canonical(module.dotted(call.func)), argument(call, 0, "code")
                if target == f"{WERKZEUG}InternalServerError":
                    return True
                if target == "flask.abort" and isinstance(code, ast.Constant) and code.value == 500:
                    return True
        return False

    @cached_property
    def raises_key_errors(self) -> bool:
        """Whether a view takes a query or form value by subscript: for Flask a missing one is a `KeyError` too."""
        return any(
            isinstance(node.value, ast.Attribute)
            and node.value.attr in ("args", "form", "files", "values", "cookies", "headers")
            and self.project.canonical(module.dotted(node.value.value)) == "flask.request"
            for module in self._modules
            for node in module.nodes(ast.Subscript)
        )


def kind_of(call: ast.Call) -> ast.expr | None:
    """The argument that says for what a handler is."""
    return argument(call, 0, "code_or_exception") or argument(call, 0, "code")


def handler_of(module: Module, call: ast.Call) -> ast.expr | None:
    """The handler that a call is given: `register_error_handler(404, f)`, `errorhandler(404)(f)`."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "register_error_handler":
        return argument(call, 1, "f")
    outer = module.parents[call]
    return outer.args[0] if isinstance(outer, ast.Call) and outer.func is call and len(outer.args) == 1 else None


def assigned(module: Module, node: ast.AST) -> ast.expr | None:
    """What a name is given where it is bound."""
    statement = module.parents.get(node)
    return statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None


def is_int(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def gives_int(method: ast.FunctionDef, attribute: str) -> bool:
    """Whether a method sets `self.code` to a number, or to a parameter that is one by default."""
    args = [*method.args.posonlyargs, *method.args.args]
    defaults = dict(zip(reversed([a.arg for a in args]), reversed(method.args.defaults), strict=False))
    by_keyword = zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True)
    defaults |= {arg.arg: default for arg, default in by_keyword if default is not None}
    for node in walk(method):
        if isinstance(node, ast.Assign) and any(reference(t) == f"self.{attribute}" for t in node.targets):
            value = defaults.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
            if is_int(value):
                return True
    return False


def looped(module: Module, node: ast.Name) -> list[ast.expr] | None:
    """The values of a `for` loop's variable, where they are written down."""
    for parent in module.ancestors(node):
        if isinstance(parent, ast.For) and isinstance(parent.target, ast.Name) and parent.target.id == node.id:
            values: ast.expr = parent.iter
            if isinstance(values, ast.Name) and (found := module.scope_of(values).lookup(values.id)) is not None:
                statement = module.parents.get(found[1][0].node)
                if len(found[1]) == 1 and isinstance(statement, ast.Assign):
                    values = statement.value
            return list(values.elts) if isinstance(values, (ast.Tuple, ast.List, ast.Set)) else None
    return None
