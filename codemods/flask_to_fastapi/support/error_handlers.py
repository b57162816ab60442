"""Error handlers that Flask's order decides between.

`@app.exception_handler(404)` is enough where an app has one handler for an error. `handles` is for more: several may
fit (the blueprint's for a code comes first, then the app's for a code, the blueprint's for a class, the app's for a
class), or one takes every `Exception`, and HTTP errors with them.

    @handles(app, Exception)
    def failed(error):
        return {"error": str(error)}, 500

    @handles(bp, ShopError)
    def shop_error(error):
        return "sorry", 400

    use_error_handlers(app, {"shop": bp})

The last line says whose errors the handlers of a router answer: those of the routes named `shop.*`. A handler answers
with whatever a view may. An HTTP error is one for FastAPI (`status_code`, `detail`) and for Werkzeug (`code`, `name`,
`description`) alike; the handler for 500 finds what failed in `original_exception`.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from werkzeug.exceptions import HTTPException as WerkzeugHTTPException
from werkzeug.exceptions import InternalServerError, default_exceptions

from .answers import answer
from .errors import both_kinds, code_of
from .incoming import blueprints_of
from .outgoing import answered, call, unchanged

Handler = Callable[..., Any]
Kind = int | type[Exception]
F = TypeVar("F", bound=Handler)

# the attribute of a router that keeps its handlers until the app asks for them
HANDLERS = "flask_error_handlers"


def handles(owner: FastAPI | APIRouter, kind: Kind, *, whole_app: bool = False) -> Callable[[F], F]:
    """Lets a function answer for an error, in the whole app or in the views of one router.

    `whole_app` is for a handler that stands beside a router and serves the app.
    """

    def register(function: F) -> F:
        if isinstance(owner, FastAPI):
            error_handlers(owner).add(owner, kind, function)
        else:
            vars(owner).setdefault(HANDLERS, []).append((kind, function, whole_app))
        return function

    return register


def use_error_handlers(app: FastAPI, routers: Mapping[str, APIRouter]) -> None:
    """Lets the handlers of routers answer, each for the routes whose names begin as given here."""
    for blueprint, router in routers.items():
        for kind, function, whole_app in vars(router).get(HANDLERS, ()):
            error_handlers(app).add(app, kind, function, None if whole_app else blueprint)


def error_handlers(app: FastAPI) -> "ErrorHandlers":
    """The handlers of an app."""
    if not hasattr(app.state, HANDLERS):
        setattr(app.state, HANDLERS, ErrorHandlers(app))
    handlers: ErrorHandlers = getattr(app.state, HANDLERS)
    return handlers


class ErrorHandlers:
    """All handlers of an app, and Flask's way to choose one."""

    def __init__(self, app: FastAPI) -> None:
        # by blueprint, by code, by class
        self.known: dict[tuple[str | None, int | None], dict[type[Exception], Handler]] = {}
        self.otherwise: Callable[..., Any] = app.exception_handlers.get(StarletteHTTPException, http_exception_handler)
        for http_error in (StarletteHTTPException, WerkzeugHTTPException):
            app.add_exception_handler(http_error, self.answer)
        app.add_exception_handler(Exception, self.answer_unhandled)
        app.add_middleware(AnswersInside)

    def add(self, app: FastAPI, kind: Kind, function: Handler, blueprint: str | None = None) -> None:
        if isinstance(kind, int):
            kind = default_exceptions[kind]
        code = kind.code if issubclass(kind, WerkzeugHTTPException) else None
        self.known.setdefault((blueprint, code), {})[kind] = function
        if not issubclass(kind, StarletteHTTPException | WerkzeugHTTPException) and kind is not Exception:
            app.add_exception_handler(kind, self.answer)

    def find(self, error: Exception, blueprints: list[str]) -> Handler | None:
        """Codes before classes, the innermost blueprint before the app, the closest class before its bases."""
        for code in dict.fromkeys((code_of(error), None)):
            for blueprint in (*blueprints, None):
                known = self.known.get((blueprint, code), {})
                for cls in type(error).__mro__:
                    if cls in known:
                        return known[cls]
        return None

    async def answer(self, request: Request, error: Exception) -> Response:
        if isinstance(error, WerkzeugHTTPException) and (error.code or 0) < 400:
            # a redirect
            return answer(error)
        seen = both_kinds(error) if isinstance(error, StarletteHTTPException | WerkzeugHTTPException) else error
        handler = self.find(seen, blueprints_of(request.scope))
        if handler is not None:
            return answer(await call(handler, seen))
        if getattr(seen, "response", None) is not None:
            # it brought its own
            return answer(seen)
        if isinstance(seen, StarletteHTTPException):
            response: Response = await call(self.otherwise, request, seen)
            return response
        raise error

    async def answer_unhandled(self, request: Request, error: Exception) -> Response:
        blueprints = blueprints_of(request.scope)
        if handler := self.find(error, blueprints):
            return answer(await call(handler, error))
        failure = both_kinds(InternalServerError(original_exception=error))
        if handler := self.find(failure, blueprints):
            return answer(await call(handler, failure))
        raise error


class AnswersInside:
    """Lets handlers for `Exception` and 500 run inside of the other middleware, which may add to what they answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answered(self.app, scope, receive, send, unchanged)
        else:
            await self.app(scope, receive, send)
