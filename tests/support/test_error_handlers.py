"""Error handlers side by side with Flask: the same handlers, the same one answers."""

from typing import Any

import flask
import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException as StarletteHTTPException
from werkzeug.exceptions import BadRequestKeyError, InternalServerError, NotFound
from werkzeug.exceptions import HTTPException as WerkzeugHTTPException

from flask_to_fastapi.support.answers import FlaskResponse
from flask_to_fastapi.support.bodies import QueryArgs
from flask_to_fastapi.support.context import RequestContext, request
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.error_handlers import handles, use_error_handlers
from flask_to_fastapi.support.errors import both_kinds
from flask_to_fastapi.support.hooks import Hooks


class Trouble(Exception):
    pass


class MoreTrouble(Trouble):
    pass


VIEWS: dict[str, Any] = {
    "trouble": Trouble("t"),
    "more": MoreTrouble("m"),
    "key": KeyError("k"),
    "missing": 404,
    "refused": 403,
    "failed": 500,
    "zero": ZeroDivisionError(),
}

# for whom, and for what; names are those of the handlers
CASES: list[list[tuple[str, Any]]] = [
    [],
    [("app", Trouble)],
    [("app", MoreTrouble), ("app", Trouble)],
    [("app", MoreTrouble), ("bp", Trouble)],
    [("bp", Trouble), ("app", Exception)],
    [("app", 404), ("bp", WerkzeugHTTPException)],
    [("app", 404), ("bp", 404)],
    [("app", NotFound), ("inner", 404), ("bp", 403)],
    [("app", WerkzeugHTTPException)],
    [("app", WerkzeugHTTPException), ("bp", Exception)],
    [("app", Exception)],
    [("app", Exception), ("app", 404), ("app", WerkzeugHTTPException)],
    [("app", 500)],
    [("app", InternalServerError), ("app", ZeroDivisionError)],
    [("app", LookupError), ("inner", KeyError)],
    [("app", 400)],
    [("app", BadRequestKeyError), ("app", 400)],
    [("bp", 500), ("app", Exception)],
    [("bp whole app", 404)],
    [("bp whole app", Exception), ("bp", Trouble)],
]

ADDRESSES = [f"{place}/{name}" for place in ("", "/bp", "/bp/inner") for name in (*VIEWS, "nothing", "args")]


def said(owner: str, kind: Any, error: Any) -> Any:
    name = getattr(kind, "__name__", kind)
    original = type(getattr(error, "original_exception", None)).__name__
    code = getattr(error, "code", None)
    about = [owner, str(name), code, getattr(error, "name", None), getattr(error, "description", None), original]
    return about, code or 418


def flask_client(case: list[tuple[str, Any]]) -> Any:
    app = flask.Flask(__name__)
    bp, inner = flask.Blueprint("bp", __name__), flask.Blueprint("inner", __name__)
    for owner in (app, bp, inner):
        for name, trouble in VIEWS.items():

            def view(trouble: Any = trouble) -> Any:
                if isinstance(trouble, int):
                    flask.abort(trouble)
                raise trouble

            owner.add_url_rule(f"/{name}", name, view)
        owner.add_url_rule("/args", "args", lambda: flask.request.args["k"])
    for owner_name, kind in case:
        register = {"app": app, "bp": bp, "inner": inner, "bp whole app": bp}[owner_name]
        decorate = register.app_errorhandler if "whole" in owner_name else register.errorhandler
        decorate(kind)(lambda error, owner=owner_name, kind=kind: said(owner, kind, error))
    bp.register_blueprint(inner, url_prefix="/inner")
    app.register_blueprint(bp, url_prefix="/bp")
    app.after_request(lambda response: response.headers.add("X-After", "1") or response)
    return app.test_client()


def fastapi_client(case: list[tuple[str, Any]]) -> TestClient:
    app, bp, inner = FastAPI(), APIRouter(), APIRouter()
    for owner, prefix in ((app, ""), (bp, "bp."), (inner, "bp.inner.")):
        for name in VIEWS:

            def view(trouble: str = name) -> Any:
                found = VIEWS[trouble]
                raise HTTPException(found) if isinstance(found, int) else found

            owner.add_api_route(f"/{name}", view, name=prefix + name)  # type: ignore[attr-defined]

        def args(args: QueryArgs) -> Any:
            return args["k"]

        owner.add_api_route("/args", args, name=f"{prefix}args")  # type: ignore[attr-defined]
    for owner_name, kind in case:
        register: Any = {"app": app, "bp": bp, "inner": inner, "bp whole app": bp}[owner_name]
        decorate = handles(register, kind, whole_app="whole" in owner_name)
        decorate(lambda error, owner=owner_name, kind=kind: said(owner, kind, error))
    bp.include_router(inner, prefix="/inner")
    app.include_router(bp, prefix="/bp")
    use_error_handlers(app, {"bp": bp, "bp.inner": inner})
    keep_flask_contract(app)

    def after(response: FlaskResponse) -> FlaskResponse:
        response.headers.add("X-After", "1")
        return response

    app.add_middleware(Hooks, after_request=[after])
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("case", CASES)
def test_who_answers(case: list[tuple[str, Any]]) -> None:
    reference, client = flask_client(case), fastapi_client(case)
    for address in ADDRESSES:
        expected, actual = reference.get(address), client.get(address)
        assert actual.status_code == expected.status_code, address
        assert actual.headers["x-after"] == "1", address
        if expected.is_json:
            assert actual.json() == expected.json, address
    assert client.post("/trouble").status_code == reference.post("/trouble").status_code


def test_what_a_handler_sees() -> None:
    seen: list[Any] = []
    app = FastAPI()

    @handles(app, Exception)
    async def every(error: Any) -> Any:
        seen.append(error)
        return error if isinstance(error, StarletteHTTPException) else (request.path, 418)

    app.get("/zero")(lambda: 1 / 0)
    app.add_middleware(RequestContext)
    client = TestClient(app)
    assert (client.get("/zero").status_code, client.get("/zero").text) == (418, "/zero")
    assert client.get("/nothing").status_code == 404
    assert isinstance(seen[-1], NotFound)


def test_an_error_with_its_own_response() -> None:
    app = FastAPI()

    @app.get("/")
    def view() -> None:
        raise NotFound(response=FlaskResponse("own", 402))

    @app.get("/again")
    def again() -> None:
        raise Trouble

    @handles(app, Trouble)
    def raises_again(error: Exception) -> None:
        raise both_kinds(NotFound("again"))

    client = TestClient(app)
    assert (client.get("/").status_code, client.get("/").text) == (402, "own")
    assert (client.get("/again").status_code, client.get("/again").json()) == (404, {"detail": "again"})


def test_the_decorated_function_stays_itself() -> None:
    def handler(error: Exception) -> Any:
        return "x"

    assert handles(FastAPI(), 404)(handler) is handler
    assert handles(APIRouter(), 404)(handler) is handler
