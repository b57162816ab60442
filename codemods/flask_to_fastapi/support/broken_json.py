"""A body that is no readable JSON is refused where FastAPI looks at bodies: behind the dependencies.

By itself FastAPI reads the JSON first of all, before a dependency may say who is allowed to send it.
"""

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.types import Message, Receive, Scope, Send

from .dispatch import RULE

# the keys of the scope that keep why the JSON cannot be read, and the headers as they came
BROKEN, ORIGINAL_HEADERS = "flask.broken_json", "flask.headers"


class AskedAgain(Response):
    """The answer of the same route to the same body, which is not called JSON any more: so it is not read first."""

    def __init__(self, request: Request, body: bytes, error: RequestValidationError) -> None:
        super().__init__()
        self.request, self.sent = request, body
        headers = [(name, value) for name, value in request.scope["headers"] if name != b"content-type"]
        self.scope = {
            **request.scope,
            "headers": [*headers, (b"content-type", b"application/octet-stream")],
            ORIGINAL_HEADERS: request.scope["headers"],
            BROKEN: error,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = iter([self.sent])

        async def receive_again() -> Message:
            body = next(sent, None)
            return await receive() if body is None else {"type": "http.request", "body": body, "more_body": False}

        await self.scope[RULE].context.app(self.scope, receive_again, send)


async def asked_again(request: Request, error: RequestValidationError) -> Response | None:
    """The answer of what comes before the body; None where that has been asked, or there is nothing of the kind."""
    is_unread = any(fault["type"] == "json_invalid" for fault in error.errors())
    if not is_unread or RULE not in request.scope or BROKEN in request.scope:
        return None
    return AskedAgain(request, await request.body(), error)
