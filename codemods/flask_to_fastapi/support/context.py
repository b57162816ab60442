"""Flask's `request`, `g` and `current_app`, for helpers that no one hands the request to.

`app.add_middleware(RequestContext)` makes them known, from the first hook to the last byte of a stream. A view that is
the only one to need the request does without: `def view(request: FlaskRequest)`, with `FlaskRequest` of `bodies.py`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from fastapi import FastAPI
from fastapi import Request as FastAPIRequest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.local import LocalProxy

from . import urls
from .current import Context, current_context, current_request, entered
from .current import has_app_context as has_app_context
from .current import has_request_context as has_request_context
from .incoming import BODY, REQUEST, FlaskRequest, make_request
from .namespace import Globals
from .outgoing import AFTER_THIS_REQUEST, answered, unchanged
from .routing import too_long

P = ParamSpec("P")
R = TypeVar("R")


request: FlaskRequest = LocalProxy(current_request)  # type: ignore[assignment]
g: Any = LocalProxy(lambda: current_context().g)
current_app: FastAPI = LocalProxy(lambda: current_context().app)  # type: ignore[assignment]
# as of `request.session`: to ask for it is what `Vary: Cookie` tells
session: Any = LocalProxy(lambda: FastAPIRequest(current_request().scope).session)


class RequestContext:
    """Makes `request`, `g` and `current_app` known to all that runs below; reads the body before that."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or REQUEST in scope:
            await self.app(scope, receive, send)
            return
        with entered(Context(scope["app"], Globals(scope.setdefault("state", {})))):
            await answered(self.with_request, scope, receive, send, unchanged)

    async def with_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        if not too_long(scope):
            body = scope[BODY] = await FastAPIRequest(scope, receive).body()
        request = scope[REQUEST] = current_context().request = make_request(scope, body)
        messages: list[Message] = [{"type": "http.request", "body": body}] if BODY in scope else []

        async def receive_again() -> Message:
            return messages.pop() if messages else await receive()

        try:
            await self.app(scope, receive_again, send)
        finally:
            request.close()


def after_this_request(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let a function change, or replace, the response to this request."""
    current_request().scope.setdefault(AFTER_THIS_REQUEST, []).append(function)
    return function


def app_context(app: FastAPI) -> Context:
    """`current_app` and a `g` of its own, for scripts and tasks that answer no request."""
    return Context(app, request=current_request() if has_request_context() else None)


def copy_current_request_context(function: Callable[P, R]) -> Callable[P, R]:
    """The function, for a thread of its own: it sees the request that it was made in, with a `g` of its own."""
    request = current_request()
    app = current_context().app

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with Context(app, current_context().g if has_app_context() else Globals({}), request):
            return function(*args, **kwargs)

    return wrapper


def stream_with_context(generator_or_function: R) -> R:
    """The same generator: the context lasts until the last byte is sent."""
    return generator_or_function


def url_for(endpoint: str, **values: Any) -> str:
    """The address of a route, seen from the current request; without one, for the app's `SERVER_NAME`."""
    if has_request_context():
        return urls.url_for(FastAPIRequest(current_request().scope), endpoint, **values)
    return urls.url_for_app(current_context().app, endpoint, **values)
