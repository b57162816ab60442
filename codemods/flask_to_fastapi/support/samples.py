"""Requests that nobody sent, for tests and scripts."""

from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.types import Scope
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from . import json_provider
from .current import Context
from .incoming import make_request
from .namespace import Globals
from .routing import config_of


class SampleBuilder(EnvironBuilder):
    """Takes what `werkzeug.test.EnvironBuilder` takes, and `subdomain` and `url_scheme`. The address is the app's;
    JSON is written as the app writes it."""

    json_dumps = staticmethod(json_provider.dumps)

    def __init__(
        self,
        app: FastAPI,
        path: str = "/",
        base_url: str | None = None,
        subdomain: str | None = None,
        url_scheme: str | None = None,
        **options: Any,
    ) -> None:
        if base_url is None:
            config, url = config_of(app), urlsplit(path)
            scheme = url.scheme or url_scheme or config.get("PREFERRED_URL_SCHEME", "http")
            host = config.get("SERVER_NAME") or "localhost"
            host = url.netloc or (f"{subdomain}.{host}" if subdomain else host)
            base_url = f"{scheme}://{host}/{config.get('APPLICATION_ROOT', '/').lstrip('/')}"
            path = f"{url.path}?{url.query}" if url.query else url.path
        super().__init__(path, base_url, **options)


def request_context(app: FastAPI, *args: Any, **kwargs: Any) -> Context:
    """The context of a request that nobody sent; takes what `SampleBuilder` takes."""
    sample = SampleBuilder(app, *args, **kwargs).get_request()
    context = Context(app)
    scope = scope_of(context.app, sample)
    context.g, context.request = Globals(scope["state"]), make_request(scope, sample.get_data())
    return context


def scope_of(app: FastAPI, sample: Request) -> Scope:
    """The request as an ASGI server describes it."""
    address = sample.environ.get("REMOTE_ADDR")
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "app": app,
        "method": sample.method,
        "scheme": sample.scheme,
        "server": sample.server,
        "client": (address, int(sample.environ.get("REMOTE_PORT", 0))) if address else None,
        "root_path": sample.root_path,
        "path": sample.root_path + sample.path,
        "query_string": sample.query_string,
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sample.headers],
        "state": {},
    }
    if keeper := session_keeper(app):
        scope["session"] = keeper.open_session(scope)
    return scope


def session_keeper(app: FastAPI) -> Any:
    """The middleware that opens and saves sessions, if the app has one."""
    return next((m.cls for m in app.user_middleware if hasattr(m.cls, "open_session")), None)
