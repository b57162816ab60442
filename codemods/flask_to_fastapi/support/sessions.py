"""Flask's session, in the very cookie that Flask wrote: who was logged in stays logged in, and could go back.

    app.add_middleware(FlaskSession)

    def view(session: Session):
        session["user"] = 3

Its settings are those of `app.state.config`: `SECRET_KEY`, `SECRET_KEY_FALLBACKS`, `PERMANENT_SESSION_LIFETIME`,
`SESSION_COOKIE_NAME`, ...
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from werkzeug.http import parse_cookie
from werkzeug.local import LocalProxy

from . import tagged_json
from .answers import FlaskResponse
from .config_defaults import DEFAULTS
from .cookie_session import CookieSession, NullSession
from .outgoing import answered
from .routing import config_of


class FlaskSession:
    """Gives each request its session, and the browser the cookie where the session changed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        session = scope["session"] = self.open_session(scope)
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return

        async def finish(response: FlaskResponse) -> Response:
            self.save_session(scope["app"], session, response)
            return response

        await answered(self.app, scope, receive, send, finish)

    @staticmethod
    def open_session(scope: Scope) -> CookieSession:
        """What the cookie says; nothing where it is missing, too old or not ours."""
        app: FastAPI = scope["app"]
        serializer = serializer_of(app)
        if serializer is None:
            return NullSession()
        headers = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
        cookie = parse_cookie("; ".join(headers)).get(setting(app, "SESSION_COOKIE_NAME"))
        if not cookie:
            return CookieSession()
        try:
            return CookieSession(serializer.loads(cookie, max_age=int(lifetime(app).total_seconds())))
        except BadSignature:
            return CookieSession()

    @staticmethod
    def save_session(app: FastAPI, session: CookieSession, response: FlaskResponse) -> None:
        """Put the cookie on a response, if the session is new to the browser, or take it away."""
        serializer = serializer_of(app)
        if serializer is None or isinstance(session, NullSession):
            return
        name = setting(app, "SESSION_COOKIE_NAME")
        options: dict[str, Any] = {
            "domain": setting(app, "SESSION_COOKIE_DOMAIN"),
            "path": setting(app, "SESSION_COOKIE_PATH") or setting(app, "APPLICATION_ROOT"),
            "secure": setting(app, "SESSION_COOKIE_SECURE"),
            "httponly": setting(app, "SESSION_COOKIE_HTTPONLY"),
            "samesite": setting(app, "SESSION_COOKIE_SAMESITE"),
            "partitioned": setting(app, "SESSION_COOKIE_PARTITIONED"),
        }
        is_due = session.modified or (session.permanent and setting(app, "SESSION_REFRESH_EACH_REQUEST"))
        if session and is_due:
            expires = datetime.now(UTC) + lifetime(app) if session.permanent else None
            response.set_cookie(name, serializer.dumps(dict(session)), expires=expires, **options)
        elif session.modified:
            response.delete_cookie(name, **options)
        elif not session.accessed:
            return
        response.vary.add("Cookie")


def serializer_of(app: FastAPI) -> URLSafeTimedSerializer | None:
    """What signs the cookie; None without a key. Old keys are still read."""
    if not setting(app, "SECRET_KEY"):
        return None
    return URLSafeTimedSerializer(
        [*(setting(app, "SECRET_KEY_FALLBACKS") or ()), setting(app, "SECRET_KEY")],
        salt="cookie-session",
        serializer=tagged_json,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
    )


def lifetime(app: FastAPI) -> timedelta:
    value: timedelta | int = setting(app, "PERMANENT_SESSION_LIFETIME")
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def setting(app: FastAPI, name: str) -> Any:
    return config_of(app).get(name, DEFAULTS[name])


async def session_of(connection: HTTPConnection) -> CookieSession:
    """The session; it counts as asked for (`Vary: Cookie`) where it is used, not where it is only declared."""
    session: Any = LocalProxy(lambda: connection.session)
    return session  # type: ignore[no-any-return]


Session = Annotated[CookieSession, Depends(session_of)]
