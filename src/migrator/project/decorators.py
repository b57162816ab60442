"""The project's own decorators, and what stands on views."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from migrator.module import FunctionNode, Module, walk
from migrator.project.flask_names import REGISTERING
from migrator.project.model import FunctionId

if TYPE_CHECKING:
    from migrator.project.project import Project

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# decorators of extensions that hand a view's answer on as it is
TRANSPARENT = (
    "flask.stream_with_context",
    "flask_login.",
    "flask_jwt_extended.",
    "flask_limiter.",
    "functools.",
    "typing.",
    "typing_extensions.",
)
# decorators that only document a view
DOCUMENTING = {"flasgger.swag_from", "flasgger.utils.swag_from"}


@dataclass(frozen=True, eq=False)
class Decorator:
    """A function of the project that wraps views.

    `outer` is what stands behind the `@`, `inner` takes the view (the same, unless the decorator has arguments), and
    `wrapper` is what it makes of it.
    """

    id: FunctionId
    module: Module
    outer: FunctionNode
    inner: FunctionNode
    wrapper: FunctionNode

    @property
    def view(self) -> str:
        """The name by which the decorator knows the view."""
        return self.inner.args.args[0].arg

    @property
    def has_arguments(self) -> bool:
        return self.outer is not self.inner

    @property
    def optional(self) -> str:
        """The parameter that gets the view where the decorator stands without parentheses, though it may have
        arguments."""
        last = self.outer.body[-1]
        if (
            self.has_arguments
            and isinstance(last, ast.Return)
            and isinstance(last.value, ast.IfExp)
            and self.outer.args.args
        ):
            return self.outer.args.args[0].arg
        return ""

    @property
    def wrapper_id(self) -> FunctionId:
        return self.module.name, self.module.scopes[self.wrapper].qualname

    @cached_property
    def view_calls(self) -> list[ast.Call]:
        """The calls of the view in the wrapper."""
        below = (node for node in walk(self.wrapper) if isinstance(node, ast.Call))
        return [call for call in below if is_call_of(self.module, call, self.view)]

    @property
    def passes_keywords(self) -> bool:
        """Whether the view gets all that the wrapper is called with by name, so that FastAPI may add parameters."""
        kwarg = self.wrapper.args.kwarg
        return kwarg is not None and all(
            any(k.arg is None and isinstance(k.value, ast.Name) and k.value.id == kwarg.arg for k in call.keywords)
            for call in self.view_calls
        )

    @property
    def wraps(self) -> bool:
        """Whether the wrapper shows the view's signature (`functools.wraps`)."""
        for node in self.wrapper.decorator_list:
            if isinstance(node, ast.Call) and self.module.dotted(node.func) == "functools.wraps":
                return True
        return any(
            self.module.dotted(call.func) == "functools.update_wrapper" and is_below(self.module, call, self.inner)
            for call in self.module.calls
        )


@dataclass(frozen=True, slots=True)
class Decoration:
    """A decorator as it stands on a view; `decorator` is known where it is one of the project's."""

    module: str
    node: ast.expr
    decorator: Decorator | None
    target: str = ""  # canonical name, for one that is not the project's


def decorator_of(module: Module, function: FunctionNode) -> Decorator | None:
    """What a function decorates with, if it is a decorator of the usual form."""
    name = module.name, module.scopes[function].qualname
    returned = returned_function(function)
    if returned is None:
        return None
    if function.args.args and calls(module, returned, function.args.args[0].arg):
        return Decorator(name, module, function, function, returned)
    wrapper = returned_function(returned)
    if wrapper is not None and returned.args.args and calls(module, wrapper, returned.args.args[0].arg):
        return Decorator(name, module, function, returned, wrapper)
    return None


def returned_function(function: FunctionNode) -> FunctionNode | None:
    """The function that is defined in a function and returned at its end."""
    last = function.body[-1]
    value = last.value if isinstance(last, ast.Return) else None
    if isinstance(value, ast.IfExp):  # return decorate(view) if view else decorate
        value = value.body if isinstance(value.body, ast.Name) else value.orelse
    if not isinstance(value, ast.Name):
        return None
    name = value.id
    return next((s for s in reversed(function.body) if isinstance(s, FUNCTIONS) and s.name == name), None)


def calls(module: Module, function: FunctionNode, name: str) -> bool:
    return any(is_call_of(module, node, name) for node in walk(function) if isinstance(node, ast.Call))


def is_call_of(module: Module, call: ast.Call, name: str) -> bool:
    """Whether `view(...)` is called, or `current_app.ensure_sync(view)(...)`."""
    func = call.func
    if (
        isinstance(func, ast.Call)
        and isinstance(func.func, ast.Attribute)
        and func.func.attr == "ensure_sync"
        and len(func.args) == 1
    ):
        func = func.args[0]
    return isinstance(func, ast.Name) and func.id == name


def is_below(module: Module, node: ast.AST, owner: ast.AST) -> bool:
    return any(parent is owner for parent in module.ancestors(node))


def is_registration(project: Project, module: Module, node: ast.expr) -> bool:
    """Whether a decorator registers the function with an app or blueprint."""
    target = node.func if isinstance(node, ast.Call) else node
    return (
        isinstance(target, ast.Attribute)
        and target.attr in REGISTERING
        and bool(project.routers_at(module, target.value))
    )


def decorations_on(project: Project, module: Module, function: FunctionNode) -> Iterator[Decoration]:
    """What stands between a view's routes and the view, from the outside in."""
    registering = [i for i, d in enumerate(function.decorator_list) if is_registration(project, module, d)]
    first = registering[0] + 1 if registering else 0
    for index, node in enumerate(function.decorator_list):
        if index >= first and index not in registering and not is_documentation(project, module, node):
            yield decoration(project, module, node)


def is_documentation(project: Project, module: Module, node: ast.expr) -> bool:
    """Whether a decorator only documents the view, and goes."""
    called = node.func if isinstance(node, ast.Call) else node
    return project.canonical(module.dotted(called)) in DOCUMENTING


def class_decorations(project: Project, owner: FunctionId) -> list[Decoration]:
    """The `decorators = [...]` of a view class, its own or inherited; the last is the outermost."""
    for module_name, qualname in project.names.lineage(owner):
        module = project.store.module(module_name)
        node = class_node(module, qualname) if module is not None else None
        if module is None or node is None:
            continue
        value = class_attribute(node, "decorators")
        if value is not None:
            return _in_list(project, module, value)
    return []


def _in_list(project: Project, module: Module, node: ast.expr) -> list[Decoration]:
    """The decorators of a list that may be put together: `[login_required] + Base.decorators`."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return [one for item in node.elts for one in _in_list_item(project, module, item)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_in_list(project, module, node.left), *_in_list(project, module, node.right)]
    if isinstance(node, ast.Attribute) and node.attr == "decorators":
        owners = [entity for entity in project.entities_at(module, node.value) if entity.kind == "class"]
        if len(owners) == 1:
            return class_decorations(project, owners[0].function_id)
    return [Decoration(module.name, node, None)]


def _in_list_item(project: Project, module: Module, item: ast.expr) -> list[Decoration]:
    if isinstance(item, ast.Starred):
        return _in_list(project, module, item.value)
    return [decoration(project, module, item)]


def class_node(module: Module, qualname: str) -> ast.ClassDef | None:
    return next((n for n, s in module.scopes.items() if isinstance(n, ast.ClassDef) and s.qualname == qualname), None)


def class_attribute(node: ast.ClassDef, name: str) -> ast.expr | None:
    """The value of `name = ...` in a class body."""
    for statement in node.body:
        if (
            isinstance(statement, ast.Assign)
            and isinstance(target := statement.targets[0], ast.Name)
            and target.id == name
        ):
            return statement.value
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.target.id == name
        ):
            return statement.value
    return None


RESPONSE_CALLS = (
    "flask.jsonify",
    "flask.make_response",
    "flask.redirect",
    "flask.Response",
    "flask.send_file",
    "flask.send_from_directory",
)


def is_response(module: Module, project: Project, returned: ast.Return) -> bool:
    """Whether a return gives a response object for certain."""
    value = returned.value
    if isinstance(value, ast.Name):
        found = module.scope_of(value).lookup(value.id)
        statements = [module.parents.get(b.node) for b in found[1]] if found else []
        values = [s.value for s in statements if isinstance(s, ast.Assign) and s.targets[0] is not None]
        return (
            bool(values)
            and len(values) == len(statements)
            and all(is_response_call(module, project, v) for v in values)
        )
    return is_response_call(module, project, value)


def is_response_call(module: Module, project: Project, value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and project.canonical(module.dotted(value.func)) in RESPONSE_CALLS


def decoration(project: Project, module: Module, node: ast.expr) -> Decoration:
    target = node.func if isinstance(node, ast.Call) else node
    found = [e for e in project.entities_at(module, target) if e.kind == "function"]
    decorator = project.decorator(found[0].function_id) if len(found) == 1 else None
    return Decoration(module.name, node, decorator, project.canonical(module.dotted(target)))


def is_transparent(one: Decoration) -> bool:
    """Whether a decorator of another package hands on what the view returns."""
    return one.decorator is None and (
        one.target.startswith(TRANSPARENT) or one.target in ("staticmethod", "classmethod")
    )
