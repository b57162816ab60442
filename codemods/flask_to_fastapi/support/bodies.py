"""What a request brings, read before the view starts: `def view(data: JsonBody)`, `def view(args: QueryArgs)`.

A route that has `Form` or `File` parameters beside these needs the `RequestContext` middleware, which keeps the body.

The typed forms are for a body that may be broken, where FastAPI would refuse it before the view is asked:

    @app.post("/orders", openapi_extra=documents(CreateOrder))
    def create_order(data: Annotated[CreateOrder, Depends(json_as(CreateOrder, silent=True))]): ...
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import Body, Depends, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError, WrapValidator
from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict
from werkzeug.exceptions import HTTPException as WerkzeugHTTPException

from . import incoming
from .incoming import BODY, request_in
from .refused import NoObject, in_body, late, not_sent

T = TypeVar("T")

FlaskRequest = Annotated[incoming.FlaskRequest, Depends(request_in)]


async def raw_body(request: Request) -> bytes:
    body: bytes = request.scope[BODY] if BODY in request.scope else await request.body()
    return body


async def query_args(request: FlaskRequest) -> MultiDict[str, str]:
    return request.args


def form_data(request: FlaskRequest) -> MultiDict[str, str]:
    return request.form


def uploaded_files(request: FlaskRequest) -> MultiDict[str, FileStorage]:
    return request.files


def values(request: FlaskRequest) -> CombinedMultiDict[str, str]:
    return request.values


def json_body(*, force: bool = False, silent: bool = False) -> Callable[..., Any]:
    """A dependency that is `request.get_json(force=..., silent=...)`: 415 for what is no JSON, 400 for broken JSON."""

    async def read(request: FlaskRequest) -> Any:
        try:
            return request.get_json(force=force, silent=silent)
        except WerkzeugHTTPException as error:
            raise HTTPException(error.code or 400, error.description) from error

    return read


# as it was sent
RawBody = Annotated[bytes, Depends(raw_body)]
# `request.args`, `request.form`, `request.files`, `request.values`
QueryArgs = Annotated[MultiDict[str, str], Depends(query_args)]
FormData = Annotated[MultiDict[str, str], Depends(form_data)]
UploadedFiles = Annotated[MultiDict[str, FileStorage], Depends(uploaded_files)]
Values = Annotated[CombinedMultiDict[str, str], Depends(values)]
# `request.get_json()`; silent: None instead of an error; forced: whatever the content type says
JsonBody = Annotated[Any, Depends(json_body())]
SilentJson = Annotated[Any, Depends(json_body(silent=True))]
ForcedJson = Annotated[Any, Depends(json_body(force=True))]
ForcedSilentJson = Annotated[Any, Depends(json_body(force=True, silent=True))]


def json_as(
    model: type[T],
    *,
    force: bool = False,
    silent: bool = False,
    default: Callable[[], object] | None = None,
    or_none: bool = False,
) -> Callable[..., Awaitable[T | None]]:
    """A dependency that reads the JSON body as a Pydantic model or a `TypedDict`.

    What is no JSON is an error as in `json_body`, and with `silent` the same as null: None, or what `default` makes for
    any empty value; with `or_none` any empty value is None. What does not fit the model is refused as any other
    parameter.
    """
    adapter = TypeAdapter(model)
    get_json = json_body(force=force, silent=silent)

    async def read(request: FlaskRequest) -> T | None:
        value = await get_json(request)
        if not value and default is not None:
            value = default()
        if value is None or (or_none and not value):
            return None
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            if isinstance(value, list | str):
                return NoObject(in_body(error), value)  # type: ignore[return-value]
            raise RequestValidationError(in_body(error)) from error

    return read


if TYPE_CHECKING:
    LateBody = Annotated[T, Body()]
else:

    class LateBody:
        """`LateBody[ChangeMember]`: a body that is refused only when the view looks at it.

        So an answer that comes before that, such as a 404 for what is to be changed, comes whatever was sent.
        """

        def __class_getitem__(cls, model: Any) -> Any:
            return Annotated[model, Body(default_factory=not_sent), WrapValidator(late)]
