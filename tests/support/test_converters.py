"""Converters of Werkzeug in the paths of FastAPI routes."""

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from flask import Flask, jsonify
from flask import url_for as flask_url_for
from starlette.convertors import Convertor, register_url_convertor
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, UnicodeConverter, ValidationError

from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.converters import register_converter
from flask_to_fastapi.support.urls import UrlFor


class ListConverter(BaseConverter):
    regex = r"^[^/]+(?:\+[^/]+)*$"

    def to_python(self, value: str) -> list[str]:
        return value.split("+")

    def to_url(self, value: Any) -> str:
        return "+".join(super(ListConverter, self).to_url(each) for each in value)


class EvenConverter(BaseConverter):
    regex = r"(?P<digits>\d+)"

    def to_python(self, value: str) -> int:
        if int(value) % 2:
            raise ValidationError
        return int(value)


class HexConvertor(Convertor[int]):
    regex = "[0-9a-f]+"

    def convert(self, value: str) -> int:
        return int(value, 16)

    def to_string(self, value: int) -> str:
        return f"{value:x}"


register_converter("test_country", UnicodeConverter, length=2)
register_converter("test_year", IntegerConverter, min=1900, max=2100, fixed_digits=4)
register_converter("test_signed", IntegerConverter, signed=True)
register_converter("test_kind", AnyConverter, "book", "film", "a.b")
register_converter("test_list", ListConverter)
register_converter("test_even", EvenConverter)
register_url_convertor("test_hex", HexConvertor())

RULES = {
    "/country/<string(length=2):x>": ("/country/{x:test_country}", "de"),
    "/year/<int(min=1900,max=2100,fixed_digits=4):x>": ("/year/{x:test_year}", 2024),
    "/signed/<int(signed=True):x>": ("/signed/{x:test_signed}", -3),
    "/kind/<any(book, film, 'a.b'):x>": ("/kind/{x:test_kind}", "film"),
    "/list/<list:x>": ("/list/{x:test_list}", ["a b", "c"]),
    "/even/<even:x>": ("/even/{x:test_even}", 4),
    "/even/<name>": ("/even/{name}", None),
    "/kind/<name>": ("/kind/{name}", None),
}
PATHS = """
/country/de /country/d /country/deu /year/2024 /year/1800 /year/02024 /year/x /signed/-5 /signed/5 /signed/--5
/kind/book /kind/a.b /kind/axb /kind/ /list/a+b+c /list/a /even/4 /even/5 /even/x /list/a/b
"""


def flask_app() -> Flask:
    app = Flask(__name__)
    app.url_map.converters.update(list=ListConverter, even=EvenConverter)
    for rule, (_, value) in RULES.items():
        app.add_url_rule(
            rule, rule, lambda rule=rule, value=value, **v: jsonify([rule, v, value and flask_url_for(rule, x=value)])
        )
    return app


def fastapi_app() -> FastAPI:
    app, router = FastAPI(), APIRouter()
    for rule, (path, value) in RULES.items():
        if value is None:
            router.add_api_route(path, lambda name, rule=rule: [rule, {"name": name}, None], name=rule)
        else:
            router.add_api_route(path, view_of(rule, value), name=rule)
    app.include_router(router)
    return app


def view_of(rule: str, value: Any) -> Any:
    def view(x: Any, url_for: UrlFor) -> Any:
        return [rule, {"x": x}, url_for(rule, x=value)]

    return view


@pytest.mark.parametrize("path", PATHS.split())
def test_values_are_those_of_werkzeug(path: str) -> None:
    app = fastapi_app()
    keep_flask_contract(app)
    was, now = flask_app().test_client().get(path), TestClient(app).get(path)
    assert now.status_code == was.status_code
    if was.status_code == 200:
        assert now.json() == was.json


@pytest.mark.parametrize("path", [path for path in PATHS.split() if not path.startswith(("/list/a/b", "/kind/"))])
def test_they_match_without_the_contract_too(path: str) -> None:
    was, now = flask_app().test_client().get(path), TestClient(fastapi_app()).get(path)
    assert now.status_code == was.status_code
    if was.status_code == 200:
        assert now.json()[:2] == was.json[:2]  # type: ignore[index]


def test_convertors_of_starlette_go_on() -> None:
    app = FastAPI()

    @app.get("/hex/{x:test_hex}", name="hex")
    def view(x: Any, url_for: UrlFor) -> Any:
        return [x, url_for("hex", x=255)]

    keep_flask_contract(app)
    client = TestClient(app)
    assert client.get("/hex/ff").json() == [255, "/hex/ff"]
    assert client.get("/hex/xx").status_code == 404
