"""`@app.route(...)` and its kin become FastAPI's route decorators.

## What changes

The rule becomes a path, each method a decorator, the endpoint the route's name. Path parameters get the type of their
converter.

## Example

```python
@bp.route("/orders/<int:order_id>", methods=["GET", "DELETE"])
def order(order_id): ...
```

becomes

```python
@bp.get("/orders/{order_id:int}", name="shop.order")
@bp.delete("/orders/{order_id:int}", name="shop.order")
def order(order_id: int): ...
```

## Safety

Converters refuse what they refused, through the matching of `keep_flask_contract`.

## What is left to you

Rules that are only known at run time, `host=`, `subdomain=` and `redirect_to=` are reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod import (
    AddDefinition,
    AddParameter,
    AnnotateParameter,
    Code,
    Codemod,
    FunctionNode,
    Import,
    Module,
    Plan,
    Project,
    RemoveParameter,
    Rule,
    Safety,
    SetRoute,
    Severity,
)
from migrator.module import all_arguments
from migrator.project.flask_names import ROUTE_METHODS
from migrator.project.model import Route
from migrator.project.rules import PathParameter, starlette_path
from migrator.syntax import argument

REGISTER = Import("~converters", "register_converter")
HEADS = {"GET": "get", "POST": "post", "PUT": "put", "PATCH": "patch", "DELETE": "delete", "OPTIONS": "options", "HEAD": "head"}
SUPPORTED = {"methods", "endpoint", "strict_slashes", "defaults", "rule", "provide_automatic_options"}


class RouteDecorator(Codemod):
    """A route is a decorator for each method."""

    rule = Rule("FF111", "route", "route decorators are FastAPI's", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        seen: set[object] = set()
        for route in project.routes:
            place = route.registration
            if place.module != module.name or not place.fact.function or place.fact.span in seen:
                continue
            if place.fact.method not in ROUTE_METHODS:
                continue
            seen.add(place.fact.span)
            call = module.by_span.get(place.fact.span)
            function = module.functions.get(place.fact.function)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and function is not None:
                yield from self.route(module, project, route, call, call.func, function)

    def route(
        self, module: Module, project: Project, route: Route, call: ast.Call, target: ast.Attribute, function: FunctionNode
    ) -> Plan:
        fact = route.registration.fact
        touched = (route.endpoint,)
        if fact.rule is None or fact.methods is None or fact.endpoint is None:
            yield self.finding(module, project, call, Severity.MANUAL, "this route is only known when the app runs", endpoints=touched)
            return
        for keyword in call.keywords:
            if keyword.arg not in SUPPORTED:
                message = f"FastAPI's routes have no {keyword.arg or '**'}"
                yield self.finding(module, project, keyword.value, Severity.MANUAL, message, endpoints=touched)
                return
        try:
            path, parameters = starlette_path(fact.rule)
        except ValueError as error:
            yield self.finding(module, project, call, Severity.MANUAL, str(error), endpoints=touched)
            return
        if not path.startswith("/") and not (path == "" and self.has_prefix(project, route)):
            path = f"/{path}"
        heads, arguments = [], []
        receiver = module.source(target.value)
        for spelling in self.spellings(call, path):
            hidden = (Code("include_in_schema=False"),) if spelling != path else ()
            for method in methods_of(route):
                heads.append(f"{receiver}.{HEADS[method]}" if method in HEADS else f"{receiver}.api_route")
                extra = () if method in HEADS else (Code(f'methods=["{method}"]'),)
                arguments.append((Code(f'"{spelling}"'), *extra, *hidden))
        options = [("name", Code(f'"{route.endpoint}"'))] if route.endpoint != function.name else []
        yield SetRoute(self.rule, module.span(call), module.span(function), tuple(heads), tuple(arguments), tuple(options))
        yield from converters(self.rule, module, project, function, parameters)
        yield from self.parameters(module, project, route, call, function)

    def has_prefix(self, project: Project, route: Route) -> bool:
        return bool(route.router and any(m.prefix for m in project.mounts_of(route.router)))

    def spellings(self, call: ast.Call, path: str) -> list[str]:
        """The paths to register: both with and without the slash where the rule is not strict about it."""
        strict = argument(call, -1, "strict_slashes")
        if isinstance(strict, ast.Constant) and strict.value is False and path != "/":
            return [path, path.rstrip("/") if path.endswith("/") else f"{path}/"]
        return [path]

    def parameters(self, module: Module, project: Project, route: Route, call: ast.Call, function: FunctionNode) -> Plan:
        """Types for the view's parameters, and a default for those that only some of its rules have."""
        routes = project.views.get(project.function_id(module, function), (route,))
        rules = [dict(_parameters_of(project, r)) for r in routes if r.rule != "?"]
        defaults = argument(call, -1, "defaults")
        given = _defaults(module, defaults)
        for arg in all_arguments(function.args):
            of_rules = [rule[arg.arg] for rule in rules if arg.arg in rule]
            if of_rules and len(of_rules) == len(rules) and arg.arg not in given:
                if arg.annotation is None:
                    yield AnnotateParameter(self.rule, module.span(function), arg.arg, annotation_of(of_rules[0]))
            elif of_rules or arg.arg in given:
                default = given.get(arg.arg) or default_of(module, function, arg)
                if default is None:
                    if arg.arg in {k for r in routes for k in ()}:
                        continue
                    continue
                yield RemoveParameter(self.rule, module.span(function), arg.arg)
                kind = annotation_of(of_rules[0]) if of_rules else Code("Any", imports=(Import("typing", "Any"),))
                yield AddParameter(
                    self.rule,
                    module.span(function),
                    arg.arg,
                    Code(
                        f"Annotated[{kind.text}, path_value(\"{arg.arg}\", __0__)]",
                        (default,),
                        (*kind.imports, Import("typing", "Annotated"), Import("~params", "path_value")),
                    ),
                )


def methods_of(route: Route) -> list[str]:
    """The methods to spell out: HEAD comes with GET."""
    found = [m for m in route.methods if not (m == "HEAD" and "GET" in route.methods)]
    return found or ["GET"]


def _parameters_of(project: Project, route: Route) -> Iterator[tuple[str, PathParameter]]:
    try:
        _, parameters = starlette_path(route.rule)
    except ValueError:
        return
    for parameter in parameters:
        yield parameter.name, parameter


def _defaults(module: Module, node: ast.expr | None) -> dict[str, object]:
    found: dict[str, object] = {}
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                found[str(key.value)] = module.span(value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        found = {k.arg: module.span(k.value) for k in node.keywords if k.arg}
    return found


def default_of(module: Module, function: FunctionNode, arg: ast.arg) -> object:
    args = [*function.args.posonlyargs, *function.args.args]
    behind = args[len(args) - len(function.args.defaults) :]
    for one, value in zip(behind, function.args.defaults, strict=True):
        if one is arg:
            return module.span(value)
    return None


def annotation_of(parameter: PathParameter) -> Code:
    kind = parameter.type
    if kind == "UUID":
        return Code("UUID", imports=(Import("uuid", "UUID"),))
    return Code(kind) if kind else Code("Any", imports=(Import("typing", "Any"),))


def converters(
    rule: Rule, module: Module, project: Project, function: FunctionNode, parameters: tuple[PathParameter, ...]
) -> Plan:
    """Registers the converters that Starlette does not have, above the first route that uses them."""
    for parameter in parameters:
        if parameter.is_built_in:
            continue
        tail = f", {parameter.arguments}" if parameter.arguments else ""
        if parameter.werkzeug:
            made = Import("werkzeug.routing", parameter.werkzeug)
        else:
            found = project.converters.get(parameter.converter)
            if found is None:
                continue
            made = Import(found.rpartition(".")[0], found.rpartition(".")[2])
        imports = (REGISTER,) if made.module == module.name else (REGISTER, made)
        text = f'register_converter("{parameter.convertor}", {made.name}{tail})'
        yield AddDefinition(rule, module.span(function), text, Code(text, imports=imports))
