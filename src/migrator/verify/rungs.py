"""How far each route got, judged by the code that was written."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.findings import Finding, Severity
from migrator.module import FunctionNode, Module, Scope
from migrator.project.extension_routes import extension_routes
from migrator.project.model import FunctionId, ObjectId, Route
from migrator.project.mounting import BRIDGES
from migrator.project.project import Project
from migrator.report.model import RouteReport, Rung
from migrator.support import CONTEXT_READERS, FOLDER
from migrator.syntax import reference

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


RUNGS = list(Rung)


@dataclass(frozen=True, slots=True)
class After:
    """What the new text of a file tells: functions by qualified name."""

    ambient: frozenset[str]  # that read the support package's context
    unregistered: frozenset[str]  # without a decorator of the form `@app.route(...)`
    asking: frozenset[str]  # that take the request
    adds_rules: bool  # calls `add_url_rule`
    imports: frozenset[str]  # dotted names
    mounts: bool = False  # serves a Flask app


def after_of(module: Module) -> After:
    """What there is to know of a file once it is written."""
    unregistered = {
        s.qualname
        for n, s in module.scopes.items()
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and not any(map(_is_route, n.decorator_list))
    }
    asking = {
        s.qualname
        for n, s in module.scopes.items()
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and _takes_request(module, n, s)
    }
    adds_rules = any(node.attr == "add_url_rule" for node in module.nodes(ast.Attribute))
    imports = frozenset(imported_by(module))
    mounts = any(reference(call.func).rpartition(".")[2] in BRIDGES for call in module.calls)
    ambient = frozenset(_ambient_functions(module))
    return After(ambient, frozenset(unregistered), frozenset(asking), adds_rules, imports, mounts)


def imported_by(module: Module) -> dict[str, ast.Import | ast.ImportFrom]:
    """The absolute dotted names that a file imports when it runs, and where."""
    found: dict[str, ast.Import | ast.ImportFrom] = {}
    for node in module.nodes(ast.Import):
        found |= {alias.name: node for alias in node.names}
    for source in module.nodes(ast.ImportFrom):
        base = module.absolute(source)
        found |= {base if alias.name == "*" else f"{base}.{alias.name}": source for alias in source.names}
    return {name: node for name, node in found.items() if not module.is_for_checkers(node)}


def route_reports(
    project: Project, after: Mapping[str, After], findings: tuple[Finding, ...]
) -> tuple[RouteReport, ...]:
    """The report's routes: from the linked project, with the rung that the new text shows."""
    ambient = {(name, function) for name, one in after.items() for function in one.ambient}
    numbers: dict[str, list[int]] = {}
    for number, finding in enumerate(findings, 1):
        for endpoint in dict.fromkeys(finding.endpoints):
            numbers.setdefault(endpoint, []).append(number)
    views: dict[Route, list[FunctionId]] = {}
    for key, routes in project.views.items():
        for route in dict.fromkeys(routes):
            views.setdefault(route, []).append(key)
    found: list[RouteReport] = []
    served = _mounted(project, after)
    for route in project.routes:
        place = route.registration
        file = project.modules[place.module].path
        told = [findings[number - 1] for number in numbers.get(route.endpoint, ())]
        rung = _rung(project, route, views.get(route, []), after, ambient, told)
        apps = _apps_of(project, route)
        if route.router in project.moving:
            rung = max(rung, Rung.AMBIENT, key=RUNGS.index) if _asks_flask(project, views.get(route, [])) else rung
        elif served & apps or (served and not apps and len(served) == len(project.apps)):
            rung = Rung.FLASK
        line = project.store.original(file, place.fact.span).line
        noted = tuple(numbers.get(route.endpoint, ()))
        found.append(RouteReport(route.endpoint, route.rule, route.methods, file, line, rung, noted))
    found += _moved(project, after)
    if served:
        for one in extension_routes(project, served):
            file = project.modules[one.module].path
            found.append(RouteReport(one.endpoint, one.rule, one.methods, file, one.line, Rung.FLASK))
    return merged(found)


def _moved(project: Project, after: Mapping[str, After]) -> Iterator[RouteReport]:
    """The routes that are FastAPI's from an earlier step, as they stand in the new text, or as they are."""
    for route in project.moved_routes:
        module = project.store.module(route.module)
        told = after.get(route.module) or (after_of(module) if module is not None else None)
        view = [route.view] if route.view is not None else []
        ambient = {(name, function) for name, one in after.items() for function in one.ambient}
        if told is not None:
            ambient |= {(route.module, function) for function in told.ambient}
        rung = Rung.NATIVE
        if any(_reaches(project, key, ambient) for key in view) or _asks_flask(project, view):
            rung = Rung.AMBIENT
        elif told is not None and any(key[1] in told.asking for key in view):
            rung = Rung.REQUEST
        path = project.modules[route.module].path
        yield RouteReport(route.endpoint, route.path, route.methods, path, route.line, rung)


def _asks_flask(project: Project, views: Sequence[FunctionId]) -> bool:
    """Whether views that have moved, or what they call, read what Flask keeps for the request, but for `request`."""
    seen: set[FunctionId] = set()
    waiting = [*views]
    while waiting:
        if (current := waiting.pop()) in seen:
            continue
        seen.add(current)
        facts = project.function(current)
        if facts is not None and facts.proxies - {"flask.request"}:
            return True
        waiting += project.callees.get(current, ())
    return False


def _mounted(project: Project, after: Mapping[str, After]) -> frozenset[ObjectId]:
    """The Flask apps that the code serves, as it is written now."""
    if not project.staying:
        return frozenset()
    mounting = any(name in after and after[name].mounts for name in project.mounting.mounting)
    return project.mounted_apps | (project.staying if mounting else frozenset())


def _apps_of(project: Project, route: Route) -> frozenset[ObjectId]:
    """The apps that a route belongs to."""
    if route.router is None:
        return frozenset()
    if project.routers[route.router].is_app:
        return frozenset({route.router})
    return frozenset(mount.app for mount in project.mounts_of(route.router) if mount.app is not None)


def merged(routes: list[RouteReport]) -> tuple[RouteReport, ...]:
    """One entry for each rule, also where two functions answer its methods now: the lower rung counts."""
    found: dict[tuple[str, str, str, int], RouteReport] = {}
    for route in routes:
        key = route.endpoint, route.rule, route.file, route.line
        if (other := found.get(key)) is not None:
            methods = tuple(dict.fromkeys([*other.methods, *route.methods]))
            rung = max(other.rung, route.rung, key=RUNGS.index)
            route = replace(other, methods=methods, rung=rung)
        found[key] = route
    return tuple(found.values())


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
    functions: Sequence[FunctionId],
    after: Mapping[str, After],
    ambient: set[FunctionId],
    findings: Sequence[Finding],
) -> Rung:
    fact = route.registration.fact
    has_no_view = fact.method == "add_url_rule" and not (fact.view or fact.view_class)  # a further name of an address
    if (route.view is None and not has_no_view) or not _is_converted(route, after):
        return Rung.MANUAL
    if any(f.severity is Severity.MANUAL and f.code in ("FF003", "FF004") for f in findings):
        return Rung.MANUAL
    if any(_reaches(project, key, ambient) for key in functions):
        return Rung.AMBIENT
    if any(
        key[0] in after and project.name_after(key)[1] in after[key[0]].asking for key in _injected(project, functions)
    ):
        return Rung.REQUEST
    return Rung.NATIVE


def _injected(project: Project, functions: Sequence[FunctionId]) -> Iterator[FunctionId]:
    """Functions, and the helpers that FastAPI calls for them."""
    seen = set(functions)
    waiting = list(functions)
    while waiting:
        yield (current := waiting.pop())
        new = {key for key in project.callees.get(current, ()) if key in project.dependencies} - seen
        seen |= new
        waiting += new


def _is_converted(route: Route, after: Mapping[str, After]) -> bool:
    """Whether the module that registers the route names no Flask class of it any more."""
    module = after.get(route.registration.module)
    if module is None:
        return False
    fact = route.registration.fact
    return fact.function in module.unregistered if fact.function else not module.adds_rules


def _is_route(decorator: ast.expr) -> bool:
    func = decorator.func if isinstance(decorator, ast.Call) else None
    return isinstance(func, ast.Attribute) and func.attr == "route"


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


def _takes_request(module: Module, function: FunctionNode, scope: Scope) -> bool:
    for arg in function.args.args:
        target = module.dotted(arg.annotation, scope.parent) if arg.annotation is not None else ""
        if target in REQUESTS or (target.rpartition(".")[2] in UNTYPED and FOLDER in target):
            return True
    return False
