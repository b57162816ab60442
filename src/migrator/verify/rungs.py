"""How far each route got, judged by the code that was written."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from migrator.findings import Finding, Severity
from migrator.module import Module
from migrator.project.model import FunctionId, Route
from migrator.project.project import Project
from migrator.report.model import RouteReport, Rung
from migrator.support import CONTEXT_READERS, FOLDER

# parameters that hand a view the request as a whole, or a part that FastAPI has not typed
REQUESTS = ("fastapi.Request", "starlette.requests.Request")
UNTYPED = {
    "FlaskRequest",
    "JsonBody",
    "SilentJson",
    "ForcedJson",
    "ForcedSilentJson",
    "FormData",
    "Values",
    "UploadedFiles",
    "QueryArgs",
    "RawBody",
}


def route_reports(project: Project, texts: Mapping[str, str], findings: tuple[Finding, ...]) -> tuple[RouteReport, ...]:
    """The report's routes: from the linked project, with the rung that the new text shows."""
    after = {name: _module(project, name, text) for name, text in texts.items()}
    ambient = {(name, scope) for name, module in after.items() for scope in _ambient_functions(module)}
    found: list[RouteReport] = []
    for route in project.routes:
        numbers = tuple(i + 1 for i, f in enumerate(findings) if route.endpoint in f.endpoints)
        place = route.registration
        file = project.modules[place.module].path
        rung = _rung(project, route, after, ambient, findings)
        line = project.store.original(file, place.fact.span).line
        found.append(RouteReport(route.endpoint, route.rule, route.methods, file, line, rung, numbers))
    return merged(found)


def merged(routes: list[RouteReport]) -> tuple[RouteReport, ...]:
    """One entry for each rule, also where two functions answer its methods now: the lower rung counts."""
    order = list(Rung)
    found: dict[tuple[str, str, str, int], RouteReport] = {}
    for route in routes:
        key = route.endpoint, route.rule, route.file, route.line
        if (other := found.get(key)) is not None:
            methods = tuple(dict.fromkeys([*other.methods, *route.methods]))
            rung = max(other.rung, route.rung, key=order.index)
            route = replace(other, methods=methods, rung=rung)
        found[key] = route
    return tuple(found.values())


def _module(project: Project, name: str, text: str) -> Module:
    facts = project.modules[name]
    return Module(facts.path, name, text, is_package=facts.is_package)


def _ambient_functions(module: Module) -> set[str]:
    """The functions that read the support package's context, by qualified name."""
    found: set[str] = set()
    for name in module.names:
        _, inside, what = name.target.rpartition(f"{FOLDER}.")
        is_own = what.startswith("context.") and what not in ("context.FlaskRequest", "context.RequestContext")
        if inside and (is_own or what in CONTEXT_READERS):
            function = module.function_of(name.node)
            if function is not None:
                found.add(module.scopes[function].qualname)
    return found


def _rung(
    project: Project,
    route: Route,
    after: Mapping[str, Module],
    ambient: set[FunctionId],
    findings: tuple[Finding, ...],
) -> Rung:
    fact = route.registration.fact
    has_no_view = fact.method == "add_url_rule" and not (fact.view or fact.view_class)  # a further name of an address
    if (route.view is None and not has_no_view) or not _is_converted(route, after):
        return Rung.MANUAL
    if any(
        f.severity is Severity.MANUAL and route.endpoint in f.endpoints and f.code in ("FF003", "FF004")
        for f in findings
    ):
        return Rung.MANUAL
    functions = [key for key, routes in project.views.items() if route in routes]
    if any(_reaches(project, key, ambient) for key in functions):
        return Rung.AMBIENT
    if any(_takes_request(after[key[0]], project.name_after(key)[1]) for key in functions if key[0] in after):
        return Rung.REQUEST
    return Rung.NATIVE


def _is_converted(route: Route, after: Mapping[str, Module]) -> bool:
    """Whether the module that registers the route names no Flask class of it any more."""
    module = after.get(route.registration.module)
    if module is None:
        return False
    fact = route.registration.fact
    if fact.function:
        return any(
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and not any(
                isinstance(d, ast.Call) and isinstance(d.func, ast.Attribute) and d.func.attr == "route"
                for d in node.decorator_list
            )
            for node in module.scopes
            if module.scopes[node].qualname == fact.function
        )
    return not any(isinstance(n, ast.Attribute) and n.attr == "add_url_rule" for n in module.parents)


def _reaches(project: Project, view: FunctionId, ambient: set[FunctionId]) -> bool:
    seen: set[FunctionId] = set()
    stack = [view]
    while stack:
        current = stack.pop()
        if current in seen:
            continue
        seen.add(current)
        if project.name_after(current) in ambient:
            return True
        stack.extend(project.callees.get(current, ()))
    return False


def _takes_request(module: Module, qualname: str) -> bool:
    for node, scope in module.scopes.items():
        if scope.qualname == qualname and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for arg in node.args.args:
                target = module.dotted(arg.annotation, scope.parent) if arg.annotation is not None else ""
                if target in REQUESTS or (target.rpartition(".")[2] in UNTYPED and FOLDER in target):
                    return True
    return False
