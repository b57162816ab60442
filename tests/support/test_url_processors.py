"""`url_value_preprocessor` and `url_defaults`, side by side with Flask."""

from contextvars import ContextVar
from typing import Annotated, Any

import flask
import pytest
from fastapi import APIRouter, FastAPI, Path
from fastapi.testclient import TestClient

from flask_to_fastapi.support import context
from flask_to_fastapi.support.context import RequestContext
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.hooks import Only, add_hooks, once
from flask_to_fastapi.support.urls import UrlFor, use_url_defaults


def functions_of(module: Any) -> dict[str, Any]:
    """The functions of an app, for `flask` and for `context` alike."""

    def pull_lang(endpoint: str | None, values: dict[str, Any] | None) -> None:
        module.g.lang = values.pop("lang", None) if values else None
        module.g.seen = endpoint

    def load_item(endpoint: str, values: dict[str, Any]) -> None:
        values["item"] = {"name": values["item"]}
        values["shop"] = endpoint

    def add_lang(endpoint: str, values: dict[str, Any]) -> None:
        if module.g.lang:
            values.setdefault("lang", module.g.lang)

    def add_item(endpoint: str, values: dict[str, Any]) -> None:
        values.setdefault("item", "kettle")

    return {"pull_lang": pull_lang, "load_item": load_item, "add_lang": add_lang, "add_item": add_item}


def was() -> flask.Flask:
    functions = functions_of(flask)
    app = flask.Flask(__name__)
    items = flask.Blueprint("items", __name__, url_prefix="/<lang>/items/<item>")
    app.url_value_preprocessor(functions["pull_lang"])
    items.url_value_preprocessor(functions["load_item"])
    app.url_defaults(functions["add_lang"])
    items.url_defaults(functions["add_item"])

    @app.get("/<lang>/")
    def home() -> Any:
        return [flask.g.lang, flask.g.seen, flask.url_for("home"), flask.url_for("items.show"), flask.request.view_args]

    @items.get("/")
    def show(item: Any, shop: str) -> Any:
        return [item, shop, flask.g.lang, flask.url_for(".show"), flask.url_for(".show", item="x", lang="fr")]

    app.register_blueprint(items)
    app.after_request(lambda response: (response.headers.update({"X-Seen": str(flask.g.seen)}), response)[1])
    return app


def now() -> FastAPI:
    functions = functions_of(context)
    app = FastAPI()
    keep_flask_contract(app)
    app.add_middleware(RequestContext)
    items = APIRouter(prefix="/{lang}/items/{item}")

    @app.get("/{lang}/")
    def home(lang: str, url_for: UrlFor) -> Any:
        g = context.g
        return [g.lang, g.seen, url_for("home"), url_for("items.show"), context.request.view_args]

    @items.get("/", name="items.show")
    def show(item: Any, shop: Annotated[Any, Path(include_in_schema=False)], url_for: UrlFor) -> Any:
        return [item, shop, context.g.lang, url_for(".show"), url_for(".show", item="x", lang="fr")]

    def mark(response: Any) -> Any:
        response.headers["X-Seen"] = str(context.g.seen)
        return response

    app.include_router(items)
    preprocessors = [functions["pull_lang"], Only("items", functions["load_item"])]
    add_hooks(app, url_value_preprocessors=preprocessors, after_request=[mark])
    use_url_defaults(app, functions["add_lang"], items=[functions["add_item"]])
    return app


@pytest.mark.parametrize("path", ["/nl/", "/nl/items/mug/", "/fr/items/x/?item=y", "/nl/nothing", "/"])
def test_as_flask(path: str) -> None:
    wanted = was().test_client().get(path)
    found = TestClient(now(), base_url="http://localhost").get(path)
    assert (found.status_code, found.headers["x-seen"]) == (wanted.status_code, wanted.headers["X-Seen"])
    if wanted.status_code == 200:
        assert found.json() == wanted.json


def test_once() -> None:
    log: list[str] = []
    app = FastAPI()
    add_hooks(app, before_request=[once(lambda: log.append("once")), lambda: log.append("each")])
    client = TestClient(app)
    for _ in range(3):
        client.get("/")
    assert log == ["once", "each", "each", "each"]


def test_once_is_tried_again_where_it_failed() -> None:
    calls: list[int] = []

    def load() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("not yet")

    hook = once(load)
    with pytest.raises(ValueError, match="not yet"):
        hook()
    hook()
    hook()
    assert len(calls) == 2


def test_context_variables_of_a_hook_reach_the_view() -> None:
    tenant: ContextVar[str] = ContextVar("tenant", default="none")
    app = FastAPI()
    add_hooks(app, before_request=[lambda: tenant.set("north") and None])
    app.get("/")(lambda: tenant.get())
    assert TestClient(app).get("/").json() == "north"
    assert tenant.get() == "none"
