"""HTTP errors: what Werkzeug says of them, and `abort()` for what is only known at run time."""

from functools import cache
from http import HTTPStatus
from typing import Any, NoReturn

from fastapi import HTTPException, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from werkzeug.exceptions import HTTPException as WerkzeugHTTPException
from werkzeug.exceptions import MethodNotAllowed, default_exceptions
from werkzeug.http import HTTP_STATUS_CODES

from .answers import answer
from .contract import EarlyResponse

# for `except`, where a helper of Werkzeug's may have raised the error
HTTP_ERRORS = (StarletteHTTPException, WerkzeugHTTPException)


def error_name(error: Exception) -> str:
    """The name of an HTTP error, as `Not Found`."""
    return HTTP_STATUS_CODES.get(code_of(error) or 0, "Unknown Error")


def error_description(error: Exception) -> Any:
    """What was said of an HTTP error when it was raised, else Werkzeug's sentence for it."""
    if isinstance(error, WerkzeugHTTPException):
        return error.description
    code, detail = code_of(error), getattr(error, "detail", None)
    usual = default_exceptions.get(code or 0, WerkzeugHTTPException).description
    return usual if detail in (None, HTTP_STATUS_CODES.get(code or 0), phrase(code)) else detail


def error_text(error: Exception) -> str:
    """`str(error)`; of an HTTP error as Werkzeug has it: `404 Not Found: ...`."""
    if isinstance(error, StarletteHTTPException):
        return f"{error.status_code} {error_name(error)}: {error_description(error)}"
    return str(error)


def allowed_methods(error: Exception) -> list[str]:
    """The methods that an address has, of the error for another one (405)."""
    if isinstance(error, MethodNotAllowed):
        return list(error.valid_methods or ())
    allow = (getattr(error, "headers", None) or {}).get("Allow", "")
    return [method for method in allow.split(", ") if method]


def code_of(error: Exception) -> int | None:
    return error.code if isinstance(error, WerkzeugHTTPException) else getattr(error, "status_code", None)


def phrase(code: int | None) -> str | None:
    return next((status.phrase for status in HTTPStatus if status == code), None)


def abort(code: int | Response | Exception, *args: Any, **kwargs: Any) -> NoReturn:
    """Flask's `abort()`, for what is only known at run time; `raise HTTPException(404)` where it is not."""
    if isinstance(code, Response):
        raise EarlyResponse(code)
    if isinstance(code, Exception):
        raise code
    if code not in default_exceptions:
        raise LookupError(f"no exception for {code!r}")
    error = default_exceptions[code](*args, **kwargs)
    if error.response is not None:
        raise EarlyResponse(answer(error.response))
    both = both_kinds(error)  # some `except` may name the class of Werkzeug
    if not args and "description" not in kwargs:
        both.detail = phrase(code) or both.detail
    raise both


def headers_of(error: WerkzeugHTTPException) -> dict[str, str]:
    return {name: value for name, value in error.get_headers() if name != "Content-Type"}


def both_kinds(error: StarletteHTTPException | WerkzeugHTTPException) -> Any:
    """The same HTTP error as one object that is FastAPI's (`detail`) and Werkzeug's (`description`)."""
    werkzeug_class: Any = type(error)
    fastapi_class: Any = HTTPException
    if isinstance(error, StarletteHTTPException) and isinstance(error, WerkzeugHTTPException):
        return error
    if isinstance(error, StarletteHTTPException):
        werkzeug_class, fastapi_class = default_exceptions.get(error.status_code, WerkzeugHTTPException), type(error)
        more: dict[str, Any] = {"code": error.status_code, "description": error_description(error), "response": None}
    else:
        more = {"status_code": error.code, "detail": error.description, "headers": headers_of(error)}
    kind = class_of_both(werkzeug_class, fastapi_class)
    both = kind.__new__(kind)
    vars(both).update(vars(error) | more)
    both.args, both.__cause__ = error.args, error
    return both


@cache
def class_of_both(werkzeug_class: Any, fastapi_class: Any) -> Any:
    return type(werkzeug_class.__name__, (werkzeug_class, fastapi_class), {})
