"""How a route is written for FastAPI: its path, its name, its methods, and what it hands to the view."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.changes import AddDefinition, Code, Import
from migrator.location import Span
from migrator.module import FunctionNode, Module, all_arguments
from migrator.project.decorators import is_response, is_transparent
from migrator.project.guards import given_arguments
from migrator.project.model import FunctionId, Mounted, Route
from migrator.project.returned import own_returns
from migrator.project.rules import PathParameter, starlette_path
from migrator.rule import Rule
from migrator.syntax import argument

if TYPE_CHECKING:
    from migrator.project.project import Project

REGISTER = Import("~converters", "register_converter")
FLASK_PATH = Import("~rules", "flask_path")
WITH_DEFAULTS = Import("~defaults", "with_defaults")
WITHOUT = Import("~defaults", "without")
HEADS = {
    "GET": "get",
    "POST": "post",
    "PUT": "put",
    "PATCH": "patch",
    "DELETE": "delete",
    "OPTIONS": "options",
    "HEAD": "head",
}
SUPPORTED = {"methods", "endpoint", "strict_slashes", "defaults", "rule", "view_func", "provide_automatic_options"}


class Unsupported(Exception):
    """A route that cannot be written; the text says why."""


@dataclass(frozen=True, slots=True)
class Written:
    """The paths to register (the first is the one to document), and all converters that they need."""

    paths: tuple[Code, ...]
    parameters: tuple[PathParameter, ...]


def written_paths(module: Module, project: Project, route: Route, call: ast.Call) -> Written:
    """The paths of a route. Raises `Unsupported`."""
    for keyword in call.keywords:
        if keyword.arg not in SUPPORTED:
            raise Unsupported(f"FastAPI's routes have no {keyword.arg or '**'}")
    rule = route.registration.fact.rule
    if rule is None:
        node = argument(call, 0, "rule")
        if node is None:
            raise Unsupported("this route is only known when the app runs")
        return Written((computed_path(module, node),), ())
    try:
        path, parameters = starlette_path(rule)
    except ValueError as error:
        raise Unsupported(str(error)) from error
    if not path.startswith("/") and not (path == "" and has_prefix(project, route)):
        path = f"/{path}"
    return Written(
        tuple(Code(f'"{spelling}"') for spelling in spellings(call, path, has_prefix(project, route))), parameters
    )


def has_prefix(project: Project, route: Route) -> bool:
    """Whether a route lies below a prefix; one that is not known counts as well."""
    return bool(route.router and any(m.prefix != "" for m in project.mounts_of(route.router)))


def spellings(call: ast.Call, path: str, is_below: bool) -> list[str]:
    """The paths to register: both with and without the slash where the rule is not strict about it."""
    strict = argument(call, -1, "strict_slashes")
    if isinstance(strict, ast.Constant) and strict.value is False and (path != "/" or is_below):
        return [path, path.rstrip("/") if path.endswith("/") else f"{path}/"]
    return [path]


def computed_path(module: Module, node: ast.expr) -> Code:
    """The path of a rule that is computed when the app runs."""
    if isinstance(node, ast.JoinedStr) and (text := formatted_path(module, node)) is not None:
        return Code(text)
    return Code("flask_path(__0__)", (module.span(node),), (FLASK_PATH,))


def formatted_path(module: Module, node: ast.JoinedStr) -> str | None:
    """An f-string whose values are no more than names between slashes, with its variables as Starlette writes them."""
    pieces: list[str] = []
    values: list[str] = []
    for value in node.values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            pieces.append(value.value)
        elif isinstance(value, ast.FormattedValue) and value.conversion == -1 and value.format_spec is None:
            if not pieces or not pieces[0].startswith("/"):
                return None  # it may be a prefix, with variables of its own
            source = module.source(value.value)
            if not source or any(quote in source for quote in "\"'\\{}<>"):
                return None
            pieces.append(f"\0{len(values)}\0")
            values.append(source)
        else:
            return None
    text = "".join(pieces)
    if not re.match(r"/", text) or "{" in text or '"' in text:
        return None
    try:
        path, parameters = starlette_path(text)
    except ValueError:
        return None
    if any(not p.is_built_in for p in parameters):
        return None
    path = path.replace("{", "{{").replace("}", "}}")
    for number, source in enumerate(values):
        path = path.replace(f"\0{number}\0", f"{{{source}}}")
    return f'f"{path}"'


def converters(
    rule: Rule, module: Module, project: Project, above: Span, parameters: tuple[PathParameter, ...]
) -> Iterator[AddDefinition]:
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
        yield AddDefinition(rule, above, text, Code(text, imports=imports))


# -- names -------------------------------------------------------------------------------------------------------------


def name_prefix(project: Project, route: Route) -> str:
    """What the blueprint puts before the endpoint, with its dot."""
    if route.router is None or project.routers[route.router].is_app:
        return ""
    names = [relative_name(project, mount) for mount in project.mounts_of(route.router)]
    return f"{names[0]}." if names and names[0] else ""


def relative_name(project: Project, mount: Mounted, *, own: bool = True) -> str:
    """The name of a blueprint below the nearest one around it (or it itself, but for `own`) that gets its name where it
    is included."""
    around = project.mounts_around(mount)
    renamed = [
        m.name.count(".") + 1 for m in around if (own or m.name != mount.name) and project.is_renamed(m.blueprint)
    ]
    return ".".join(mount.name.split(".")[max(renamed, default=0) :])


def written_name(module: Module, project: Project, route: Route, given: ast.expr | None) -> Code:
    """The route's name; `given` is the expression of the endpoint, where it is only known when the app runs."""
    prefix = name_prefix(project, route)
    is_renamed = route.router is not None and any(
        relative_name(project, mount) != mount.name for mount in project.mounts_of(route.router)
    )
    is_known = route.registration.fact.endpoint is not None and not route.endpoint.endswith("?")
    if is_known and (name := computed_blueprint(module, project, route)):
        return Code(f'f"{{{name}}}.{route.endpoint}"')
    if is_known or given is None:
        return Code(f'"{prefix}{route.endpoint.rpartition(".")[2]}"' if is_renamed else f'"{route.endpoint}"')
    if not prefix:
        return Code("__0__", (module.span(given),))
    if isinstance(given, ast.JoinedStr) and (source := module.source(given)).startswith(('f"', "f'")):
        return Code(f"{source[:2]}{prefix}{source[2:]}")
    return (
        Code(f'f"{prefix}{{__0__}}"', (module.span(given),))
        if isinstance(given, ast.Name)
        else Code(f'"{prefix}" + __0__', (module.span(given),))
    )


def computed_blueprint(module: Module, project: Project, route: Route) -> str:
    """The variable that names the blueprint, where a function makes it and its routes: `Blueprint(name, __name__)`."""
    router = project.routers.get(route.router) if route.router is not None else None
    if router is None or router.is_app or router.fact.name or "." in route.endpoint or router.id[0] != module.name:
        return ""
    made, scope = module.by_span.get(router.fact.span), f"{router.fact.scope}."
    name = argument(made, 0, "name") if isinstance(made, ast.Call) else None
    is_inside = f"{route.registration.fact.scope}.".startswith(scope) and bool(router.fact.scope)
    return name.id if isinstance(name, ast.Name) and is_inside else ""


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def methods_of(route: Route) -> list[str]:
    """The methods to spell out: HEAD comes with GET."""
    found = [m for m in route.methods if not (m == "HEAD" and "GET" in route.methods)]
    return found or ["GET"]


# -- what the view gets ------------------------------------------------------------------------------------------------


def rule_parameters(project: Project, route: Route) -> dict[str, PathParameter]:
    """The variables of a route's rule, as far as they are known before the app runs."""
    try:
        return {p.name: p for p in starlette_path(known_text(project, route))[1]}
    except ValueError:
        return {}


def known_text(project: Project, route: Route) -> str:
    """The rule, with a blank for what is computed when the app runs."""
    if route.rule != "?":
        return route.rule
    prefixes = [m.prefix for m in project.mounts_of(route.router) if m.prefix] if route.router else []
    rule = route.registration.fact.rule
    if rule is None:
        module = project.store.module(route.registration.module)
        call = module.by_span.get(route.registration.fact.span) if module else None
        node = argument(call, 0, "rule") if isinstance(call, ast.Call) else None
        pieces = node.values if isinstance(node, ast.JoinedStr) else []
        rule = "".join(str(p.value) if isinstance(p, ast.Constant) else "_" for p in pieces)
    return "".join([*prefixes[:1], rule])


def given_defaults(project: Project, route: Route) -> dict[str, Span]:
    """The `defaults=` of a route: their names, and where the values stand in the module that registers it."""
    module = project.store.module(route.registration.module)
    call = module.by_span.get(route.registration.fact.span) if module else None
    node = argument(call, -1, "defaults") if isinstance(call, ast.Call) else None
    found: dict[str, Span] = {}
    assert module is not None
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found[key.value] = module.span(value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        found = {k.arg: module.span(k.value) for k in node.keywords if k.arg}
    return found


def included_values(project: Project, route: Route) -> set[str]:
    """The parameters that `url_defaults=` fills where the blueprint is registered."""
    found: set[str] = set()
    for mount in project.mounts_of(route.router) if route.router is not None else ():
        if mount.registration is None or "url_defaults" not in mount.registration.fact.options:
            continue
        module = project.store.module(mount.registration.module)
        call = module.by_span.get(mount.registration.fact.span) if module is not None else None
        values = argument(call, -1, "url_defaults") if isinstance(call, ast.Call) else None
        if isinstance(values, ast.Dict):
            found |= {k.value for k in values.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)}
        elif isinstance(values, ast.Call):
            found |= {k.arg for k in values.keywords if k.arg}
    return found


def unfilled(project: Project, function: FunctionNode, view: FunctionId, route: Route) -> list[str]:
    """The parameters that this route leaves at a default of their own, and that no request may fill."""
    own = {*rule_parameters(project, route), *given_defaults(project, route), *given_arguments(project, view)}
    others: set[str] = set()
    for other in project.views.get(view, ()):
        others |= set(rule_parameters(project, other)) | set(given_defaults(project, other))
    return [
        arg.arg
        for arg in all_arguments(function.args)
        if arg.arg in others - own
        or (arg.arg not in others and default_of(function, arg) and not becomes_variable(project, view, function, arg))
    ]


def becomes_variable(project: Project, view: FunctionId, function: FunctionNode, arg: ast.arg) -> bool:
    """Whether a parameter that no rule fills is as well a variable of the view: nobody gives it, and its default is
    plain."""
    if not isinstance(default_of(function, arg), ast.Constant) or arg.arg in given_arguments(project, view):
        return False
    return project.takes_parameters(view) and not project.kept_decorations(view)


def default_of(function: FunctionNode, arg: ast.arg) -> ast.expr | None:
    """The default of a parameter."""
    args = [*function.args.posonlyargs, *function.args.args]
    behind = args[len(args) - len(function.args.defaults) :]
    pairs = [
        *zip(behind, function.args.defaults, strict=True),
        *zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True),
    ]
    return next((value for one, value in pairs if one is arg), None)


def narrowed(project: Project, view: Code, function: FunctionNode | None, id: FunctionId, route: Route) -> Code | None:
    """`with_defaults(view, page=1)` or `without(view, "page")`, where a route does not fill all parameters of its view;
    None where it does."""
    given = given_defaults(project, route)
    left = unfilled(project, function, id, route) if function is not None else []
    text, parts, imports = view.text, list(view.parts), list(view.imports)
    if left:
        text = f"without({text}, {', '.join(repr(n).replace(chr(39), chr(34)) for n in left)})"
        imports.append(WITHOUT)
    if given:
        items = []
        for name, span in given.items():
            items.append(f"{name}=__{len(parts)}__")
            parts.append(span)
        text = f"with_defaults({text}, {', '.join(items)})"
        imports.append(WITH_DEFAULTS)
    return Code(text, tuple(parts), tuple(imports)) if left or given else None


def annotation_of(parameter: PathParameter) -> Code:
    kind = parameter.type
    if kind == "UUID":
        return Code("UUID", imports=(Import("uuid", "UUID"),))
    return Code(kind) if kind else Code("Any", imports=(Import("typing", "Any"),))


# -- views behind decorators -------------------------------------------------------------------------------------------

ANSWERED = Import("~views", "answered")


def answered_code(project: Project, view: FunctionId, function: FunctionNode, called: Code) -> Code | None:
    """`answered`, or a call of it, for a view behind decorators that stay: it hides the parameters that they fill,
    and shows those that only they take. `called` is the view where it is to be wrapped. None where responses come out
    anyway."""
    found = [one for one in project.kept_decorations(view) if not is_transparent(one)]
    hidden, shown = parameters_between(project, view, function)
    outermost = found[0].decorator if found else None
    returns = own_returns(outermost.wrapper) if outermost is not None else ()
    made = [outermost is not None and is_response(outermost.module, project, returned) for returned in returns]
    if made and all(made) and not hidden and not shown and not project.takes_whole_path(view):
        return None
    imports = [*called.imports, ANSWERED]
    arguments = [called.text] if called.text else []
    if hidden:
        arguments.append(f"without=[{', '.join(quoted(name) for name in hidden)}]")
    if shown:
        for code in shown.values():
            imports += code.imports
        arguments.append(f"takes={{{', '.join(f'{quoted(name)}: {code.text}' for name, code in shown.items())}}}")
    return Code(f"answered({', '.join(arguments)})" if arguments else "answered", called.parts, tuple(imports))


def has_other_parameters(project: Project, view: FunctionId, function: FunctionNode) -> bool:
    """Whether a rule has variables that only a decorator takes."""
    return bool(parameters_between(project, view, function)[1])


def quoted(name: str) -> str:
    return f'"{name}"'


def parameters_between(project: Project, view: FunctionId, function: FunctionNode) -> tuple[list[str], dict[str, Code]]:
    """The parameters of a view that its decorators fill, and those of its rules that only a decorator takes."""
    routes = project.views[view]
    rules = [rule_parameters(project, route) for route in routes]
    of_rules = {name: parameter for rule in rules for name, parameter in rule.items()}
    filled = set(of_rules) | {name for route in routes for name in given_defaults(project, route)}
    filled |= {name for route in routes for name in included_values(project, route)}
    own = [arg.arg for arg in all_arguments(function.args) if arg not in (function.args.vararg, function.args.kwarg)]
    own = own[1:] if own[:1] in (["self"], ["cls"]) else own
    if not any(one.decorator is not None for one in project.kept_decorations(view)):
        return [], {}
    defaults = len(function.args.defaults)
    required = own[: len(own) - defaults] if defaults else own
    hidden = [name for name in required if name not in filled]
    other = set(of_rules) - set(own) - project.url_values.removed
    if function.args.kwarg is not None:  # which gets what only some of the rules have
        other = {name for name in other if all(name in rule for rule in rules)}
    return hidden, {name: annotation_of(parameter) for name, parameter in of_rules.items() if name in other}
