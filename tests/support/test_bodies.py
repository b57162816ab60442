"""Request bodies as dependencies, side by side with Flask."""

from typing import Annotated, Any

import flask
import pytest
from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import BaseModel
from typing_extensions import TypedDict

from flask_to_fastapi.support import bodies, body_schemas
from flask_to_fastapi.support.bodies import (
    FlaskRequest,
    ForcedJson,
    ForcedSilentJson,
    FormData,
    JsonBody,
    QueryArgs,
    RawBody,
    SilentJson,
    UploadedFiles,
    Values,
)
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.json_provider import FlaskJSON

BODIES: list[tuple[bytes, str | None]] = [
    (b'{"a": 1}', "application/json"),
    (b'{"a": 1}', "application/json; charset=utf-8"),
    (b'{"a": 1}', "application/vnd.api+json"),
    (b'{"a": 1}', None),
    (b'{"a": 1}', "text/plain"),
    (b'{"a": 1}', "text/json"),
    (b"{bad", "application/json"),
    (b"", "application/json"),
    (b"", None),
    (b"null", "application/json"),
    (b"[1]", "application/json"),
    (b"false", "application/json"),
    (b"  ", "application/json"),
    (b'"\xff"', "application/json"),
    ('{"a": "é"}'.encode("utf-16"), "application/json"),
    (b'{"a": NaN}', "application/json"),
]


def json_body(data: JsonBody) -> Any:
    return FlaskJSON(data)


def silent(data: SilentJson) -> Any:
    return FlaskJSON(data)


def forced(data: ForcedJson) -> Any:
    return FlaskJSON(data)


def forced_silent(data: ForcedSilentJson) -> Any:
    return FlaskJSON(data)


VIEWS = {
    json_body: {},
    silent: {"silent": True},
    forced: {"force": True},
    forced_silent: {"force": True, "silent": True},
}


@pytest.mark.parametrize(("body", "media_type"), BODIES)
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("contract", [True, False])
def test_json(view: Any, body: bytes, media_type: str | None, contract: bool) -> None:
    reference = flask.Flask(__name__)
    reference.add_url_rule(
        "/", view_func=lambda: flask.jsonify(flask.request.get_json(**VIEWS[view])), methods=["POST"]
    )
    app = FastAPI()
    app.post("/")(view)
    if contract:
        keep_flask_contract(app)
    headers = {"Content-Type": media_type} if media_type else {}
    expected = reference.test_client().post("/", data=body, headers=headers)
    actual = TestClient(app).post("/", content=body, headers=headers)
    assert actual.status_code == expected.status_code
    if expected.status_code == 200:
        assert actual.content == expected.data


def test_the_other_parts() -> None:
    app = FastAPI()

    @app.post("/")
    def view(
        raw: RawBody, args: QueryArgs, form: FormData, files: UploadedFiles, values: Values, request: FlaskRequest
    ) -> Any:
        file = files.get("f")
        return FlaskJSON(
            [len(raw) > 0, args.getlist("a"), form.getlist("a"), values.getlist("a"), request.form["a"]]
            + ([file.filename, file.read().decode(), file.mimetype] if file else [])
        )

    client = TestClient(app)
    assert client.post("/?a=0", data={"a": ["1", "2"]}).json() == [True, ["0"], ["1", "2"], ["0", "1", "2"], "1"]
    upload = client.post("/", data={"a": "1"}, files={"f": ("n.txt", b"hi", "text/plain")})
    assert upload.json() == [True, [], ["1"], ["1"], "1", "n.txt", "hi", "text/plain"]


def test_the_parts_are_not_documented_as_parameters() -> None:
    app = FastAPI()
    app.post("/")(json_body)

    @app.get("/")
    def view(raw: RawBody, args: QueryArgs, request: FlaskRequest) -> None: ...

    for operation in app.openapi()["paths"]["/"].values():
        assert not {"parameters", "requestBody"} & set(operation)


class Line(BaseModel):
    sku: str
    parts: list["Line"] = []


class CreateOrder(BaseModel):
    name: Any = None
    count: int = 1
    lines: list[Line] = []


class Loose(TypedDict, total=False):
    name: str


def typed_client(**options: Any) -> TestClient:
    app = FastAPI()
    read = bodies.json_as(CreateOrder, **options)

    @app.post("/", openapi_extra=body_schemas.documents(CreateOrder))
    def view(data: Annotated[CreateOrder, Depends(read)]) -> Any:
        return data.model_dump(exclude_unset=True)

    keep_flask_contract(app)
    return TestClient(app)


def test_typed_json() -> None:
    client = typed_client(silent=True, default=dict)
    assert client.post("/", json={"name": [1], "count": "2"}).json() == {"name": [1], "count": 2}
    for broken in (b"{bad", b"", b"null", b"{}"):
        assert client.post("/", content=broken, headers={"Content-Type": "application/json"}).json() == {}
    assert client.post("/", content=b'{"count": 2}').json() == {}
    refused = client.post("/", json={"count": "no"})
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (400, ["body", "count"])


def test_typed_json_that_has_to_be_there() -> None:
    client = typed_client()
    assert client.post("/", json={"count": 2}).json() == {"count": 2}
    assert client.post("/", content=b"{bad", headers={"Content-Type": "application/json"}).status_code == 400
    assert client.post("/", content=b"{}").status_code == 415
    assert typed_client(force=True).post("/", content=b'{"count": 2}').json() == {"count": 2}


def test_a_default() -> None:
    client = typed_client(silent=True, default=lambda: CreateOrder(count=5))
    assert client.post("/", content=b"{bad").json() == {"count": 5}


def test_a_typed_dict() -> None:
    app = FastAPI()

    @app.post("/", openapi_extra=body_schemas.documents(Loose))
    def view(data: Annotated[Loose, Depends(bodies.json_as(Loose, silent=True))]) -> Any:
        return data

    client = TestClient(app)
    assert client.post("/", json={"name": "x"}).json() == {"name": "x"}
    assert client.post("/", content=b"").json() is None


def late_client() -> TestClient:
    app = FastAPI()

    @app.put("/{number}")
    def view(number: int, data: bodies.LateBody[CreateOrder]) -> Any:
        if number == 9:
            raise HTTPException(404)
        return data.model_dump(exclude_unset=True)

    keep_flask_contract(app)
    return TestClient(app)


def test_a_late_body_is_refused_when_the_view_looks_at_it() -> None:
    client = late_client()
    assert client.put("/1", json={"count": "2"}).json() == {"count": 2}
    broken = {"content": b"{", "headers": {"Content-Type": "application/json"}}
    for sent, status in (
        ({"json": {"count": "no"}}, 400),
        ({}, 415),
        ({"content": b"x"}, 415),
        ({"json": [1]}, 400),
        (broken, 400),
    ):
        assert client.put("/1", **sent).status_code == status  # type: ignore[arg-type]
        assert client.put("/9", **sent).status_code == 404  # type: ignore[arg-type]


def test_a_list_or_a_text_is_asked_for_keys() -> None:
    app = FastAPI()

    @app.post("/late")
    def late(data: bodies.LateBody[CreateOrder]) -> Any:
        return "no count" if "count" not in data.model_fields_set else data.count

    @app.post("/silent")
    def silent(data: Annotated[Loose | None, Depends(bodies.json_as(Loose, silent=True))]) -> Any:
        if not data:
            return "nothing"
        if "name" not in data:
            return "no name"
        return data["name"]

    keep_flask_contract(app)
    client = TestClient(app)
    for sent, first, second in (
        ({"count": 1, "name": "x"}, 1, "x"),
        ([], "no count", "nothing"),
        ("text", "no count", "no name"),
        (["other"], "no count", "no name"),
    ):
        assert [client.post(path, json=sent).json() for path in ("/late", "/silent")] == [first, second]
    for sent in (["count", "name"], "count and name", 1, True):
        assert [client.post(path, json=sent).status_code for path in ("/late", "/silent")] == [400, 400]


def test_what_comes_before_the_body_answers_to_broken_json_too() -> None:
    app = FastAPI()

    def allowed(request: bodies.FlaskRequest) -> str:
        if request.headers.get("X-Key") is None:
            raise HTTPException(401)
        return f"{request.content_type} {request.get_data(as_text=True)}"

    @app.post("/")
    def view(told: Annotated[str, Depends(allowed)], data: dict[str, Any]) -> Any:
        return told, data

    keep_flask_contract(app)
    client = TestClient(app)
    sent = {"Content-Type": "application/json"}
    assert client.post("/", content=b"{", headers=sent).status_code == 401
    refused = client.post("/", content=b"{", headers={**sent, "X-Key": "1"})
    assert (refused.status_code, refused.json()["detail"][0]["msg"]) == (400, "JSON decode error")
    answer = client.post("/", content=b"{}", headers={**sent, "X-Key": "1"})
    assert answer.json() == ["application/json {}", {}]


def test_a_late_body_is_refused_where_it_is_only_sent_back() -> None:
    app = FastAPI()

    @app.put("/plain", response_model=None)
    def plain(data: bodies.LateBody[dict[str, Any]]) -> Any:
        return {"got": data}

    @app.put("/json")
    def as_json(data: bodies.LateBody[dict[str, Any]]) -> Any:
        return FlaskJSON({"got": data})

    @app.put("/text")
    def as_text(data: bodies.LateBody[dict[str, Any]]) -> Any:
        return f"got {data}"

    keep_flask_contract(app)
    client = TestClient(app)
    assert client.put("/plain", json={"a": 1}).json() == {"got": {"a": 1}}
    for path in ("/plain", "/json", "/text"):
        assert client.put(path, content=b"x").status_code == 415


def test_a_late_body_is_documented() -> None:
    body = late_client().get("/openapi.json").json()["paths"]["/{number}"]["put"]["requestBody"]
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/CreateOrder"}


def test_a_body_that_is_only_shown() -> None:
    app = FastAPI()

    @app.post("/")
    def view(data: Annotated[Any, Body(), body_schemas.shown_as(CreateOrder)]) -> Any:
        return {"got": data}

    keep_flask_contract(app)
    client = TestClient(app)
    for text, value in (('{"count": "no"}', {"count": "no"}), ("[1]", [1]), ("null", None)):
        assert client.post("/", content=text, headers={"Content-Type": "application/json"}).json() == {"got": value}
    assert client.post("/", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
    body = client.get("/openapi.json").json()["paths"]["/"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert schema["$ref"] == "#/components/schemas/CreateOrder"


def test_the_documentation_shows_the_body() -> None:
    client = typed_client(silent=True)
    operation = client.get("/openapi.json").json()["paths"]["/"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["count"] == {"default": 1, "title": "Count", "type": "integer"}
    line = schema["properties"]["lines"]["items"]
    assert (line["required"], line["properties"]["sku"]["type"]) == (["sku"], "string")
    assert "$ref" not in str(schema)
    assert "parameters" not in operation
