"""The session cookie side by side with Flask: each reads what the other wrote, and both set the same cookies."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import flask
import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from flask.sessions import SecureCookieSessionInterface
from markupsafe import Markup
from werkzeug.http import parse_cookie

from flask_to_fastapi.support import context
from flask_to_fastapi.support.config import Config
from flask_to_fastapi.support.context import RequestContext
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.flashing import Flash, GetFlashedMessages, flash, get_flashed_messages
from flask_to_fastapi.support.hooks import add_hooks
from flask_to_fastapi.support.json_provider import FlaskJSON
from flask_to_fastapi.support.sessions import FlaskSession, Session

# what a view does with the session, in Flask and here; gives what it answers
ACTIONS: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda s: "ok",
    "read": lambda s: s.get("n"),
    "look": lambda s: "n" in s,
    "count": lambda s: len(s),
    "write": lambda s: s.update(n=1),
    "same": lambda s: s.__setitem__("n", s.get("n", 1)),
    "empty_update": lambda s: s.update(),
    "default": lambda s: s.setdefault("n", 5),
    "pop": lambda s: s.pop("n", None),
    "clear": lambda s: s.clear(),
    "permanent": lambda s: setattr(s, "permanent", True),
    "volatile": lambda s: setattr(s, "permanent", False),
    "is_permanent": lambda s: s.permanent,
    "nested": lambda s: s.setdefault("list", []).append(1),
    "told": lambda s: [s.setdefault("list", []).append(1), setattr(s, "modified", True)],
    "forgotten": lambda s: setattr(s, "modified", False),
    "modified": lambda s: [s.modified, s.new],
    "items": lambda s: sorted(s.items()),
    "fail": lambda s: [s.update(n=2), 1 / 0],
}
SETTINGS: list[dict[str, Any]] = [
    {},
    {"SESSION_COOKIE_NAME": "sid", "SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_HTTPONLY": False},
    {"SESSION_COOKIE_SAMESITE": "Lax", "SESSION_COOKIE_PATH": "/", "SESSION_COOKIE_DOMAIN": "testserver.local"},
    {"PERMANENT_SESSION_LIFETIME": 60, "SESSION_REFRESH_EACH_REQUEST": False},
    {"PERMANENT_SESSION_LIFETIME": timedelta(days=1), "APPLICATION_ROOT": "/app"},
    {"SECRET_KEY": None},
]


def flask_app(**settings: Any) -> flask.Flask:
    app = flask.Flask(__name__)
    app.config.update({"SECRET_KEY": "k", **settings})

    @app.route("/<action>")
    def act(action: str) -> Any:
        return flask.jsonify(ACTIONS[action](flask.session))

    return app


def fastapi_app(**settings: Any) -> FastAPI:
    app = FastAPI()
    app.state.config = Config(".")
    keep_flask_contract(app)
    app.add_middleware(FlaskSession)
    app.add_middleware(RequestContext)
    app.state.config.update({"SECRET_KEY": "k", **settings})

    @app.get("/{action}")
    def act(action: str, session: Session) -> Any:
        return FlaskJSON(ACTIONS[action](session))

    @app.get("/ambient/{action}")
    def act_from_afar(action: str) -> Any:
        return FlaskJSON(ACTIONS[action](context.session))

    return app


def told(status: int, text: str, headers: list[tuple[str, str]]) -> Any:
    """What an answer says of the session: values as they are read, for their signatures tell the time."""
    cookies = []
    for name, line in headers:
        if name.lower() == "set-cookie":
            pair, *flags = line.split("; ")
            flags = [
                flag.partition("=")[0] if flag.startswith("Expires") and "1970" not in flag else flag for flag in flags
            ]
            cookies.append((payload(*pair.split("=", 1)), sorted(flags)))
    vary = [value for name, value in headers if name.lower() == "vary"]
    return status, text if status < 500 else "", cookies, vary


def payload(name: str, value: str) -> Any:
    app = flask.Flask(__name__, static_folder=None)
    app.secret_key = "k"
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    return name, serializer.loads(value) if value and serializer is not None else value


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: ",".join(settings) or "usual")
@pytest.mark.parametrize("place", ["", "/ambient"])
@pytest.mark.parametrize(
    "steps",
    [
        *([name] for name in ACTIONS),
        *(["write", name] for name in ACTIONS),
        *(["permanent", name] for name in ("nothing", "read", "write", "clear", "volatile")),
        ["told", "nested", "items"],
    ],
    ids=",".join,
)
def test_same_cookies(settings: dict[str, Any], place: str, steps: list[str]) -> None:
    jar: dict[str, dict[str, str]] = {"flask": {}, "fastapi": {}}
    theirs = flask_app(**settings).test_client(use_cookies=False)
    ours = TestClient(fastapi_app(**settings), base_url="https://testserver", raise_server_exceptions=False)
    for step in steps:
        was = theirs.get(f"/{step}", headers=jar["flask"], base_url="https://testserver")
        is_now = ours.get(f"{place}/{step}", headers=jar["fastapi"])
        ours.cookies.clear()
        assert told(is_now.status_code, is_now.text, is_now.headers.multi_items()) == told(
            was.status_code, was.text, list(was.headers)
        )
        for name, headers in (("flask", list(was.headers)), ("fastapi", is_now.headers.multi_items())):
            for header, line in headers:
                if header.lower() == "set-cookie":
                    jar[name] = {"Cookie": line.partition(";")[0]}


VALUES = {
    "tuple": (1, ("a", [2])),
    "bytes": b"\x00\xff",
    "uuid": UUID(int=5),
    "date": datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
    "markup": Markup("<b>"),
    "looks_like_a_mark": {" t": [1]},
    "nested": {"a": [{"b": (1,)}]},
    "decimal": Decimal("1.50"),
    "long": "x" * 500,
}


@pytest.mark.parametrize("name", VALUES)
def test_values_go_both_ways(name: str) -> None:
    theirs, ours = flask_app(), fastapi_app()

    @theirs.post("/keep")
    def keep() -> str:
        flask.session["value"] = VALUES[name]
        return repr(flask.session["value"])

    @theirs.get("/show")
    def show() -> str:
        return repr(flask.session.get("value"))

    @ours.post("/keep")
    def keep_here(session: Session) -> str:
        session["value"] = VALUES[name]
        return repr(session["value"])

    @ours.get("/show")
    def show_here(session: Session) -> str:
        return repr(session.get("value"))

    flask_client, fastapi_client = theirs.test_client(use_cookies=False), TestClient(ours)
    written = flask_client.post("/keep").headers["Set-Cookie"].partition(";")[0]
    here = fastapi_client.post("/keep").headers["Set-Cookie"].partition(";")[0]
    fastapi_client.cookies.clear()
    # the same payload; the signature tells the second
    assert here.split(".")[:-2] == written.split(".")[:-2]
    shown = {
        flask_client.get("/show", headers={"Cookie": written}).text,
        flask_client.get("/show", headers={"Cookie": here}).text,
        fastapi_client.get("/show", headers={"Cookie": written}).json(),
        fastapi_client.get("/show", headers={"Cookie": here}).json(),
    }
    assert len(shown) == 1


def cookie_of(app: flask.Flask, values: dict[str, Any]) -> str:
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return str(serializer.dumps(values))


def shown(app: FastAPI, cookie: str) -> Any:
    return TestClient(app).get("/read", headers={"Cookie": cookie}).json()


def test_old_keys_are_read_and_a_stranger_is_not() -> None:
    old = cookie_of(flask_app(SECRET_KEY="old"), {"n": 3})
    assert shown(fastapi_app(SECRET_KEY_FALLBACKS=["old"]), f"session={old}") == 3
    assert shown(fastapi_app(), f"session={old}") is None
    assert shown(fastapi_app(SECRET_KEY="old"), f"session={old}x") is None
    assert shown(fastapi_app(SECRET_KEY="old"), "session=e30.x.y") is None


def test_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = cookie_of(flask_app(), {"n": 3})
    app = fastapi_app(PERMANENT_SESSION_LIFETIME=30)
    assert shown(app, f"session={cookie}") == 3
    later = SimpleNamespace(time=lambda: datetime.now().timestamp() + 60)
    monkeypatch.setattr("itsdangerous.timed.time", later)
    assert shown(app, f"session={cookie}") is None


def test_first_of_two_cookies_counts() -> None:
    first, second = (cookie_of(flask_app(), {"n": n}) for n in (1, 2))
    cookies = f"session={first}; session={second}"
    theirs = flask_app().test_client(use_cookies=False).get("/read", headers={"Cookie": cookies}).json
    assert shown(fastapi_app(), cookies) == theirs == 1


def test_hooks_change_it_too() -> None:
    app = fastapi_app()

    def count() -> None:
        context.session["seen"] = context.session.get("seen", 0) + 1

    def add_more(response: Any) -> Any:
        context.session["after"] = True
        return response

    add_hooks(app, before_request=[count], after_request=[add_more])
    client = TestClient(app)
    client.get("/nothing")
    assert client.get("/items").json() == [["after", True], ["seen", 2]]
    # an unknown address, and an error, too
    for path, status in (("/not/there/", 404), ("/fail", 500)):
        answer = TestClient(app, raise_server_exceptions=False).get(path)
        assert answer.status_code == status
        assert payload("session", parse_cookie(answer.headers["set-cookie"])["session"])[1]["seen"] == 1


def test_once_is_enough() -> None:
    app = fastapi_app()
    app.add_middleware(FlaskSession)
    answer = TestClient(app).get("/write")
    assert len(answer.headers.get_list("set-cookie")) == 1


def test_fastapi_code_sees_the_same_session() -> None:
    app = fastapi_app()

    @app.get("/plain/request")
    def plain(request: Request, session: Session) -> Any:
        request.session["n"] = 8
        return session["n"]

    assert TestClient(app).get("/plain/request").json() == 8


def flash_apps() -> tuple[flask.Flask, FastAPI]:
    theirs, ours = flask_app(), fastapi_app()
    options: dict[str, dict[str, Any]] = {
        "plain": {},
        "pairs": {"with_categories": True},
        "errors": {"category_filter": ["error"]},
        "error_pairs": {"with_categories": True, "category_filter": ("error", "none")},
    }

    @theirs.post("/say/<category>")
    def say(category: str) -> str:
        flask.flash("one")
        flask.flash(Markup("<b>two</b>"), category)
        return "said"

    @theirs.get("/hear/<how>")
    def hear(how: str) -> Any:
        return flask.jsonify([flask.get_flashed_messages(**options[how]), flask.get_flashed_messages()])

    @theirs.get("/both")
    def both() -> Any:
        flask.flash("now")
        return flask.jsonify(flask.get_flashed_messages())

    @theirs.post("/refuse")
    def refuse() -> Any:
        flask.flash("no")
        flask.abort(403)

    @ours.post("/say/{category}")
    def say_here(category: str, flash: Flash) -> str:
        flash("one")
        flash(Markup("<b>two</b>"), category)
        return "said"

    @ours.get("/hear/{how}")
    def hear_here(how: str, get_flashed_messages: GetFlashedMessages) -> Any:
        return JSONResponse([get_flashed_messages(**options[how]), get_flashed_messages()])

    @ours.get("/both")
    def both_here() -> Any:
        flash("now")
        return JSONResponse(get_flashed_messages())

    @ours.post("/refuse")
    def refuse_here(flash: Flash) -> Any:
        flash("no")
        raise HTTPException(403)

    return theirs, ours


@pytest.mark.parametrize("how", ["plain", "pairs", "errors", "error_pairs"])
def test_flash(how: str) -> None:
    theirs, ours = flash_apps()
    flask_client, fastapi_client = theirs.test_client(), TestClient(ours)
    for method, path in [
        ("GET", f"/hear/{how}"),
        ("POST", "/say/error"),
        ("POST", "/say/info"),
        ("GET", f"/hear/{how}"),
        ("GET", f"/hear/{how}"),
        ("GET", "/both"),
        ("POST", "/refuse"),
        ("GET", f"/hear/{how}"),
    ]:
        was, is_now = flask_client.open(path, method=method), fastapi_client.request(method, path)
        assert is_now.status_code == was.status_code
        if method == "GET":
            assert is_now.json() == was.json
            assert is_now.headers.get("vary") == was.headers.get("vary")
