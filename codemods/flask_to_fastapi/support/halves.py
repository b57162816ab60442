"""Routes of FastAPI that answer within a Flask app, as long as the other half of it is Flask's.

    include_router(flask_app, shop.router, prefix="/shop")

Flask finds the route, runs its hooks, opens the session and answers errors, so that both halves have one session, one
`g`, one configuration and one set of addresses, which `url_for` builds on both sides. What the request holds goes to
FastAPI, which reads the parameters and calls the view.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from functools import cached_property
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Any, cast

from a2wsgi.asgi import build_scope
from anyio import sleep_forever, to_thread
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from flask import Blueprint, Flask, request
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from .contract import EarlyResponse, early_response
from .dispatch import FlaskRouting
from .routing import routes_of
from .unreadable import unreadable_input

HANDLERS: dict[Any, Any] = {RequestValidationError: unreadable_input, EarlyResponse: early_response}
AHEAD = 8  # pieces of a stream that wait for the client


def include_router(flask_app: Flask, router: APIRouter, prefix: str = "") -> None:
    """Let a Flask app answer by the routes of a router. To be called when all of them are defined."""
    half: Half = flask_app.extensions.get("fastapi") or Half(flask_app)
    half.include_router(router, prefix)


class Half:
    """The FastAPI app within a Flask app."""

    def __init__(self, flask_app: Flask) -> None:
        self.flask_app, self.app = flask_app, FastAPI(openapi_url=None)
        self.app.router.redirect_slashes = False
        self.app.router.routes.insert(0, FlaskRouting(self.app))
        self.app.state.config = flask_app.config
        self.app.exception_handlers |= {HTTPException: raise_again, Exception: raise_again}
        flask_app.extensions["fastapi"] = self
        flask_app.before_request_funcs.setdefault(None, []).insert(0, self.keep_body)

    def include_router(self, router: APIRouter, prefix: str) -> None:
        known = {(rule.endpoint, rule.rule) for rule in self.flask_app.url_map.iter_rules()}
        self.app.include_router(router, prefix=prefix)
        url_map = routes_of(self.app).url_map
        self.flask_app.url_map.converters.update(url_map.converters)
        for rule in url_map.iter_rules():
            if (rule.endpoint, rule.rule) not in known:
                options: dict[str, Any] = {"methods": rule.methods, "defaults": rule.defaults}
                self.flask_app.add_url_rule(rule.rule, rule.endpoint, self.view, **options)
                if name := rule.endpoint.rpartition(".")[0]:
                    self.flask_app.blueprints.setdefault(name, Blueprint(name, self.flask_app.import_name))

    def keep_body(self) -> None:
        """A hook of Flask's may read the body before FastAPI does."""
        if self.flask_app.view_functions.get(request.endpoint or "") == self.view:
            request.get_data()

    def view(self, **values: Any) -> Response:
        """The view that Flask calls."""
        answer = Answer(self.app, build_scope(cast(Any, request.environ)), request.get_data(), self.loop)
        try:
            start = answer.start()
        except HTTPException as error:
            abort(error.status_code, error.detail)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
        response: Response = self.flask_app.response_class(answer.pieces(), start["status"], headers)
        if "content-type" not in dict(headers):
            del response.headers["Content-Type"]
        response.call_on_close(answer.close)
        return response

    @cached_property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the routes; begun by the first request, for a server may fork before."""
        loop = asyncio.new_event_loop()
        Thread(target=loop.run_forever, name="fastapi", daemon=True).start()
        return loop


class Answer:
    """What the routes answer to one request."""

    def __init__(self, app: FastAPI, scope: Any, body: bytes, loop: asyncio.AbstractEventLoop) -> None:
        self.app, self.body = app, [body]
        self.scope = {**scope, "app": app, "starlette.exception_handlers": (HANDLERS, {})}
        self.messages: SimpleQueue[Message | None] = SimpleQueue()
        self.ahead, self.is_over = Semaphore(AHEAD), False
        # runs with a copy of this context, in which Flask's request is
        self.future: Future[None] = asyncio.run_coroutine_threadsafe(self.run(), loop)
        self.future.add_done_callback(lambda _: self.messages.put(None))

    async def run(self) -> None:
        # without FastAPI's own answers to errors: Flask has them
        await AsyncExitStackMiddleware(self.app.router)(self.scope, self.receive, self.send)

    async def receive(self) -> Message:
        if not self.body:
            await sleep_forever()
        return {"type": "http.request", "body": self.body.pop(), "more_body": False}

    async def send(self, message: Message) -> None:
        if message.get("more_body"):
            await to_thread.run_sync(self.ahead.acquire)
            if self.is_over:
                raise OSError("the client has gone")
        self.messages.put(message)

    def start(self) -> Message:
        """Status and headers. Raises what the view raised."""
        message = self.messages.get()
        if message is None:
            self.future.result()
            raise RuntimeError("the view has sent no response")
        return message

    def pieces(self) -> Iterator[bytes]:
        while (message := self.messages.get()) is not None:
            if message.get("more_body"):
                self.ahead.release()
            yield message.get("body", b"")
            if not message.get("more_body"):
                self.is_over = True
                return
        self.future.result()

    def close(self) -> None:
        """Ends a stream that nobody reads any more; what a view does behind its answer goes on."""
        if not self.is_over:
            self.is_over = True
            self.ahead.release()


async def raise_again(request: Request, error: Exception) -> Any:
    """Leaves an error to Flask."""
    raise error
