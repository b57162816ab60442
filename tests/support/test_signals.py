"""Signals are sent when Flask sent them."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse

from flask_to_fastapi.support.context import RequestContext
from flask_to_fastapi.support.flash_signals import message_flashed
from flask_to_fastapi.support.flashing import Flash
from flask_to_fastapi.support.hooks import add_hooks
from flask_to_fastapi.support.request_signals import (
    appcontext_tearing_down,
    got_request_exception,
    request_finished,
    request_started,
    request_tearing_down,
    send_signals,
)
from flask_to_fastapi.support.sessions import FlaskSession


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    app.state.config = {"SECRET_KEY": "k"}
    app.add_middleware(FlaskSession)
    app.add_middleware(RequestContext)
    send_signals(app)

    @app.get("/")
    def index(flash: Flash) -> str:
        flash("Hello", "greeting")
        return "hi"

    @app.get("/fails")
    def fails() -> None:
        raise ValueError("no")

    return app


def test_order(app: FastAPI) -> None:
    seen: list[Any] = []
    add_hooks(
        app, before_request=[lambda: seen.append("before")], teardown_request=[lambda error: seen.append("after")]
    )

    def note(name: str, *keys: str) -> Any:
        def receiver(sender: FastAPI, **values: Any) -> None:
            assert sender is app
            seen.append((name, *(values[key] for key in keys)))

        return receiver

    with (
        request_started.connected_to(note("started"), app),
        message_flashed.connected_to(note("flashed", "category", "message"), app),
        request_finished.connected_to(note("finished"), app),
        request_tearing_down.connected_to(note("tearing down", "exc"), app),
        appcontext_tearing_down.connected_to(note("context", "exc"), app),
    ):
        TestClient(app).get("/")
    ending = ["after", ("tearing down", None), ("context", None)]
    assert seen == [("started",), "before", ("flashed", "greeting", "Hello"), ("finished",), *ending]


@pytest.mark.parametrize("is_handled", [True, False])
def test_errors_are_told_once(app: FastAPI, is_handled: bool) -> None:
    async def answer(request: Request, error: Exception) -> PlainTextResponse:
        return PlainTextResponse("sorry", 500)

    if is_handled:
        app.exception_handler(500)(answer)
    add_hooks(app, after_request=[lambda response: response])
    seen: list[str] = []

    def receiver(sender: FastAPI, exception: Exception) -> None:
        seen.append(str(exception))

    with got_request_exception.connected_to(receiver, app):
        assert TestClient(app, raise_server_exceptions=False).get("/fails").status_code == 500
    assert seen == ["no"]
