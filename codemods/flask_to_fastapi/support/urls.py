"""URLs of routes by name, as `flask.url_for` builds them.

    def show(request: Request, url_for: UrlFor):
        url_for("shop.orders", id=3, page=2)    # "/shop/orders/3?page=2"
        url_for(".orders", _external=True)      # "http://example.org/shop/orders", seen from a route of `shop`

The name of a route is the endpoint that Flask knew; several routes may share one.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, FastAPI
from starlette.requests import HTTPConnection
from werkzeug.routing.map import MapAdapter

from .routing import bind, config_of, routes_of

UrlDefaults = Callable[[str, dict[str, Any]], object]


def url_for(
    request: HTTPConnection,
    endpoint: str,
    *,
    _external: bool | None = None,
    _scheme: str | None = None,
    _anchor: str | None = None,
    _method: str | None = None,
    **values: Any,
) -> str:
    """The URL of the route with this name; values that its path does not take go into the query.

    An endpoint that begins with a dot is looked for beside the current route. Raises `werkzeug.routing.BuildError`
    if no route has the name, or takes the values.
    """
    if endpoint.startswith("."):
        here, _, _ = getattr(request.scope.get("route"), "name", "").rpartition(".")
        endpoint = f"{here}{endpoint}" if here else endpoint[1:]
    add_defaults(request.app, endpoint, values)
    external = _scheme is not None if _external is None else _external
    return build(bind(request.app, request.scope), endpoint, external, _scheme, _anchor, _method, values)


def url_for_app(
    app: FastAPI,
    endpoint: str,
    *,
    _external: bool = True,
    _scheme: str | None = None,
    _anchor: str | None = None,
    _method: str | None = None,
    **values: Any,
) -> str:
    """The URL where there is no request, as in a mail: the host is `SERVER_NAME` of `app.state.config`."""
    config = config_of(app)
    if not config.get("SERVER_NAME"):
        raise RuntimeError("Building URLs without a request needs SERVER_NAME in app.state.config.")
    add_defaults(app, endpoint, values)
    urls = routes_of(app).url_map.bind(
        config["SERVER_NAME"],
        script_name=config.get("APPLICATION_ROOT"),
        url_scheme=config.get("PREFERRED_URL_SCHEME", "http"),
    )
    return build(urls, endpoint, _external, _scheme, _anchor, _method, values)


def use_url_defaults(app: FastAPI, *functions: UrlDefaults, **of_blueprints: Sequence[UrlDefaults]) -> None:
    """Let functions fill in values of URLs: `function(endpoint, values)`, called before a URL is built. Those of a
    blueprint are only asked for its own routes."""
    app.state.url_defaults = [("", function) for function in functions]
    app.state.url_defaults += [(name, function) for name, each in of_blueprints.items() for function in each]


def add_defaults(app: FastAPI, endpoint: str, values: dict[str, Any]) -> None:
    for blueprint, function in getattr(app.state, "url_defaults", ()):
        if not blueprint or endpoint.startswith(f"{blueprint}."):
            function(endpoint, values)


def build(
    urls: MapAdapter,
    endpoint: str,
    external: bool,
    scheme: str | None,
    anchor: str | None,
    method: str | None,
    values: dict[str, Any],
) -> str:
    if scheme is not None and not external:
        raise ValueError("When specifying '_scheme', '_external' must be True.")
    url = urls.build(endpoint, values, method=method, url_scheme=scheme, force_external=external)
    return url if anchor is None else url + "#" + quote(anchor, safe="%!#$&'()*+,/:;=?@")


async def url_builder(request: HTTPConnection) -> Callable[..., str]:
    return partial(url_for, request)


UrlFor = Annotated[Callable[..., str], Depends(url_builder)]
