"""What Flask makes of the values that views return, and the response object that Flask code works with."""

from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException as WerkzeugHTTPException
from werkzeug.utils import redirect as werkzeug_redirect
from werkzeug.wrappers import Response as WerkzeugResponse

from . import json_provider

Status = int | str | HTTPStatus
HeaderValues = Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]]


class FlaskResponse(WerkzeugResponse, Response):
    """A response with all that Flask's has (`data`, `set_cookie`, `cache_control`, ...), which FastAPI sends.

    Takes what `flask.Response` takes: text, bytes, or an iterable of them that is sent piece by piece.
    """

    default_mimetype = "text/html"
    autocorrect_location_header = False
    json_module = json_provider
    background: BackgroundTask | None = None
    # Starlette's is a property that no one may set
    headers: Headers = None  # type: ignore[assignment]
    # the response that sends the body, where this one was made of another
    sender: Response | None = None

    @classmethod
    def of(cls, response: Response) -> "FlaskResponse":
        """The same response with Flask's ways to read and change it; one that is a file or a stream stays one."""
        if isinstance(response, cls):
            return response
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers]
        body: bytes | None = getattr(response, "body", None)
        made = cls(iter(()) if body is None else [bytes(body)], response.status_code, headers)
        if "content-type" not in response.headers:
            del made.headers["Content-Type"]
        if body is None:
            made.direct_passthrough, made.sender = True, response
        made.background = response.background
        return made

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:  # type: ignore[override]
        """The headers as they are sent."""
        headers = self.get_wsgi_headers({})
        return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        if self.sender is not None:
            self.sender.status_code, self.sender.raw_headers[:] = self.status_code, self.raw_headers
            await self.sender(scope, receive, send)
            return
        chunks = self.get_app_iter({"REQUEST_METHOD": scope["method"]})
        sent = Response(b"".join(chunks)) if self.is_sequence else StreamingResponse(chunks)
        sent.status_code, sent.raw_headers, sent.background = self.status_code, self.raw_headers, self.background
        try:
            await sent(scope, receive, send)
        finally:
            if self._on_close or not self.is_sequence:
                await run_in_threadpool(getattr(chunks, "close", self.close))


def jsonify(*args: Any, **kwargs: Any) -> FlaskResponse:
    """`jsonify(value)`, `jsonify(1, 2)` for a list, `jsonify(key=value)` for an object."""
    if args and kwargs:
        raise TypeError("jsonify() takes either args or kwargs, not both")
    provider = json_provider.json_provider()
    value = args[0] if len(args) == 1 else args or kwargs or None
    return FlaskResponse(provider.body(value), mimetype=provider.mimetype)


def answer(value: object, status: Status | None = None, headers: HeaderValues | None = None) -> Response:
    """The response that Flask makes of what a view returns: text, JSON, a stream, a tuple, a response."""
    if isinstance(value, tuple):
        return answer(answer(*unpacked(value)), status, headers)
    if isinstance(value, str | bytes | bytearray | Iterator):
        return FlaskResponse(value, status, headers)  # type: ignore[arg-type]  # text or a stream of it
    response = as_response(value)
    if status is None and not headers:
        return response
    response = FlaskResponse.of(response)
    if isinstance(status, str):
        response.status = status
    elif status is not None:
        response.status_code = status
    response.headers.update(headers or {})
    return response


def make_response(*args: Any) -> FlaskResponse:
    """Flask's `make_response()`: takes what a view may return."""
    if not args:
        return FlaskResponse()
    return FlaskResponse.of(answer(args[0] if len(args) == 1 else args))


def unpacked(value: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """Body, status and headers of what a view returned as a tuple."""
    match value:
        case (body, status, headers):
            return body, status, headers
        case (body, (Headers() | dict() | tuple() | list()) as headers):
            return body, None, headers
        case (body, status):
            return body, status, None
    raise TypeError("a view answers with (body, status, headers), (body, status) or (body, headers), if with a tuple")


def as_response(value: object) -> Response:
    match value:
        case Response():
            return value
        case dict() | list():
            return jsonify(value)
        case WerkzeugResponse():
            return as_flask_response(value)
        case WerkzeugHTTPException():
            return as_flask_response(value.get_response())
        case HTTPException():
            return JSONResponse({"detail": value.detail}, value.status_code, value.headers)
        case None:
            raise TypeError("a view returned None, or ended without a return statement")
        case AsyncIterable():
            return StreamingResponse(value, media_type="text/html")
    raise TypeError(f"a view cannot answer with {type(value).__name__}")


def as_flask_response(response: WerkzeugResponse) -> FlaskResponse:
    """The very object, turned into one of this class."""
    made = FlaskResponse.force_type(response)
    assert isinstance(made, FlaskResponse)
    return made


def redirect(location: str, code: int = 302) -> FlaskResponse:
    """A redirect that is worked on before it is returned; else `RedirectResponse(location, 302)` does."""
    response: FlaskResponse = werkzeug_redirect(location, code, Response=FlaskResponse)  # type: ignore[assignment]
    return response
