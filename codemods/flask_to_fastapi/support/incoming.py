"""The request as Flask code reads it: Werkzeug's, made of what the ASGI server hands over."""

from copy import copy
from io import BytesIO
from typing import Any

from fastapi import Request as FastAPIRequest
from starlette.types import Scope
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import Rule
from werkzeug.wrappers import Request

from . import json_provider
from .broken_json import ORIGINAL_HEADERS
from .repeated import ORIGINAL_QUERY
from .routing import MATCH, bind, config_of, path_of

# the keys of the scope that keep, for all who ask, the body, and the request that was made of it
BODY, REQUEST = "flask.body", "flask.request"
# and what a WSGI middleware has added to the environment
ENVIRON = "flask.environ"


class FlaskRequest(Request):
    """All that `flask.request` has: `args`, `form`, `files`, `get_json()`, `endpoint`, ..."""

    json_module = json_provider

    def __init__(self, scope: Scope, body: bytes) -> None:
        super().__init__(environ(scope, body))
        self.scope = scope
        config = config_of(scope["app"])
        for limit in ("max_content_length", "max_form_memory_size", "max_form_parts"):
            setattr(self, limit, config.get(limit.upper(), getattr(self, limit)))

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        if e is not None:
            raise BadRequest from e
        return super().on_json_loading_failed(e)

    @property
    def url_rule(self) -> Rule | None:
        """The rule, with the methods of all routes that share its path and name."""
        rule = matched(self.scope)[0]
        if rule is None:
            return None
        whole = copy(rule)
        same = [each for each in rule.map.iter_rules(rule.endpoint) if each.rule == rule.rule]
        whole.methods = {method for each in same for method in each.methods or ()} or None
        return whole

    @property
    def view_args(self) -> dict[str, Any] | None:
        """What stood in the path; nothing, where no route matches."""
        return matched(self.scope)[1]

    @property
    def routing_exception(self) -> HTTPException | None:
        """Why no route matches."""
        return matched(self.scope)[2]

    @property
    def endpoint(self) -> str | None:
        """The name of the route."""
        rule = matched(self.scope)[0]
        return None if rule is None else rule.endpoint

    @property
    def blueprint(self) -> str | None:
        return next(iter(self.blueprints), None)

    @property
    def blueprints(self) -> list[str]:
        return blueprints_of(self.scope)


def make_request(scope: Scope, body: bytes) -> FlaskRequest:
    """The request, of the class that the app wants."""
    kind: type[FlaskRequest] = getattr(scope["app"].state, "request_class", FlaskRequest)
    return kind(scope, body)


def matched(scope: Scope) -> tuple[Rule | None, dict[str, Any] | None, HTTPException | None]:
    """The rule that answers and what stood in the path, or why there is none; known before the request gets there."""
    if MATCH not in scope:
        try:
            scope[MATCH] = *bind(scope["app"], scope).match(return_rule=True, websocket=False), None
        except HTTPException as error:
            scope[MATCH] = None, None, error
    rule, values, refusal = scope[MATCH]
    return rule, values, refusal


def blueprints_of(scope: Scope) -> list[str]:
    """The names before the route's own, the longest first: `a.b` and `a` for `a.b.view`."""
    rule, *_ = matched(scope)
    *parents, _ = rule.endpoint.split(".") if rule else [""]
    return [".".join(parents[:end]) for end in range(len(parents), 0, -1)]


async def request_in(request: FastAPIRequest) -> FlaskRequest:
    """The one Flask request of this request; a dependency."""
    if REQUEST not in request.scope:
        request.scope[REQUEST] = make_request(request.scope, await body_of(request))
    made: FlaskRequest = request.scope[REQUEST]
    return made


async def body_of(request: FastAPIRequest) -> bytes:
    """What was sent; nothing, where FastAPI has made form parameters of it and no one kept it."""
    try:
        body: bytes = request.scope[BODY] if BODY in request.scope else await request.body()
    except RuntimeError:
        return b""
    return body


def environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """The request as WSGI describes it."""
    server, port = scope.get("server") or ("localhost", 80)
    about: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": wsgi_text(scope.get("root_path", "")),
        "PATH_INFO": wsgi_text(path_of(scope)),
        "QUERY_STRING": scope.get(ORIGINAL_QUERY, scope["query_string"]).decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if client := scope.get("client"):
        about["REMOTE_ADDR"], about["REMOTE_PORT"] = client[0], str(client[1])
    for raw_name, raw_value in scope.get(ORIGINAL_HEADERS, scope["headers"]):
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        if b"_" in raw_name:
            # it would pass for the one with a dash: WSGI servers drop it too
            continue
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        separator = "; " if name == "COOKIE" else ","
        about[key] = f"{about[key]}{separator}{value}" if key in about else value
    return {**about, **scope.get(ENVIRON, {})}


def wsgi_text(text: str) -> str:
    return text.encode().decode("latin-1")
