"""The ambient request side by side with Flask: the same helper code, the same answers."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import flask
import httpx2
import pytest
from fastapi import APIRouter, Depends, FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from fastapi.testclient import TestClient
from starlette.middleware.sessions import SessionMiddleware

from flask_to_fastapi.support import context, samples
from flask_to_fastapi.support.answers import answer
from flask_to_fastapi.support.bodies import JsonBody, RawBody
from flask_to_fastapi.support.context import (
    RequestContext,
    app_context,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
)
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.hooks import add_hooks
from flask_to_fastapi.support.incoming import FlaskRequest
from flask_to_fastapi.support.json_provider import FlaskJSON
from flask_to_fastapi.support.namespace import RequestGlobals

# each is asked of `request`, in Flask and here
QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "method": lambda r: r.method,
    "path": lambda r: r.path,
    "full_path": lambda r: r.full_path,
    "url": lambda r: r.url,
    "base_url": lambda r: r.base_url,
    "url_root": lambda r: r.url_root,
    "host": lambda r: r.host,
    "scheme": lambda r: r.scheme,
    "query_string": lambda r: r.query_string.decode(),
    "args": lambda r: r.args.to_dict(flat=False),
    "arg": lambda r: r.args.get("n", 7, type=int),
    "form": lambda r: r.form.to_dict(flat=False),
    "files": lambda r: {name: (file.filename, file.read().decode()) for name, file in r.files.items()},
    "values": lambda r: r.values.to_dict(flat=False),
    "data": lambda r: r.data.decode("latin-1"),
    "text": lambda r: r.get_data(as_text=True),
    "json": lambda r: r.get_json(silent=True),
    "strict": lambda r: r.json,
    "missing": lambda r: r.form["nothing"],
    "cookies": lambda r: r.cookies.to_dict(flat=False),
    "header": lambda r: r.headers.get("X-A"),
    "endpoint": lambda r: r.endpoint,
    "blueprint": lambda r: [r.blueprint, r.blueprints],
    "view_args": lambda r: r.view_args,
    "rule": lambda r: r.url_rule.endpoint,
    "mimetype": lambda r: [r.mimetype, r.content_type, r.content_length, r.is_json],
    "agent": lambda r: r.user_agent.string,
    "auth": lambda r: r.authorization and [r.authorization.type, r.authorization.username],
    "accept": lambda r: r.accept_mimetypes.best_match(["text/html", "application/json"]),
    "stream": lambda r: r.stream.read().decode("latin-1"),
}

REQUESTS: list[dict[str, Any]] = [
    {"method": "GET", "path": "/api/v1/ask/5?a=1&a=2&n=x&b=%C3%A9"},
    {"method": "GET", "path": "/api/v1/ask/5?n=3", "headers": {"X-A": "1", "Accept": "application/json"}},
    {"method": "GET", "path": "/api/v1/ask/5", "headers": {"Cookie": "a=1; b=2; a=3", "Authorization": "Basic YTpi"}},
    {"method": "POST", "path": "/api/v1/ask/5?a=0", "data": "a=1&a=2", "type": "application/x-www-form-urlencoded"},
    {"method": "POST", "path": "/api/v1/ask/5", "data": '{"a": [1]}', "type": "application/json"},
    {"method": "POST", "path": "/api/v1/ask/5", "data": "{bad", "type": "application/json"},
    {"method": "POST", "path": "/api/v1/ask/5", "data": "{}", "type": "text/plain"},
    {
        "method": "POST",
        "path": "/api/v1/ask/5",
        "data": '--B\r\nContent-Disposition: form-data; name="t"\r\n\r\n1\r\n--B\r\n'
        'Content-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhello\r\n--B--\r\n',
        "type": "multipart/form-data; boundary=B",
    },
]


@pytest.fixture(scope="module")
def flask_client() -> Any:
    inner = flask.Blueprint("v1", __name__)

    @inner.route("/ask/<int:n>", methods=["GET", "POST"])
    def ask(n: int) -> Any:
        return flask.jsonify(QUESTIONS[flask.request.headers["X-Question"]](flask.request))

    outer = flask.Blueprint("api", __name__)
    outer.register_blueprint(inner, url_prefix="/v1")
    app = flask.Flask(__name__)
    app.register_blueprint(outer, url_prefix="/api")
    return app.test_client(use_cookies=False)


def question() -> Any:
    return FlaskJSON(QUESTIONS[request.headers["X-Question"]](request))


@pytest.fixture(scope="module")
def client() -> TestClient:
    router = APIRouter()

    @router.api_route("/ask/{n:int}", methods=["GET", "POST"], name="api.v1.ask")
    def ask(n: int) -> Any:
        return question()

    app = FastAPI()
    app.include_router(router, prefix="/api/v1")
    keep_flask_contract(app)
    app.add_middleware(RequestContext)
    return TestClient(app, "http://localhost")


@pytest.mark.parametrize("asked", REQUESTS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_request(name: str, asked: dict[str, Any], flask_client: Any, client: TestClient) -> None:
    headers = {"X-Question": name, "User-Agent": "t", "Accept": "*/*", **asked.get("headers", {})}
    if "type" in asked:
        headers["Content-Type"] = asked["type"]
    body = asked.get("data", "").encode()
    expected = flask_client.open(asked["path"], method=asked["method"], headers=headers, data=body)
    actual = client.request(asked["method"], asked["path"], headers=headers, content=body or None)
    assert actual.status_code == expected.status_code
    if expected.status_code == 200:
        assert actual.content == expected.data


def app_with(**views: Callable[..., Any]) -> TestClient:
    app = FastAPI()
    for name, view in views.items():
        app.add_api_route(f"/{name}", view, methods=["GET", "POST"], name=name, response_model=None)
    app.add_middleware(RequestContext)
    return TestClient(app, raise_server_exceptions=False)


def test_everywhere() -> None:
    def said() -> str:
        return f"{request.args['a']} {current_app.title} {request.endpoint}"

    def pieces() -> Iterator[str]:
        yield said()
        yield "!"

    async def in_async() -> Any:
        return HTMLResponse(said())

    def in_def() -> Any:
        return HTMLResponse(said())

    def in_dependency(text: str = Depends(said)) -> Any:
        return HTMLResponse(text)

    def in_stream() -> Any:
        return StreamingResponse(context.stream_with_context(pieces()))

    def in_flask_stream() -> Any:
        return answer(pieces())

    def in_thread() -> Any:
        told = []
        thread = threading.Thread(target=context.copy_current_request_context(lambda: told.append(said())))
        thread.start()
        thread.join()
        return HTMLResponse(told[0])

    client = app_with(a=in_async, b=in_def, c=in_dependency, d=in_stream, e=in_flask_stream, f=in_thread)
    texts = [client.get(f"/{name}?a=x").text for name in "abcdef"]
    assert texts == [f"x FastAPI {name}{'!' if name in 'de' else ''}" for name in "abcdef"]


@pytest.mark.parametrize("kind", [KeyError, Exception, 500])
def test_in_error_handlers(kind: Any) -> None:
    def fail() -> Any:
        raise KeyError("x")

    client = app_with(fail=fail)
    seen = []

    def handler(_: Request, error: Exception) -> Response:
        seen.append(error)
        return HTMLResponse(request.args["a"], 418)

    client.app.add_exception_handler(kind, handler)  # type: ignore[attr-defined]
    response = client.get("/fail?a=x")
    assert (response.status_code, response.text, len(seen)) == (418, "x", 1)


def test_an_error_that_no_one_answers_reaches_the_server() -> None:
    def fail() -> Any:
        raise KeyError("x")

    client = app_with(fail=fail)
    assert client.get("/fail").status_code == 500
    with pytest.raises(KeyError):
        TestClient(client.app).get("/fail")


def test_g() -> None:
    def remember() -> None:
        g.user = "ada"
        g.setdefault("count", 1)

    def view(http: Request, _: None = Depends(remember)) -> Any:
        found = [g.user, g.get("user"), "user" in g, "other" in g, g.get("other", 5), sorted(g), g.pop("count")]
        del g.user
        missing = [hasattr(g, "user"), g.pop("user", None), hasattr(http.state, "user")]
        g.later = 1
        return FlaskJSON([found, missing, http.state.later])

    client = app_with(view=view)
    expected = [["ada", "ada", True, False, 5, ["count", "user"], 1], [False, None, False], 1]
    assert client.get("/view").json() == expected
    assert client.get("/view").json() == expected


def test_the_body_is_for_all() -> None:
    def view(data: JsonBody, raw: RawBody, body: dict[str, Any]) -> Any:
        return FlaskJSON([data, raw.decode(), body, request.get_json(), request.get_data(as_text=True)])

    def form(raw: RawBody, a: str = Form()) -> Any:
        return FlaskJSON([a, request.form["a"], raw.decode()])

    async def late(http: Request) -> Any:
        return FlaskJSON([request.form["a"], (await http.form())["a"], (await http.body()).decode()])

    client = app_with(view=view, form=form)
    assert client.post("/view", json={"a": 1}).json() == [{"a": 1}, '{"a":1}', {"a": 1}, {"a": 1}, '{"a":1}']
    assert client.post("/form", data={"a": "1"}).json() == ["1", "1", "a=1"]


def test_after_this_request() -> None:
    def view() -> Any:
        @context.after_this_request
        def mark(response: Any) -> Any:
            response.headers["X-A"] = request.args["a"]
            response.set_cookie("seen", "1")
            response.set_data(response.get_data() + b"!")
            return response

        return HTMLResponse("hi")

    response = app_with(view=view).get("/view?a=x")
    assert (response.text, response.headers["x-a"], response.headers["content-length"]) == ("hi!", "x", "3")
    assert response.headers["set-cookie"] == "seen=1; Path=/"


def test_after_this_request_may_answer_otherwise() -> None:
    def view() -> Any:
        context.after_this_request(lambda response: HTMLResponse("other", 203))
        return HTMLResponse("hi")

    response = app_with(view=view).get("/view")
    assert (response.status_code, response.text) == (203, "other")


def test_outside() -> None:
    assert not has_app_context()
    assert not has_request_context()
    assert not request
    for name in ("args", "method"):
        with pytest.raises(RuntimeError, match="outside of request context"):
            getattr(request, name)
    with pytest.raises(RuntimeError, match="outside of application context"):
        g.x = 1
    app = FastAPI(title="Shop")
    with app_context(app):
        g.x = 1
        assert (current_app.title, g.x, has_app_context(), has_request_context()) == ("Shop", 1, True, False)
        with app_context(app):
            assert "x" not in g
        assert g.x == 1
        with pytest.raises(RuntimeError, match="outside of request context"):
            _ = request.args
    assert not has_app_context()


def test_limits_of_the_config() -> None:
    def view() -> Any:
        return FlaskJSON(len(request.get_data()))

    client = app_with(view=view)
    client.app.state.config = {"MAX_CONTENT_LENGTH": 3}  # type: ignore[attr-defined]
    keep_flask_contract(client.app)  # type: ignore[arg-type]
    assert client.post("/view", content=b"123").json() == 3
    assert client.post("/view", content=b"1234").status_code == 413


def test_addresses() -> None:
    def view() -> Any:
        return HTMLResponse(context.url_for("view", a=1) + " " + context.url_for("view", _external=True))

    assert app_with(view=view).get("/view").text == "/view?a=1 http://testserver/view"


def test_a_request_that_nobody_sent() -> None:
    app = FastAPI()
    app.get("/items/{n:int}", name="shop.item")(lambda n: None)
    with samples.request_context(app, "/items/3?a=1", method="GET", headers={"X-A": "é"}) as made:
        assert (request.args["a"], request.view_args, request.blueprint, made.request.endpoint) == (
            "1",
            {"n": 3},
            "shop",
            "shop.item",
        )
        assert (context.url_for("shop.item", n=4), request.headers["X-A"]) == ("/items/4", "é")
    with samples.request_context(app, "/nothing", json={"a": 1}, base_url="https://example.org/root"):
        assert (request.json, request.url) == ({"a": 1}, "https://example.org/root/nothing")
        assert (request.endpoint, request.blueprints, request.view_args) == (None, [], None)
        assert request.routing_exception.code in (404, 405)


def test_addresses_without_a_request() -> None:
    app = FastAPI()
    app.get("/items", name="items")(lambda: None)
    app.state.config = {"SERVER_NAME": "example.org"}
    with app_context(app):
        assert context.url_for("items") == "http://example.org/items"


def test_the_session() -> None:
    def view() -> Any:
        context.session["count"] = context.session.get("count", 0) + 1
        return FlaskJSON(context.session["count"])

    client = app_with(view=view)
    client.app.add_middleware(SessionMiddleware, secret_key="s")  # type: ignore[attr-defined]
    assert [client.get("/view").json() for _ in range(3)] == [1, 2, 3]


def test_requests_at_the_same_time() -> None:
    def in_def() -> Any:
        g.a = request.args["a"]
        time.sleep(0.01)
        return HTMLResponse(f"{g.a} {request.args['a']}")

    async def in_async() -> Any:
        g.a = request.args["a"]
        await asyncio.sleep(0.01)
        return HTMLResponse(f"{g.a} {request.args['a']}")

    app = app_with(sync=in_def, coro=in_async).app

    async def ask() -> list[str]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://t") as client:  # type: ignore[arg-type]
            asked = [client.get(f"/{kind}?a={n}") for n in range(20) for kind in ("sync", "coro")]
            return [response.text for response in await asyncio.gather(*asked)]

    assert asyncio.run(ask()) == [f"{n} {n}" for n in range(20) for _ in range(2)]


def test_a_context_that_is_pushed() -> None:
    app = FastAPI(title="Shop")
    closed: list[object] = []
    add_hooks(app, teardown_appcontext=[lambda error: closed.append((current_app.title, type(error)))])
    made = app_context(app)
    made.push()
    g.x = 1
    assert (current_app.title, made.g.x) == ("Shop", 1)
    made.pop()
    assert not has_app_context()
    with pytest.raises(KeyError), app_context(app):
        raise KeyError
    assert closed == [("Shop", type(None)), ("Shop", KeyError)]


def test_threads_have_the_request_and_a_g_of_their_own() -> None:
    def view() -> Any:
        g.x = 1
        told: list[Any] = []
        function = context.copy_current_request_context(lambda: told.append((request.args["a"], "x" in g)))
        thread = threading.Thread(target=function)
        thread.start()
        thread.join()
        function()
        return FlaskJSON(told)

    assert app_with(view=view).get("/view?a=1").json() == [["1", False], ["1", True]]


def test_a_request_of_the_apps_own_class() -> None:
    class Asked(FlaskRequest):
        @property
        def caller(self) -> str:
            return self.headers.get("X-Caller", "nobody")

    client = app_with(view=lambda: FlaskJSON(request.caller))  # type: ignore[attr-defined]
    client.app.state.request_class = Asked  # type: ignore[attr-defined]
    assert client.get("/view", headers={"X-Caller": "me"}).json() == "me"


def test_views_take_g_as_a_parameter() -> None:
    def mark() -> None:
        g.user = "ada"

    app = FastAPI()
    keep_flask_contract(app)
    app.add_middleware(RequestContext)
    add_hooks(app, before_request=[mark])

    @app.get("/")
    def read(g: RequestGlobals, request: Request) -> Any:
        g.seen = True
        return [g.user, g.get("missing", 1), request.state.seen, context.g.seen, "user" in g]

    assert TestClient(app).get("/").json() == ["ada", 1, True, True, True]
