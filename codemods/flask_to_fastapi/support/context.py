"""Flask's `request`, `g` and `current_app`, for helpers that no one hands the request to.

`app.add_middleware(RequestContext)` makes them known, from the first hook to the last byte of a stream. A view that is
the only one to need the request does without: `def view(request: FlaskRequest)`, with `FlaskRequest` of `bodies.py`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from fastapi import FastAPI
from fastapi import Request as FastAPIRequest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.local import LocalProxy

from . import urls
from .incoming import BODY, REQUEST, FlaskRequest, make_request
from .namespace import Globals
from .outgoing import AFTER_THIS_REQUEST, answered, unchanged
from .routing import too_long

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(eq=False)
class Context:
    """What the code that runs now belongs to. As a context manager it is the current one, and runs the app's
    `teardown_appcontext` functions at its end."""

    app: FastAPI
    g: Globals = field(default_factory=lambda: Globals({}))
    request: FlaskRequest | None = None
    tokens: "list[Token[Context]]" = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.app, LocalProxy):
            self.app = self.app._get_current_object()

    def push(self) -> None:
        self.tokens.append(_context.set(self))

    def pop(self, error: BaseException | None = None) -> None:
        try:
            for middleware in reversed(self.app.user_middleware):
                hooks: Any = middleware.kwargs.get("teardown_appcontext", ())
                for hook in reversed(hooks):
                    hook(error)
        finally:
            _context.reset(self.tokens.pop())

    def __enter__(self) -> "Context":
        self.push()
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self.pop(error)


_context: ContextVar[Context] = ContextVar("flask_context")


def has_app_context() -> bool:
    return _context.get(None) is not None


def has_request_context() -> bool:
    context = _context.get(None)
    return context is not None and context.request is not None


def current_context() -> Context:
    try:
        return _context.get()
    except LookupError:
        raise RuntimeError("Working outside of application context.") from None


def current_request() -> FlaskRequest:
    context = _context.get(None)
    if context is None or context.request is None:
        raise RuntimeError("Working outside of request context.")
    return context.request


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
        token = _context.set(Context(scope["app"], Globals(scope.setdefault("state", {}))))
        try:
            await answered(self.with_request, scope, receive, send, unchanged)
        finally:
            _context.reset(token)

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
    outer = _context.get(None)
    return Context(app, request=outer.request if outer else None)


@contextmanager
def entered(context: Context) -> Iterator[None]:
    """Makes this context the current one; nothing is torn down at the end."""
    token = _context.set(context)
    try:
        yield
    finally:
        _context.reset(token)


@contextmanager
def within(request: FlaskRequest) -> Iterator[None]:
    """Makes this request the current one, where no middleware has."""
    if has_request_context():
        yield
        return
    with entered(Context(request.scope["app"], Globals(request.scope.setdefault("state", {})), request)):
        yield


def copy_current_request_context(function: Callable[P, R]) -> Callable[P, R]:
    """The function, for a thread of its own: it sees the request that it was made in, with a `g` of its own."""
    request = current_request()
    app = current_context().app

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        here = _context.get(None)
        with Context(app, here.g if here else Globals({}), request):
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
