"""httpbin as its authors released it, migrated: the original under Werkzeug's server and the migrated app under uvicorn
answer the same requests on real sockets."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RELEASE = "httpbin==0.10.4"
NEEDS = ("brotlicffi", "decorator", "six")  # beside what the tests have anyhow
FLASK = """
import sys
sys.modules["flasgger"] = None  # the migrated app goes without it, as this one then does
from httpbin import app
from werkzeug.serving import run_simple
run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True)
"""
FASTAPI = """
import sys, uvicorn
from httpbin import app
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""

# of the server, or of the moment
IGNORED = {"date", "server", "connection", "transfer-encoding", "content-length", "keep-alive"}
OWN_PAGE = b"<!doctype html>\n<html lang=en>\n<title>"  # Werkzeug's, of errors and redirects


@dataclass(frozen=True)
class Ask:
    """A request; `random` names what differs from answer to answer: "body", or headers."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    random: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path} {dict(self.headers)} {self.body!r}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


def form(path: str, text: str, method: str = "POST") -> Ask:
    return Ask(path, method, {"Content-Type": "application/x-www-form-urlencoded"}, text.encode())


def sent_json(path: str, value: object, method: str = "POST") -> Ask:
    return Ask(path, method, {"Content-Type": "application/json"}, json.dumps(value).encode())


FILE = (
    b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nsome text\r\n--b--\r\n"
)
BASIC = {"Authorization": "Basic dXNlcjpwYXNzd2Q="}  # user:passwd
# unknown methods and codes above 599 are left out: uvicorn itself does not take them
REQUESTS = [
    Ask("/"),
    Ask("/", "HEAD"),
    Ask("/html"),
    Ask("/robots.txt"),
    Ask("/deny"),
    Ask("/ip"),
    Ask("/ip", headers={"X-Forwarded-For": "10.1.2.3"}),
    Ask("/uuid", random=("body",)),
    Ask("/headers", headers={"X-Two": "1, 2"}),
    Ask("/user-agent", headers={"User-Agent": "tests/1"}),
    Ask("/get?a=1&b=2&a=3"),
    Ask("/get?a=1&show_env=1"),
    Ask("/get", "OPTIONS"),
    Ask("/get", "POST"),
    Ask("/get", headers={"Origin": "http://example.org"}),
    Ask("/get", "OPTIONS", {"Origin": "http://example.org", "Access-Control-Request-Headers": "X-A"}),
    Ask("/anything/a/b%20c?x=%C3%A9"),
    sent_json("/anything", {"a": [1, None]}, "PATCH"),
    Ask("/anything", "TRACE"),
    form("/post", "a=1&b=2&b=3&empty="),
    sent_json("/post", {"a": 1}),
    Ask("/post", "POST", {"Content-Type": "application/json"}, b"{broken"),
    Ask("/post", "POST", {"Content-Type": "application/octet-stream"}, bytes(range(256))),
    Ask("/post", "POST", {"Content-Type": "multipart/form-data; boundary=b"}, FILE),
    Ask("/post", "POST"),
    form("/put", "a=1", "PUT"),
    form("/patch", "a=1", "PATCH"),
    Ask("/delete?a=1", "DELETE"),
    Ask("/gzip"),
    Ask("/deflate"),
    Ask("/brotli", random=("body",)),
    Ask("/redirect/1"),
    Ask("/redirect/3"),
    Ask("/redirect/2?absolute=true"),
    Ask("/redirect/x"),
    Ask("/relative-redirect/2"),
    Ask("/absolute-redirect/2"),
    Ask("/redirect-to?url=http://example.org/&status_code=307"),
    form("/redirect-to", "url=/get"),
    Ask("/stream/3"),
    Ask("/status/200"),
    Ask("/status/418"),
    Ask("/status/401"),
    Ask("/status/407"),
    Ask("/status/304"),
    Ask("/status/302", "PUT"),
    Ask("/status/x"),
    Ask("/response-headers?X-One=1&X-One=2&Content-Type=text/plain"),
    Ask("/response-headers?a=b", "POST"),
    Ask("/cookies", headers={"Cookie": "a=1; b=2"}),
    Ask("/cookies/set/name/value"),
    Ask("/cookies/set?a=1&b=2"),
    Ask("/cookies/delete?a="),
    Ask("/forms/post"),
    Ask("/basic-auth/user/passwd"),
    Ask("/basic-auth/user/passwd", headers=BASIC),
    Ask("/hidden-basic-auth/user/passwd"),
    Ask("/hidden-basic-auth/user/passwd", headers=BASIC),
    Ask("/bearer"),
    Ask("/bearer", headers={"Authorization": "Bearer abc"}),
    Ask("/digest-auth/auth/user/passwd", random=("www-authenticate",)),
    Ask("/digest-auth/auth/user/passwd/MD5/never", random=("www-authenticate",)),
    Ask("/delay/0"),
    Ask("/drip?duration=0&numbytes=5&code=203"),
    Ask("/base64/SFRUUEJJTg=="),
    Ask("/base64/x"),
    Ask("/cache", random=("etag", "last-modified")),
    Ask("/cache", headers={"If-None-Match": "*"}),
    Ask("/cache/60"),
    Ask("/etag/abc"),
    Ask("/etag/abc", headers={"If-None-Match": '"abc"'}),
    Ask("/etag/abc", headers={"If-Match": '"other"'}),
    Ask("/encoding/utf8"),
    Ask("/bytes/16?seed=7"),
    Ask("/stream-bytes/300?seed=7&chunk_size=100"),
    Ask("/range/26"),
    Ask("/range/26", headers={"Range": "bytes=5-9"}),
    Ask("/range/26", headers={"Range": "bytes=-3"}),
    Ask("/range/26", headers={"Range": "bytes=30-40"}),
    Ask("/links/3"),
    Ask("/links/3/1"),
    Ask("/image"),
    Ask("/image", headers={"Accept": "image/webp"}),
    Ask("/image", headers={"Accept": "text/plain"}),
    Ask("/image/png"),
    Ask("/image/svg", "HEAD"),
    Ask("/xml"),
    Ask("/json"),
    Ask("/static/favicon.ico", random=("etag",)),
    Ask("/static/none.css"),
    Ask("/nowhere"),
    Ask("/html/"),
    # every method where one view answers several
    *(Ask("/anything?a=1", method) for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")),
    *(Ask("/delay/0?a=1", method) for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "HEAD")),
    *(Ask("/redirect-to?url=/get", method) for method in ("PUT", "PATCH", "DELETE", "HEAD", "TRACE", "OPTIONS")),
    *(Ask(f"/status/{code}", "POST") for code in (201, 204, 206, 301, 303, 400, 402, 406, 500, 503)),
    *(Ask("/status/204", method) for method in ("GET", "DELETE", "PATCH", "TRACE", "HEAD")),
    # the wrong method, or none there is
    *(Ask(path, "DELETE") for path in ("/get", "/post", "/html", "/cookies", "/image/png", "/static/favicon.ico")),
    # bodies: repeated and empty keys, other character sets, JSON that is no object, types with parameters
    form("/post", "a=%C3%A9&a=%FF&b&=c&d=%"),
    form("/anything", "x=1", "DELETE"),
    Ask("/post", "POST", {"Content-Type": "application/x-www-form-urlencoded; charset=latin-1"}, b"a=\xe9"),
    *(sent_json("/post", value) for value in (None, [], "text", 1.5, {"\u00e9": "\u2028"})),
    Ask("/post", "POST", {"Content-Type": "application/json; charset=utf-8"}, b'{"a": "\xc3\xa9"}'),
    Ask("/post", "POST", {"Content-Type": "application/vnd.api+json"}, b'{"a": 1}'),
    Ask("/post", "POST", {"Content-Type": "text/plain"}, b'{"a": 1}'),
    Ask("/post", "POST", {"Content-Type": "multipart/form-data"}, FILE),
    Ask("/post", "POST", {"Content-Type": "multipart/form-data; boundary=other"}, FILE),
    Ask("/put", "PUT", {"Content-Type": "multipart/form-data; boundary=b"}, FILE),
    Ask("/patch", "PATCH", {"Content-Type": "application/json"}, b""),
    Ask("/delete", "DELETE", {"Content-Type": "application/json"}, b'{"a": 1}'),
    # the query and the path, as they were sent
    *(Ask(f"/get?{query}") for query in ("a", "a=", "=1", "a=1&a=", "%61=b+c%20d", "a=%ff", "a[]=1&a[]=2", "&&")),
    Ask("/anything//double"),
    Ask("/anything/%2F"),
    Ask("/anything/"),
    Ask("/base64/%C3%A9"),
    Ask("/base64/8J-YgA=="),
    # what lies at the edges of a view
    *(Ask(f"/redirect/{n}") for n in (0, -1, 2)),
    *(Ask(f"/stream/{n}") for n in (0, 1)),
    *(Ask(f"/status/{codes}") for codes in ("200,x", "599", "200:1", "")),
    *(Ask(f"/range/{query}") for query in ("0", "100001", "10?chunk_size=0", "10?duration=0&chunk_size=3")),
    *(Ask(f"/bytes/{query}") for query in ("0", "5?seed=x", "-1", "3?seed=1")),
    *(Ask(f"/drip?{query}") for query in ("duration=0&numbytes=0", "duration=0&numbytes=2&code=x", "duration=x")),
    *(Ask(f"/links/{n}/0") for n in (0, 1, 300)),
    *(Ask(f"/cache/{n}") for n in (0, "x")),
    Ask("/range/26", headers={"Range": "bytes=0-0"}),
    Ask("/range/26", headers={"Range": "bytes=9-2"}),
    Ask("/range/26", headers={"Range": "items=0-1"}),
    Ask("/range/26", headers={"If-Range": '"none"', "Range": "bytes=0-3"}),
    Ask("/etag/abc", headers={"If-None-Match": 'W/"abc", "b"'}),
    Ask("/etag/abc", headers={"If-Match": "*"}),
    Ask("/cache", headers={"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}),
    Ask("/cookies/set/a%20b/c%3Bd"),
    Ask("/cookies/set?a=1;2&b=%22x%22"),
    Ask("/cookies/delete?a=1&b"),
    Ask("/cookies", headers={"Cookie": 'a="q\\"x"; b; c=1=2'}),
    Ask("/basic-auth/user/passwd", headers={"Authorization": "Basic !"}),
    Ask("/basic-auth/user/passwd", headers={"Authorization": "Bearer x"}),
    Ask("/bearer", headers={"Authorization": "Basic dXNlcjpwYXNzd2Q="}),
    Ask("/bearer", headers={"Authorization": "bearer abc"}),
    Ask("/response-headers?X-Length=3&X=1"),  # a second Content-Length is what h11 refuses to send
    Ask("/response-headers"),
    *(Ask("/image", headers={"Accept": kind}) for kind in ("image/svg+xml", "image/jpeg", "image/*", "*/*")),
    Ask("/headers", headers={"X-Empty": "", "Accept-Language": "en;q=0.5, de"}),
]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it was released, and what it needs, in `needs` beside it."""
    folder = tmp_path_factory.mktemp("httpbin")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    download = [*pip, "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(folder), RELEASE]
    install = [*pip, "install", "-q", "--target", str(folder / "needs"), *NEEDS]
    for command in (download, install):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        except subprocess.TimeoutExpired:
            pytest.skip(f"{RELEASE} cannot be had in time")
        if done.returncode:
            pytest.skip(f"{RELEASE} cannot be had: {done.stderr[-300:]}")
    with tarfile.open(next(folder.glob("httpbin-*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.glob("httpbin-*") if path.is_dir())


@pytest.fixture(scope="module")
def migrated(release: Path) -> Path:
    tree = release.parent / "migrated"
    shutil.copytree(release, tree)
    command = [sys.executable, "-m", "migrator", "apply", str(tree), "--allow-no-vcs", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return tree


@contextmanager
def served(tree: Path, code: str) -> Iterator[int]:
    """The port at which the app in `tree` answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    paths = os.pathsep.join([str(tree), str(tree.parent / "needs")])
    log = tree.parent / f"{tree.name}.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-c", code, str(port)],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": paths},
            stdout=output,
            stderr=output,
        )
        try:
            wait_for(port, server, log)
            yield port
        finally:
            server.terminate()
            server.wait(10)


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the app does not start:\n{log.read_text()[-3000:]}")


def answer_to(port: int, ask: Ask) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Accept": "*/*"}
    if ask.method not in ("GET", "HEAD"):
        headers["Content-Length"] = str(len(ask.body or b""))
    connection.request(ask.method, ask.path, ask.body, {**headers, **ask.headers})
    try:
        response = connection.getresponse()
        body = response.read()
    except http.client.HTTPException as error:
        return Answer(0, [], repr(error).encode())
    finally:
        connection.close()
    if response.getheader("content-encoding") in ("gzip", "deflate"):
        body = zlib.decompress(body, wbits=47)
    port_of = re.compile(rf"\b{port}\b")
    found = [(name.lower(), port_of.sub("PORT", value)) for name, value in response.getheaders()]
    if response.getheader("content-type", "").startswith(("text/", "application/json")):
        body = port_of.sub("PORT", body.decode("utf-8", "replace")).encode()
    return Answer(response.status, found, body)


def comparable(answer: Answer, ask: Ask, page: bool) -> dict[str, object]:
    """What a client could notice. Werkzeug's own `page` may become any page."""
    skipped = IGNORED | set(ask.random) | ({"content-type"} if page else set())
    headers: dict[str, object] = {}
    for name, value in answer.headers:
        if name == "allow":
            headers[name] = sorted(value.split(", "))
        elif name not in skipped:
            headers.setdefault(name, [])
            headers[name] = sorted([*headers[name], value])  # type: ignore[misc]
    body: object = None if page or "body" in ask.random else answer.body
    if isinstance(body, bytes) and dict(answer.headers).get("content-type", "").startswith("application/json"):
        lines = body.splitlines() if ask.path.startswith("/stream/") else [body or b"null"]
        body = [json.loads(line) for line in lines]
    return {"status": answer.status, "headers": headers, "body": body}


def test_the_same_answers(release: Path, migrated: Path) -> None:
    code = "".join(path.read_text() for path in (migrated / "httpbin").glob("*.py"))
    assert not re.search(r"^\s*(from|import) flask\b", code, re.MULTILINE)
    wrong: list[str] = []
    with served(release, FLASK) as flask, served(migrated, FASTAPI) as fastapi:
        for ask in REQUESTS:
            was, now = answer_to(flask, ask), answer_to(fastapi, ask)
            page = was.status >= 300 and was.body.startswith(OWN_PAGE)
            before, after = comparable(was, ask, page), comparable(now, ask, page)
            differing = [part for part in before if before[part] != after[part]]
            wrong += [f"{ask}: {part} {before[part]!r} -> {after[part]!r}" for part in differing]
    assert len({ask.path for ask in REQUESTS}) >= 120
    assert not wrong, "\n".join(wrong)
