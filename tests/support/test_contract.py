"""The contract side by side with Flask: the same routes, the same requests, the same answers."""

import re
from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

import pytest
import werkzeug.exceptions
from a2wsgi import WSGIMiddleware
from fastapi import APIRouter, Cookie, Depends, FastAPI, Form, HTTPException, Query, Request, Response, WebSocket
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.testclient import TestClient
from flask import Flask
from flask import request as flask_request
from flask import url_for as flask_url_for
from pydantic import BaseModel, field_validator
from starlette.applications import Starlette
from starlette.routing import Route

from flask_to_fastapi.support.contract import EarlyResponse, keep_flask_contract
from flask_to_fastapi.support.defaults import with_defaults
from flask_to_fastapi.support.params import FormText, coerced
from flask_to_fastapi.support.urls import UrlFor

# rule of Flask, methods; the name of a route is its place in this list
ROUTES = [
    ("/", "GET"),
    ("/<name>", "GET"),
    ("/me", "GET POST"),
    ("/page/", "GET POST"),
    ("/page", "PUT"),
    ("/items/<int:n>", "GET"),
    ("/items/<name>", "DELETE"),
    ("/items/new", "POST"),
    ("/f/<float:x>", "GET"),
    ("/u/<uuid:x>", "GET"),
    ("/files/<path:p>", "GET"),
    ("/files/<path:p>/edit", "GET"),
    ("/deep/<a>/<b>/", "GET"),
    ("/deep/<a>/<int:b>", "GET POST"),
    ("/mixed/<a>.json", "GET"),
    ("/mixed/v<int:n>", "GET"),
    ("/options", "GET OPTIONS"),
    ("/patch", "PATCH"),
]
PATHS = """
/ /me /other /page /page/ /page// //page/ /items/5 /items/-5 /items/007 /items/5/ /items/new /items/abc
/items/%D9%A5 /items/5%0A /items/1.0 /f/1.5 /f/1 /f/.5 /u/0000 /u/12345678-1234-5678-1234-567812345678
/u/12345678123456781234567812345678 /files/a /files/a/b /files/ /files//a /files/a//b /files/a/edit
/files/a/b/edit /files/%2Fa /deep/a/b /deep/a/b/ /deep/a/5 /deep/a/5/ /deep//b/ /mixed/a.json /mixed/v5
/mixed/v /mixed/v5.json /options /patch /patch/ /none/such /%C3%A9 /a%20b /page?x=1&y=%C3%A9
/deep/%C3%A9/b?q=a+b //me /me/ /deep/a/x?
"""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO"]


def fastapi_path(rule: str) -> str:
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: f"{{{m[2]}:{m[1]}}}" if m[1] else f"{{{m[2]}}}", rule)


def view_of(place: int) -> Any:
    def view(request: Request) -> Response:
        return HTMLResponse(f"{place} {request.method} {sorted(request.path_params.items())}")

    return view


def flask_view_of(place: int) -> Any:
    def view(**values: Any) -> str:
        return f"{place} {flask_request.method} {sorted(values.items())}"

    return view


@pytest.fixture(scope="module")
def flask_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    for place, (rule, methods) in enumerate(ROUTES):
        app.add_url_rule(rule, str(place), flask_view_of(place), methods=methods.split())
    return app


def on_app() -> FastAPI:
    app = FastAPI()
    keep_flask_contract(app)
    for place, (rule, methods) in enumerate(ROUTES):
        app.add_api_route(fastapi_path(rule), view_of(place), methods=methods.split(), name=str(place))
    return app


def on_routers() -> FastAPI:
    """Each route on a router of its own, half of them one level deeper, declared after they were included."""
    app = FastAPI()
    for place, (rule, methods) in enumerate(ROUTES):
        router, outer = APIRouter(), APIRouter()
        app.include_router(outer)
        outer.include_router(router)
        path = fastapi_path(rule)
        (router if place % 2 else outer).add_api_route(path, view_of(place), methods=methods.split(), name=str(place))
    keep_flask_contract(app)
    return app


@pytest.mark.parametrize("make", [on_app, on_routers])
def test_routes_answer_as_in_flask(make: Any, flask_app: Flask) -> None:
    client = TestClient(make(), base_url="http://localhost", follow_redirects=False)
    flask_client = flask_app.test_client()
    for path in PATHS.split():
        # Flask's client would take what follows `//` for a host
        path_info = unquote_to_bytes(path.partition("?")[0]).decode("latin-1")
        for method in METHODS:
            was = flask_client.open(path, method=method, environ_overrides={"PATH_INFO": path_info})
            now = client.request(method, f"http://localhost{path}")
            case = f"{method} {path}"
            assert now.status_code == was.status_code, case
            assert now.headers.get("location") == was.headers.get("location"), case
            assert set(now.headers.get("allow", "").split(", ")) == set(was.headers.get("allow", "").split(", ")), case
            if was.status_code < 400:
                assert now.content == was.data, case
                if True:
                    assert now.headers["content-type"] == was.headers["content-type"], case
                if method == "HEAD":
                    assert now.headers["content-length"] == was.headers["content-length"], case


@pytest.mark.parametrize("root", ["/pre", "/pre/fix"])
@pytest.mark.parametrize("path", ["/page?x=1", "/me", "/items/x"])
def test_below_a_root_path(root: str, path: str, flask_app: Flask) -> None:
    client = TestClient(on_app(), base_url="http://localhost", root_path=root, follow_redirects=False)
    was = flask_app.test_client().open(path, environ_overrides={"SCRIPT_NAME": root})
    for sent in (path, f"{root}{path}"):
        now = client.get(sent)
        assert (now.status_code, now.headers.get("location")) == (was.status_code, was.headers.get("location"))


def client_of(app: FastAPI, **options: Any) -> TestClient:
    keep_flask_contract(app)
    return TestClient(app, follow_redirects=False, **options)


def test_pages_of_fastapi_stay_unless_the_app_has_the_route() -> None:
    app = FastAPI()
    client = client_of(app)
    assert client.get("/docs").status_code == 200
    assert client.get("/openapi.json").json()["paths"] == {}
    assert client.post("/docs").status_code == 405

    @app.get("/{page}")
    def page(page: str) -> str:
        return page

    assert client.get("/docs").json() == "docs"
    assert client.get("/docs/oauth2-redirect").status_code == 200
    assert "/{page}" in app.openapi()["paths"]


def test_mounts_and_hosts_are_reached() -> None:
    def where(name: str) -> Starlette:
        return Starlette(
            routes=[Route("/{path:path}", lambda request: PlainTextResponse(f"{name} {request.url.path}"))]
        )

    app = FastAPI()
    router = APIRouter()
    app.mount("/sub", where("sub"))
    app.host("api.example.org", where("host"))
    router.mount("/inner", where("inner"))

    @router.get("/sub/mine")
    def mine() -> PlainTextResponse:
        return PlainTextResponse("mine")

    app.include_router(router)
    client = client_of(app)
    assert client.get("/sub/mine").text == "mine"
    assert client.get("/sub/other").text == "sub /sub/other"
    assert client.get("/inner/x").text == "inner /inner/x"
    assert client.get("/sub/mine", headers={"host": "api.example.org"}).text == "host /sub/mine"
    assert client.get("/nowhere").status_code == 404


def test_a_web_socket_is_reached() -> None:
    app = FastAPI()

    @app.websocket("/talk/{name}")
    async def talk(websocket: WebSocket, name: str) -> None:
        await websocket.accept()
        await websocket.send_text(f"hello {name}")
        await websocket.close()

    with client_of(app).websocket_connect("/talk/you") as socket:
        assert socket.receive_text() == "hello you"


def test_frontend_files_are_reached(tmp_path: Any) -> None:
    (tmp_path / "index.html").write_text("front")
    app = FastAPI()
    app.frontend("/", directory=tmp_path)

    @app.get("/api/{n:int}")
    def api(n: int) -> int:
        return n

    client = client_of(app)
    assert client.get("/").text == "front"
    assert client.get("/api/5").json() == 5
    assert client.get("/api/x").status_code == 404


def test_head_of_a_stream_has_no_body() -> None:
    app = FastAPI()

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse((b"x" for _ in range(3)), media_type="text/csv")

    answer = client_of(app).head("/stream")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/csv")


def test_routes_know_themselves() -> None:
    app = FastAPI()
    router = APIRouter(prefix="/shop")

    @router.get("/{n:int}", name="shop.show")
    def show(request: Request, n: int) -> list[Any]:
        scope = request.scope
        return [scope["route"].name, scope["endpoint"].__name__, scope["path_params"], scope["flask.url_rule"].rule, n]

    app.include_router(router, prefix="/api")
    answer = client_of(app).get("/api/shop/5")
    assert answer.json() == ["shop.show", "show", {"n": 5}, "/api/shop/<int:n>", 5]
    assert app.url_path_for("shop.show", n=3) == "/api/shop/3"


class Pages(BaseModel):
    page: str = ""
    tags: list[str] = []


def one_dependency(mode: str = "") -> str:
    return mode


def test_of_repeated_values_the_first_counts() -> None:
    app = FastAPI()

    @app.get("/q")
    def q(
        request: Request,
        mode: Annotated[str, Depends(one_dependency)],
        many: Annotated[list[str] | None, Query()] = None,
        a: str = "",
        b: Annotated[str, Query(alias="b[]")] = "",
        crumb: Annotated[str, Cookie()] = "",
    ) -> list[Any]:
        return [a, b, many, mode, crumb, request.scope.get("flask.query_string", b"").decode()]

    @app.get("/model")
    def model(pages: Annotated[Pages, Query()]) -> Pages:
        return pages

    client = client_of(app)
    assert client.get("/q?a=1&a=2&many=1&many=2&many=3&a=3").json() == [
        *("1", "", ["1", "2", "3"], "", ""),
        "a=1&a=2&many=1&many=2&many=3&a=3",
    ]
    assert client.get("/q?a=&a=2&b%5B%5D=1&b[]=2").json()[:2] == ["", "1"]
    assert client.get("/q?mode=x&mode=y").json()[3] == "x"
    assert client.get("/q?a=1&mode=y").json()[5] == ""
    assert client.get("/q", headers={"cookie": "crumb=1; x=2; crumb=3"}).json()[4] == "1"
    assert client.get("/model?page=1&page=2&tags=a&tags=b").json() == {"page": "1", "tags": ["a", "b"]}


class Order(BaseModel):
    quantity: int
    note: str = ""

    @field_validator("note")
    @classmethod
    def not_rude(cls, note: str) -> str:
        if "darn" in note:
            raise ValueError(f"{note} is rude")
        return note


def input_app() -> FastAPI:
    app = FastAPI()

    @app.post("/order")
    def order(order: Order) -> Order:
        return order

    @app.get("/needs")
    def needs(k: str) -> str:
        return k

    @app.get("/path/{n}")
    def path(n: int) -> int:
        return n

    @app.post("/form")
    def form(name: FormText, age: Annotated[int, Form()] = 0) -> str:
        return name

    return app


def test_unreadable_input_is_a_400_without_an_echo() -> None:
    client = client_of(input_app())
    answer = client.get("/needs")
    assert (answer.status_code, answer.json()) == (400, {"detail": [{"loc": ["query", "k"], "msg": "Field required"}]})
    assert client.get("/path/x").status_code == 404
    assert client.get("/path/x").json() == {"detail": "Not Found"}
    answer = client.post("/order", json={"quantity": "s3cret", "note": "darn s3cret"})
    assert (answer.status_code, len(answer.json()["detail"])) == (400, 2)
    assert "s3cret" not in answer.text
    assert client.post("/form", content="x", headers={"content-type": "text/plain"}).status_code == 400


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        ('{"quantity": 1}', "application/json", 200),
        ('{"quantity": 1}', "application/json; charset=utf-8", 200),
        ('{"quantity": 1}', "application/vnd.api+json", 200),
        ('{"quantity": 1}', "text/plain", 415),
        ('{"quantity": 1}', "application/x-www-form-urlencoded", 415),
        ('{"quantity": 1}', None, 415),
        ("", None, 415),
        ("", "application/json", 400),
        ("{broken", "application/json", 400),
        ("{broken", "text/json", 415),
    ],
)
def test_bodies_get_the_status_of_get_json(content: str, content_type: str | None, status: int) -> None:
    flask_app = Flask(__name__)

    @flask_app.post("/order")
    def order() -> Any:
        return flask_request.get_json()

    headers = {} if content_type is None else {"content-type": content_type}
    was = flask_app.test_client().post("/order", data=content, headers=headers)
    now = client_of(input_app()).post("/order", content=content, headers=headers)
    assert now.status_code == was.status_code == status


def test_the_apps_own_error_handlers_see_unreadable_input() -> None:
    app = input_app()

    @app.exception_handler(400)
    def bad(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"error": error.detail}, 400)

    @app.exception_handler(404)
    async def missing(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"missing": request.url.path}, 404)

    client = client_of(app)
    assert client.get("/needs").json() == {"error": werkzeug.exceptions.BadRequest.description}
    assert client.get("/path/x").json() == client.get("/path/x").json() == {"missing": "/path/x"}
    assert client.get("/nowhere").json() == {"missing": "/nowhere"}


def test_errors_of_werkzeug_are_answered_as_fastapis_own() -> None:
    app = FastAPI()

    @app.get("/{what}")
    def view(what: str) -> None:
        errors = {
            "missing": werkzeug.exceptions.NotFound("no such thing"),
            "slow": werkzeug.exceptions.TooManyRequests(retry_after=5),
            "plain": werkzeug.exceptions.BadRequestKeyError("k"),
            "own": werkzeug.exceptions.NotFound(response=werkzeug.Response("mine", 410, {"X-Mine": "1"})),
        }
        raise errors[what]

    @app.exception_handler(404)
    def missing(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"handled": error.detail}, 404)

    client = client_of(app)
    assert client.get("/missing").json() == {"handled": "no such thing"}
    assert client.get("/slow").headers["retry-after"] == "5"
    assert client.get("/plain").json() == {"detail": werkzeug.exceptions.BadRequest.description}
    own = client.get("/own")
    assert (own.status_code, own.text, own.headers["x-mine"]) == (410, "mine", "1")


def test_a_dependency_answers_at_once() -> None:
    app = FastAPI()

    def guard() -> None:
        raise EarlyResponse(JSONResponse({"error": "no"}, 401))

    @app.get("/", dependencies=[Depends(guard)])
    def view() -> str:
        return "never"

    answer = client_of(app).get("/")
    assert (answer.status_code, answer.json()) == (401, {"error": "no"})


def test_handlers_of_the_app_stay() -> None:
    app = input_app()

    @app.exception_handler(werkzeug.exceptions.HTTPException)
    def own(request: Request, error: Any) -> Response:
        return Response("own", error.code)

    keep_flask_contract(app)
    assert app.exception_handlers[werkzeug.exceptions.HTTPException] is own


def test_a_mounted_flask_app_shares_the_addresses() -> None:
    old = Flask(__name__, static_folder=None)
    for rule, methods in [("/old/<name>", "GET"), ("/both", "POST"), ("/slash/", "GET"), ("/items/<int:n>", "PUT")]:
        old.add_url_rule(rule, rule, lambda rule=rule, **values: f"flask {rule} {values}", methods=[methods])
    app = FastAPI()
    app.add_api_route("/old/{name}/more", lambda name: "new", name="more")
    app.add_api_route("/both", lambda: "new", name="both")
    app.add_api_route("/{page}", lambda page: page, name="page")
    app.add_api_route("/items/{n:int}", lambda n: n, name="item")

    @app.get("/link", name="link")
    def link(url_for: UrlFor) -> list[str]:
        return [url_for("/old/<name>", name="x"), url_for("item", n=1)]

    app.mount("/", WSGIMiddleware(old))  # type: ignore[arg-type]
    client = client_of(app, base_url="http://localhost")
    assert client.get("/old/x").text == "flask /old/<name> {'name': 'x'}"
    assert client.get("/both").json() == "new"
    assert client.post("/both").text == "flask /both {}"
    assert client.get("/slash").headers["location"] == "http://localhost/slash/"
    assert client.options("/both").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert client.delete("/both").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert "<title>405" in client.delete("/old/x").text
    assert client.put("/items/5").status_code == 200
    assert client.delete("/items/5").headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert "<title>404" in client.get("/no/such").text
    assert client.get("/link").json() == ["/old/x", "/items/1"]


@pytest.mark.parametrize("path", ["/all/", "/all/page/1", "/all/page/2", "/all", "/all/?page=9", "/all/page/1?q=2"])
def test_url_defaults(path: str) -> None:
    old = Flask(__name__)

    @old.route("/all/", defaults={"page": 1})
    @old.route("/all/page/<int:page>")
    def old_all(page: int) -> Any:
        return [page, flask_url_for("old_all", page=1), flask_url_for("old_all", page=2)]

    app = FastAPI()

    @app.get("/all/page/{page:int}", name="all")
    def new_all(page: int, url_for: UrlFor) -> Any:
        return [page, url_for("all", page=1), url_for("all", page=2)]

    app.add_api_route("/all/", with_defaults(new_all, page=1), name="all")
    was, now = old.test_client().get(path), client_of(app, base_url="http://localhost").get(path)
    assert (now.status_code, now.headers.get("location")) == (was.status_code, was.headers.get("location"))
    if was.status_code == 200:
        assert now.json() == was.json
    assert not app.openapi()["paths"]["/all/"]["get"].get("parameters")


def test_a_page_of_fastapi_is_reached_where_the_app_serves_another_method() -> None:
    app = FastAPI()
    app.add_api_route("/{page}", lambda page: page, methods=["POST"])
    client = client_of(app)
    assert client.get("/docs").status_code == 200
    assert client.get("/other").status_code == 405


def test_the_apps_own_handler_sees_the_405_with_its_methods() -> None:
    app = input_app()

    @app.exception_handler(405)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"allow": error.headers}, 405, error.headers)

    assert client_of(app).get("/order").json() == {"allow": {"Allow": "OPTIONS, POST"}}


def test_a_handler_for_http_errors_sees_what_nobody_expected() -> None:
    app = FastAPI()
    keep_flask_contract(app)

    @app.get("/")
    def fails() -> None:
        raise ZeroDivisionError

    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/").status_code == 500

    @app.exception_handler(HTTPException)
    def as_json(request: Request, error: HTTPException) -> Response:
        return JSONResponse({"code": error.status_code, "text": error.detail}, error.status_code)

    app.middleware_stack = None
    response = client.get("/")
    assert (response.status_code, response.json()["code"]) == (500, 500)
    assert response.json()["text"] == werkzeug.exceptions.InternalServerError.description


def test_a_route_that_is_written_with_and_without_a_slash_is_one_rule() -> None:
    app = FastAPI()

    @app.get("/files/{name:path}/")
    @app.get("/files/{name:path}", include_in_schema=False)
    def file(name: str) -> str:
        return name

    keep_flask_contract(app)
    client = TestClient(app, follow_redirects=False)
    assert [client.get(f"/files/a/b{end}").json() for end in ("", "/")] == ["a/b", "a/b"]
    assert list(app.openapi()["paths"]) == ["/files/{name}/"]


class Words(BaseModel):
    text: str


@pytest.mark.parametrize("kind", [500, Exception, HTTPException])
def test_what_the_view_failed_on_gets_the_apps_own_answer_to_failures(kind: Any) -> None:
    app = FastAPI()
    keep_flask_contract(app)

    @app.get("/number")
    def number(n: Annotated[int, coerced(int)]) -> int:
        return n

    @app.post("/words")
    def words(data: Words) -> str:
        return data.text

    client = client_of(app)
    assert client.get("/number?n=x").status_code == client.post("/words", json={"text": 5}).status_code == 400

    @app.exception_handler(kind)
    def failed(request: Request, error: Exception) -> Response:
        return JSONResponse({"own": True}, getattr(error, "status_code", 500))

    app.middleware_stack = None
    broken = [client.get("/number?n=x"), *(client.post("/words", json=body) for body in ({"text": 5}, {}, [1]))]
    assert [(answer.status_code, answer.json()) for answer in broken] == [(500, {"own": True})] * 4
    unreadable = {"content": "{bad", "headers": {"Content-Type": "application/json"}}
    assert client.get("/number").status_code == client.post("/words", **unreadable).status_code == 400  # type: ignore[arg-type]
    assert client.post("/words", content="text").status_code == 415
