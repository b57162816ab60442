"""`url_for` side by side with Flask's."""

import datetime
from functools import partial
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.testclient import TestClient
from flask import Blueprint, Flask, jsonify
from flask import url_for as flask_url_for
from starlette.applications import Starlette
from werkzeug.routing import BuildError

from flask_to_fastapi.support.config import Config
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.routing import name_path
from flask_to_fastapi.support.urls import UrlFor, url_for, url_for_app

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("index", {}),
    ("index", {"q": "a b&c", "list": [1, 2], "none": None, "when": datetime.date(2024, 5, 1)}),
    ("shop.orders", {}),
    ("shop.orders", {"id": 3}),
    ("shop.orders", {"id": 3, "page": 2, "_anchor": "top of é"}),
    ("shop.orders", {"id": -1}),
    ("shop.orders", {"_method": "POST"}),
    (".orders", {"id": 5}),
    (".inner.deep", {}),
    ("shop.inner.deep", {"x": "é/?"}),
    (".index", {}),
    ("page", {"path": "a b/é?#", "_external": True}),
    ("page", {"path": "x", "_external": True, "_scheme": "https"}),
    ("page", {"path": "x", "_scheme": "https"}),
    ("named", {"name": "a/b c"}),
    ("nowhere", {}),
    ("page", {}),
    ("page", {"path": "x", "_external": False, "_scheme": "https"}),
]


def flask_app() -> Flask:
    app = Flask(__name__)
    shop, inner = Blueprint("shop", __name__, url_prefix="/shop"), Blueprint("inner", __name__)

    def here(**values: Any) -> Any:
        return jsonify([built(flask_url_for, endpoint, values) for endpoint, values in CALLS])

    app.add_url_rule("/", "index", here)
    app.add_url_rule("/page/<path:path>", "page", here)
    app.add_url_rule("/named/<name>/", "named", here)
    shop.add_url_rule("/orders", "orders", here, methods=["GET"])
    shop.add_url_rule("/orders/<int:id>", "orders", here)
    shop.add_url_rule("/new", "orders", here, methods=["POST"])
    inner.add_url_rule("/deep", "deep", here)
    shop.register_blueprint(inner)
    app.register_blueprint(shop)
    return app


def fastapi_app() -> FastAPI:
    app = FastAPI()
    shop, inner = APIRouter(prefix="/shop"), APIRouter()

    def here(request: Request, url_for: UrlFor) -> Any:
        return [built(url_for, endpoint, values) for endpoint, values in CALLS]

    app.add_api_route("/", here, name="index")
    app.add_api_route("/page/{path:path}", here, name="page")
    app.add_api_route("/named/{name}/", here, name="named")
    shop.add_api_route("/orders", here, name="shop.orders")
    shop.add_api_route("/orders/{id:int}", here, name="shop.orders")
    shop.add_api_route("/new", here, name="shop.orders", methods=["POST"])
    inner.add_api_route("/deep", here, name="shop.inner.deep")
    shop.include_router(inner)
    app.include_router(shop)
    keep_flask_contract(app)
    return app


def built(build: Any, endpoint: str, values: dict[str, Any]) -> str:
    try:
        url: str = build(endpoint, **values)
    except (BuildError, ValueError) as error:
        return type(error).__name__
    return url


@pytest.mark.parametrize("path", ["/", "/shop/orders", "/shop/deep", "/shop/new"])
@pytest.mark.parametrize("root", ["", "/pre"])
@pytest.mark.parametrize("base", ["http://localhost", "https://example.org:8443", "http://EXAMPLE.org:80"])
def test_urls_are_those_of_flask(path: str, root: str, base: str) -> None:
    method = "POST" if path == "/shop/new" else "GET"
    was = flask_app().test_client().open(path, method=method, base_url=f"{base}{root}")
    now = TestClient(fastapi_app(), base_url=base, root_path=root).request(method, path)
    assert now.json() == was.json


def test_server_name_is_the_host() -> None:
    was, now = flask_app(), fastapi_app()
    was.config["SERVER_NAME"] = "example.org"
    now.state.config = Config("", {"SERVER_NAME": "example.org"})
    assert TestClient(now, base_url="http://localhost").get("/").json() == was.test_client().get("/").json


def test_without_a_request() -> None:
    was, now = flask_app(), fastapi_app()
    with pytest.raises(RuntimeError):
        url_for_app(now, "index")
    settings = {"SERVER_NAME": "example.org", "APPLICATION_ROOT": "/pre", "PREFERRED_URL_SCHEME": "https"}
    was.config.update(settings)
    now.state.config = Config("")
    now.state.config.update(settings)
    with was.app_context():
        for endpoint, values in CALLS:
            if not endpoint.startswith("."):
                assert built(partial(url_for_app, now), endpoint, values) == built(flask_url_for, endpoint, values)


def test_files_of_a_mount() -> None:
    app = FastAPI()
    app.mount("/assets", Starlette(), name="static")

    @app.get("/")
    def view(request: Request) -> str:
        return url_for(request, "static", filename="css/a b.css")

    assert TestClient(app).get("/").json() == "/assets/css/a%20b.css"


def test_routes_that_come_later_are_found() -> None:
    app = fastapi_app()
    app.state.config = Config("", {"SERVER_NAME": "x"})
    assert built(partial(url_for_app, app), "late", {}) == "BuildError"
    app.add_api_route("/late", lambda: None, name="late")
    assert url_for_app(app, "late") == "http://x/late"


def test_further_name() -> None:
    app = fastapi_app()
    app.state.config = Config("", {"SERVER_NAME": "x"})
    name_path(app, "shown", "/further/{number:int}")
    assert url_for_app(app, "shown", number=3, q=1) == "http://x/further/3?q=1"
    # it answers no request
    assert TestClient(app).get("/further/3").status_code == 404
