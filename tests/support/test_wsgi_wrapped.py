"""WSGI middleware around an app, side by side with the same around Flask's."""

from collections.abc import Callable, Iterable
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from flask import Flask
from flask import request as flask_request
from httpx2 import ASGITransport, AsyncClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response as WSGIResponse

from flask_to_fastapi.support.answers import answer
from flask_to_fastapi.support.context import RequestContext, request
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.wsgi_wrapped import WSGIWrapped

Make = Callable[..., Any]


class Prefix:
    def __init__(self, app: Any, prefix: str = "/shop") -> None:
        self.app, self.prefix = app, prefix

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(self.prefix):
            start_response("404 NOT FOUND", [("Content-Type", "text/plain")])
            return [b"not here"]
        environ["PATH_INFO"] = environ["PATH_INFO"][len(self.prefix) :]
        environ["SCRIPT_NAME"] = self.prefix
        found: Iterable[bytes] = self.app(environ, start_response)
        return found


def overriding(app: Any) -> Any:
    def middleware(environ: Any, start_response: Any) -> Any:
        environ["REQUEST_METHOD"] = environ.get("HTTP_X_METHOD", environ["REQUEST_METHOD"])
        environ["HTTP_X_ADDED"] = "by the middleware"
        environ["shop.user"] = "Ada"
        environ["REMOTE_ADDR"] = "10.0.0.1"

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("X-Seen", status[:3])], exc_info)

        return (chunk.upper() for chunk in app(environ, start))

    return middleware


def beside(app: Any) -> Any:
    return DispatcherMiddleware(app, {"/metrics": WSGIResponse("hits 3")})


def asked(of: Any) -> Any:
    body = of.get_data(as_text=True)
    shown = [of.method, of.path, of.script_root, of.remote_addr, of.environ.get("shop.user"), body]
    return {"shown": shown, "url": of.url, "added": of.headers.get("X-Added"), "args": of.args.to_dict()}


def clients(make: Make) -> tuple[Any, TestClient]:
    was, now = Flask(__name__), FastAPI()
    keep_flask_contract(now)
    now.add_middleware(RequestContext)
    was.add_url_rule("/asked", view_func=lambda: asked(flask_request), endpoint="asked", methods=["GET", "PUT", "POST"])
    now.add_api_route("/asked", lambda: answer(asked(request)), methods=["GET", "PUT", "POST"])
    was.add_url_rule("/stream", "stream", lambda: iter(["a", "", "b"]))
    now.add_api_route("/stream", lambda: StreamingResponse(iter(["a", "", "b"]), media_type="text/html; charset=utf-8"))
    was.wsgi_app = make(was.wsgi_app)  # type: ignore[method-assign]
    now.add_middleware(WSGIWrapped, make)
    return was.test_client(), TestClient(now, "http://localhost", follow_redirects=False, client=("127.0.0.1", 1))


@pytest.mark.parametrize("make", [Prefix, overriding, beside])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", ["/asked?a=1", "/shop/asked?a=%C3%A9", "/stream", "/metrics", "/missing", "/shop"])
def test_answers_are_those_of_flask(make: Make, method: str, path: str) -> None:
    was, now = clients(make)
    data, headers = b"body" if method == "POST" else b"", {"X-Method": "PUT"} if method == "POST" else {}
    old, new = (
        was.open(path, method=method, data=data, headers=headers),
        now.request(method, path, content=data, headers=headers),
    )
    assert (new.status_code, new.headers.get("x-seen")) == (old.status_code, old.headers.get("X-Seen"))
    is_page = b"<title>" in old.data.lower()  # of an error, which FastAPI writes in its own way
    if method != "HEAD" and not is_page:
        assert (new.content, new.headers["content-type"]) == (old.data, old.headers["Content-Type"])


def test_many_requests_at_once() -> None:
    """The thread of a middleware waits for one of the view: there must be enough of them."""
    app = FastAPI()
    app.add_api_route("/", lambda: "hello")
    app.add_middleware(WSGIWrapped, Prefix, prefix="/shop")
    found: list[int] = []

    async def ask(client: AsyncClient) -> None:
        found.append((await client.get("/shop/")).status_code)

    async def all_of_them() -> None:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
            with anyio.fail_after(30):
                async with anyio.create_task_group() as tasks:
                    for _ in range(90):
                        tasks.start_soon(ask, client)

    anyio.run(all_of_them)
    assert found == [200] * 90


def test_errors_go_through_the_middleware() -> None:
    app = FastAPI()
    seen: list[str] = []

    def failing() -> None:
        raise LookupError("of the view")

    def watching(wsgi_app: Any) -> Any:
        def middleware(environ: Any, start_response: Any) -> Any:
            try:
                return wsgi_app(environ, start_response)
            except LookupError as error:
                seen.append(str(error))
                raise

        return middleware

    app.add_api_route("/", failing)
    app.add_middleware(WSGIWrapped, watching)
    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500
    assert seen == ["of the view"]
