"""Templates side by side with Flask: the same files, registrations and views, the same pages."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import flask
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient
from jinja2 import ChoiceLoader, DictLoader, TemplateNotFound

from flask_to_fastapi.support import context
from flask_to_fastapi.support.answers import answer
from flask_to_fastapi.support.config import Config
from flask_to_fastapi.support.context import RequestContext, current_app, g, request
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.sessions import FlaskSession
from flask_to_fastapi.support.static import serve_static
from flask_to_fastapi.support.templates import (
    RenderTemplate,
    RenderTemplateString,
    context_processor,
    get_template_attribute,
    render_template,
    render_template_string,
    stream_template,
    stream_template_string,
    template_filter,
    template_global,
    template_test,
    templates_of,
    use_templates,
)

FILES = {
    "templates/base.html": "<{% block body %}{% endblock %}|{{ site }}|{{ section }}>",
    "templates/page.html": "{% extends 'base.html' %}{% block body %}{{ name }}{% include 'part.html' %}{% endblock %}",
    "templates/part.html": "{% import 'macros.html' as m %}{{ m.link('shop.page', 'home') }}{{ m.who() }}",
    "templates/macros.html": "{% macro link(e, t) %}<a href='{{ url_for(e, n=1) }}'>{{ t }}</a>{% endmacro %}"
    "{% macro who() %}{{ request.path }}{{ session.get('x') }}{{ config.SITE }}{{ g.get('who') }}{% endmacro %}",
    "templates/page.svg": "{{ name }}",
    "templates/page.txt": "{{ name }}",
    "templates/same.html": "the app's",
    "shop/views/same.html": "the shop's",
    "shop/views/shop.html": "{{ section }} {{ site }} {{ count }} {{ url_for('.page') }}"
    "{{ url_for('static', filename='a b.css') }}",
    "inner/views/inner.html": "{{ section }} {{ count }} {{ request.endpoint }} {{ request.blueprint }}",
    "inner/views/shop.html": "never",
}
TEXTS = {
    "escaped": "{{ name }} {{ name|safe }} {{ '%s'|format(name) }}",
    "json": "{{ {'b': [1, none, true], 'a': '</script>'}|tojson }} {{ [day, money]|tojson }}",
    "names": "{{ request.method }} {{ request.args.q }} {{ session.permanent }} {{ g.nothing }} {{ config['SITE'] }}",
    "bare": "{{ nothing }} {{ site }} {{ section }}",
    "filters": "{{ name|loud }} {{ name|twice(3) }} {{ 5 is even }} {{ add(1, 2) }} {{ name|from_shop }}",
    "own": "{{ reversed_words('a b') }}",
    "links": "{{ url_for('page', name='a/b', q='ä', _anchor='x') }} {{ url_for('page', name='n', _external=true) }}",
    "messages": "{{ get_flashed_messages() }}{{ get_flashed_messages(with_categories=true) }}",
    "view_wins": "{{ site }} {{ request }}",
    "missing": "{{ a.b.c }}",
    "imported": "{% from 'macros.html' import link, who %}{{ link('shop.page', 'x') }}{{ who() }}",
    "calls_g": "{{ whoami() }}",
}
VALUES: dict[str, Any] = {"name": "<Ann & Bob>", "day": date(2024, 2, 3), "money": Decimal("1.50")}


def loud(text: str) -> str:
    return text.upper() + "!"


def twice(text: str, times: int = 2) -> str:
    return text * times


def even(number: int) -> bool:
    return number % 2 == 0


def add(a: int, b: int) -> int:
    return a + b


def from_shop(text: str) -> str:
    return f"shop:{text}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def flask_app(folder: Path) -> flask.Flask:
    app = flask.Flask(__name__, root_path=str(folder))
    app.config.update(SECRET_KEY="k", SITE="Paper & Ink")
    shop = flask.Blueprint("shop", __name__, template_folder=str(folder / "shop/views"))
    inner = flask.Blueprint("inner", __name__, template_folder=str(folder / "inner/views"))

    app.template_filter()(loud)
    app.add_template_filter(twice)
    app.template_test("even")(even)
    app.add_template_global(add, "add")
    app.jinja_env.globals["reversed_words"] = lambda text: " ".join(reversed(text.split()))
    app.jinja_env.globals["whoami"] = lambda: f"{flask.g.get('who')} {flask.request.path} {flask.current_app.debug}"
    shop.app_template_filter()(from_shop)

    @app.context_processor
    def site() -> dict[str, Any]:
        return {"site": flask.current_app.config["SITE"], "section": "none"}

    @shop.context_processor
    def section() -> dict[str, Any]:
        return {"section": "shop", "count": 3}

    @inner.context_processor
    def inner_section() -> dict[str, Any]:
        return {"section": "inner"}

    @shop.app_context_processor
    def everywhere() -> dict[str, Any]:
        return {"site": f"all of {flask.request.host}"}

    @app.route("/page/<path:name>", methods=["GET", "POST"])
    def page(name: str) -> Any:
        try:
            return flask.render_template(name, **VALUES)
        except TemplateNotFound as error:
            return f"no {error}", 404

    @app.route("/first")
    def first() -> Any:
        return flask.render_template(["nothing.html", "same.html"])

    @app.route("/text/<name>")
    def text(name: str) -> Any:
        own = {"site": "mine", "request": "mine too"} if name == "view_wins" else {}
        return flask.render_template_string(TEXTS[name], **VALUES, **own)

    @app.route("/stream")
    def stream() -> Any:
        return flask.stream_template("page.html", **VALUES)

    @app.route("/stream_text")
    def stream_text() -> Any:
        return flask.stream_template_string(TEXTS["imported"], **VALUES)

    @app.route("/macro")
    def macro() -> Any:
        return str(flask.get_template_attribute("macros.html", "link")("shop.page", "<y>"))

    @app.errorhandler(404)
    def missing(error: Exception) -> Any:
        return flask.render_template_string("{{ section }} {{ request.path }} {{ g.who }}"), 404

    @shop.route("/")
    def shop_page() -> Any:
        return flask.render_template("shop.html") + flask.render_template("same.html")

    shop.add_url_rule("/page", "page", shop_page)

    @inner.route("/inner")
    def inner_page() -> Any:
        return flask.render_template("inner.html")

    shop.register_blueprint(inner)
    app.register_blueprint(shop, url_prefix="/shop")
    return app


def fastapi_app(folder: Path, ambient: bool) -> FastAPI:
    app = FastAPI()
    app.state.config = Config(folder)
    keep_flask_contract(app)
    app.add_middleware(FlaskSession)
    if ambient:
        app.add_middleware(RequestContext)
    use_templates(app, folder / "templates")
    serve_static(app, folder / "static")
    app.state.config.update(SECRET_KEY="k", SITE="Paper & Ink")
    shop, inner = APIRouter(default_response_class=HTMLResponse), APIRouter(default_response_class=HTMLResponse)
    use_templates(shop, folder / "shop/views")
    use_templates(inner, folder / "inner/views")

    template_filter(app)(loud)
    template_filter(app)(twice)
    template_test(app, "even")(even)
    template_global(app, "add")(add)
    templates_of(app).env.globals["reversed_words"] = lambda text: " ".join(reversed(text.split()))
    templates_of(app).env.globals["whoami"] = lambda: f"{g.get('who')} {request.path} {current_app.debug}"
    template_filter(shop)(from_shop)

    @context_processor(app)
    def site() -> dict[str, Any]:
        return {"site": current_app.state.config["SITE"], "section": "none"}

    @context_processor(shop)
    def section() -> dict[str, Any]:
        return {"section": "shop", "count": 3}

    @context_processor(inner)
    def inner_section() -> dict[str, Any]:
        return {"section": "inner"}

    @context_processor(shop, whole_app=True)
    def everywhere() -> dict[str, Any]:
        return {"site": f"all of {request.host}"}

    @app.api_route("/page/{name:path}", methods=["GET", "POST"], response_class=HTMLResponse)
    def page(name: str, render_template: RenderTemplate) -> Any:
        try:
            return render_template(name, **VALUES)
        except TemplateNotFound as error:
            return HTMLResponse(f"no {error}", 404)

    @app.get("/first", response_class=HTMLResponse)
    def first(render_template: RenderTemplate) -> Any:
        return render_template(["nothing.html", "same.html"])

    @app.get("/text/{name}", response_class=HTMLResponse)
    async def text(name: str, render_template_string: RenderTemplateString) -> Any:
        own = {"site": "mine", "request": "mine too"} if name == "view_wins" else {}
        return render_template_string(TEXTS[name], **VALUES, **own)

    @shop.get("/", name="shop.shop_page")
    def shop_page(render_template: RenderTemplate) -> Any:
        return render_template("shop.html") + render_template("same.html")

    shop.add_api_route("/page", shop_page, name="shop.page")

    @inner.get("/inner", name="shop.inner.inner_page")
    def inner_page(render_template: RenderTemplate) -> Any:
        return render_template("inner.html")

    shop.include_router(inner)
    app.include_router(shop, prefix="/shop")
    if ambient:
        ambient_views(app)
    return app


def ambient_views(app: FastAPI) -> None:
    """The views that need the request context: they stream, or are no views."""

    @app.get("/stream")
    def stream() -> Any:
        return answer(stream_template("page.html", **VALUES))

    @app.get("/stream_text")
    def stream_text() -> Any:
        return answer(stream_template_string(TEXTS["imported"], **VALUES))

    @app.get("/macro", response_class=HTMLResponse)
    def macro() -> Any:
        return str(get_template_attribute("macros.html", "link")("shop.page", "<y>"))

    @app.exception_handler(404)
    def missing(request: Any, error: Exception) -> Any:
        return HTMLResponse(render_template_string("{{ section }} {{ request.path }} {{ g.who }}"), 404)


PATHS = [
    "/page/page.html",
    "/page/page.svg",
    "/page/page.txt",
    "/page/nothing.html",
    "/page/same.html",
    "/first",
    *(f"/text/{name}?q=<1>" for name in TEXTS),
    "/shop/",
    "/shop/page",
    "/shop/inner",
]
AMBIENT = ["/stream", "/stream_text", "/macro", "/unknown"]


@pytest.mark.parametrize(("path", "ambient"), [*((p, False) for p in PATHS), *((p, True) for p in [*PATHS, *AMBIENT])])
def test_same_page(folder: Path, path: str, ambient: bool) -> None:
    was = flask_app(folder).test_client().get(path, base_url="http://testserver")
    is_now = TestClient(fastapi_app(folder, ambient), raise_server_exceptions=False).get(path)
    assert is_now.status_code == was.status_code
    if was.status_code < 500:
        assert is_now.text == was.text
        assert is_now.headers.get("vary") == was.headers.get("Vary")
        assert is_now.headers["content-type"] == was.headers["Content-Type"]


@pytest.fixture
def app() -> Iterator[FastAPI]:
    app = FastAPI()
    with context.app_context(app):
        yield app


def test_outside_of_requests(app: FastAPI) -> None:
    templates_of(app).loader = DictLoader({"a.html": "{{ site }} {{ g.x }} {{ n }}"})
    context_processor(app)(lambda: {"site": "Mail"})
    g.x = 1
    assert render_template("a.html", n=2) == "Mail 1 2"
    with pytest.raises(RuntimeError):
        render_template_string("{{ request.path }}")


def test_loader_and_options(app: FastAPI) -> None:
    templates_of(app).options.update(trim_blocks=True, extensions=["jinja2.ext.do"])
    templates_of(app).loader = DictLoader({"a": "A"})
    templates_of(app).loader = ChoiceLoader([templates_of(app).loader, DictLoader({"b": "{% do [] %}\nB"})])
    assert [render_template("a"), render_template("b")] == ["A", "B"]
    assert templates_of(app).env.list_templates() == ["a", "b"]


@pytest.mark.parametrize(
    ("setting", "debug", "expected"), [(None, False, False), (None, True, True), (True, False, True)]
)
def test_auto_reload(setting: bool | None, debug: bool, expected: bool) -> None:
    app = FastAPI(debug=debug)
    app.state.config = Config(".")
    app.state.config["TEMPLATES_AUTO_RELOAD"] = setting
    assert templates_of(app).env.auto_reload is expected


def test_router_that_comes_later(app: FastAPI) -> None:
    assert render_template_string("first") == "first"
    router = APIRouter()
    template_filter(router, "loud")(loud)
    templates_of(router).loader = DictLoader({"late.html": "{{ 'x'|loud }}"})
    app.include_router(router)
    assert render_template("late.html") == "X!"
