"""What Flask code kept in a thread belongs to one request, whichever threads that runs in."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from flask_to_fastapi.support.context import RequestContext, app_context, request
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.hooks import add_hooks
from flask_to_fastapi.support.scopes import Local, scope_key


def make_app(local: object) -> FastAPI:
    app = FastAPI()
    keep_flask_contract(app)
    app.add_middleware(RequestContext)
    keys: list[object] = []

    def remember() -> None:
        if "name" in request.args:
            local.name = request.args["name"]  # type: ignore[attr-defined]
        keys[:] = [scope_key()]

    add_hooks(app, before_request=[remember])

    @app.get("/")
    def show() -> dict[str, object]:
        return {"name": getattr(local, "name", None), "one": scope_key() in keys}

    return app


def test_nothing_stays_for_the_next_request() -> None:
    with TestClient(make_app(Local())) as client:
        assert client.get("/?name=ada").json() == {"name": "ada", "one": True}
        assert client.get("/").json() == {"name": None, "one": True}


def test_threads_would_keep_it() -> None:
    """So the test above can fail."""
    with TestClient(make_app(threading.local())) as client:
        client.get("/?name=ada")
        assert client.get("/").json()["name"] == "ada"


def test_threads_without_a_request_keep_their_own() -> None:
    local = Local()
    local.name = "main"
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(getattr, local, "name", None).result() is None
        assert pool.submit(scope_key).result() != scope_key()
    with app_context(FastAPI()):
        assert not hasattr(local, "name")
        local.name = "inner"
    assert local.name == "main"
    del local.name
    with pytest.raises(AttributeError):
        del local.name
