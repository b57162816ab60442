"""Routes that Flask's extensions add to an app: they are Flask's as long as the app is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.module import Module
from migrator.project.flask_names import METHODS
from migrator.project.model import FunctionId, ObjectId
from migrator.syntax import argument, function_scope, reference, text_of, texts_of

if TYPE_CHECKING:
    from migrator.project.project import Project

RESTFUL = re.compile(r"flask_rest(?:ful|x|plus)\b")
DOCUMENTED = re.compile(r"flask_rest(?:x|plus)\b")
ADMIN_VIEWS = {  # what `@expose` marks in Flask-Admin's own classes: the method, the rule, and whether it is posted to
    "index_view": ("/", False),
    "create_view": ("/new/", True),
    "edit_view": ("/edit/", True),
    "details_view": ("/details/", False),
    "delete_view": ("/delete/", True),
    "action_view": ("/action/", True),
    "export": ("/export/<export_type>/", False),
    "ajax_lookup": ("/ajax/lookup/", False),
    "ajax_update": ("/ajax/update/", True),
}


@dataclass(frozen=True, slots=True)
class ExtensionRoute:
    """A rule that an extension adds, and where the project asks for it."""

    endpoint: str
    rule: str  # "?" where it is not known
    methods: tuple[str, ...]
    module: str
    line: int


@dataclass(frozen=True, slots=True)
class _Api:
    """An `Api` or `Namespace`. `name` is the namespace's, "" for the default one."""

    dotted: bool  # its endpoints are `namespace_class_name`
    prefix: str = ""
    blueprint: ObjectId | None = None
    name: str = ""


def extension_routes(project: Project, apps: frozenset[ObjectId]) -> list[ExtensionRoute]:
    """The routes of Flask-RESTful's and RESTX's resources, of Flask-Admin's views, and of static folders."""
    modules = [m for n in project.modules if (m := project.store.module(n)) is not None]
    apis = _apis(project, modules)
    found: list[ExtensionRoute] = []
    for module in modules:
        imports = project.modules[module.name].flask_imports
        if apis:
            found += _resources(project, module, apis)
        if any(name.startswith("flask_admin") for name in imports):
            found += _admin(project, module)
    return [*found, *_static(project, apps)]


# -- Flask-RESTful, Flask-RESTX ----------------------------------------------------------------------------------------


def _key(project: Project, module: Module, node: ast.AST) -> str:
    """What names an object all over the project."""
    if (dotted := project.canonical(module.dotted(node))) or not reference(node):
        return dotted
    root = reference(node).partition(".")[0]
    found = module.scope_of(node).lookup(root)
    return f"{module.name}:{found[0].qualname}.{reference(node)}".replace(":.", ".") if found is not None else ""


def _apis(project: Project, modules: list[Module]) -> dict[str, _Api]:
    found: dict[str, _Api] = {}
    calls = [(module, call) for module in modules for call in module.calls if reference(call.func)]
    for module, call in calls:
        made = project.canonical(module.dotted(call.func))
        named = _target(module, call)
        if named is None or not RESTFUL.match(made):
            continue
        key, dotted = _key(project, module, named), DOCUMENTED.match(made) is not None
        if made.endswith(".Api"):
            on = _blueprint(project, module, argument(call, 0, "app"))
            prefix = text_of(module, argument(call, 1 if not dotted else -1, "prefix")) or ""
            found[key] = _Api(dotted, prefix, on)
        elif made.endswith(".Namespace"):
            name = text_of(module, argument(call, 0, "name")) or "?"
            found[key] = _Api(dotted, text_of(module, argument(call, -1, "path")) or f"/{name}", None, name)
    for module, call in calls:
        if (
            not isinstance(call.func, ast.Attribute)
            or (api := found.get(_key(project, module, call.func.value))) is None
        ):
            continue
        key = _key(project, module, call.func.value)
        given = argument(call, 0, "app")
        if call.func.attr == "init_app" and (place := _blueprint(project, module, given)) is not None:
            found[key] = _Api(api.dotted, api.prefix, place, api.name)
        elif call.func.attr == "namespace" and (target := _target(module, call)) is not None:
            name = text_of(module, given) or "?"
            path = text_of(module, argument(call, -1, "path")) or f"/{name}"
            found[_key(project, module, target)] = _Api(True, api.prefix + path, api.blueprint, name)
    for module, call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "add_namespace" and call.args:
            api, key = found.get(_key(project, module, call.func.value)), _key(project, module, call.args[0])
            if api is not None and (space := found.get(key)) is not None:
                path = text_of(module, argument(call, 1, "path")) or space.prefix
                found[key] = _Api(True, api.prefix + path, api.blueprint, space.name)
    return found


def _target(module: Module, call: ast.Call) -> ast.expr | None:
    parent = module.parents[call]
    return parent.targets[0] if isinstance(parent, ast.Assign) else getattr(parent, "target", None)


def _blueprint(project: Project, module: Module, node: ast.expr | None) -> ObjectId | None:
    routers = project.routers_at(module, node) if node is not None else []
    return next((one for one in routers if not project.routers[one].is_app), None)


def _resources(project: Project, module: Module, apis: dict[str, _Api]) -> Iterator[ExtensionRoute]:
    taken: set[str] = set()
    for call in module.calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("add_resource", "route"):
            continue
        if (api := apis.get(_key(project, module, call.func.value))) is None:
            continue
        owner = module.parents[call]
        if call.func.attr == "route":
            classes = [(module.name, module.scopes[owner].qualname)] if isinstance(owner, ast.ClassDef) else []
            urls = call.args
        else:
            scope = function_scope(module, call)
            entities = project.names.resolve(module.name, scope, reference(call.args[0])) if call.args else ()
            classes = sorted(e.function_id for e in entities if e.kind == "class")
            urls = call.args[1:]
        for owned in classes:
            endpoint = text_of(module, argument(call, -1, "endpoint")) or _endpoint(api, owned[1].rpartition(".")[2])
            number = 2
            while api.dotted and endpoint in taken:
                endpoint, number = f"{endpoint.removesuffix(f'_{number - 1}')}_{number}", number + 1
            taken.add(endpoint)
            for prefix, name in _places(project, api.blueprint):
                for url in urls:
                    known = text_of(module, url)
                    rule = "?" if known is None else f"{prefix}{api.prefix}{known}"
                    yield ExtensionRoute(name + endpoint, rule, _methods(project, owned), module.name, call.lineno)
    for key, api in apis.items():
        if api.dotted and not api.name and key.startswith((f"{module.name}.", f"{module.name}:")):
            for prefix, name in _places(project, api.blueprint):
                for rule, endpoint in (("/", "root"), ("/", "doc"), ("/swagger.json", "specs")):
                    yield ExtensionRoute(name + endpoint, f"{prefix}{api.prefix}{rule}", ("GET",), module.name, 1)
            yield ExtensionRoute("restx_doc.static", "/swaggerui/<path:filename>", ("GET",), module.name, 1)


def _endpoint(api: _Api, name: str) -> str:
    if not api.dotted:
        return name.lower()
    dashed = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()
    return f"{api.name}_{dashed}" if api.name else dashed


def _places(project: Project, blueprint: ObjectId | None) -> list[tuple[str, str]]:
    """The prefixes of addresses and of endpoints below which a blueprint's routes are."""
    if blueprint is None:
        return [("", "")]
    return [(mount.prefix or "", f"{mount.name}.") for mount in project.mounts_of(blueprint)]


def _methods(project: Project, owner: FunctionId) -> tuple[str, ...]:
    return tuple(m for m in METHODS if project.names.method_of(owner, m.lower()) is not None) or ("GET",)


# -- Flask-Admin -------------------------------------------------------------------------------------------------------


def _admin(project: Project, module: Module) -> Iterator[ExtensionRoute]:
    for call in module.calls:
        if project.canonical(module.dotted(call.func)) in ("flask_admin.Admin", "flask_admin.base.Admin"):
            url = text_of(module, argument(call, -1, "url")) or "/admin"
            endpoint = text_of(module, argument(call, -1, "endpoint")) or "admin"
            yield ExtensionRoute(f"{endpoint}.index", f"{url}/", ("GET",), module.name, call.lineno)
            yield ExtensionRoute(
                f"{endpoint}.static", f"{url}/static/<path:filename>", ("GET",), module.name, call.lineno
            )
        elif isinstance(call.func, ast.Attribute) and call.func.attr in ("add_view", "add_views"):
            for view in call.args:
                if isinstance(view, ast.Call):
                    yield from _admin_view(project, module, view)


def _admin_view(project: Project, module: Module, view: ast.Call) -> Iterator[ExtensionRoute]:
    entities = project.entities_at(module, view.func)
    owner = next((e.function_id for e in entities if e.kind == "class"), None)
    own = {name: rule for one in project.names.lineage(owner) for name, rule in _exposed(project, one)} if owner else {}
    bases = (
        {base for one in project.names.lineage(owner) for base in project.names.classes[one].bases} if owner else set()
    )
    model = view.args[0] if view.args and reference(view.args[0]) else None
    is_plain = any(base.endswith("BaseView") or base.endswith("AdminIndexView") for base in bases)
    name = (owner[1] if owner else reference(view.func)).rpartition(".")[2]
    if model is not None and not is_plain:
        name = reference(model).rpartition(".")[2]
    endpoint = text_of(module, argument(view, -1, "endpoint")) or name.lower()
    for method, (rule, posts) in {**({} if is_plain else ADMIN_VIEWS), **own}.items():
        methods = ("GET", "POST") if posts else ("GET",)
        yield ExtensionRoute(f"{endpoint}.{method}", f"/admin/{endpoint}{rule}", methods, module.name, view.lineno)


def _exposed(project: Project, owner: FunctionId) -> Iterator[tuple[str, tuple[str, bool]]]:
    module = project.store.module(owner[0])
    for name in project.names.classes[owner].methods if module is not None else ():
        function = module.functions.get(f"{owner[1]}.{name}") if module is not None else None
        if module is None or function is None:
            continue
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and reference(decorator.func).rpartition(".")[2] == "expose":
                rule = text_of(module, argument(decorator, 0, "url")) or "/"
                posts = "POST" in (texts_of(module, argument(decorator, 1, "methods")) or ())
                yield name, (rule, posts)


# -- static folders ----------------------------------------------------------------------------------------------------


def _static(project: Project, apps: frozenset[ObjectId]) -> Iterator[ExtensionRoute]:
    for router in project.routers.values():
        module, line = router.id[0], router.fact.span.line
        if router.is_app and router.id not in apps:
            continue
        if router.is_app:
            address = router.fact.static_url_path or f"/{router.fact.static_folder or 'static'}"
            yield ExtensionRoute("static", f"{address}/<path:filename>", ("GET",), module, line)
        elif router.fact.static_folder:
            for prefix, name in _places(project, router.id):
                address = router.fact.static_url_path or f"/{router.fact.static_folder}"
                yield ExtensionRoute(f"{name}static", f"{prefix}{address}/<path:filename>", ("GET",), module, line)
