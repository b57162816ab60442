"""WSGI middleware around the app: it sees, changes and answers requests as it did around `app.wsgi_app`.

    app.add_middleware(WSGIWrapped, PrefixMiddleware, prefix="/shop")
    app.add_middleware(WSGIWrapped, lambda wsgi_app: DispatcherMiddleware(wsgi_app, {"/metrics": metrics}))

A middleware that is written for ASGI may take its place: it needs no thread.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from anyio import (
    BrokenResourceError,
    CapacityLimiter,
    create_memory_object_stream,
    create_task_group,
    from_thread,
    to_thread,
)
from anyio.lowlevel import current_token
from anyio.streams.memory import MemoryObjectSendStream
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.http import HTTP_STATUS_CODES

from .incoming import ENVIRON, environ

Answers = MemoryObjectSendStream[Message | Exception]


@runtime_checkable
class Closeable(Protocol):
    def close(self) -> None: ...


class WSGIWrapped:
    """The app as `make(wsgi_app, ...)` wraps it."""

    def __init__(self, app: ASGIApp, make: Callable[..., WSGIApplication], *args: Any, **options: Any) -> None:
        self.app = app
        self.make, self.args, self.options = make, args, options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        token = current_token()
        async with create_task_group() as tasks:

            def wsgi_app(asked: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
                answers, messages = create_memory_object_stream[Message | Exception]()
                served = changed(scope, asked), asked["wsgi.input"].read(), receive, answers
                from_thread.run_sync(tasks.start_soon, self.serve, *served, token=token)

                def message() -> Message:
                    found = from_thread.run(messages.receive, token=token)
                    if isinstance(found, Exception):
                        raise found
                    return found

                start, first = message(), message()
                headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
                start_response(f"{start['status']} {HTTP_STATUS_CODES.get(start['status'], 'Unknown')}", headers)

                def chunks() -> Iterator[bytes]:
                    with messages:
                        found = first
                        while found["body"] or found.get("more_body"):
                            yield found["body"]
                            found = message() if found.get("more_body") else {"body": b""}

                return chunks()

            async def pass_on(message: Message) -> None:
                await send(message)

            def respond() -> None:
                wrapped = self.make(wsgi_app, *self.args, **self.options)
                for message in spoken(wrapped, environ(scope, body)):
                    from_thread.run(pass_on, message, token=token)

            # a limit of its own: what it waits for may need one of the usual threads
            await to_thread.run_sync(respond, limiter=CapacityLimiter(1))

    async def serve(self, scope: Scope, body: bytes, receive: Receive, answers: Answers) -> None:
        """Call the app, and hand over what it answers."""
        messages: list[Message] = [{"type": "http.request", "body": body}]

        async def receive_again() -> Message:
            return messages.pop() if messages else await receive()

        async def send(message: Message) -> None:
            await answers.send({"body": b"", **message})

        with answers:
            try:
                await self.app(scope, receive_again, send)
            except BrokenResourceError:  # the middleware has read as much as it wants
                return
            except Exception as error:
                await answers.send(error)


def spoken(wsgi_app: WSGIApplication, asked: WSGIEnvironment) -> Iterator[Message]:
    """What a WSGI application answers, as ASGI messages."""
    start: list[Message] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        start[:] = [{"type": "http.response.start", "status": int(status[:3]), "headers": raw}]
        return written.append

    written: list[bytes] = []
    chunks = wsgi_app(asked, start_response)
    try:
        for chunk in chunks:
            yield from start
            start = []
            yield {"type": "http.response.body", "body": b"".join([*written, chunk]), "more_body": True}
            written.clear()
    finally:
        if isinstance(chunks, Closeable):
            chunks.close()
    yield from start
    yield {"type": "http.response.body", "body": b"".join(written)}


def changed(scope: Scope, asked: WSGIEnvironment) -> Scope:
    """The scope of a request that a middleware may have changed."""
    was = environ(scope, b"")
    root, path = (asked.get(key, "").encode("latin-1").decode() for key in ("SCRIPT_NAME", "PATH_INFO"))
    new = {**scope, "method": asked["REQUEST_METHOD"], "scheme": asked["wsgi.url_scheme"]}
    new |= {"root_path": root, "path": root + path, "raw_path": quote(root + path).encode()}
    new["query_string"] = asked.get("QUERY_STRING", "").encode("latin-1")
    if asked.get("REMOTE_ADDR") != was.get("REMOTE_ADDR"):
        new["client"] = (asked["REMOTE_ADDR"], int(asked.get("REMOTE_PORT") or 0))
    headers = {
        key for key in {*was, *asked} if key.startswith(("HTTP_", "CONTENT_")) and was.get(key) != asked.get(key)
    }
    names = {key: key.removeprefix("HTTP_").replace("_", "-").lower().encode() for key in headers}
    new["headers"] = [(name, value) for name, value in scope["headers"] if name not in names.values()]
    new["headers"] += [(name, str(asked[key]).encode("latin-1")) for key, name in names.items() if key in asked]
    new[ENVIRON] = {key: value for key, value in asked.items() if key not in was and key not in headers}
    return new
