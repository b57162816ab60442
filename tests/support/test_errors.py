"""What is said of errors, and `abort()`, side by side with Flask."""

from typing import Any

import flask
import pytest
import werkzeug.exceptions
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException as StarletteHTTPException
from werkzeug.exceptions import BadRequestKeyError, MethodNotAllowed, NotFound, default_exceptions

from flask_to_fastapi.support.answers import FlaskResponse
from flask_to_fastapi.support.contract import EarlyResponse, keep_flask_contract
from flask_to_fastapi.support.errors import (
    HTTP_ERRORS,
    abort,
    allowed_methods,
    both_kinds,
    error_description,
    error_name,
    error_text,
)


@pytest.mark.parametrize("code", default_exceptions)
def test_the_usual_words(code: int) -> None:
    usual = default_exceptions[code]()
    for error in (HTTPException(code), StarletteHTTPException(code), usual):
        assert (error_name(error), error_description(error)) == (usual.name, usual.description)
        assert error_description(HTTPException(code, "own words")) == "own words"


def test_words_for_what_werkzeug_does_not_know() -> None:
    assert (error_name(HTTPException(499)), error_description(HTTPException(299, "x"))) == ("Unknown Error", "x")
    assert error_description(HTTPException(400, {"a": 1})) == {"a": 1}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error", [HTTPException(404), HTTPException(404, "x", {"A": "1"}), StarletteHTTPException(404), NotFound("x")]
)
def test_an_error_of_both_kinds(error: Any) -> None:
    both = both_kinds(error)
    assert isinstance(both, NotFound)
    assert isinstance(both, StarletteHTTPException)
    assert (both.code, both.status_code, both.name) == (404, 404, "Not Found")
    assert both.description in ("x", NotFound.description)
    assert both.get_response().status_code == 404
    assert str(both).startswith("404")


def test_a_key_error_stays_one() -> None:
    both = both_kinds(BadRequestKeyError("k"))
    assert isinstance(both, KeyError)
    assert isinstance(both, StarletteHTTPException)
    assert both.status_code == 400
    assert both.detail == BadRequestKeyError("k").description


ABORTS: list[Any] = [
    lambda abort, response: abort(404),
    lambda abort, response: abort(404, "not here"),
    lambda abort, response: abort(404, description="not here"),
    lambda abort, response: abort(405, valid_methods=["GET"]),
    lambda abort, response: abort(429, retry_after=3),
    lambda abort, response: abort(response("own", 418, {"X-A": "1"})),
    lambda abort, response: abort(204),
    lambda abort, response: abort(999),
]


@pytest.mark.parametrize("call", ABORTS)
def test_abort(call: Any) -> None:
    reference = flask.Flask(__name__)
    reference.add_url_rule("/", view_func=lambda: call(flask.abort, flask.Response))
    reference.register_error_handler(werkzeug.exceptions.HTTPException, lambda error: (error.description, error.code))
    app = FastAPI()
    app.get("/")(lambda: call(abort, FlaskResponse))
    app.add_exception_handler(
        StarletteHTTPException, lambda request, error: HTMLResponse(error_description(error), code_of(error))
    )
    keep_flask_contract(app)
    expected, actual = reference.test_client().get("/"), TestClient(app, raise_server_exceptions=False).get("/")
    assert actual.status_code == expected.status_code
    if expected.status_code != 500:
        assert (actual.text, actual.headers.get("x-a")) == (expected.text, expected.headers.get("x-a"))


def code_of(error: Exception) -> int:
    assert isinstance(error, StarletteHTTPException)
    return error.status_code


def test_abort_keeps_headers() -> None:
    with pytest.raises(HTTPException) as raised:
        abort(405, valid_methods=["GET"])
    assert raised.value.headers == {"Allow": "GET"}
    with pytest.raises(NotFound):
        abort(NotFound())
    for kind in (NotFound, HTTPException):
        with pytest.raises(kind):
            abort(404)
    with pytest.raises(EarlyResponse):
        abort(400, response=FlaskResponse("own", 402))


@pytest.mark.parametrize("code", default_exceptions)
def test_the_text_of_an_error(code: int) -> None:
    assert error_text(HTTPException(code)) == error_text(default_exceptions[code]()) == str(default_exceptions[code]())
    assert error_text(ValueError("x")) == "x"


def test_allowed_methods() -> None:
    refused = MethodNotAllowed(["GET", "HEAD"])
    assert allowed_methods(refused) == allowed_methods(HTTPException(405, headers={"Allow": "GET, HEAD"}))
    assert allowed_methods(HTTPException(405)) == allowed_methods(ValueError()) == []


def test_both_kinds_of_errors_are_caught() -> None:
    for error in (HTTPException(404), NotFound()):
        with pytest.raises(HTTP_ERRORS):
            raise error
