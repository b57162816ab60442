"""Types for parameters and model fields that take what the Flask view took.

    page: Annotated[int, coerced(int), or_default(1)] = 1        # request.args.get("page", 1, type=int)
    size: Annotated[int, coerced(int)]                           # int(request.args["size"]), int(data["size"])
    ids: Annotated[list[int], Query(), each_valid(int)] = []     # request.args.getlist("ids", type=int)

    name: FormText                                               # request.form["name"]
    name: FormText = ""                                          # request.form.get("name", "")
    name: OptionalFormText = None                                # request.form.get("name")
    age: FormValue[int]                                          # int(request.form["age"])
    age: Annotated[FormValue[int], or_default(0)] = 0            # request.form.get("age", 0, type=int)
    age: Annotated[FormValue[int | None], or_default(None)] = None

    title: LooseStr | None = None                                # data.get("title"), checked by the view itself

`or_default` stands last in `Annotated`: it catches what those before it refuse.
"""

import types
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, get_args, get_origin

from fastapi import Form
from pydantic import AfterValidator, BeforeValidator, TypeAdapter, ValidationError, WithJsonSchema, WrapValidator
from pydantic_core import PydanticCustomError

Value = TypeVar("Value")

# Documented as the type; any other value comes through as well, for the view to check.
LooseStr = Annotated[Any, WithJsonSchema({"type": "string"})]
LooseInt = Annotated[Any, WithJsonSchema({"type": "integer"})]
LooseFloat = Annotated[Any, WithJsonSchema({"type": "number"})]
LooseBool = Annotated[Any, WithJsonSchema({"type": "boolean"})]
LooseList = Annotated[Any, WithJsonSchema({"type": "array", "items": {}})]
LooseDict = Annotated[Any, WithJsonSchema({"type": "object"})]


def or_default(default: object) -> WrapValidator:
    """A value that does not fit becomes `default`, as with Werkzeug's `args.get(key, default, type)`."""

    def validate(value: object, handler: Callable[[object], Any]) -> object:
        try:
            return handler(value)
        except ValidationError as error:
            if any(fault["type"] == "failure" for fault in error.errors(include_url=False)):
                raise  # neither a ValueError nor a TypeError: for Werkzeug that was no reason for the default
            return copy(default)

    return WrapValidator(validate)


# A JSON body of null, or any other empty value, is an empty object: `request.get_json() or {}`, `if not data: ...`.
or_empty = BeforeValidator(lambda body: body or {})
# An empty object is as good as none: `if not data: return "no data", 400`, before `data["name"]`.
or_none = BeforeValidator(lambda body: body or None)


def coerced(kind: Callable[[Any], Any]) -> BeforeValidator:
    """The value as `kind(value)` makes it, as the view did itself; what `kind` refuses is the client's error."""
    return BeforeValidator(refusing(kind))


def each_valid(kind: Callable[[Any], Any]) -> BeforeValidator:
    """The items as `kind(item)` makes them, without those that it refuses."""

    def validate(items: list[object]) -> list[object]:
        values: list[object] = []
        for item in items:
            with suppress(ValueError, TypeError):
                values.append(kind(item))
        return values

    return BeforeValidator(validate)


def refusing(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`kind`, with one error for all that it cannot take; its own message would repeat the value."""

    name = getattr(kind, "__name__", "value")

    def convert(value: Any) -> Any:
        try:
            return kind(value)
        except (ValueError, TypeError) as error:
            raise PydanticCustomError("coercion", "Not a valid {kind}", {"kind": name}) from error
        except (ArithmeticError, LookupError) as error:
            raise PydanticCustomError("failure", "Not a valid {kind}", {"kind": name}) from error

    return convert


def first_of(kind: Any) -> Any:
    """A form field of this type that takes the first of many values.

    It is read as a list, for that is how FastAPI gives all of them, and an empty text is one of them.
    """
    is_optional = get_origin(kind) in (Union, types.UnionType)
    conversion = next(each for each in get_args(kind) if each is not type(None)) if is_optional else kind
    taken = AfterValidator(lambda values: values[0] if conversion is str else refusing(conversion)(values[0]))
    return Annotated[list[str], Form(), taken, WithJsonSchema(TypeAdapter(kind).json_schema())]


if TYPE_CHECKING:
    FormValue = Annotated[Value, Form()]
else:

    class FormValue:
        """`FormValue[int]`: the first value of a form field, as an int; a missing one is a 400."""

        def __class_getitem__(cls, kind: Any) -> Any:
            return first_of(kind)


FormText = FormValue[str]
OptionalFormText = FormValue[str | None]
