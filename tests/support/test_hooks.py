"""Hooks side by side with Flask: the same functions around the same requests."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import flask
import httpx2
import pytest
from fastapi import APIRouter, Body, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from fastapi.testclient import TestClient

from flask_to_fastapi.support import context, router_hooks
from flask_to_fastapi.support.answers import FlaskResponse, answer
from flask_to_fastapi.support.context import RequestContext
from flask_to_fastapi.support.contract import EarlyResponse, keep_flask_contract
from flask_to_fastapi.support.hooks import Hooks, Only, add_hooks


class Trouble(Exception):
    pass


def trace_of(module: Any, log: list[str]) -> dict[str, Callable[..., Any]]:
    """The hooks of an app, for `flask` and for `context` alike."""

    def first() -> Any:
        log.append(f"first {module.request.endpoint}")

    def early() -> Any:
        log.append("early")
        match module.request.args.get("do"):
            case "answer":
                return {"early": True}, 202, {"X-Early": "1"}
            case "empty":
                return ""
            case "fail":
                raise Trouble
            case "break":
                raise KeyError("x")

    def mark(response: Any) -> Any:
        log.append(f"mark {response.status_code}")
        response.headers["X-Mark"] = module.request.path
        response.headers.add("X-Two", "1")
        response.headers.add("X-Two", "2")
        if "cookie" in module.request.args:
            response.set_cookie("a", "1", httponly=True)
        return response

    def last(response: Any) -> Any:
        log.append(f"last {response.mimetype}")
        match module.request.args.get("after"):
            case "body":
                response.set_data(response.get_data() + b"!")
            case "json":
                response.data = b"[%d]" % len(response.get_json())
            case "status":
                response.status_code = 418
            case "replace":
                return answer("other") if module is context else flask.make_response("other")
            case "fail":
                raise Trouble
        return response

    def done(error: Any) -> None:
        log.append(f"done {type(error).__name__}")

    return {"first": first, "early": early, "mark": mark, "last": last, "done": done}


@pytest.fixture(params=["def", "async def"])
def both(request: pytest.FixtureRequest) -> Iterator[tuple[Any, list[str], TestClient, list[str]]]:
    flask_log: list[str] = []
    reference = flask.Flask(__name__)
    hooks = trace_of(flask, flask_log)
    reference.before_request(hooks["first"])
    reference.before_request(hooks["early"])
    reference.after_request(hooks["last"])
    reference.after_request(hooks["mark"])
    reference.teardown_request(hooks["done"])
    reference.register_error_handler(Trouble, lambda error: ("trouble", 400))
    reference.register_error_handler(KeyError, lambda error: ({"key": 1}, 409))
    bp = flask.Blueprint("shop", __name__)

    @bp.before_request
    def shop_before() -> None:
        flask_log.append("shop before")

    @bp.after_request
    def shop_after(response: Any) -> Any:
        flask_log.append("shop after")
        return response

    @bp.get("/things")
    def things() -> Any:
        return {"a": 1, "b": 2}

    @reference.get("/text")
    def text() -> str:
        return "hello"

    @reference.get("/stream")
    def stream() -> Any:
        return flask.Response(iter(["a", "b"]))

    @reference.get("/abort")
    def abort_it() -> Any:
        flask.abort(403)

    @reference.get("/error")
    def error() -> Any:
        raise ZeroDivisionError

    @reference.get("/key")
    def key() -> Any:
        raise KeyError("k")

    reference.register_blueprint(bp)

    log: list[str] = []
    app = FastAPI()
    app.add_exception_handler(Trouble, lambda request, error: HTMLResponse("trouble", 400))
    app.add_exception_handler(KeyError, lambda request, error: answer(({"key": 1}, 409)))
    router = APIRouter()
    router.get("/things", name="shop.things")(lambda: answer({"a": 1, "b": 2}))
    app.include_router(router)
    app.get("/text", name="text")(lambda: HTMLResponse("hello"))
    app.get("/stream", name="stream")(lambda: StreamingResponse(iter(["a", "b"]), media_type="text/html"))

    @app.get("/abort", name="abort_it")
    def fastapi_abort() -> None:
        raise HTTPException(403)

    @app.get("/error", name="error")
    def fastapi_error() -> None:
        raise ZeroDivisionError

    @app.get("/key", name="key")
    def fastapi_key() -> None:
        raise KeyError("k")

    def log_before() -> None:
        log.append("shop before")

    def log_after(response: Any) -> Any:
        log.append("shop after")
        return response

    kind = as_async if request.param == "async def" else lambda function: function
    ours = {name: kind(hook) for name, hook in trace_of(context, log).items()}
    keep_flask_contract(app)
    app.add_middleware(
        Hooks,
        before_request=[ours["first"], ours["early"], Only("shop", kind(log_before))],
        after_request=[ours["last"], ours["mark"], Only("shop", kind(log_after))],
        teardown_request=[ours["done"]],
    )
    app.add_middleware(RequestContext)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield reference.test_client(), flask_log, client, log


def as_async(hook: Callable[..., Any]) -> Callable[..., Any]:
    if hook.__code__.co_argcount:

        async def with_argument(argument: Any) -> Any:
            return hook(argument)

        return with_argument

    async def without() -> Any:
        return hook()

    return without


ADDRESSES = [
    "/things",
    "/text",
    "/nothing",
    "/abort",
    "/error",
    "/key",
    "/stream",
    "/text?do=answer",
    "/text?do=empty",
    "/text?do=fail",
    "/text?do=break",
    "/things?do=answer",
    "/nothing?do=answer",
    "/text?cookie",
    "/text?after=body",
    "/things?after=json",
    "/text?after=status",
    "/text?after=replace",
    "/stream?after=replace",
    "/text?after=fail",
    "/error?after=status",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_hooks(address: str, both: tuple[Any, list[str], TestClient, list[str]]) -> None:
    flask_client, flask_log, client, log = both
    expected, actual = flask_client.get(address), client.get(address)
    assert actual.status_code == expected.status_code
    for name in ("x-mark", "x-two", "x-early", "set-cookie", "content-type"):
        if name == "content-type" and (expected.status_code in (403, 404, 500) or "error" in address):
            continue
        assert actual.headers.get_list(name) == expected.headers.getlist(name)
    if expected.status_code not in (403, 404, 500) and "error" not in address:
        assert actual.content == expected.data
        assert actual.headers.get("content-length") == expected.headers.get("content-length")
    if expected.status_code in (403, 404, 500) or "error" in address:
        # the pages of errors are JSON, or text
        log, flask_log = (list(filter(lambda line: "last" not in line, each)) for each in (log, flask_log))
    assert log == flask_log


@pytest.mark.parametrize("address", ["/text", "/nothing", "/text?do=answer"])
def test_other_methods(address: str, both: tuple[Any, list[str], TestClient, list[str]]) -> None:
    flask_client, _, client, _ = both
    for method in ("HEAD", "OPTIONS", "POST"):
        expected, actual = flask_client.open(address, method=method), client.request(method, address)
        assert (actual.status_code, actual.headers["x-mark"]) == (expected.status_code, expected.headers["X-Mark"])
    assert actual.headers.get("allow") == client.post(address).headers.get("allow")


def app_with_hooks(**hooks: Any) -> FastAPI:
    app = FastAPI()
    app.get("/text")(lambda: HTMLResponse("hello"))
    app.get("/stream")(lambda: StreamingResponse(iter(["a", "b"]), media_type="text/html"))
    app.add_middleware(Hooks, **hooks)
    return app


def test_hooks_that_take_the_request() -> None:
    seen = []

    def before(request: Request) -> Any:
        if "x" in request.query_params:
            raise EarlyResponse(JSONResponse({"x": 1}, 402))

    def after(request: Request, response: FlaskResponse) -> FlaskResponse:
        response.headers["X-Path"] = request.url.path
        return response

    app = app_with_hooks(
        before_request=[before],
        after_request=[after],
        teardown_request=[lambda request, error: seen.append(request.url.path)],
    )
    keep_flask_contract(app)
    client = TestClient(app)
    assert client.get("/text").headers["x-path"] == "/text"
    assert client.get("/text?x").status_code == 402
    assert seen == ["/text", "/text"]


def test_a_stream_as_a_whole() -> None:
    def shout(response: FlaskResponse) -> FlaskResponse:
        response.data = response.get_data().upper()
        return response

    client = TestClient(app_with_hooks(after_request=[shout], whole_body=True))
    assert (client.get("/stream").text, client.get("/text").text) == ("AB", "HELLO")
    refused = TestClient(app_with_hooks(after_request=[shout]), raise_server_exceptions=False).get("/stream")
    assert refused.status_code == 500


def test_a_stream_stays_one() -> None:
    def pieces() -> Iterator[str]:
        yield "a"
        raise Trouble

    app = app_with_hooks(after_request=[lambda response: response])
    app.get("/broken")(lambda: StreamingResponse(pieces()))
    client = TestClient(app)
    assert client.get("/stream").text == "ab"
    with pytest.raises(Trouble):
        client.get("/broken")


@pytest.mark.parametrize("kind", [500, Exception])
def test_a_handler_of_the_app_answers_once(kind: Any) -> None:
    seen, torn = [], []

    async def handler(request: Request, error: Exception) -> Any:
        seen.append(error)
        return HTMLResponse("sorry", 500)

    def mark(response: FlaskResponse) -> FlaskResponse:
        response.headers["X-Mark"] = "1"
        return response

    app = app_with_hooks(after_request=[mark], teardown_request=[torn.append])
    app.add_exception_handler(kind, handler)
    app.add_middleware(RequestContext)

    @app.get("/error")
    def error() -> None:
        raise Trouble

    response = TestClient(app).get("/error")
    assert (response.status_code, response.text, response.headers["x-mark"]) == (500, "sorry", "1")
    assert [type(each) for each in (*seen, *torn)] == [Trouble, Trouble]


def test_a_body_limit_is_answered_with_hooks() -> None:
    def read(data: Annotated[Any, Body()]) -> Any:
        return HTMLResponse("read")

    def mark(response: FlaskResponse) -> FlaskResponse:
        response.headers["X-Mark"] = "1"
        return response

    app = FastAPI(max_body_size=3)
    app.post("/")(read)
    app.add_middleware(Hooks, after_request=[mark])
    app.add_middleware(RequestContext)
    client = TestClient(app)
    assert client.post("/", content=b"12").status_code == 200
    assert client.post("/", content=b"1234").status_code == 413


def test_what_is_given_back_at_the_end_finds_a_thread() -> None:
    """More requests than threads wait for a connection: those that have one can still give it back."""
    pool = threading.Semaphore(3)
    app = FastAPI()
    keep_flask_contract(app)
    add_hooks(app, teardown_request=[lambda error: pool.release()])

    @app.get("/", response_model=None)  # to look at the answer FastAPI would need another thread
    def view() -> bool:
        return pool.acquire(timeout=20)

    async def ask_all() -> list[bool]:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test", timeout=60) as client:
            return [answer.json() for answer in await asyncio.gather(*(client.get("/") for _ in range(64)))]

    begun = time.monotonic()
    assert all(asyncio.run(ask_all()))
    assert time.monotonic() - begun < 15


def test_routers_keep_hooks_that_run_inside_of_those_of_the_app() -> None:
    app, shop = FastAPI(), APIRouter()
    steps: list[str] = []

    def first() -> None:
        steps.append("first")

    @router_hooks.hook(shop, "before_request")
    def check() -> None:
        steps.append("check")

    @router_hooks.hook(shop, "after_request")
    def stamp(response: Any) -> Any:
        steps.append("stamp")
        return response

    @shop.get("/", name="shop.index")
    def index() -> str:
        return "shop"

    @app.get("/other")
    def other() -> str:
        return "other"

    keep_flask_contract(app)
    app.include_router(shop, prefix="/shop")
    router_hooks.use_hooks(app, {"shop": shop})
    add_hooks(app, before_request=[first])
    client = TestClient(app)
    client.get("/other")
    assert steps == ["first"]
    steps.clear()
    client.get("/shop/")
    assert steps == ["first", "check", "stamp"]
