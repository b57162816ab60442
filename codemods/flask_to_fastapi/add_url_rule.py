"""`add_url_rule(...)` becomes `add_api_route(...)`.

## What changes

The rule becomes a path and the endpoint the route's name, also where both are computed when the app runs: in a loop,
or in a function that registers routes for others. `app.route("/x")(view)` is such a call too.

## Example

```python
app.add_url_rule(f"/{table}/<int:key>", f"{table}_item", show_item)
```

becomes

```python
app.add_api_route(f"/{table}/{{key:int}}", show_item, name=f"{table}_item")
```

## Safety

Addresses, methods and endpoint names stay as they were. A view that is not known before the app runs is wrapped in
`with_path_values`, which calls it as Flask called it and makes of its value what Flask made of it.

## What is left to you

`host=`, `subdomain=` and `redirect_to=` are reported.
"""

from __future__ import annotations

import ast
import re

from migrator.codemod import (
    Code,
    Codemod,
    FunctionNode,
    Import,
    Module,
    Plan,
    Project,
    Remove,
    Replace,
    Rule,
    Safety,
    SetRoute,
    Severity,
    Span,
)
from migrator.project.flask_names import ROUTE_METHODS
from migrator.project.model import Route
from migrator.project.paths import HEADS, Unsupported, converters, methods_of, narrowed, written_name, written_paths
from migrator.project.read import allowed_methods
from migrator.project.returned import HTML, taken_apart
from migrator.syntax import argument

ANSWERED = Import("~views", "answered")
WITH_PATH_VALUES = Import("~views", "with_path_values")
NAME_PATH = Import("~routing", "name_path")
HOLE = re.compile(r"__(\d+)__")


class AddUrlRule(Codemod):
    """Routes are added by a call."""

    rule = Rule("FF112", "add-url-rule", "add_url_rule() becomes add_api_route()", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        seen: set[Span] = set()
        for route in project.routes_in(module.name):
            fact = route.registration.fact
            if fact.function or fact.span in seen:
                continue
            seen.add(fact.span)
            call = module.by_span.get(fact.span)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and not is_class(route):
                yield from self.route(module, project, route, call, call.func)
        yield from self.endpoints(module, project)
        for statement, qualname, _ in allowed_methods(module):
            if (module.name, qualname) in project.views:  # its rules say it
                yield Remove(self.rule, module.span(statement))

    def route(self, module: Module, project: Project, route: Route, call: ast.Call, target: ast.Attribute) -> Plan:
        whole: ast.expr = call
        view = argument(call, 2, "view_func")
        if route.registration.fact.method in ROUTE_METHODS:  # app.route("/x")(view)
            outer = module.parents[call]
            if not isinstance(outer, ast.Call) or outer.func is not call or len(outer.args) != 1:
                yield self.finding(
                    module,
                    project,
                    call,
                    Severity.MANUAL,
                    "a route decorator that is kept for later",
                    endpoints=(route.endpoint,),
                )
                return
            whole, view = outer, outer.args[0]
        touched = (route.endpoint,)
        if view is None and route.view is not None and not argument(call, 2, "view_func"):
            return  # its function says it, by `@app.endpoint(...)`
        if view is None:
            yield from self.without_view(module, project, route, call, target)
            return
        if not isinstance(module.parents[whole], ast.Expr):
            yield self.finding(
                module,
                project,
                call,
                Severity.MANUAL,
                "a route that is added inside of another expression",
                endpoints=touched,
            )
            return
        try:
            written = written_paths(module, project, route, call)
        except Unsupported as error:
            yield self.finding(module, project, call, Severity.MANUAL, str(error), endpoints=touched)
            return
        code, name, html = self.view(module, project, route, view)
        endpoint = written_name(module, project, route, argument(call, 1 if whole is call else -1, "endpoint"))
        options = [] if endpoint.text == f'"{name}"' else [("name", endpoint)]
        if html:
            options.append(("response_class", Code("HTMLResponse", imports=(HTML,))))
        methods = self.methods(module, route, call)
        arguments = [
            (path, code, *methods, *((Code("include_in_schema=False"),) if number else ()))
            for number, path in enumerate(written.paths)
        ]
        heads = (f"{module.source(target.value)}.add_api_route",) * len(arguments)
        function = self.function(project, module, route)
        span = module.span(function) if function is not None else None
        yield SetRoute(self.rule, module.span(whole), span, heads, tuple(arguments), tuple(options))
        yield from converters(self.rule, module, project, module.span(whole), written.parameters)

    def without_view(
        self, module: Module, project: Project, route: Route, call: ast.Call, target: ast.Attribute
    ) -> Plan:
        """`app.add_url_rule("/", endpoint="index")` names an address that another route serves."""
        served = any(other.rule == route.rule and other.view is not None for other in project.routes)
        endpoint = argument(call, 1, "endpoint")
        is_app = route.router is not None and project.routers[route.router].is_app
        if endpoint is None or not served or not is_app:
            yield self.finding(
                module, project, call, Severity.MANUAL, "this rule gets its view elsewhere", endpoints=(route.endpoint,)
            )
            return
        path = written_paths(module, project, route, call).paths[0]
        parts = (module.span(target.value), module.span(endpoint), *path.parts)
        text = HOLE.sub(lambda hole: f"__{int(hole[1]) + 2}__", path.text)
        imports = (*path.imports, NAME_PATH)
        yield Replace(self.rule, module.span(call), Code(f"name_path(__0__, __1__, {text})", parts, imports))

    def endpoints(self, module: Module, project: Project) -> Plan:
        """`@app.endpoint("name")` becomes the route decorators of the rules that have this endpoint and no view."""
        by_view: dict[str, list[tuple[Route, ast.Call]]] = {}
        for route in project.routes_in(module.name):
            fact = route.registration.fact
            call = module.by_span.get(fact.span)
            if fact.function or fact.view or fact.view_class or route.view is None or not isinstance(call, ast.Call):
                continue
            if route.view.module == module.name and argument(call, 2, "view_func") is None:
                by_view.setdefault(route.view.name, []).append((route, call))
        for name, rules in by_view.items():
            function = module.functions[name]
            decorator = next(d for d in function.decorator_list if is_endpoint(d))
            heads: list[str] = []
            arguments: list[tuple[Code, ...]] = []
            endpoint = Code("")
            for route, call in rules:
                try:
                    written = written_paths(module, project, route, call)
                except Unsupported as error:
                    yield self.finding(module, project, call, Severity.MANUAL, str(error), endpoints=(route.endpoint,))
                    continue
                receiver = module.source(call.func.value) if isinstance(call.func, ast.Attribute) else "app"
                for path in written.paths:
                    for method in methods_of(route):
                        heads.append(f"{receiver}.{HEADS[method]}")
                        arguments.append((path,))
                endpoint = written_name(module, project, route, None)
                yield Remove(self.rule, module.span(module.statement_of(call)))
                yield from converters(self.rule, module, project, module.span(function), written.parameters)
            options = () if endpoint.text == f'"{function.name}"' else (("name", endpoint),)
            span = module.span(function)
            yield SetRoute(self.rule, module.span(decorator), span, tuple(heads), tuple(arguments), options)

    def function(self, project: Project, module: Module, route: Route) -> FunctionNode | None:
        """The view, where it is defined in this very module."""
        if route.view is None or route.view.module != module.name:
            return None
        return module.functions.get(route.view.name)

    def methods(self, module: Module, route: Route, call: ast.Call) -> tuple[Code, ...]:
        if route.registration.fact.methods is None:
            given = argument(call, -1, "methods")
            return (Code("methods=__0__", (module.span(given),)),) if given is not None else ()
        found = methods_of(route)
        return () if found == ["GET"] else (Code(f"methods=[{', '.join(f'{chr(34)}{m}{chr(34)}' for m in found)}]"),)

    def view(self, module: Module, project: Project, route: Route, node: ast.expr) -> tuple[Code, str, bool]:
        """The view as it is registered, the name that FastAPI gives it by itself, and whether its text is HTML."""
        plain = Code("__0__", (module.span(node),))
        given = narrowed(project, plain, None, ("", ""), route) or plain
        unknown = Code(f"with_path_values({given.text})", given.parts, (*given.imports, WITH_PATH_VALUES))
        if isinstance(node, ast.Lambda):
            body = taken_apart(module, project, node.body)
            is_open = node.args.vararg or node.args.kwarg or node.args.defaults or node.args.kw_defaults
            is_plain = body.headers is None and body.status == 200 and body.body.text == "__0__" and not is_open
            if is_plain and (body.kind == "html" or (body.kind == "json" and body.safe)):
                return given, "<lambda>", body.kind == "html"
            return unknown, "<lambda>", False
        if route.view is None:
            return unknown, "", False
        owner = project.store.module(route.view.module)
        function = owner.functions.get(route.view.name) if owner is not None else None
        name = route.view.name.rpartition(".")[2]
        code = plain
        if project.is_answered_at_route(route.view.function_id):
            code = Code("answered(__0__)", plain.parts, (ANSWERED,))
        return narrowed(project, code, function, route.view.function_id, route) or code, name, False


def is_endpoint(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "endpoint"


def is_class(route: Route) -> bool:
    return route.view is not None and route.view.kind == "class"
