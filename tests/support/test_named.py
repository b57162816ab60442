"""One router under several names, side by side with Flask's blueprint."""

from typing import Any

import flask
import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient

from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.defaults import with_defaults
from flask_to_fastapi.support.named import named
from flask_to_fastapi.support.urls import UrlFor


def was() -> flask.Flask:
    prices = flask.Blueprint("prices", __name__)

    @prices.get("/<name>")
    def show(region: str, name: str) -> Any:
        return {"region": region, "name": name, "self": flask.url_for(".show", name=name)}

    @prices.get("/page/", defaults={"page": 1})
    @prices.get("/page/<int:page>")
    def pages(region: str, page: int) -> Any:
        return {"region": region, "page": page, "more": flask.url_for(".pages", page=2)}

    app = flask.Flask(__name__)
    for region in ("eu", "us"):
        app.register_blueprint(prices, url_prefix=f"/{region}", name=region, url_defaults={"region": region})
    return app


def now() -> FastAPI:
    prices = APIRouter(dependencies=[Depends(lambda: None)])

    @prices.get("/{name}")
    def show(region: str, name: str, url_for: UrlFor) -> Any:
        return {"region": region, "name": name, "self": url_for(".show", name=name)}

    @prices.get("/page/{page:int}")
    def pages(region: str, page: int, url_for: UrlFor) -> Any:
        return {"region": region, "page": page, "more": url_for(".pages", page=2)}

    prices.add_api_route("/page/", with_defaults(pages, page=1), name="pages")
    app = FastAPI()
    keep_flask_contract(app)
    for region in ("eu", "us"):
        app.include_router(named(prices, region, region=region), prefix=f"/{region}")
    return app


@pytest.mark.parametrize(
    "path", ["/eu/kettle", "/us/kettle?region=eu", "/eu/page/", "/us/page/3", "/us/page/1", "/asia/x"]
)
def test_as_flask(path: str) -> None:
    wanted = was().test_client().get(path)
    found = TestClient(now(), base_url="http://localhost", follow_redirects=False).get(path)
    assert (found.status_code, found.headers.get("location")) == (wanted.status_code, wanted.location)
    if wanted.status_code == 200:
        assert found.json() == wanted.json


def test_names_and_documents() -> None:
    app = now()
    assert app.url_path_for("us.show", name="x") == "/us/x"
    parameters = app.openapi()["paths"]["/eu/{name}"]["get"]["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["name"]


def test_routers_in_routers() -> None:
    inner = APIRouter(prefix="/inner")
    inner.get("/", name="inner.index", status_code=202, tags=["a"])(lambda: {"x": 1})
    outer = APIRouter()
    outer.include_router(inner)
    app = FastAPI()
    app.include_router(named(outer, "v1"), prefix="/v1")
    assert app.url_path_for("v1.inner.index") == "/v1/inner/"
    assert TestClient(app).get("/v1/inner/").status_code == 202
    assert app.openapi()["paths"]["/v1/inner/"]["get"]["tags"] == ["a"]
