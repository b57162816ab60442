"""The blog of Flask's tutorial under Flask and under uvicorn: the same pages all the way, and one session for both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx2
import pytest
from blog import flask_and_fastapi

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Ask:
    path: str
    form: Mapping[str, str] | None = None  # sent by POST
    method: str = ""

    def sent(self, client: httpx2.Client) -> httpx2.Response:
        return client.request(self.method or ("GET" if self.form is None else "POST"), self.path, data=self.form)


ADA = {"username": "ada", "password": "lovelace"}
BOB = {"username": "bob", "password": "b&b <3"}
FIRST = {"title": "On <engines>", "body": "They weave\r\nalgebraic patterns & more."}
JOURNEY = [
    Ask("/hello"),
    Ask("/"),
    Ask("/static/style.css"),
    Ask("/static/none.css"),
    Ask("/auth/register"),
    Ask("/auth/register", {"username": "", "password": ""}),
    Ask("/auth/register", {"username": "ada", "password": ""}),
    Ask("/auth/register", {"username": "ada"}),
    Ask("/auth/register", ADA),
    Ask("/auth/register", ADA),  # is taken
    Ask("/auth/register", BOB),
    Ask("/create"),  # nobody is logged in
    Ask("/create", FIRST),
    Ask("/auth/login"),
    Ask("/auth/login", {"username": "eve", "password": "x"}),
    Ask("/auth/login", {"username": "ada", "password": "wrong"}),
    Ask("/auth/login", {"username": "ada"}),
    Ask("/auth/login", ADA),
    Ask("/"),
    Ask("/create"),
    Ask("/create", {"title": "", "body": "kept in the form?"}),
    Ask("/create", FIRST),
    Ask("/create", {"title": "Another", "body": ""}),
    Ask("/"),
    Ask("/", method="HEAD"),
    Ask("/", method="OPTIONS"),
    Ask("/", {"title": "no"}),
    Ask("/1/update"),
    Ask("/1/update/"),
    Ask("/1/update", {"title": "", "body": "x"}),
    Ask("/1/update", {"title": "On engines", "body": "They weave."}),
    Ask("/x/update"),
    Ask("/99/update"),
    Ask("/99/delete", {}),
    Ask("/1/delete"),
    Ask("/2/delete", {}),
    Ask("/"),
    Ask("/auth/logout"),
    Ask("/"),
    Ask("/auth/login", BOB),
    Ask("/1/update"),  # it is Ada's
    Ask("/1/delete", {}),
    Ask("/"),
    Ask("/nowhere"),
]


@pytest.fixture(scope="module")
def blogs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with flask_and_fastapi(tmp_path_factory.mktemp("flaskr")) as addresses:
        yield addresses


def shown(response: httpx2.Response, address: str) -> dict[str, object]:
    """What a browser makes of an answer: the page, byte for byte, unless it is Werkzeug's own of an error."""
    own = response.status_code >= 300 and response.text.startswith("<!doctype html>\n<html lang=en>\n<title>")
    cookies = [one.partition("=")[0] + one.partition(";")[2] for one in response.headers.get_list("set-cookie")]
    return {
        "status": response.status_code,
        "location": response.headers.get("location", "").removeprefix(address),
        "type": None if own else response.headers.get("content-type"),
        "vary": response.headers.get("vary"),
        "allow": sorted(response.headers.get("allow", "").split(", ")),
        "cookies": cookies,
        "page": None if own else response.text.rstrip(),
    }


def test_the_same_pages(blogs: tuple[str, str]) -> None:
    flask, fastapi = blogs
    wrong: list[str] = []
    with httpx2.Client(base_url=flask) as before, httpx2.Client(base_url=fastapi) as after:
        for ask in JOURNEY:
            was, now = shown(ask.sent(before), flask), shown(ask.sent(after), fastapi)
            if was["page"] is None:
                now = {**now, "page": None, "type": None}
            wrong += [f"{ask}: {part} {was[part]!r} -> {now[part]!r}" for part in was if was[part] != now[part]]
    assert not wrong, "\n".join(wrong)


def test_a_session_goes_on(blogs: tuple[str, str]) -> None:
    """Who logs in under Flask is known under FastAPI, and the other way round."""
    user = {"username": "cy", "password": "cy"}
    for address in blogs:
        httpx2.post(f"{address}/auth/register", data=user)
    for here, there in (blogs, blogs[::-1]):
        with httpx2.Client(base_url=here) as one, httpx2.Client(base_url=there) as other:
            assert "Log In" in other.get("/").text
            assert one.post("/auth/login", data=user).status_code == 302
            other.cookies.set("session", one.cookies["session"], domain="127.0.0.1")
            assert "<span>cy</span>" in other.get("/").text
            assert other.post("/create", data=FIRST).headers["location"] == "/"
            assert other.get("/auth/logout").status_code == 302
            assert "Log In" in other.get("/").text
