"""The routes that an earlier step has moved: FastAPI's, in a project that has a Flask app still."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.module import Module
from migrator.project.flask_names import METHODS
from migrator.project.model import FunctionId
from migrator.syntax import argument, reference, text_of

if TYPE_CHECKING:
    from migrator.project.project import Project

ROUTERS = ("fastapi.APIRouter", "fastapi.FastAPI")


@dataclass(frozen=True, slots=True)
class MovedRoute:
    """A route with the name that `url_for` knows it by; the path is as far as it is written in plain text."""

    endpoint: str
    path: str
    methods: tuple[str, ...]
    module: str
    line: int
    view: FunctionId | None


def moved_routes(project: Project) -> list[MovedRoute]:
    """Routes of routers, in the order of the files."""
    prefixes = dict(_prefixes(project))
    return [route for name in project.modules for route in _in_module(project, name, prefixes)]


def _in_module(project: Project, name: str, prefixes: dict[tuple[str, str], str]) -> Iterator[MovedRoute]:
    module = project.store.module(name)
    routers = _routers(module) if module is not None else {}
    if module is None or not routers:
        return
    for call in module.calls:
        router, _, method = reference(call.func).rpartition(".")
        endpoint = text_of(module, argument(call, -1, "name"))
        path = text_of(module, argument(call, 0, "path"))
        if router not in routers or endpoint is None or path is None:
            continue
        if method.upper() not in METHODS and method not in ("route", "api_route", "add_api_route"):
            continue
        methods = argument(call, -1, "methods")
        named = [text_of(module, one) for one in getattr(methods, "elts", ())] or [
            method.upper() if method.upper() in METHODS else "GET"
        ]
        prefix = prefixes.get((name, router), "") + routers[router]
        view = _view(module, call)
        yield MovedRoute(endpoint, prefix + path, tuple(filter(None, named)), name, call.lineno, view)


def _view(module: Module, call: ast.Call) -> FunctionId | None:
    parent = module.parents[call]
    if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return module.name, module.scopes[parent].qualname
    given = argument(call, 1, "endpoint")
    return (module.name, reference(given)) if given is not None and reference(given) in module.functions else None


def _routers(module: Module) -> dict[str, str]:
    """The names of routers at the top of a module, and their prefixes."""
    found: dict[str, str] = {}
    for statement in module.tree.body if "fastapi" in module.text else ():
        value = statement.value if isinstance(statement, ast.Assign) else None
        if isinstance(value, ast.Call) and module.dotted(value.func) in ROUTERS and isinstance(statement, ast.Assign):
            prefix = text_of(module, argument(value, -1, "prefix")) or ""
            found |= {reference(target): prefix for target in statement.targets}
    return found


def _prefixes(project: Project) -> Iterator[tuple[tuple[str, str], str]]:
    """What routers get in front of their paths where they are included."""
    for name in project.modules:
        module = project.store.module(name)
        for call in module.calls if module is not None and "include_router" in module.text else ():
            if module is None or reference(call.func).rpartition(".")[2] != "include_router":
                continue
            router = call.args[0 if isinstance(call.func, ast.Attribute) else 1 :][:1]
            prefix = text_of(module, argument(call, -1, "prefix"))
            if router and prefix:
                home, _, router_name = (module.dotted(router[0]) or f"{name}.{reference(router[0])}").rpartition(".")
                yield (home, router_name), prefix
