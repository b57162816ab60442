"""Flask's test client: what tests say of requests and answers means what it meant.

    client = FlaskClient(app)
    client.post("/login", data={"name": "Ada"}, follow_redirects=True).json

It is Werkzeug's client, which makes the requests and reads the answers; the app is called as an ASGI server calls it.
New tests may as well use `fastapi.testclient.TestClient`.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

import anyio
from fastapi import FastAPI
from starlette.types import Message, Scope
from werkzeug.datastructures import Headers
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import Client, EnvironBuilder, TestResponse, run_wsgi_app
from werkzeug.wrappers import Request
from werkzeug.wsgi import get_current_url

from . import json_provider
from .answers import FlaskResponse
from .contract import unexpected
from .current import Context, entered
from .incoming import REQUEST, make_request
from .namespace import Globals
from .own_thread import run_here
from .routing import config_of
from .samples import SampleBuilder, scope_of, session_keeper


class FlaskClient(Client):
    """Sends requests to an app. In `with client:` the context of the last request stays the current one."""

    def __init__(self, app: FastAPI, *, use_cookies: bool = True, **options: Any) -> None:
        super().__init__(self.answer, use_cookies=use_cookies, **options)
        self.application: Any = app
        self.environ_base = {"REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": f"Werkzeug/{version('werkzeug')}"}
        self.preserve_context = False
        self.preserved = ExitStack()

    def open(self, *args: Any, buffered: bool = False, follow_redirects: bool = False, **kwargs: Any) -> TestResponse:
        """Send a request, given as for `SampleBuilder` or ready-made."""
        given = args[0] if args else None
        if isinstance(given, Request):
            request = copy(given)
            request.environ = {**self.environ_base, **given.environ}
        else:
            base = {**self.environ_base, **(kwargs.pop("environ_base", None) or {})}
            if isinstance(given, EnvironBuilder):
                builder = copy(given)
                builder.environ_base = {**base, **(given.environ_base or {})}
            elif isinstance(given, dict):
                builder = EnvironBuilder.from_environ(given, environ_base=base)
            else:
                builder = SampleBuilder(self.application, *args, environ_base=base, **kwargs)
            request = builder.get_request()
        self.preserved.close()
        response = super().open(request, buffered=buffered, follow_redirects=follow_redirects)
        response.json_module = json_provider
        return response

    def run_wsgi_app(self, environ: WSGIEnvironment, buffered: bool = False) -> tuple[Iterable[bytes], str, Headers]:
        """Send one request, with the cookies that there are."""
        self._add_cookies_to_wsgi(environ)
        answer = run_wsgi_app(self.answer, environ, buffered=buffered)
        url = urlsplit(get_current_url(environ))
        self._update_cookies_from_response(url.hostname or "localhost", url.path, answer[2].getlist("Set-Cookie"))
        return answer

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Call the app; an error that no handler expected goes on to the test, if the app is `TESTING`."""
        request = Request(environ)
        body = request.get_data()
        scope = scope_of(self.application, request)
        messages, error = run_here(exchange, self.application, scope, body)
        if error is not None and (not messages or self.propagates):
            raise error
        if self.preserve_context:
            kept = scope.get(REQUEST) or make_request(scope, body)
            self.preserved.enter_context(entered(Context(self.application, Globals(scope["state"]), kept)))
        start, *chunks = messages
        status = start["status"]
        headers = [(name.decode("latin-1").title(), value.decode("latin-1")) for name, value in start["headers"]]
        start_response(f"{status} {HTTP_STATUS_CODES.get(status, 'Unknown').upper()}", headers)
        return [chunk.get("body", b"") for chunk in chunks]

    @property
    def propagates(self) -> bool:
        config, handlers = config_of(self.application), self.application.exception_handlers
        wanted = config.get("PROPAGATE_EXCEPTIONS")
        if wanted is None:
            wanted = config.get("TESTING") or self.application.debug
        return bool(wanted) and handlers.get(Exception, unexpected) is unexpected

    @contextmanager
    def session_transaction(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """The session that the next request will see, to be changed."""
        request = SampleBuilder(self.application, *args, **kwargs).get_request()
        self._add_cookies_to_wsgi(request.environ)
        session = scope_of(self.application, request)["session"]
        yield session
        response = FlaskResponse()
        session_keeper(self.application).save_session(self.application, session, response)
        cookies = [value.decode("latin-1") for name, value in response.raw_headers if name == b"set-cookie"]
        self._update_cookies_from_response(request.host.partition(":")[0], request.path, cookies)

    def __enter__(self) -> "FlaskClient":
        if self.preserve_context:
            raise RuntimeError("Cannot nest client invocations")
        self.preserve_context = True
        return self

    def __exit__(self, *error: object) -> None:
        self.preserve_context = False
        self.preserved.close()


async def exchange(app: FastAPI, scope: Scope, body: bytes) -> tuple[list[Message], Exception | None]:
    """What the app answers, and the error that it ends with."""
    requests: list[Message] = [{"type": "http.request", "body": body}]
    answers: list[Message] = []
    answered = anyio.Event()

    async def receive() -> Message:
        if not requests:
            await answered.wait()
        return requests.pop() if requests else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"].startswith("http.response."):
            answers.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                answered.set()

    try:
        await app(scope, receive, send)
    except Exception as error:
        return answers, error
    return answers, None
