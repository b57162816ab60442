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
import re

from migrator.codemod import (
    AddParameter,
    AnnotateParameter,
    Code,
    Codemod,
    FunctionNode,
    Import,
    Insert,
    Module,
    Plan,
    Project,
    RemoveParameter,
    Replace,
    Rule,
    Safety,
    SetRoute,
    Severity,
    Span,
)
from migrator.module import all_arguments
from migrator.project.flask_names import ROUTE_METHODS
from migrator.project.model import FunctionId, Route
from migrator.project.paths import (
    ANSWERED,
    HEADS,
    Unsupported,
    annotation_of,
    answered_code,
    becomes_variable,
    converters,
    default_of,
    given_defaults,
    has_other_parameters,
    included_values,
    is_docstring,
    methods_of,
    narrowed,
    rule_parameters,
    written_name,
    written_paths,
)
from migrator.project.rules import PathParameter
from migrator.syntax import argument

# a value of the path that only a hook puts there
FROM_HOOK = Code(
    "Annotated[Any, Path(include_in_schema=False)]",
    imports=(Import("typing", "Annotated"), Import("typing", "Any"), Import("fastapi", "Path")),
)

VALUES = {"int", "str", "float", "bool", "bytes", "UUID", "date", "datetime", "Decimal", "list", "dict", "tuple", "set"}
WRAPPERS = {"Optional", "Union", "None", "typing", "t", "uuid"}


class RouteDecorator(Codemod):
    """A route is a decorator for each method."""

    rule = Rule("FF111", "route", "route decorators are FastAPI's", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        seen: set[object] = set()
        for route in project.routes_in(module.name):
            place = route.registration
            if not place.fact.function or place.fact.span in seen:
                continue
            if place.fact.method not in ROUTE_METHODS:
                continue
            seen.add(place.fact.span)
            call = module.by_span.get(place.fact.span)
            function = module.functions.get(place.fact.function)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and function is not None:
                yield from self.route(module, project, route, call, call.func, function)
        yield from self.others(module, project)
        for name in project.views_in(module.name):
            if (function := module.functions.get(name)) is not None:
                yield from self.parameters(module, project, (module.name, name), function)

    def others(self, module: Module, project: Project) -> Plan:
        """What FastAPI's apps and routers do not have: `app.route` on a class, or handed to other code."""
        known = {place.fact.span for place, _ in project.registrations_in(module.name)}
        for node in module.nodes(ast.Attribute):
            call = module.parents[node]
            is_called = isinstance(call, ast.Call) and call.func is node and module.span(call) in known
            if node.attr == "route" and not is_called and (routers := project.routers_at(module, node.value)):
                endpoints = project.endpoints_below(routers[0])
                message = "a route that is registered in an unusual way"
                yield self.finding(module, project, node, Severity.MANUAL, message, endpoints=endpoints)

    def route(
        self,
        module: Module,
        project: Project,
        route: Route,
        call: ast.Call,
        target: ast.Attribute,
        function: FunctionNode,
    ) -> Plan:
        try:
            written = written_paths(module, project, route, call)
        except Unsupported as error:
            yield self.finding(module, project, call, Severity.MANUAL, str(error), endpoints=(route.endpoint,))
            return
        receiver = module.source(target.value)
        name = written_name(module, project, route, argument(call, -1, "endpoint"))
        options = [("name", name)] if name.text != f'"{function.name}"' else []
        view = project.function_id(module, function)
        called = Code(function.name)
        if project.is_answered_at_route(view):
            called = Code(f"answered({function.name})", imports=(ANSWERED,))
        elif project.kept_decorations(view) and has_other_parameters(project, view, function):
            called = answered_code(project, view, function, called) or called
        behind = narrowed(project, called, function, view, route) or (called if called.imports else None)
        heads, arguments = [], []
        for number, path in enumerate(written.paths):
            hidden = (Code("include_in_schema=False"),) if number else ()
            if behind is not None:
                methods = () if methods_of(route) == ["GET"] else (methods_code(methods_of(route)),)
                heads.append(f"{receiver}.add_api_route")
                arguments.append((path, behind, *methods, *hidden))
                continue
            if route.registration.fact.methods is None:
                given = argument(call, -1, "methods")
                assert given is not None
                heads.append(f"{receiver}.api_route")
                arguments.append((path, Code("methods=__0__", (module.span(given),)), *hidden))
                continue
            for method in methods_of(route):
                heads.append(f"{receiver}.{HEADS[method]}" if method in HEADS else f"{receiver}.api_route")
                extra = () if method in HEADS else (methods_code([method]),)
                arguments.append((path, *extra, *hidden))
        span = module.span(function)
        is_behind = behind is not None
        yield SetRoute(
            self.rule, module.span(call), span, tuple(heads), tuple(arguments), tuple(options), behind=is_behind
        )
        yield from converters(self.rule, module, project, span, written.parameters)
        automatic = argument(call, -1, "provide_automatic_options")
        if isinstance(automatic, ast.Constant) and automatic.value is False:
            text = f"{function.name}.provide_automatic_options = False"
            yield Insert(self.rule, span, Code(text), before=False)

    def parameters(self, module: Module, project: Project, view: FunctionId, function: FunctionNode) -> Plan:
        """Types for the parameters that the view's rules fill; one that no rule fills is a plain variable."""
        span = module.span(function)
        routes = project.views[view]
        rules = [rule_parameters(project, route) for route in routes]
        given = {name for route in routes for name in given_defaults(project, route)}
        given |= {name for route in routes for name in included_values(project, route)}
        variables: list[tuple[str, Span]] = []
        changed = project.url_values.assigned if project.takes_parameters(view) else frozenset()
        for arg in all_arguments(function.args):
            filled = [rule[arg.arg] for rule in rules if arg.arg in rule]
            if filled:
                kind = annotation_of_any() if arg.arg in changed else annotation_of_all(filled)
                if arg.annotation is None:
                    yield AnnotateParameter(self.rule, span, arg.arg, kind)
                elif contradicts(arg.annotation, kind.text):
                    yield Replace(self.rule, module.span(arg.annotation), kind)
            elif arg in (function.args.vararg, function.args.kwarg):
                continue
            elif arg.arg in changed and arg.arg not in given and arg.annotation is None:
                yield AnnotateParameter(self.rule, span, arg.arg, FROM_HOOK)
            elif arg.arg not in given and becomes_variable(project, view, function, arg):
                yield RemoveParameter(self.rule, span, arg.arg)
                variables.append((arg.arg, module.span(default_of(function, arg) or arg)))
        if variables:
            first = next((s for s in function.body if not is_docstring(s)), function.body[-1])
            text = "\n".join(f"{name} = __{number}__" for number, (name, _) in enumerate(variables))
            yield Insert(self.rule, module.span(first), Code(text, tuple(place for _, place in variables)))
        if project.takes_parameters(view) and not project.kept_decorations(view) and not function.args.kwarg:
            own = {arg.arg for arg in all_arguments(function.args)}
            for name, parameter in rules[0].items():  # a hook takes it out, but it is in the path
                if name not in own and name in project.url_values.removed and all(name in rule for rule in rules):
                    yield AddParameter(self.rule, span, name, annotation_of(parameter), order=-20)


def annotation_of_all(parameters: list[PathParameter]) -> Code:
    """The type of a variable that several rules may fill."""
    kinds = dict.fromkeys(annotation_of(parameter) for parameter in parameters)
    if len(kinds) > 1 and not all(parameter.type for parameter in parameters):
        return annotation_of_any()
    return Code(" | ".join(kind.text for kind in kinds), imports=tuple(i for kind in kinds for i in kind.imports))


def contradicts(annotation: ast.expr, kind: str) -> bool:
    """Whether a parameter is annotated with another type of value than it gets. Flask does not mind, but FastAPI would
    refuse or convert the value."""
    text = annotation.value if isinstance(annotation, ast.Constant) else ast.unparse(annotation)
    names = set(re.findall(r"\w+", str(text))) - WRAPPERS
    return kind != "Any" and bool(names) and names <= VALUES and names != set(kind.split(" | "))


def annotation_of_any() -> Code:
    return Code("Any", imports=(Import("typing", "Any"),))


def methods_code(methods: list[str]) -> Code:
    return Code(f"methods=[{', '.join(f'{chr(34)}{m}{chr(34)}' for m in methods)}]")
