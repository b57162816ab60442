"""Answers side by side with Flask: the same values, the same responses."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from time import time
from typing import Any
from uuid import UUID

import flask
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from fastapi.testclient import TestClient
from markupsafe import Markup
from starlette.responses import Response
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as WerkzeugResponse

from flask_to_fastapi.support import answers, json_provider
from flask_to_fastapi.support.answers import FlaskResponse, answer, jsonify
from flask_to_fastapi.support.json_provider import DefaultJSONProvider, FlaskJSON, JSONProvider, use_json_provider


@dataclasses.dataclass
class Point:
    x: int
    at: date


def from_flask(view: Callable[[], Any], method: str = "GET") -> tuple[int, list[tuple[str, str]], bytes]:
    app = flask.Flask(__name__)
    app.add_url_rule("/", view_func=view)
    response = app.test_client().open("/", method=method)
    return response.status_code, sorted((name.lower(), value) for name, value in response.headers), response.data


def from_fastapi(view: Callable[[], Any], method: str = "GET") -> tuple[int, list[tuple[str, str]], bytes]:
    app = FastAPI()
    app.add_api_route("/", view, methods=["GET", "HEAD"], response_model=None)
    response = TestClient(app, raise_server_exceptions=False).request(method, "/", follow_redirects=False)
    return response.status_code, sorted(response.headers.multi_items()), response.content


def stream() -> Iterator[str]:
    yield "a"
    yield "é"


VALUES: list[Callable[[], Any]] = [
    lambda: "hi é",
    lambda: b"\xff",
    lambda: bytearray(b"x"),
    lambda: "",
    lambda: {"b": [date(2024, 1, 2), {"z": 1, "a": "é"}], "a": Decimal("1.10")},
    lambda: [UUID(int=1), datetime(2024, 1, 2, 3, 4, 5, 678), datetime(2024, 1, 2, tzinfo=UTC), Markup("<b>")],
    lambda: [Point(1, date(2024, 1, 2)), float("nan"), float("inf"), None, True],
    lambda: {},
    lambda: stream(),
    lambda: ("made", 201),
    lambda: ("made", "201 MADE"),
    lambda: ("made", HTTPStatus.CREATED),
    lambda: ("x", {"X-A": "1", "Content-Type": "text/plain"}),
    lambda: ("x", [("X-A", "1"), ("X-A", "2")]),
    lambda: ("x", 202, Headers({"X-A": ["1", "2"]})),
    lambda: ({"a": 1}, 418, {"X-A": "1"}),
    lambda: ([1], 200, {"Content-Type": "application/problem+json"}),
    lambda: ("", 204),
    lambda: ("body", 204),
    lambda: ("body", 304),
    lambda: ({"a": 1}, 204),
    lambda: WerkzeugResponse("plain", 203, {"X-A": "1"}),
    lambda: (WerkzeugResponse("plain"), 418, {"X-A": "1"}),
    lambda: NotFound("gone"),
    lambda: ("x", 302, {"Location": "/é a"}),
]


@pytest.mark.parametrize("view", VALUES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_a_view_returns(view: Callable[[], Any], method: str) -> None:
    assert from_fastapi(lambda: answer(view()), method) == from_flask(view, method)
    assert from_fastapi(lambda: answers.make_response(view()), method) == from_flask(view, method)


@pytest.mark.parametrize(
    "value",
    [None, 1, {1, 2}, object(), ("x",), ("x", 1, {}, 4), {"a": object()}, {"a": {1}}, {1: 1, "a": 2}, [timedelta(1)]],
)
def test_what_is_an_error(value: Any) -> None:
    assert from_flask(lambda: value)[0] == 500
    assert from_fastapi(lambda: answer(value))[0] == 500
    with pytest.raises(TypeError):
        answer(value)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((1, 2), {}), ((None,), {}), ((), {"b": 1, "a": 2}), (([("k", 1)],), {}), (("é",), {})],
)
def test_jsonify(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    assert from_fastapi(lambda: jsonify(*args, **kwargs)) == from_flask(lambda: flask.jsonify(*args, **kwargs))


def test_jsonify_takes_one_kind_of_arguments() -> None:
    with pytest.raises(TypeError):
        jsonify(1, a=2)


def test_flask_json_is_what_jsonify_answers() -> None:
    value = {"b": date(2024, 1, 2), "a": [Decimal("1.0"), "é", float("nan")]}
    assert from_fastapi(lambda: FlaskJSON(value, 201)) == from_flask(lambda: (flask.jsonify(value), 201))
    assert FlaskJSON({"a": 1}, 204).body == b""


def changed(make: Callable[..., Any], change: Callable[[Any], Any]) -> Callable[[], Any]:
    def view() -> Any:
        response = make()
        return change(response) or response

    return view


CHANGES: list[Callable[[Any], Any]] = [
    lambda r: r.set_data("other é"),
    lambda r: setattr(r, "data", r.get_data(as_text=True).upper()),
    lambda r: setattr(r, "status", "418 I AM"),
    lambda r: setattr(r, "status_code", 404),
    lambda r: setattr(r, "mimetype", "application/xml"),
    lambda r: setattr(r, "content_type", "text/csv"),
    lambda r: r.headers.add("X-A", "1") or r.headers.add("X-A", "2"),
    lambda r: r.headers.extend({"X-A": ["1", "2"]}),
    lambda r: r.headers.setdefault("X-A", "1") and None,
    lambda r: r.headers.set("Content-Disposition", "attachment", filename="a b.txt"),
    lambda r: r.set_cookie("a", "é"),
    lambda r: r.set_cookie("a", "1", max_age=timedelta(days=1), httponly=True, samesite="Lax", secure=True),
    lambda r: r.set_cookie("a", "1", expires=datetime(2030, 1, 1)),
    lambda r: r.set_cookie("a", "1", expires=0, path="/x", domain="example.org"),
    lambda r: r.set_cookie("a", "1") or r.set_cookie("b", "2"),
    lambda r: r.delete_cookie("a"),
    lambda r: setattr(r, "location", "/é"),
    lambda r: setattr(r.cache_control, "max_age", 60) or setattr(r.cache_control, "public", True),
    lambda r: setattr(r, "last_modified", datetime(2024, 1, 1)),
    lambda r: r.set_etag("abc"),
    lambda r: r.add_etag(),
    lambda r: r.vary.add("Cookie") and None,
    lambda r: setattr(r, "retry_after", 3),
    lambda r: r.headers.remove("Content-Type"),
    lambda r: r.headers.clear(),
    lambda r: r.freeze(),
    lambda r: r.stream.write(b"more") and None,
]


def in_one_second(make: Callable[[], Any]) -> Any:
    """What is made with one time of day: `Expires` is counted in seconds from now."""
    while True:
        second = int(time())
        made = make()
        if int(time()) == second:
            return made


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("value", ["text", {"a": 1}])
def test_what_is_done_with_a_response(change: Callable[[Any], Any], value: Any) -> None:
    expected, found = in_one_second(
        lambda: (
            from_flask(changed(lambda: flask.make_response(value), change)),
            from_fastapi(changed(lambda: answers.make_response(value), change)),
        )
    )
    assert found == expected


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((), {}),
        (("x", 201, {"X-A": "1"}), {}),
        (("<a/>",), {"mimetype": "application/xml"}),
        (("x",), {"mimetype": "application/javascript"}),
        (("x",), {"content_type": "text/plain; charset=latin-1"}),
        ((["a", "b"],), {}),
        (({"a": 1},), {}),
        (((piece for piece in ("a", b"b")),), {"mimetype": "text/csv"}),
        (("x",), {"status": 204}),
        (("x",), {"status": "404 NOPE", "headers": [("X-A", "1"), ("X-A", "2")]}),
    ],
)
def test_the_response_class(args: Any, kwargs: Any) -> None:
    expected = from_flask(lambda: flask.Response(*copied(args), **kwargs))
    assert from_fastapi(lambda: FlaskResponse(*copied(args), **kwargs)) == expected


def copied(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """A generator can be read once only."""
    return tuple(iter(["a", b"b"]) if isinstance(arg, Iterator) else arg for arg in args)


def test_reading_a_response() -> None:
    response = answers.make_response({"a": 1}, 201)
    assert (response.json, response.get_json(), response.is_json) == ({"a": 1}, {"a": 1}, True)
    assert (response.status, response.mimetype) == ("201 CREATED", "application/json")
    assert isinstance(response, Response)


def test_closing_after_the_last_byte() -> None:
    said = []

    def pieces() -> Iterator[str]:
        try:
            yield "x"
        finally:
            said.append("generator")

    def view() -> Response:
        response = FlaskResponse(pieces())
        response.call_on_close(lambda: said.append("response"))
        return response

    from_fastapi(view)
    assert said == ["generator", "response"]


def test_a_starlette_response_can_be_changed_as_well() -> None:
    def change(response: Response) -> Response:
        made = answers.make_response(response, 202, {"X-A": "1"})
        made.set_cookie("a", "1")
        return made

    more = [("set-cookie", "a=1; Path=/"), ("x-a", "1")]
    for make in (
        lambda: HTMLResponse("hi"),
        lambda: JSONResponse({"a": 1}),
        lambda: StreamingResponse(iter(["a", "b"]), media_type="text/plain"),
        lambda: Response(b"no type"),
    ):
        _, headers, body = from_fastapi(make)
        assert from_fastapi(lambda make=make: change(make())) == (202, sorted(headers + more), body)


def test_a_plain_answer_stays_the_same_object() -> None:
    response = JSONResponse({})
    assert answer(response) is response


@pytest.fixture
def own_provider() -> Iterator[None]:
    before = json_provider.json_provider()
    yield
    use_json_provider(before)


@pytest.mark.usefixtures("own_provider")
def test_the_options_of_a_provider() -> None:
    class Provider(DefaultJSONProvider):
        sort_keys = False
        ensure_ascii = False
        compact = False
        mimetype = "application/problem+json"

        def default(self, o: Any) -> Any:  # type: ignore[override]
            return sorted(o) if isinstance(o, set) else json_provider.as_json(o)

    class Reference(flask.json.provider.DefaultJSONProvider):
        sort_keys = False
        ensure_ascii = False
        compact = False
        mimetype = "application/problem+json"

        def default(self, o: Any) -> Any:  # type: ignore[override]
            return sorted(o) if isinstance(o, set) else json_provider.as_json(o)

    value = {"b": {2, 1}, "a": "é", "c": date(2024, 1, 2)}
    use_json_provider(Provider())
    app = flask.Flask(__name__)
    app.json = Reference(app)
    with app.app_context():
        expected = flask.jsonify(value)
    for response in (FlaskJSON(value), jsonify(value)):
        assert response.raw_headers[0][1] in (b"application/problem+json", str(len(expected.data)).encode())
    assert FlaskJSON(value).body == jsonify(value).data == expected.data
    assert json_provider.dumps(value) == app.json.dumps(value)


@pytest.mark.usefixtures("own_provider")
def test_another_json_library() -> None:
    class Provider(JSONProvider):
        def dumps(self, obj: Any, **kwargs: Any) -> str:
            return "<" + json.dumps(obj) + ">"

        def loads(self, s: str | bytes, **kwargs: Any) -> Any:
            return "loaded"

    use_json_provider(Provider())
    assert FlaskJSON([1]).body == b"<[1]>"
    assert json_provider.loads("1") == "loaded"
    assert jsonify([1]).json == "loaded"


@pytest.mark.usefixtures("own_provider")
def test_one_option() -> None:
    use_json_provider(DefaultJSONProvider())
    json_provider.json_provider().sort_keys = False
    assert FlaskJSON({"b": 1, "a": 2}).body == b'{"b":1,"a":2}\n'
