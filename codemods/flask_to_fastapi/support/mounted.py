"""A Flask app as an ASGI app, to be mounted under FastAPI."""

import asyncio
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from threading import Event
from typing import Any, cast

from a2wsgi import WSGIMiddleware

THREADS = 40  # as many as FastAPI has for plain functions
GONE = "flask_compat.gone"


class FlaskMount:
    """Answers every request by a WSGI app, each in a thread: `app.mount("/", FlaskMount(flask_app))`."""

    def __init__(self, app: Any, threads: int = THREADS) -> None:
        self.app = app
        self.middleware: Any = WSGIMiddleware(cast(Any, self.answer), workers=threads)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.middleware(scope, receive, send)
            return
        client = _Client(scope, receive)
        try:
            await self.middleware({**scope, GONE: client.gone}, client.receive, client.sending(send))
        finally:
            client.leave()

    def answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI app that a2wsgi calls."""
        scope = environ["asgi.scope"]
        path = scope.get("raw_path") or scope["path"].encode()
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        environ["RAW_URI"] = environ["REQUEST_URI"] = (path.partition(b"?")[0] + query).decode("latin-1")
        environ["wsgi.input_terminated"] = True  # so that a body of unknown length is read
        environ["wsgi.errors"] = sys.stderr
        return _Chunks(self.app(environ, start_response), scope[GONE])


class _Client:
    """Notes when the client of a request goes away."""

    def __init__(self, scope: Any, receive: Any) -> None:
        self.inner, self.gone = receive, Event()
        self.has_all = not any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        self.watcher: asyncio.Task[None] | None = None

    async def receive(self) -> MutableMapping[str, Any]:
        """The next part of the body."""
        if self.has_all:
            return {"type": "http.request", "body": b"", "more_body": False}
        message: MutableMapping[str, Any] = await self.inner()
        self.has_all = not message.get("more_body", False)
        return message

    def sending(self, send: Any) -> Any:
        """`send`, and from the first part of the answer on somebody who waits for the end of the connection."""

        async def watched(message: MutableMapping[str, Any]) -> None:
            await send(message)
            if self.has_all and self.watcher is None and message["type"] == "http.response.body":
                self.watcher = asyncio.create_task(self.watch())

        return watched

    async def watch(self) -> None:
        while (await self.inner())["type"] != "http.disconnect":
            pass
        self.gone.set()

    def leave(self) -> None:
        if self.watcher is not None:
            self.watcher.cancel()


class _Chunks:
    """What a WSGI app answers, as long as somebody is there to read it."""

    def __init__(self, chunks: Iterable[bytes], gone: Event) -> None:
        self.chunks, self.gone = chunks, gone

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if self.gone.is_set():
                return
            yield chunk

    def close(self) -> None:
        getattr(self.chunks, "close", lambda: None)()
