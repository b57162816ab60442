"""A Flask app that was mounted answers as it did, each on a real socket."""

from __future__ import annotations

import http.client
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from servers import FASTAPI, FLASK, served
from trees import migrate

pytestmark = pytest.mark.slow

APP = """
import time

from flask import Flask, Response, abort, redirect, request, session
from flask.sessions import SecureCookieSessionInterface


class Sessions(SecureCookieSessionInterface):
    salt = "shop"


app = Flask(__name__)
app.secret_key = "dev"
app.session_interface = Sessions()
ended = []


@app.get("/")
def index():
    names = ("REMOTE_ADDR", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "wsgi.url_scheme", "RAW_URI")
    return {name: request.environ[name] for name in names}


@app.route("/é/<path:rest>")
def rest(rest):
    return {"rest": rest, "url": request.url.partition("//")[2].partition("/")[2], "args": request.args.to_dict()}


@app.post("/size")
def size():
    return {"size": len(request.get_data()), "length": request.content_length}


@app.post("/form")
def form():
    file = request.files["file"]
    return {"name": file.filename, "size": len(file.read()), "text": request.form["text"]}


@app.get("/visits")
def visits():
    session["visits"] = session.get("visits", 0) + 1
    response = Response(str(session["visits"]))
    response.set_cookie("seen", "yes", max_age=60, httponly=True, samesite="Lax")
    return response


@app.get("/docs")
def docs():
    return "ours"


@app.get("/parts/")
def parts():
    return Response((f"part {n}\\n" for n in range(5)), mimetype="text/plain")


@app.get("/echo")
def echo():
    return request.headers["X-Text"], 299, {"X-Text": request.headers["X-Text"], "X-Other": "b"}


@app.get("/go")
def go():
    return redirect("/parts/")


@app.get("/refused")
def refused():
    abort(403, "not here")


@app.get("/broken")
def broken():
    return 1 / 0


@app.get("/endless")
def endless():
    def events():
        try:
            while True:
                yield b"data: x\\n\\n"
                time.sleep(0.05)
        finally:
            ended.append(1)

    return Response(events(), mimetype="text/event-stream")


@app.get("/ended")
def count():
    return str(len(ended))


@app.get("/slow")
def slow():
    time.sleep(0.5)
    return "slow"
"""
FORM = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello\r\n--x\r\nContent-Disposition: form-data; '
FORM += b'name="file"; filename="a.bin"\r\n\r\n' + b"y" * 300_000 + b"\r\n--x--\r\n"
REQUESTS: list[tuple[str, str, Any, dict[str, str]]] = [
    ("GET", "/?a=1&b=%20", None, {}),
    ("GET", "/%C3%A9/a%2Fb/c?q=%C3%A9", None, {}),
    ("GET", "/visits", None, {}),
    ("GET", "/visits", None, {}),
    ("GET", "/docs", None, {}),
    ("GET", "/openapi.json", None, {}),
    ("GET", "/redoc", None, {}),
    ("GET", "/parts", None, {}),
    ("GET", "/parts/", None, {}),
    ("HEAD", "/parts/", None, {}),
    ("HEAD", "/visits", None, {}),
    ("OPTIONS", "/visits", None, {}),
    ("POST", "/visits", b"", {}),
    ("GET", "/go", None, {}),
    ("GET", "/nowhere/", None, {}),
    ("GET", "/refused", None, {}),
    ("GET", "/broken", None, {}),
    ("GET", "/echo", None, {"X-Text": "a, b"}),
    ("POST", "/size", b"z" * 3_000_000, {}),
    ("POST", "/size", b"", {}),
    ("POST", "/size", iter([b"a" * 70_000, b"b" * 10]), {}),
    ("POST", "/form", FORM, {"Content-Type": "multipart/form-data; boundary=x"}),
    ("PUT", "/static/none.css", b"x", {}),
]
IGNORED = {"date", "server", "connection", "transfer-encoding", "content-length"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    found = tmp_path_factory.mktemp("flask"), tmp_path_factory.mktemp("fastapi")
    for folder in found:
        (folder / "app.py").write_text(APP)
    migration = migrate(found[1])
    assert {route.rung for route in migration.report.routes} == {"flask"}
    return found


def attributes(cookie: str) -> str:
    """A cookie without its value; `Expires` says in seconds from now what `Max-Age` says too."""
    name, _, rest = cookie.partition("=")
    kept = [one for one in rest.split("; ")[1:] if not (one.startswith("Expires=") and "Max-Age=" in rest)]
    return "; ".join([name, *kept])


def answers(port: int) -> list[object]:
    """What is answered to each request, cookies kept."""
    found: list[object] = []
    cookies: dict[str, str] = {}
    for method, path, body, headers in REQUESTS:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        sent = {**headers, "Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
        body = iter([b"a" * 70_000, b"b" * 10]) if hasattr(body, "__next__") else body
        connection.request(method, path, body, sent, encode_chunked=hasattr(body, "__next__"))
        response = connection.getresponse()
        text = response.read().replace(str(port).encode(), b"PORT")
        shown = sorted((k.lower(), v.replace(str(port), "PORT")) for k, v in response.getheaders())
        for name, value in shown:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                cookies[key] = rest.partition(";")[0]
        kept = [(k, v if k != "set-cookie" else attributes(v)) for k, v in shown]
        found.append((method, path, response.status, [one for one in kept if one[0] not in IGNORED], text))
        connection.close()
    return found


def test_answers_are_those_of_flask(folders: tuple[Path, Path]) -> None:
    same = {"PYTHONHASHSEED": "0"}  # the order of sets shows in `Allow`
    with served(FLASK, folders[0], "app:app", same) as was, served(FASTAPI, folders[1], "app:app", same) as now:
        for one, two in zip(answers(was), answers(now), strict=True):
            assert one == two


def test_streams_and_waiting_clients(folders: tuple[Path, Path]) -> None:
    with served(FASTAPI, folders[1], "app:app") as port:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port), 5) as client:
                client.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
                assert b"200" in client.recv(100)  # a stream begins before it ends
                time.sleep(0.2)
        with ThreadPoolExecutor(30) as pool:
            started = time.monotonic()
            assert {*pool.map(lambda _: got(port, "/slow"), range(30))} == {b"slow"}
            assert time.monotonic() - started < 4  # they do not wait for each other
        assert got(port, "/ended") == b"3"  # no thread goes on for a client that has gone


def got(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    return connection.getresponse().read()
