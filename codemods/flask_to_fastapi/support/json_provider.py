"""JSON as Flask writes it: HTTP dates, exact decimals, keys in order, ASCII, a newline at the end.

`json_provider().sort_keys = False` changes an option for the whole app, `use_json_provider(MyProvider())` all of it.
`dumps`, `loads`, `dump` and `load` are those of `flask.json`.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask
from werkzeug.http import http_date


def as_json(value: Any) -> Any:
    """What stands in JSON for a value that JSON does not know."""
    if isinstance(value, date):
        return http_date(value)
    if isinstance(value, Decimal | UUID):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


class JSONProvider:
    """The base for another JSON library: give it `dumps` and `loads`."""

    mimetype = "application/json"

    def __init__(self, app: object = None) -> None:
        self.app = app

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        raise NotImplementedError

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        raise NotImplementedError

    def dump(self, obj: Any, fp: IO[str], **kwargs: Any) -> None:
        fp.write(self.dumps(obj, **kwargs))

    def load(self, fp: IO[Any], **kwargs: Any) -> Any:
        return self.loads(fp.read(), **kwargs)

    def body(self, obj: Any) -> str:
        """The text that answers a request."""
        return self.dumps(obj)


class DefaultJSONProvider(JSONProvider):
    """The standard library's JSON, with Flask's options; a subclass may have its own `default`."""

    default: Callable[[Any], Any] = staticmethod(as_json)
    ensure_ascii = True
    sort_keys = True
    compact: bool | None = None

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        options: dict[str, Any] = {"default": self.default, "ensure_ascii": self.ensure_ascii}
        return json.dumps(obj, **options | {"sort_keys": self.sort_keys} | kwargs)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return json.loads(s, **kwargs)

    def body(self, obj: Any) -> str:
        form: dict[str, Any] = {"indent": 2} if self.compact is False else {"separators": (",", ":")}
        return self.dumps(obj, **form) + "\n"


_provider: JSONProvider = DefaultJSONProvider()


def json_provider() -> Any:
    """The provider in use: a `DefaultJSONProvider`, if the app has not named its own."""
    return _provider


def use_json_provider(provider: JSONProvider) -> None:
    """Let `provider` write and read all JSON from now on."""
    global _provider
    _provider = provider


def dumps(obj: Any, **kwargs: Any) -> str:
    return _provider.dumps(obj, **kwargs)


def loads(s: str | bytes, **kwargs: Any) -> Any:
    return _provider.loads(s, **kwargs)


def dump(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    _provider.dump(obj, fp, **kwargs)


def load(fp: IO[Any], **kwargs: Any) -> Any:
    return _provider.load(fp, **kwargs)


class FlaskJSON(JSONResponse):
    """`jsonify(content)`.

    As `default_response_class` it writes what views return, but FastAPI has made dates ISO by then, and decimals
    floats: a view that answers with those returns a `FlaskJSON` itself.
    """

    def __init__(
        self,
        content: Any = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type or _provider.mimetype, background)

    def render(self, content: Any) -> bytes:
        # these have no body, whatever the view says
        return b"" if self.status_code in (204, 304) else _provider.body(content).encode()
