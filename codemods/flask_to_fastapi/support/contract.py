"""What Flask did for every route and FastAPI does otherwise, kept for the clients of this app.

    keep_flask_contract(app)

This line may stand anywhere, for routes that are added later count too; where hooks look at bodies, let it be the last
that adds a middleware. With it

- Werkzeug's URL map matches: the most specific route wins, wherever it was declared; `/page` goes to `/page/` with
  308; GET routes serve HEAD, all routes OPTIONS; a 405 lists all methods of the address;
- of a repeated query key the first value counts;
- input that cannot be read gets 400 (or 415) instead of 422, and what was sent is not repeated in the answer;
- errors that Werkzeug's helpers raise are answered as FastAPI's own;
- a handler for `HTTPException` answers for the 500 of an unexpected error, too.

Delete the line to move on to FastAPI's ways. What single views need (`or_default`, `FormText`, ...) is in `params`.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response, params
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as StarletteHTTPException
from werkzeug.exceptions import BadRequest, InternalServerError
from werkzeug.exceptions import HTTPException as WerkzeugHTTPException

from .dispatch import RULE, FlaskRouting, HeadWithoutBody, starlette_response

NOT_JSON = "Did not attempt to load JSON data because the request Content-Type was not 'application/json'."


class EarlyResponse(Exception):
    """Raised by a dependency to answer the request at once, as a Flask decorator does by returning."""

    def __init__(self, response: Response) -> None:
        super().__init__(response)
        self.response = response


def keep_flask_contract(app: FastAPI) -> None:
    """Answer as Flask did, where FastAPI would answer otherwise; see the head of this module."""
    app.router.redirect_slashes = False
    app.router.routes.insert(0, FlaskRouting(app))
    app.add_middleware(HeadWithoutBody)
    handlers = app.exception_handlers
    if handlers.get(RequestValidationError) in (None, request_validation_exception_handler):
        handlers[RequestValidationError] = unreadable_input
    handlers.setdefault(EarlyResponse, early_response)
    handlers.setdefault(WerkzeugHTTPException, werkzeug_error)
    handlers.setdefault(Exception, unexpected)


async def early_response(request: Request, error: Exception) -> Response:
    assert isinstance(error, EarlyResponse)
    return error.response


async def werkzeug_error(request: Request, error: Exception) -> Response:
    """The same error as FastAPI's own, so that the app's handlers see only one kind."""
    assert isinstance(error, WerkzeugHTTPException)
    if isinstance(error.response, Response):
        return error.response
    if error.response is not None or error.code is None or error.code < 400:
        return starlette_response(error.get_response())
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return await answer_error(request, HTTPException(error.code, error.description, headers))


async def unexpected(request: Request, error: Exception) -> Response:
    """What nobody expected is a 500 for the app's handler for HTTP errors, if it has one."""
    failure = HTTPException(500, InternalServerError.description)
    if handler_for(request.app, failure) is http_exception_handler:
        raise error
    return await answer_error(request, failure)


async def unreadable_input(request: Request, error: Exception) -> Response:
    """400 where FastAPI says 422, 415 where the body should be JSON and is not, 404 where the path is at fault."""
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    places = {fault["loc"][0] for fault in faults}
    if "path" in places:
        return await answer_error(request, HTTPException(404))
    status = 415 if "body" in places and wants_json(request) and not sends_json(request) else 400
    if handler_for(request.app, HTTPException(status)) is not http_exception_handler:
        return await answer_error(request, HTTPException(status, NOT_JSON if status == 415 else BadRequest.description))
    return JSONResponse({"detail": [{"loc": fault["loc"], "msg": message(fault)} for fault in faults]}, status)


def wants_json(request: Request) -> bool:
    """Is the body of this route JSON, or else a form?"""
    rule = request.scope.get(RULE)
    body = rule and rule.context.body_field
    return body is not None and not isinstance(body.field_info, params.Form)


def sends_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return re.fullmatch(r"application/(.+\+)?json", media_type) is not None


def message(fault: dict[str, Any]) -> str:
    """What is wrong, without the value that was sent."""
    may_quote = fault["type"] in ("value_error", "assertion_error", "union_tag_invalid")
    return "Not a valid value" if may_quote and str(fault.get("input")) in fault["msg"] else fault["msg"]


async def answer_error(request: Request, error: StarletteHTTPException) -> Response:
    """What the app answers to this error: by its handler for the status, else for the class."""
    handler = handler_for(request.app, error)
    if inspect.iscoroutinefunction(handler):
        response: Response = await handler(request, error)
        return response
    return await run_in_threadpool(handler, request, error)


def handler_for(app: FastAPI, error: StarletteHTTPException) -> Callable[..., Any]:
    handlers: dict[Any, Callable[..., Any]] = app.exception_handlers
    by_class = (handlers[cls] for cls in type(error).__mro__ if cls in handlers)
    return handlers.get(error.status_code) or next(by_class, http_exception_handler)
