"""Static files side by side with Flask's."""

import gzip
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from flask import Blueprint, Flask

from flask_to_fastapi.support.config import Config
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.static import serve_static
from flask_to_fastapi.support.urls import url_for_app

KEPT = ["content-type", "cache-control", "content-disposition", "last-modified", "etag", "accept-ranges"]
KEPT += ["content-range", "content-length"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "files"
    (folder / "css").mkdir(parents=True)
    (folder / "css" / "site é.css").write_text("body {}")
    (folder / "data.bin").write_bytes(bytes(range(256)))
    (folder / "empty.txt").write_text("")
    (folder / "page.svg.gz").write_bytes(gzip.compress(b"x"))
    return folder


def clients(folder: Path, max_age: Any = None) -> tuple[Any, TestClient]:
    was = Flask(__name__, static_folder=folder, static_url_path="/static")
    was.config["SEND_FILE_MAX_AGE_DEFAULT"] = max_age
    was.register_blueprint(Blueprint("shop", __name__, static_folder=folder, url_prefix="/shop", static_url_path="/a"))
    now, shop = FastAPI(), APIRouter(prefix="/shop")
    now.state.config = Config("", {"SEND_FILE_MAX_AGE_DEFAULT": max_age, "SERVER_NAME": "localhost"})
    serve_static(now, folder)
    serve_static(shop, folder, "/a", "shop.static")
    now.include_router(shop)
    keep_flask_contract(now)
    return was.test_client(), TestClient(now, base_url="http://localhost", follow_redirects=False)


@pytest.mark.parametrize("max_age", [None, 60, timedelta(hours=1)])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        *("/static/css/site%20%C3%A9.css", "/static/data.bin", "/static/empty.txt", "/static/page.svg.gz"),
        *("/static/css", "/static/", "/static", "/static/missing", "/shop/a/data.bin", "/static//data.bin"),
        *("/static/..%2Fsecret.txt", "/static/css/..%2F..%2Fsecret.txt", "/static/%2Fetc/passwd", "/static/%00"),
    ],
)
def test_files_are_those_of_flask(path: str, method: str, max_age: Any, folder: Path) -> None:
    was, now = clients(folder, max_age)
    old, new = was.open(path, method=method), now.request(method, path)
    assert new.status_code == old.status_code
    if old.status_code < 400:
        packed = old.content_encoding == "gzip" and method == "GET"
        assert new.content == (gzip.decompress(old.data) if packed else old.data)
        assert kept(new) == kept(old)


@pytest.mark.parametrize("name", ["data.bin", "empty.txt"])
@pytest.mark.parametrize(
    "headers",
    [
        {"range": "bytes=0-9"},
        {"range": "bytes=250-"},
        {"range": "bytes=-5"},
        {"range": "bytes=900-"},
        {"range": "lines=1-2"},
        {"if-none-match": "etag"},
        {"if-none-match": '"other"'},
        {"if-modified-since": "last-modified"},
        {"if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"range": "bytes=0-9", "if-range": "etag"},
        {"range": "bytes=0-9", "if-range": '"other"'},
    ],
)
def test_conditions_and_ranges(headers: dict[str, str], name: str, folder: Path) -> None:
    was, now = clients(folder)
    first = was.get(f"/static/{name}")
    headers = {key: first.headers.get(value, value) for key, value in headers.items()}
    old, new = was.get(f"/static/{name}", headers=headers), now.get(f"/static/{name}", headers=headers)
    assert new.status_code == old.status_code
    if old.status_code < 400:
        assert new.content == old.data
        assert kept(new) == kept(old)


def kept(answer: Any) -> dict[str, str | None]:
    return {name: answer.headers.get(name) for name in KEPT}


def test_they_have_a_url_and_are_not_documented(folder: Path) -> None:
    _, client = clients(folder)
    app: Any = client.app
    assert url_for_app(app, "static", filename="css/a b.css", _external=False) == "/static/css/a%20b.css"
    assert url_for_app(app, "shop.static", filename="x", _external=False) == "/shop/a/x"
    assert app.openapi()["paths"] == {}
