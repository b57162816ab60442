"""Parameters side by side with what Werkzeug's multi dicts give."""

from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Form, Query
from fastapi.testclient import TestClient
from flask import Flask, jsonify, request
from pydantic import BaseModel

from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.params import (
    FormText,
    FormValue,
    LooseBool,
    LooseDict,
    LooseFloat,
    LooseInt,
    LooseList,
    LooseStr,
    OptionalFormText,
    coerced,
    each_valid,
    or_default,
)

VALUES = ["n=5", "n=", "n=x", "n=1.0", "n=%D9%A5", "n=1_000", "n=+7", "n=%207", "n=-3", "", "n=1&n=x", "n=x&n=1", "n"]


class Colour(Enum):
    RED = "red"


app = FastAPI()
flask_app = Flask(__name__)


@app.get("/default")
def default(n: Annotated[int, coerced(int), or_default(1)] = 1) -> Any:
    return n


@app.get("/none")
def none(n: Annotated[int | None, coerced(int), or_default(None)] = None) -> Any:
    return n


@app.get("/float")
def floating(n: Annotated[float, coerced(float), or_default(2.5)] = 2.5) -> Any:
    return repr(n)


@app.get("/bool")
def boolean(n: Annotated[bool, coerced(bool), or_default(False)] = False) -> Any:
    return n


@app.get("/text")
def text(n: str | None = None) -> Any:
    return n


@app.get("/required")
def required(n: str) -> Any:
    return n


@app.get("/list")
def items(n: Annotated[list[int], Query(), each_valid(int)] = []) -> Any:  # noqa: B006
    return n


@app.get("/texts")
def texts(n: Annotated[list[str], Query()] = []) -> Any:  # noqa: B006
    return n


READ: dict[str, Any] = {
    "default": lambda values: values.get("n", 1, type=int),
    "none": lambda values: values.get("n", type=int),
    "float": lambda values: repr(values.get("n", 2.5, type=float)),
    "bool": lambda values: values.get("n", False, type=bool),
    "text": lambda values: values.get("n"),
    "required": lambda values: values["n"],
    "list": lambda values: values.getlist("n", type=int),
    "texts": lambda values: values.getlist("n"),
}


@flask_app.route("/<how>")
def was(how: str) -> Any:
    return jsonify(READ[how](request.args))


@flask_app.post("/<how>")
def was_form(how: str) -> Any:
    return jsonify(READ[how](request.form))


@app.post("/default")
def form_default(n: Annotated[FormValue[int], or_default(1)] = 1) -> Any:
    return n


@app.post("/none")
def form_none(n: Annotated[FormValue[int | None], or_default(None)] = None) -> Any:
    return n


@app.post("/float")
def form_floating(n: Annotated[FormValue[float], or_default(2.5)] = 2.5) -> Any:
    return repr(n)


@app.post("/bool")
def form_boolean(n: Annotated[FormValue[bool], or_default(False)] = False) -> Any:
    return n


@app.post("/text")
def form_text(n: OptionalFormText = None) -> Any:
    return n


@app.post("/required")
def form_required(n: FormText) -> Any:
    return n


@app.post("/list")
def form_items(n: Annotated[list[int], Form(), each_valid(int)] = []) -> Any:  # noqa: B006
    return n


@app.post("/texts")
def form_texts(n: Annotated[list[str], Form()] = []) -> Any:  # noqa: B006
    return n


keep_flask_contract(app)
client = TestClient(app)


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize("value", VALUES)
def test_query(how: str, value: str) -> None:
    was, now = flask_app.test_client().get(f"/{how}?{value}"), client.get(f"/{how}?{value}")
    assert now.status_code == was.status_code
    if was.status_code == 200:
        assert now.json() == was.json


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize("value", VALUES)
def test_form(how: str, value: str) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    was = flask_app.test_client().post(f"/{how}", data=value, headers=headers)
    now = client.post(f"/{how}", content=value, headers=headers)
    assert now.status_code == was.status_code
    if was.status_code == 200:
        assert now.json() == was.json


def test_multipart_form() -> None:
    answer = client.post("/required", files=[("n", (None, "")), ("n", (None, "second"))])
    assert (answer.status_code, answer.json()) == (200, "")


class Body(BaseModel):
    price: Annotated[Decimal, coerced(Decimal)] = Decimal(1)
    colour: Annotated[Any, coerced(Colour.__getitem__)] = None
    count: Annotated[int, coerced(int)] = 0
    title: LooseStr = None
    size: LooseInt = None
    weight: LooseFloat = None
    done: LooseBool = None
    tags: LooseList = None
    more: LooseDict = None


def test_what_a_coercion_refuses_is_no_echo() -> None:
    app = FastAPI()

    @app.post("/")
    def view(body: Body) -> Any:
        return {"price": str(body.price), "count": body.count, "title": body.title, "tags": body.tags}

    keep_flask_contract(app)
    client = TestClient(app)
    good = client.post("/", json={"price": "1.50", "count": 2.9, "title": 5, "tags": "x", "colour": "RED"})
    assert good.json() == {"price": "1.50", "count": 2, "title": 5, "tags": "x"}
    for wrong in (
        {"price": "s3cret"},
        {"colour": "s3cret"},
        {"count": "s3cret"},
        {"count": None},
        {"count": ["s3cret"]},
    ):
        answer = client.post("/", json=wrong)
        assert answer.status_code == 400
        assert answer.json()["detail"][0]["msg"].startswith("Not a valid ")
        assert "s3cret" not in answer.text


def test_a_mutable_default_is_not_shared() -> None:
    app = FastAPI()

    @app.get("/")
    def view(n: Annotated[list[int], Query(), or_default([1])]) -> Any:
        n.append(2)
        return n

    client = TestClient(app)
    assert client.get("/?n=x").json() == client.get("/?n=x").json() == [1, 2]


def parameter(path: str) -> dict[str, Any]:
    found: dict[str, Any] = app.openapi()["paths"][path]["get"]["parameters"][0]
    return found


def test_query_parameters_are_documented() -> None:
    assert parameter("/default")["schema"] == {"type": "integer", "default": 1, "title": "N"}
    assert not parameter("/default")["required"]
    assert parameter("/none")["schema"]["anyOf"] == [{"type": "integer"}, {"type": "null"}]
    assert parameter("/bool")["schema"]["type"] == "boolean"
    assert parameter("/required")["required"]
    assert parameter("/list")["schema"]["items"] == {"type": "integer"}


def form_schema(path: str) -> dict[str, Any]:
    content = app.openapi()["paths"][path]["post"]["requestBody"]["content"]
    reference = next(iter(content.values()))["schema"]
    reference = reference.get("$ref") or reference["allOf"][0]["$ref"]
    found: dict[str, Any] = app.openapi()["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def test_form_fields_are_documented() -> None:
    assert form_schema("/required")["required"] == ["n"]
    assert form_schema("/required")["properties"]["n"]["type"] == "string"
    assert form_schema("/default")["properties"]["n"]["type"] == "integer"
    assert form_schema("/default")["properties"]["n"]["default"] == 1
    assert "required" not in form_schema("/text")
    assert form_schema("/text")["properties"]["n"]["anyOf"] == [{"type": "string"}, {"type": "null"}]


def test_loose_fields_are_documented() -> None:
    properties = Body.model_json_schema()["properties"]
    types = {
        name: properties[name].get("type") for name in ("count", "title", "size", "weight", "done", "tags", "more")
    }
    assert list(types.values()) == ["integer", "string", "integer", "number", "boolean", "array", "object"]
