from typing import Annotated, Any

import flask
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from werkzeug.datastructures import FileStorage

from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.params import FormText
from flask_to_fastapi.support.uploads import all_uploaded, uploaded, uploaded_or_none

BOUNDARY = "b"
PARTS = {
    "file": 'name="f"; filename="n.txt"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhi',
    "other": 'name="f"; filename="m.bin"\r\n\r\nho',
    "empty": 'name="f"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n',
    "text": 'name="f"\r\n\r\ntext',
    "field": 'name="t"\r\n\r\ntitle',
}


def body(*names: str) -> bytes:
    parts = "".join(f"--{BOUNDARY}\r\nContent-Disposition: form-data; {PARTS[name]}\r\n" for name in names)
    return f"{parts}--{BOUNDARY}--\r\n".encode()


def told(file: FileStorage | None) -> Any:
    if file is None:
        return None
    return [file.name, file.filename, file.content_type, file.mimetype, file.read().decode(), bool(file)]


def flask_app() -> flask.Flask:
    app = flask.Flask(__name__)

    @app.post("/one")
    def one() -> Any:
        return flask.jsonify(told(flask.request.files["f"]))

    @app.post("/perhaps")
    def perhaps() -> Any:
        return flask.jsonify(told(flask.request.files.get("f")))

    @app.post("/many")
    def many() -> Any:
        return flask.jsonify([flask.request.form["t"], *map(told, flask.request.files.getlist("f"))])

    return app


def fastapi_app() -> FastAPI:
    app = FastAPI()
    keep_flask_contract(app)

    @app.post("/one")
    def one(f: Annotated[FileStorage, uploaded("f")]) -> Any:
        return told(f)

    @app.post("/perhaps")
    def perhaps(f: Annotated[FileStorage | None, uploaded_or_none("f")]) -> Any:
        return told(f)

    @app.post("/many")
    def many(files: Annotated[list[FileStorage], all_uploaded("f")], t: FormText) -> Any:
        return [t, *map(told, files)]

    return app


@pytest.mark.parametrize("path", ["/one", "/perhaps", "/many"])
@pytest.mark.parametrize(
    "sent", [("file",), ("file", "other"), ("empty",), ("text",), ("text", "file"), (), ("empty", "other")]
)
def test_files_are_what_they_were(path: str, sent: tuple[str, ...]) -> None:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    data = body(*sent, "field")
    before = flask_app().test_client().post(path, data=data, headers=headers)
    after = TestClient(fastapi_app()).post(path, content=data, headers=headers)
    assert after.status_code == before.status_code
    if before.status_code == 200:
        assert after.json() == before.get_json()


def test_files_are_documented() -> None:
    schemas = fastapi_app().openapi()["components"]["schemas"]
    one, many = schemas["Body_one_one_post"], schemas["Body_many_many_post"]
    assert one["properties"]["f"]["format"] == "binary"
    assert one["required"] == ["f"]
    assert many["properties"]["f"]["items"]["format"] == "binary"
    assert many["required"] == ["t"]
