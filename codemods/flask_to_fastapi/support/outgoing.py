"""Responses on their way out: middleware that changes them, and errors that are answered below it."""

import logging
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from inspect import iscoroutinefunction
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .answers import FlaskResponse

Finish = Callable[[FlaskResponse], Awaitable[Response]]

# functions that want this one response, see `context.after_this_request`
AFTER_THIS_REQUEST = "flask.after_this_request"
# what a request failed with, and who wants to know of it, see `request_signals`
FAILURE = "flask.failure"
told_of_failures: list[Callable[[Any, Exception], object]] = []
MISSING = object()

logger = logging.getLogger(__name__)


async def call(function: Callable[..., Any], *args: Any, at_end: bool = False) -> Any:
    """Call a function of either kind; one that may block leaves the event loop free. What it sets in context variables
    stays set. `at_end` needs no free thread: those that are busy may wait for what it gives back."""
    if iscoroutinefunction(function):
        return await function(*args)
    context = copy_context()
    try:
        return await to_thread.run_sync(context.run, function, *args, limiter=CapacityLimiter(1) if at_end else None)
    finally:
        for variable, value in context.items():
            if variable.get(MISSING) is not value:
                variable.set(value)


class Outgoing:
    """Holds a response back until `finish` has seen it, with its body where that is in one piece."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, finish: Finish, whole_body: bool) -> None:
        self.scope, self.receive, self.forward = scope, receive, send
        self.finish, self.whole_body = finish, whole_body
        self.start: Message | None = None
        self.chunks: list[bytes] = []
        # what was sent is another response: the rest of this one goes nowhere
        self.replaced = self.left = False
        self.failure: Exception | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start, self.chunks = message, []
        elif self.start is None:
            if not self.replaced:
                await self.forward(message)
        elif message["type"] != "http.response.body":
            await self.send_stream(self.start, message)
        else:
            self.chunks.append(bytes(message.get("body", b"")))
            if not message.get("more_body"):
                response = response_of(self.start, self.chunks)
                await self.send_response(await self.finished(response))
            elif not self.whole_body:
                await self.send_stream(self.start, message)

    async def send_stream(self, start: Message, first: Message) -> None:
        stream = response_of(start, iter(()))
        stream.direct_passthrough = True
        response = await self.finished(stream)
        if response is not stream:
            self.replaced = True
            await self.send_response(response)
            return
        self.start, self.left = None, True
        await self.forward({**start, "status": stream.status_code, "headers": stream.raw_headers})
        await self.forward(first)

    async def send_response(self, response: Response) -> None:
        self.start, self.left = None, True
        await response(self.scope, self.receive, self.forward)

    async def finished(self, response: FlaskResponse) -> Response:
        try:
            for function in self.scope.pop(AFTER_THIS_REQUEST, ()):
                response = FlaskResponse.of(await call(function, response))
            return await self.finish(response)
        except Exception as error:
            if self.failure is None:
                self.failure = error
                raise
            # the answer to the first failure has to go out
            logger.exception("finishing the response to an error failed")
            return response


def response_of(start: Message, chunks: Any) -> FlaskResponse:
    bare = Response(status_code=start["status"])
    bare.raw_headers = list(start["headers"])
    response = FlaskResponse.of(bare)
    response.response = chunks
    return response


async def unchanged(response: FlaskResponse) -> Response:
    return response


async def answered(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, finish: Finish, whole_body: bool = False
) -> Exception | None:
    """Run what is below a middleware, so that every response passes `finish`: those to errors too.

    FastAPI runs handlers inside of all middleware, but the ones for 500 and `Exception` outside of it. Here all run
    inside, for what a middleware raises as well. An error that only those two answer is logged, and returned; one that
    nobody answers is a plain 500, and goes on to the server.
    """
    out = Outgoing(scope, receive, send, finish, whole_body)
    handlers = dict(scope["app"].exception_handlers)
    # of the two, FastAPI too takes the later
    last_resorts = [handlers.pop(kind) for kind in list(handlers) if kind in (500, Exception)]
    try:
        await ExceptionMiddleware(app, handlers)(scope, receive, out.send)
    except Exception as error:
        if scope.get(FAILURE) is not error:
            scope[FAILURE] = error
            for told in told_of_failures:
                await call(told, scope["app"], error)
        if out.left or scope["app"].debug:
            raise
        # a function that failed on the way out comes back through an app that thought its response had left
        cause = out.failure or error
        try:
            response = await last_answer(last_resorts, Request(scope, receive), cause)
        except Exception:
            await PlainTextResponse("Internal Server Error", 500)(scope, receive, out.send)
            raise
        await response(scope, receive, out.send)
        return cause
    return None


async def last_answer(handlers: list[Callable[..., Any]], request: Request, error: Exception) -> Response:
    """What the last of these handlers says to an error; raises it if there is none."""
    if not handlers:
        raise error
    response: Response = await call(handlers[-1], request, error)
    logger.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return response
