"""Views behind decorators, and methods of objects."""

import asyncio
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.defaults import with_defaults, without
from flask_to_fastapi.support.hooks import add_hooks
from flask_to_fastapi.support.rules import flask_path
from flask_to_fastapi.support.views import PerRequest, answered, with_path_values


def make_app() -> FastAPI:
    app = FastAPI()
    keep_flask_contract(app)
    return app


def shouting(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs).upper(), 202

    return wrapper


def test_answered_makes_the_response_of_what_a_decorator_returns() -> None:
    app = make_app()

    @app.get("/hello/{name}")
    @answered
    @shouting
    def hello(name: str) -> str:
        return f"hello {name}"

    answer = TestClient(app).get("/hello/ada")
    assert (answer.status_code, answer.text) == (202, "HELLO ADA")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_answered_awaits_async_views() -> None:
    app = make_app()

    @app.get("/")
    @answered
    async def view() -> Any:
        await asyncio.sleep(0)
        return {"a": 1}, 201

    answer = TestClient(app).get("/")
    assert (answer.status_code, answer.json()) == (201, {"a": 1})


def test_answered_hides_what_a_decorator_fills_and_shows_what_it_takes() -> None:
    app = make_app()

    def load_note(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def wrapper(number: int) -> Any:
            return view(note=f"note {number}")

        return wrapper

    @load_note
    def note(note: str) -> str:
        return note

    app.add_api_route("/notes/{number:int}", answered(note, without=["note"], takes={"number": int}))
    assert TestClient(app).get("/notes/3").text == "note 3"
    parameters = app.openapi()["paths"]["/notes/{number}"]["get"]["parameters"]
    assert [(p["name"], p["schema"]["type"]) for p in parameters] == [("number", "integer")]


class Counter:
    def __init__(self, start: int) -> None:
        self.count = start

    def get(self, step: int) -> dict[str, int]:
        self.count += step
        return {"count": self.count}


def test_per_request_makes_an_object_each_time() -> None:
    app = make_app()
    app.add_api_route("/count/{step:int}", PerRequest(Counter, 10).get)
    client = TestClient(app)
    assert [client.get("/count/2").json() for _ in range(2)] == [{"count": 12}, {"count": 12}]


def test_without_leaves_a_parameter_at_its_default() -> None:
    app = make_app()

    @app.get("/hello/{name}")
    def hello(name: str = "World") -> dict[str, str]:
        return {"hello": name}

    app.add_api_route("/hello/", without(hello, "name"))
    client = TestClient(app, follow_redirects=False)
    assert client.get("/hello/?name=Ada").json() == {"hello": "World"}
    assert client.get("/hello/World").json() == {"hello": "World"}


def test_with_defaults_goes_to_the_shorter_address() -> None:
    app = make_app()

    @app.get("/list/{page:int}", name="list")
    def show(page: int) -> dict[str, int]:
        return {"page": page}

    app.add_api_route("/list/", with_defaults(show, page=1), name="list")
    client = TestClient(app, follow_redirects=False)
    assert client.get("/list/").json() == {"page": 1}
    assert client.get("/list/1").headers["location"] == "http://testserver/list/"


def test_flask_path_translates_rules_and_registers_their_converters() -> None:
    app = make_app()

    def view(code: str, number: int) -> dict[str, Any]:
        return {"code": code, "number": number}

    app.add_api_route(flask_path("/<string(length=2):code>/<int:number>"), view)
    client = TestClient(app)
    assert client.get("/ab/3").json() == {"code": "ab", "number": 3}
    assert client.get("/abc/3").status_code == 404
    assert flask_path("/<name>/<path:where>") == "/{name:str}/{where:path}"


def test_views_with_open_parameters_get_the_whole_path() -> None:
    app = make_app()

    @app.get("/places/{country}/{number:int}")
    @answered
    def place(number: int, *args: Any, shout: bool = False, **rest: Any) -> Any:
        return {"number": number, "args": args, "shout": shout, "rest": rest}, 201

    answer = TestClient(app).get("/places/fr/7?shout=1&rest=no")
    assert answer.status_code == 201
    assert answer.json() == {"number": 7, "args": [], "shout": True, "rest": {"country": "fr"}}
    operation = app.openapi()["paths"]["/places/{country}/{number}"]["get"]
    assert [each["name"] for each in operation["parameters"]] == ["number", "shout"]


def test_with_path_values_asks_nothing_of_the_query() -> None:
    class Action:
        def __call__(self, number: int, factor: int = 2, **values: Any) -> Any:
            return {"value": number * factor, "more": values}

    app = make_app()
    app.add_api_route("/a/{number:int}", with_path_values(Action()))
    app.add_api_route("/b/{number:int}", with_path_values(partial(Action(), factor=3)))
    app.add_api_route("/c/{number:int}/{word}", with_path_values(with_defaults(answered(Action()), factor=4)))
    client = TestClient(app)
    assert client.get("/a/5?factor=9").json() == {"value": 10, "more": {}}
    assert client.get("/b/5?factor=9").json() == {"value": 15, "more": {}}
    assert client.get("/c/5/x").json() == {"value": 20, "more": {"word": "x"}}
    assert [each["name"] for each in app.openapi()["paths"]["/a/{number}"]["get"]["parameters"]] == ["number"]


def test_with_path_values_gives_what_hooks_have_left_of_the_path() -> None:
    def take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values:
            values.pop("language", None)
            values["seen"] = True

    app = make_app()
    add_hooks(app, url_value_preprocessors=[take_language])
    app.add_api_route("/{language}/{number:int}", with_path_values(lambda **values: values))
    assert TestClient(app).get("/fr/5").json() == {"number": 5, "seen": True}
