"""What the code that runs now belongs to: an app, and the request that it answers, if any."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from werkzeug.local import LocalProxy

from .incoming import FlaskRequest
from .namespace import Globals


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
