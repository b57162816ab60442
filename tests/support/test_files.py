"""Files side by side with Flask: the same requests, the same answers."""

import re
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import flask
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from flask_to_fastapi.support import files
from flask_to_fastapi.support.contract import keep_flask_contract


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "a.txt").write_bytes(b"0123456789")
    (folder / "empty.bin").write_bytes(b"")
    (folder / "big.bin").write_bytes(bytes(range(256)) * 1000)
    (folder / "é ü.txt").write_text("name")
    (folder / "pack.tar.gz").write_bytes(b"packed")
    (folder / "sub").mkdir()
    (folder / "sub" / "b.json").write_text("{}")
    return folder


FileSender = Callable[[Any, Path], Any]

SENT: dict[str, FileSender] = {
    "plain": lambda m, f: m.send_file(f / "a.txt"),
    "path as text": lambda m, f: m.send_file(str(f / "a.txt")),
    "empty": lambda m, f: m.send_file(f / "empty.bin"),
    "big": lambda m, f: m.send_file(f / "big.bin"),
    "attachment": lambda m, f: m.send_file(f / "a.txt", as_attachment=True),
    "named": lambda m, f: m.send_file(f / "a.txt", as_attachment=True, download_name="é.csv"),
    "non ascii": lambda m, f: m.send_file(f / "é ü.txt"),
    "packed": lambda m, f: m.send_file(f / "pack.tar.gz"),
    "packed attachment": lambda m, f: m.send_file(f / "pack.tar.gz", as_attachment=True),
    "mimetype": lambda m, f: m.send_file(f / "a.txt", "application/xml"),
    "max_age": lambda m, f: m.send_file(f / "a.txt", max_age=60),
    "max_age 0": lambda m, f: m.send_file(f / "a.txt", max_age=0),
    "etag": lambda m, f: m.send_file(f / "a.txt", etag="own"),
    "no etag": lambda m, f: m.send_file(f / "a.txt", etag=False),
    "unconditional": lambda m, f: m.send_file(f / "a.txt", conditional=False),
    "last_modified": lambda m, f: m.send_file(f / "a.txt", last_modified=datetime(2024, 1, 1)),
    "memory": lambda m, f: m.send_file(BytesIO(b"0123456789"), "text/plain"),
    "memory named": lambda m, f: m.send_file(BytesIO(b"0123456789"), download_name="x.pdf", etag="e"),
    "open file": lambda m, f: m.send_file((f / "a.txt").open("rb"), "text/plain"),
    "below": lambda m, f: m.send_from_directory(f, "sub/b.json"),
    "below named": lambda m, f: m.send_from_directory(str(f), "a.txt", as_attachment=True, download_name="n.txt"),
    "missing below": lambda m, f: m.send_from_directory(f, "nothing"),
    "folder below": lambda m, f: m.send_from_directory(f, "sub"),
    "outside": lambda m, f: m.send_from_directory(f, "../x"),
    "absolute": lambda m, f: m.send_from_directory(f, "/etc/passwd"),
    "missing": lambda m, f: m.send_file(f / "nothing"),
    "no name": lambda m, f: m.send_file(BytesIO(b"")),
    "text file": lambda m, f: m.send_file((f / "a.txt").open(), "text/plain"),
}

ASKED: list[dict[str, str]] = [
    {},
    {"Range": "bytes=2-4"},
    {"Range": "bytes=-3"},
    {"Range": "bytes=5-"},
    {"Range": "bytes=100-"},
    {"Range": "bytes=0-1,4-5"},
    {"Range": "lines=1-2"},
    {"Range": "nonsense"},
    {"Range": "bytes=2-4", "If-Range": '"other"'},
    {"Range": "bytes=2-4", "If-Range": '"own"'},
    {"If-None-Match": '"own"'},
    {"If-None-Match": "*"},
    {"If-None-Match": 'W/"own", "x"'},
    {"If-Match": '"other"'},
    {"If-Match": '"own"'},
    {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
    {"If-Modified-Since": "nonsense"},
    {"Range": "bytes=2-4", "If-Range": "Fri, 01 Jan 2100 00:00:00 GMT"},
]


def told(headers: Any) -> list[tuple[str, str]]:
    """The headers that do not depend on the clock."""
    return sorted((name.lower(), value) for name, value in headers if name.lower() not in ("date", "expires"))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", SENT)
def test_files(name: str, method: str, folder: Path) -> None:
    reference = flask.Flask(__name__)
    reference.add_url_rule("/", view_func=lambda: SENT[name](flask, folder))
    app = FastAPI()
    app.add_api_route("/", lambda: SENT[name](files, folder), methods=["GET", "HEAD"])
    keep_flask_contract(app)
    with TestClient(app, raise_server_exceptions=False) as client:
        for asked in ASKED:
            expected = reference.test_client().open("/", method=method, headers=asked)
            with client.stream(method, "/", headers=asked) as actual:
                sent = b"".join(actual.iter_raw())
            assert actual.status_code == expected.status_code, asked
            if expected.status_code < 400 or expected.status_code == 412:
                assert sent == expected.data, asked
                assert told(actual.headers.multi_items()) == told(expected.headers), asked
            assert actual.headers.get("content-range") == expected.headers.get("content-range"), asked
            assert ("expires" in actual.headers) == ("Expires" in expected.headers), asked
            expected.close()


def test_the_copy_of_the_client_is_good(folder: Path) -> None:
    app = FastAPI()
    app.get("/")(lambda: files.send_file(folder / "a.txt"))
    client = TestClient(app)
    first = client.get("/")
    assert re.fullmatch(r'"[\d.]+-10-\d+"', first.headers["etag"])
    assert client.get("/", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert client.get("/", headers={"If-Modified-Since": first.headers["last-modified"]}).status_code == 304


def test_headers_can_be_added(folder: Path) -> None:
    app = FastAPI()

    @app.get("/")
    def view() -> Any:
        response = files.send_file(folder / "a.txt")
        response.headers["X-A"] = "1"
        response.cache_control.private = True
        return response

    answer = TestClient(app).get("/", headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.text, answer.headers["x-a"]) == (206, "01", "1")


def test_a_handler_answers_for_a_missing_file(folder: Path) -> None:
    app = FastAPI()
    app.get("/")(lambda: files.send_from_directory(folder, "nothing"))
    app.get("/range")(lambda: files.send_file(folder / "a.txt"))
    client = TestClient(app)
    assert (client.get("/").status_code, client.get("/").json()) == (404, {"detail": "Not Found"})
    assert client.get("/range", headers={"Range": "bytes=99-"}).headers["content-range"] == "bytes */10"
