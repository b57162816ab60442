"""The test client against Flask's own."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from threading import Event, get_ident
from typing import Any

import click
import pytest
from anyio import create_task_group, sleep
from fastapi import BackgroundTasks, Depends, FastAPI, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from flask import Flask

from flask_to_fastapi.support.answers import answer
from flask_to_fastapi.support.cli import AppCommands
from flask_to_fastapi.support.cli_testing import FlaskCliRunner
from flask_to_fastapi.support.config import Config
from flask_to_fastapi.support.context import RequestContext, current_app, g, request, session
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.hooks import add_hooks
from flask_to_fastapi.support.hooks_testing import preprocess_request
from flask_to_fastapi.support.samples import request_context
from flask_to_fastapi.support.sessions import FlaskSession
from flask_to_fastapi.support.testing import FlaskClient


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    app.state.config = Config(".")
    app.state.config.update(SECRET_KEY="k", TESTING=True)

    @app.get("/seen")
    def seen() -> Any:
        g.user = "Ada"
        session["visits"] = session.get("visits", 0) + 1
        shown = {"url": request.url, "args": request.args.to_dict(flat=False), "address": request.remote_addr}
        return answer({**shown, "agent": request.user_agent.string[:9], "visits": session["visits"]})

    @app.post("/upload")
    async def upload(file: UploadFile) -> Any:
        return {"name": file.filename, "text": (await file.read()).decode()}

    @app.api_route("/echo", methods=["POST", "DELETE"])
    async def echo(request: Request) -> Any:
        return {"body": (await request.body()).decode(), "type": request.headers.get("content-type")}

    @app.get("/there")
    def there() -> Any:
        return RedirectResponse("/seen?from=there", 302)

    @app.get("/boom")
    def boom() -> None:
        raise ZeroDivisionError

    app.add_middleware(RequestContext)
    app.add_middleware(FlaskSession)
    keep_flask_contract(app)
    return app


def test_a_request_is_what_flask_would_see(app: FastAPI) -> None:
    shown = FlaskClient(app).get("/seen", query_string={"a": ["1", "2"]}).json
    assert shown == {
        "url": "http://localhost/seen?a=1&a=2",
        "args": {"a": ["1", "2"]},
        "address": "127.0.0.1",
        "agent": "Werkzeug/",
        "visits": 1,
    }


def test_the_address_is_that_of_the_app(app: FastAPI) -> None:
    app.state.config.update(SERVER_NAME="shop.example", PREFERRED_URL_SCHEME="https")
    assert FlaskClient(app).get("/seen").get_json()["url"] == "https://shop.example/seen"
    assert FlaskClient(app).get("/seen", base_url="http://else.example").get_json()["url"] == "http://else.example/seen"


def test_forms_files_and_json(app: FastAPI) -> None:
    client = FlaskClient(app)
    sent = client.post("/upload", data={"file": (io.BytesIO(b"Bed"), "a.csv")})
    assert sent.json == {"name": "a.csv", "text": "Bed"}
    assert client.post("/echo", data={"a": "1"}).json["body"] == "a=1"
    assert client.delete("/echo", json={"a": 1}).get_json() == {"body": '{"a": 1}', "type": "application/json"}
    assert client.post("/echo", data="raw", content_type="text/csv").json == {"body": "raw", "type": "text/csv"}


def test_redirects_and_cookies_stay_with_the_client(app: FastAPI) -> None:
    client = FlaskClient(app)
    assert client.get("/there").location == "/seen?from=there"
    followed = client.get("/there", follow_redirects=True)
    assert (followed.request.path, len(followed.history), followed.json["visits"]) == ("/seen", 1, 1)
    assert client.get("/seen").json["visits"] == 2
    assert client.get_cookie("session") is not None
    assert FlaskClient(app, use_cookies=False).get("/seen").json["visits"] == 1


def test_a_session_can_be_prepared(app: FastAPI) -> None:
    client = FlaskClient(app)
    with client.session_transaction() as prepared:
        prepared["visits"] = 41
    assert client.get("/seen").json["visits"] == 42


def test_the_context_of_the_last_request_is_kept_within_with(app: FastAPI) -> None:
    with FlaskClient(app) as client:
        client.get("/seen?a=1")
        assert (g.user, session["visits"], request.args["a"]) == ("Ada", 1, "1")
        client.get("/seen?a=2")
        assert (session["visits"], request.args["a"]) == (2, "2")
    with pytest.raises(RuntimeError, match="outside of request context"):
        print(request.args)


@pytest.mark.parametrize("settings", [{"TESTING": True}, {"PROPAGATE_EXCEPTIONS": True, "TESTING": False}])
def test_an_unexpected_error_reaches_the_test(app: FastAPI, settings: dict[str, Any]) -> None:
    app.state.config.update(settings)
    with pytest.raises(ZeroDivisionError):
        FlaskClient(app).get("/boom")


def test_an_unexpected_error_is_a_500_outside_of_testing(app: FastAPI) -> None:
    app.state.config["TESTING"] = False
    assert FlaskClient(app).get("/boom").status == "500 INTERNAL SERVER ERROR"


def test_an_expected_error_is_answered(app: FastAPI) -> None:
    @app.exception_handler(Exception)
    async def handle(request: Request, error: Exception) -> Any:
        return answer("handled", 500)

    assert FlaskClient(app).get("/boom").data == b"handled"


def test_a_request_that_nobody_sent_has_a_session(app: FastAPI) -> None:
    with request_context(app, "/seen?a=1", method="POST", json={"b": 2}):
        session["c"] = 3
        assert (request.args["a"], request.get_json(), session["c"], current_app.state) == ("1", {"b": 2}, 3, app.state)


def test_hooks_run_for_a_request_that_nobody_sent(app: FastAPI) -> None:
    def greet() -> None:
        g.name = request.args.get("name")

    def refuse() -> str | None:
        return None if g.name else "who are you?"

    app.add_middleware(RequestContext)
    add_hooks(app, before_request=[greet, refuse])
    with request_context(app, "/?name=Ada"):
        assert preprocess_request(app) is None
        assert g.name == "Ada"
    with request_context(app, "/"):
        assert preprocess_request(app).get_data() == b"who are you?"


def test_the_app_can_be_called_as_wsgi_server_would(app: FastAPI) -> None:
    started: list[Any] = []
    environ = {**Flask("x").test_request_context("/echo", method="POST", data="text").request.environ}
    body = b"".join(FlaskClient(app).answer(environ, lambda *given: started.append(given)))  # type: ignore[arg-type,return-value]
    assert (started[0][0], b"text" in body) == ("200 OK", True)


def test_commands_run_with_the_app(app: FastAPI) -> None:
    app.state.cli = AppCommands(app)

    @app.state.cli.command("shout")
    @click.argument("word")
    def shout(word: str) -> None:
        click.echo(f"{word} {current_app.state.config['SECRET_KEY']}")

    alone: Callable[..., Any] = click.command()(lambda: click.echo(current_app.state.config["SECRET_KEY"]))
    runner = FlaskCliRunner(app)
    assert runner.invoke(args=["shout", "hey"]).output == "hey k\n"
    assert runner.invoke(alone).output == "k\n"  # type: ignore[arg-type]


def test_sync_code_runs_in_the_thread_of_the_test() -> None:
    app = FastAPI()
    threads: list[int] = []

    def resource() -> Iterator[None]:
        threads.append(get_ident())
        yield
        threads.append(get_ident())

    @app.get("/", dependencies=[Depends(resource)])
    def show(background: BackgroundTasks) -> Any:
        threads.append(get_ident())
        background.add_task(lambda: threads.append(get_ident()))
        return asyncio.run(asyncio.sleep(0, "no event loop runs here"))

    assert FlaskClient(app).get("/").json == "no event loop runs here"
    assert threads == [get_ident()] * 4


def test_a_view_may_wait_for_another_one() -> None:
    """The thread of the test is taken then, and there are others."""
    app = FastAPI()
    seen: list[int] = []

    async def outer() -> None:
        started = Event()
        async with create_task_group() as group:
            group.start_soon(run_in_threadpool, lambda: started.wait(5) and seen.append(1))
            await sleep(0.05)
            group.start_soon(run_in_threadpool, started.set)

    app.add_api_route("/", outer)
    assert FlaskClient(app).get("/").status_code == 200
    assert seen == [1]
