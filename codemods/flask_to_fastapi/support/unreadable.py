"""What is answered to input that FastAPI cannot read.

400 where FastAPI says 422, 415 where the body should be JSON and is not, 404 where the path is at fault. What the Flask
view failed on (it converted the value itself, or asked a JSON body for what it did not have) is answered as any other
failure, where the app has a handler for those.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response, params
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as StarletteHTTPException
from werkzeug.exceptions import BadRequest

from .broken_json import BROKEN, asked_again
from .dispatch import RULE

NOT_JSON = "Did not attempt to load JSON data because the request Content-Type was not 'application/json'."


async def unreadable_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if answer := await asked_again(request, error):
        return answer
    faults = [known(request, fault) for fault in error.errors()]
    places = {fault["loc"][0] for fault in faults}
    if "path" in places:
        return await answer_error(request, HTTPException(404))
    if all(broke_the_view(request, fault) for fault in faults) and (answer := await own_failure(request, faults[0])):
        return answer
    status = 415 if "body" in places and wants_json(request) and not sends_json(request) else 400
    if handler_for(request.app, HTTPException(status)) is not http_exception_handler:
        return await answer_error(request, HTTPException(status, NOT_JSON if status == 415 else BadRequest.description))
    return JSONResponse({"detail": [{"loc": fault["loc"], "msg": message(fault)} for fault in faults]}, status)


def broke_the_view(request: Request, fault: dict[str, Any]) -> bool:
    """Is it what the Flask view converted itself, or asked of a JSON body that did not have it?"""
    if fault["type"] in ("coercion", "failure"):
        return True
    place, *inside = fault["loc"]
    if place != "body" or is_form(request) or (wants_json(request) and not sends_json(request)):
        return False
    return fault["type"] != "json_invalid" and (bool(inside) or fault["type"] != "missing")


async def own_failure(request: Request, fault: dict[str, Any]) -> Response | None:
    """What the app's own handler answers to an error that nobody expected."""
    handlers = request.app.exception_handlers
    error = ValueError(message(fault))
    try:
        return await call(handlers.get(500, handlers[Exception]), request, error)
    except ValueError as raised:
        if raised is not error:
            raise
    return None


def known(request: Request, fault: dict[str, Any]) -> dict[str, Any]:
    """The fault; of a body that was said to be JSON, why it is not."""
    unread: RequestValidationError | None = request.scope.get(BROKEN)
    found: dict[str, Any] = unread.errors()[0] if unread and fault["loc"][0] == "body" else fault
    return found


def is_form(request: Request) -> bool:
    """Is the body of this route a form?"""
    return isinstance(getattr(body_of(request), "field_info", None), params.Form)


def wants_json(request: Request) -> bool:
    """Is the body of this route JSON, or else a form?"""
    return body_of(request) is not None and not is_form(request)


def body_of(request: Request) -> Any:
    """The field that FastAPI makes of the body of this route."""
    rule = request.scope.get(RULE)
    return rule and rule.context.body_field


def sends_json(request: Request) -> bool:
    if BROKEN in request.scope:
        return True
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return re.fullmatch(r"application/(.+\+)?json", media_type) is not None


def message(fault: dict[str, Any]) -> str:
    """What is wrong, without the value that was sent."""
    may_quote = fault["type"] in ("value_error", "assertion_error", "union_tag_invalid")
    return "Not a valid value" if may_quote and str(fault.get("input")) in fault["msg"] else fault["msg"]


async def answer_error(request: Request, error: StarletteHTTPException) -> Response:
    """What the app answers to this error: by its handler for the status, else for the class."""
    return await call(handler_for(request.app, error), request, error)


async def call(handler: Callable[..., Any], request: Request, error: Exception) -> Response:
    if inspect.iscoroutinefunction(handler):
        response: Response = await handler(request, error)
        return response
    return await run_in_threadpool(handler, request, error)


def handler_for(app: FastAPI, error: StarletteHTTPException) -> Callable[..., Any]:
    handlers: dict[Any, Callable[..., Any]] = app.exception_handlers
    by_class = (handlers[cls] for cls in type(error).__mro__ if cls in handlers)
    return handlers.get(error.status_code) or next(by_class, http_exception_handler)
