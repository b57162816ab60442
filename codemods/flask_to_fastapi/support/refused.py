"""Bodies that do not fit, for views that may have an answer of their own before they look at them."""

from collections.abc import Sequence
from typing import Any

from fastapi.encoders import ENCODERS_BY_TYPE
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError, ValidatorFunctionWrapHandler


class Refused:
    """A body that cannot be used: whatever is asked of it raises the error."""

    def __init__(self, faults: Sequence[Any]) -> None:
        vars(self)["faults"] = faults

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.refuse()

    def refuse(self, *args: Any) -> Any:
        raise RequestValidationError(vars(self)["faults"])

    __getitem__ = __setitem__ = __delitem__ = __contains__ = __iter__ = __len__ = __bool__ = refuse
    __str__ = __html__ = refuse  # what templates and JSON ask


class NoObject(Refused):
    """A list or a text where an object should be: it is asked, as under Flask, whether a key is in it."""

    def __init__(self, faults: Sequence[Any], sent: list[Any] | str) -> None:
        super().__init__(faults)
        vars(self)["model_fields_set"] = sent

    def __contains__(self, key: str) -> bool:
        return key in self.model_fields_set

    def __bool__(self) -> bool:
        return bool(self.model_fields_set)


ENCODERS_BY_TYPE[Refused] = ENCODERS_BY_TYPE[NoObject] = Refused.refuse


def late(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError as error:
        return NoObject(in_body(error), value) if isinstance(value, list | str) else Refused(in_body(error))


def in_body(error: ValidationError) -> list[Any]:
    """What is wrong, as FastAPI says it of a body."""
    return [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]


def not_sent() -> Refused:
    return Refused([{"type": "missing", "loc": ("body",), "msg": "Field required"}])
