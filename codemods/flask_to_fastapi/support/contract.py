"""What Flask did for every route and FastAPI does otherwise, kept for the clients of this app.

    keep_flask_contract(app)

This line may stand anywhere, for routes that are added later count too; where hooks look at bodies, let it be the last
that adds a middleware. With it

- Werkzeug's URL map matches: the most specific route wins, wherever it was declared; `/page` goes to `/page/` with
  308; GET routes serve HEAD, all routes OPTIONS; a 405 lists all methods of the address;
- of a repeated query key the first value counts;
- input that cannot be read gets 400 (or 415) instead of 422, and what was sent is not repeated in the answer; what
  the Flask view failed on gets the app's own answer to failures, if it has one;
- errors that Werkzeug's helpers raise are answered as FastAPI's own;
- a handler for `HTTPException` answers for the 500 of an unexpected error, too.

Delete the line to move on to FastAPI's ways. What single views need (`or_default`, `FormText`, ...) is in `params`.
"""

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from werkzeug.exceptions import HTTPException as WerkzeugHTTPException
from werkzeug.exceptions import InternalServerError

from .dispatch import FlaskRouting, HeadWithoutBody, starlette_response
from .unreadable import answer_error, handler_for, unreadable_input


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
