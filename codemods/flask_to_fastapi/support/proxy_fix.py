"""The client's address, scheme and host as a proxy in front of the app tells them, as Werkzeug's `ProxyFix` reads
them."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send


class ProxyFix:
    """Trusts as many proxies as it is told to, for each `X-Forwarded` header: `app.add_middleware(ProxyFix, x_for=1,
    x_host=1)`."""

    def __init__(
        self, app: ASGIApp, x_for: int = 1, x_proto: int = 1, x_host: int = 0, x_port: int = 0, x_prefix: int = 0
    ) -> None:
        self.app = app
        self.trusted = {
            "x-forwarded-for": x_for,
            "x-forwarded-proto": x_proto,
            "x-forwarded-host": x_host,
            "x-forwarded-port": x_port,
            "x-forwarded-prefix": x_prefix,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(self.fixed(scope) if scope["type"] in ("http", "websocket") else scope, receive, send)

    def fixed(self, scope: Scope) -> Scope:
        """The scope as the client's own connection would have made it."""
        headers = Headers(scope=scope)
        said = {name: last(", ".join(headers.getlist(name)), count) for name, count in self.trusted.items()}
        scope = dict(scope)
        if client := said["x-forwarded-for"]:
            scope["client"] = (client, 0)
        if scheme := said["x-forwarded-proto"]:
            scope["scheme"] = (
                {"http": "ws", "https": "wss"}.get(scheme, scheme) if scope["type"] == "websocket" else scheme
            )
        host = said["x-forwarded-host"] or headers.get("host", "")
        if port := said["x-forwarded-port"]:
            name = host if host.endswith("]") else host.rpartition(":")[0] or host
            host = f"{name}:{port}"
        if host and host != headers.get("host"):
            kept = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [*kept, (b"host", host.encode("latin-1"))]
        if prefix := said["x-forwarded-prefix"]:
            scope["root_path"] = prefix.rstrip("/")
            scope["path"] = scope["root_path"] + scope["path"]
        return scope


def last(values: str, trusted: int) -> str:
    """The value that the first of the trusted proxies added; "" if there are not so many."""
    found = [value.strip() for value in values.split(",")]
    return found[-trusted] if trusted and values and len(found) >= trusted else ""
