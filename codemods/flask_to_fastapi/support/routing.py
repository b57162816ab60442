"""The routes of the app as Werkzeug's URL map, which `contract` matches with and `urls` builds with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Mount, Route, compile_path
from starlette.types import Scope
from werkzeug.routing import Map, Rule
from werkzeug.routing.map import MapAdapter
from werkzeug.sansio.utils import get_host

from .defaults import defaults_of
from .route_rules import RouteRule, add_mount, rule_text
from .spellings import spellings_of

# the key of the scope that keeps, for all who ask, who answers: see `incoming.matched`
MATCH = "flask.match"


@dataclass(frozen=True)
class Routes:
    """The URL map of an app, and the routes that have no place in it."""

    url_map: Map
    mapped: list[RouteContext]
    # mounts, hosts, web sockets, and FastAPI's own pages, which must not win over a route of the app
    others: list[RouteContext]
    lists: list[Sequence[BaseRoute]]
    sizes: list[int]

    @property
    def is_current(self) -> bool:
        """Were no routes added since? Routers may grow after they were included."""
        return [len(routes) for routes in self.lists] == self.sizes


def routes_of(app: FastAPI) -> Routes:
    """The routes of the app as they are now; made once, and again when there are more."""
    routes: Routes | None = getattr(app.state, "flask_routes", None)
    if routes is None or not routes.is_current:
        routes = app.state.flask_routes = read_routes(app)
    return routes


def read_routes(app: FastAPI) -> Routes:
    lists = list(lists_of_routes(app.router.routes))
    url_map = Map(strict_slashes=getattr(app.state, "strict_slashes", True))
    routes = Routes(url_map, [], [], lists, [len(each) for each in lists])
    own_pages = {app.openapi_url, app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url}
    names: dict[int, str] = {}
    contexts = list(iter_route_contexts(app.routes))
    spellings = spellings_of(contexts)
    for context in contexts:
        original, path = context.original_route, context.path or ""
        is_own_page = not isinstance(original, APIRoute) and path in own_pages
        if isinstance(original, Route) and path.startswith("/") and not is_own_page:
            methods = context.methods
            # as in Flask a view may say that it wants no answer to OPTIONS made for it
            if methods is not None and getattr(context.endpoint, "provide_automatic_options", None) is not False:
                methods = methods | {"OPTIONS"}
            routes.mapped.append(context)
            if spellings.is_further(context):
                continue  # the rule of the other one serves both
            strict = False if spellings.has_further(context) else None
            rule = rule_text(path, context.param_convertors, routes.url_map, names)
            defaults = defaults_of(context.endpoint)
            routes.url_map.add(RouteRule(rule, context, methods=methods, defaults=defaults, strict_slashes=strict))
        else:
            routes.others.append(context)
            if isinstance(original, Mount):
                add_mount(routes.url_map, context, path)
    for name, path in getattr(app.state, "flask_names", ()):
        rule = rule_text(path, compile_path(path)[2], routes.url_map, names)
        routes.url_map.add(Rule(rule, endpoint=name, build_only=True))
    return routes


def name_path(app: FastAPI, name: str, path: str) -> None:
    """Give an address that some route serves a further name, for `url_for`."""
    app.state.flask_names = [*getattr(app.state, "flask_names", ()), (name, path)]
    app.state.flask_routes = None


def lists_of_routes(routes: Sequence[BaseRoute]) -> Iterator[Sequence[BaseRoute]]:
    """The list of routes, and those of all routers that were included."""
    yield routes
    for route in routes:
        router = getattr(route, "original_router", None)
        if router is not None:
            yield from lists_of_routes(router.routes)


def path_of(scope: Scope) -> str:
    """The path below `root_path`, which servers put in front of it or not."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if path == root or path.startswith(f"{root}/") else path


def bind(app: FastAPI, scope: Scope) -> MapAdapter:
    """The URL map for the host, root path and query of this request."""
    scheme = scope.get("scheme", "http")
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), None)
    return routes_of(app).url_map.bind(
        config_of(app).get("SERVER_NAME") or get_host(scheme, host, scope.get("server")),
        script_name=scope.get("root_path", ""),
        url_scheme=scheme,
        default_method=scope.get("method", "GET"),
        path_info=path_of(scope),
        query_args=scope["query_string"].decode("utf-8", "replace"),
    )


def config_of(app: FastAPI) -> Mapping[str, Any]:
    """The configuration, for those few keys that URLs and files depend on."""
    config: Mapping[str, Any] = getattr(app.state, "config", {})
    return config if hasattr(config, "get") else {}


def view_functions(app: FastAPI) -> dict[str, Any]:
    """The functions behind the endpoints, as Flask's `app.view_functions`."""
    return {context.name: context.endpoint for context in routes_of(app).mapped if context.name}


def blueprint_names(app: FastAPI) -> list[str]:
    """What the names of routes begin with, as Flask's `app.blueprints` lists it: `shop` and `shop.cart` for
    `shop.cart.show`."""
    parents = [(context.name or "").split(".")[:-1] for context in routes_of(app).mapped]
    return list(dict.fromkeys(".".join(path[:end]) for path in parents for end in range(1, len(path) + 1)))


def too_long(scope: Scope) -> bool:
    """Is the body longer than the app takes? That is an error only for who reads it, as in Flask."""
    limit = config_of(scope["app"]).get("MAX_CONTENT_LENGTH")
    length = Headers(scope=scope).get("content-length", "")
    return limit is not None and length.isdecimal() and int(length) > limit
