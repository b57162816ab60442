"""Flask's class-based views: which become functions, and which objects are made once or for each request."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from migrator.module import FunctionNode, Module, walk
from migrator.project.decorators import class_attribute, class_node
from migrator.project.flask_names import METHODS
from migrator.project.model import FunctionId, Route
from migrator.syntax import argument, text_of

if TYPE_CHECKING:
    from migrator.project.project import Project

BASES = ("flask.views.MethodView", "flask.views.View")
SETTINGS = {"decorators", "methods", "init_every_request", "provide_automatic_options"}
HANDLERS = {*(m.lower() for m in METHODS), "dispatch_request"}


@dataclass(eq=False)
class ViewClass:
    """A class that derives from Flask's `View`, and what the migrated app makes of it."""

    project: Project
    id: FunctionId
    module: Module
    node: ast.ClassDef

    @cached_property
    def lineage(self) -> list[tuple[Module, ast.ClassDef]]:
        """The class and its bases in the project."""
        found = []
        for name, qualname in self.project.names.lineage(self.id):
            module = self.project.store.module(name)
            node = class_node(module, qualname) if module is not None else None
            if module is not None and node is not None:
                found.append((module, node))
        return found

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        return tuple(self.project.routes_to(self.id))

    @cached_property
    def is_dispatching(self) -> bool:
        """Whether one method answers all requests."""
        return self.project.names.method_of(self.id, "dispatch_request") is not None

    def handlers(self, methods: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        """The methods of the class that answer, each with the HTTP methods."""
        if self.is_dispatching:
            return [("dispatch_request", [m for m in methods if not (m == "HEAD" and "GET" in methods)] or ["GET"])]
        found = [(m.lower(), [m]) for m in methods if self.project.names.method_of(self.id, m.lower())]
        # Werkzeug lets GET serve HEAD, and any route OPTIONS: what serves them itself has to come first
        return sorted(found, key=lambda one: one[0] not in ("head", "options"))

    @cached_property
    def is_fresh(self) -> bool:
        """Whether each request needs an object of its own."""
        setting = next(
            (v for _, node in self.lineage if (v := class_attribute(node, "init_every_request")) is not None), None
        )
        if isinstance(setting, ast.Constant) and not setting.value:
            return False
        return any(keeps_state(method) for _, node in self.lineage for method in methods_in(node))

    @cached_property
    def name(self) -> str:
        """The endpoint that all its rules share, "" if there is none."""
        names = {r.endpoint.rpartition(".")[2] for r in self.routes}
        return names.pop() if len(names) == 1 else ""

    @cached_property
    def becomes_functions(self) -> bool:
        """Whether nothing but its routes needs the class, and its methods need no object."""
        if self.module.scopes[self.node].parent is not self.module.scope or not self.name or self.name == "?":
            return False
        if [self.project.canonical(self.module.dotted(b)) for b in self.node.bases] not in (
            [BASES[0]],
            [BASES[1]],
        ) or self.node.keywords:
            return False
        if self.node.decorator_list or not all(self.is_simple(s) for s in self.node.body):
            return False
        if any((self.id[0], f"{self.id[1]}.{m}") not in self.project.views for m in self.answering):
            return False
        if not all(self.is_free(m) for m in methods_in(self.node)):
            return False
        names = [n for m in methods_in(self.node) if (n := self.function_name(m))]
        if len(set(names)) != len(names) or any(n in self.module.scope.bindings for n in names):
            return False
        return (
            bool(self.routes) and all(self.is_plain_route(route) for route in self.routes) and self.is_only_registered
        )

    @property
    def answering(self) -> list[str]:
        return [m.name for m in methods_in(self.node) if m.name in HANDLERS]

    def function_name(self, method: FunctionNode) -> str:
        """The name of the function that a method becomes: `get_orders`."""
        if method.name not in HANDLERS:
            return method.name
        name = re.sub(r"\W", "_", self.name)
        return name if method.name == "dispatch_request" else f"{method.name}_{name}"

    def is_simple(self, statement: ast.stmt) -> bool:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return statement.name != "__init__"
        if isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Name):
            if target.id == "decorators":
                return isinstance(statement.value, (ast.List, ast.Tuple))
            return target.id in SETTINGS
        return isinstance(statement, ast.Pass) or (
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        )

    def is_free(self, method: FunctionNode) -> bool:
        """Whether a method uses `self` only to call other methods of the class that are free too."""
        if not method.args.args or method.args.args[0].arg != "self" or method.args.posonlyargs:
            return False
        if method.name not in HANDLERS and method.decorator_list:
            return False
        own = {m.name for m in methods_in(self.node)} - HANDLERS
        local = self.module.scopes[method].bindings
        for node in walk(method):
            if isinstance(node, ast.Name) and node.id in ("super", "__class__"):
                return False
            if isinstance(node, ast.Name) and node.id == "self":
                parent = self.module.parents[node]
                call = self.module.parents[parent]
                if not (isinstance(parent, ast.Attribute) and isinstance(call, ast.Call) and call.func is parent):
                    return False
                if parent.attr not in own or parent.attr in local:
                    return False
        return True

    def helper_calls(self) -> Iterator[ast.Attribute]:
        """`self.find` in the methods, where the class becomes functions."""
        for method in methods_in(self.node):
            for node in walk(method):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
                    yield node

    def is_plain_route(self, route: Route) -> bool:
        """Whether a rule may stand on the functions as a decorator."""
        fact = route.registration.fact
        call = self.module.by_span.get(fact.span)
        if (
            route.registration.module != self.module.name
            or fact.scope
            or fact.in_loop
            or not isinstance(call, ast.Call)
        ):
            return False
        if "defaults" in fact.options or not fact.rule or not isinstance(self.module.parents[call], ast.Expr):
            return False
        if self.module.parents[self.module.parents[call]] is not self.module.tree or not fact.view_class:
            return False
        made = argument(call, 2, "view_func")
        if not (isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) and made.func.attr == "as_view"):
            return False
        if len(made.args) + len(made.keywords) > 1 or text_of(self.module, argument(made, 0, "name")) is None:
            return False
        receiver = fact.receiver.partition(".")[0]
        bound = self.module.scope.bindings.get(receiver, [])
        return bool(bound) and all(getattr(b.node, "lineno", 0) < self.node.lineno for b in bound)

    @property
    def is_only_registered(self) -> bool:
        """Whether the class is named nowhere but in its registrations."""
        if self.project.is_imported(self.module.name, self.node.name):
            return False
        names = [n for n, scope in self.module.loads if n.id == self.node.name]
        return len(names) == len({r.registration.fact.span for r in self.routes})


def methods_in(node: ast.ClassDef) -> list[FunctionNode]:
    return [s for s in node.body if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef))]


def keeps_state(method: FunctionNode) -> bool:
    """Whether a method puts something into its object that is made for the one request."""
    if method.name == "__init__":
        return not all(is_constant_setup(statement) for statement in method.body)
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, (ast.Store, ast.Del))
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        for node in walk(method)
    ) or any(isinstance(node, ast.Name) and node.id == "setattr" for node in walk(method))


def is_constant_setup(statement: ast.stmt) -> bool:
    """Whether a statement of `__init__` only keeps what it was given."""
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        value = statement.value
        is_super = (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and isinstance(value.func.value, ast.Call)
        )
        return isinstance(value, ast.Constant) or is_super
    if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
        return all(
            isinstance(n, (ast.Name, ast.Attribute, ast.Constant, ast.expr_context)) for n in walk(statement.value)
        )
    return False


def view_class(project: Project, owner: FunctionId) -> ViewClass | None:
    """A class of the project as a view; None where it is none."""
    module = project.store.module(owner[0])
    node = class_node(module, owner[1]) if module is not None else None
    if module is None or node is None:
        return None
    made = ViewClass(project, owner, module, node)
    bases = {project.canonical(m.dotted(b)) for m, n in made.lineage for b in n.bases}
    return made if bases & set(BASES) else None


def object_name(node: ast.ClassDef) -> str:
    """`clip_item` for `ClipItem`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", node.name).lower()
