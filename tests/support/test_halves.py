"""Routes of FastAPI that answer within a Flask app."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Annotated, Any

import flask
import pytest
from fastapi import APIRouter, BackgroundTasks, Form, HTTPException, UploadFile
from fastapi.responses import RedirectResponse, StreamingResponse
from flask import Flask, g, session, url_for
from flask.testing import FlaskClient
from pydantic import BaseModel

from flask_to_fastapi.support.halves import include_router

shop = APIRouter()
done = threading.Event()
produced: list[int] = []


class Item(BaseModel):
    name: str


@shop.get("/items/{number:int}", name="shop.show")
def show(number: int, q: str | None = None) -> dict[str, Any]:
    session["seen"] = session.get("seen", 0) + 1
    own = url_for("shop.show", number=3)
    return {"number": number, "q": q, "user": g.user, "own": own, "home": url_for("index")}


@shop.post("/items", name="shop.add", status_code=201)
def add(item: Item) -> Item:
    return item


@shop.post("/form", name="shop.form")
def form(name: Annotated[str, Form()], file: UploadFile) -> dict[str, str]:
    return {"name": name, "file": file.file.read().decode()}


@shop.get("/gone", name="shop.gone")
def gone() -> None:
    raise HTTPException(404, "it is gone")


@shop.get("/boom", name="shop.boom")
def boom() -> float:
    return 1 / 0


@shop.get("/async", name="shop.wait")
async def wait() -> Any:
    return g.user


@shop.get("/away", name="shop.away")
def away() -> RedirectResponse:
    return RedirectResponse(url_for("index"), 302)


@shop.get("/later", name="shop.later")
def later(tasks: BackgroundTasks) -> str:
    tasks.add_task(done.set)
    return "ok"


@shop.get("/stream", name="shop.stream")
def stream() -> StreamingResponse:
    def pieces() -> Iterator[bytes]:
        for number in range(1000):
            produced.append(number)
            yield b"%d\n" % number

    return StreamingResponse(pieces(), media_type="text/plain")


def made() -> Flask:
    app = Flask(__name__)
    app.secret_key = "secret"

    @app.before_request
    def load() -> None:
        g.user = session.get("user")
        assert flask.request.form is not None  # reads the body

    @app.after_request
    def mark(response: flask.Response) -> flask.Response:
        response.headers["X-Endpoint"] = flask.request.endpoint or "none"
        return response

    @app.errorhandler(404)
    def missing(error: Exception) -> tuple[str, int]:
        return f"own: {getattr(error, 'description', '')}", 404

    @app.errorhandler(ZeroDivisionError)
    def divided(error: Exception) -> tuple[str, int]:
        return "divided", 500

    @app.get("/")
    def index() -> dict[str, Any]:
        return {"seen": session.get("seen"), "shop": url_for("shop.show", number=4)}

    @app.get("/login/<name>")
    def login(name: str) -> str:
        session["user"] = name
        return name

    include_router(app, shop, prefix="/shop")
    return app


@pytest.fixture
def client() -> FlaskClient:
    return made().test_client()


def test_session_g_and_addresses_are_one(client: FlaskClient) -> None:
    client.get("/login/ada")
    answer = client.get("/shop/items/5?q=1&q=2")
    assert answer.json == {"number": 5, "q": "1", "user": "ada", "own": "/shop/items/3", "home": "/"}
    assert answer.headers["X-Endpoint"] == "shop.show"
    assert client.get("/").json == {"seen": 1, "shop": "/shop/items/4"}
    assert client.get("/shop/async").json == "ada"
    assert client.get("/shop/away").location == "/"


def test_errors_are_flasks(client: FlaskClient) -> None:
    assert (client.get("/shop/gone").status_code, client.get("/shop/gone").text) == (404, "own: it is gone")
    assert client.get("/shop/boom").text == "divided"
    assert client.get("/shop/items/x").text.startswith("own:")
    assert client.post("/shop/items", json={}).status_code == 400
    assert client.post("/shop/items", data="{", content_type="application/json").status_code == 400
    assert client.post("/shop/items", data="{}").status_code == 415


def test_methods_are_flasks(client: FlaskClient) -> None:
    assert client.delete("/shop/items").status_code == 405
    assert set(client.options("/shop/items/3").allow) == {"GET", "HEAD", "OPTIONS"}
    answer = client.head("/shop/items/3")
    assert (answer.status_code, answer.data) == (200, b"")


def test_a_body_that_a_hook_has_read(client: FlaskClient) -> None:
    assert client.post("/shop/items", json={"name": "Lamp"}).json == {"name": "Lamp"}
    files = {"name": "Lamp", "file": (BytesIO(b"light"), "lamp.txt")}
    assert client.post("/shop/form", data=files).json == {"name": "Lamp", "file": "light"}


def test_streams(client: FlaskClient) -> None:
    assert client.get("/shop/stream").data.count(b"\n") == 1000
    answer = client.get("/shop/stream", buffered=False)
    assert next(answer.iter_encoded()) == b"0\n"
    answer.close()
    time.sleep(0.2)
    produced.clear()
    time.sleep(0.2)
    assert not produced, "nobody reads it any more"


def test_background_tasks_run(client: FlaskClient) -> None:
    assert client.get("/shop/later").json == "ok"
    assert done.wait(5)


def test_a_second_router(client: FlaskClient) -> None:
    app, other = made(), APIRouter(prefix="/other")
    other.add_api_route("/{name}", lambda name: name, name="other.show", methods=["GET", "POST"])
    include_router(app, other)
    assert app.test_client().post("/other/x").json == "x"
    assert app.test_client().get("/shop/async").json is None
    assert {"shop", "other"} == {*app.blueprints}
    with app.test_request_context():
        assert url_for("other.show", name="y") == "/other/y"
