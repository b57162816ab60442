"""Werkzeug's URL converters as convertors of Starlette, so that `{code:country}` means what `<country:code>` meant.

    register_converter("country", UnicodeConverter, length=2)
    register_converter("slug", SlugConverter)

    @bp.get("/{code:country}/{title:slug}")

Register before the first route that names the converter is declared: Starlette looks it up at that moment.
"""

import re
from collections.abc import Callable
from typing import Any

from starlette.convertors import (
    Convertor,
    FloatConvertor,
    IntegerConvertor,
    PathConvertor,
    StringConvertor,
    UUIDConvertor,
    register_url_convertor,
)
from starlette.exceptions import HTTPException
from werkzeug.routing import BaseConverter, Map, ValidationError

ConverterFactory = Callable[[Map], BaseConverter]

# the convertors that Starlette has from the start, and what Werkzeug calls its own
SAME_IN_WERKZEUG: dict[type[Convertor[Any]], str] = {
    StringConvertor: "default",
    PathConvertor: "path",
    IntegerConvertor: "int",
    FloatConvertor: "float",
    UUIDConvertor: "uuid",
}


class WerkzeugConvertor(Convertor[Any]):
    """A converter of Werkzeug that Starlette can match with."""

    def __init__(self, make: ConverterFactory) -> None:
        self.make = make
        self.converter = make(Map())
        self.regex = embeddable(self.converter.regex)  # type: ignore[misc]  # one class, many patterns

    def convert(self, value: str) -> Any:
        try:
            return self.converter.to_python(value)
        except ValidationError as error:
            raise HTTPException(404) from error

    def to_string(self, value: Any) -> str:
        return self.converter.to_url(value)


def register_converter(name: str, converter_class: type[BaseConverter], *args: Any, **kwargs: Any) -> None:
    """Let routes write `{parameter:name}` for `converter_class`, made with these arguments."""
    register_url_convertor(name, WerkzeugConvertor(lambda url_map: converter_class(url_map, *args, **kwargs)))


def embeddable(pattern: str) -> str:
    """The pattern as a part of a longer one: without anchors at its ends, and without names for its groups."""
    unnamed = re.sub(r"\(\?P<\w+>", "(?:", pattern)
    return unnamed.removeprefix("^").removesuffix("$")


class StarletteConverter(BaseConverter):
    """A convertor that was written for Starlette."""

    def __init__(self, url_map: Map, convertor: Convertor[Any]) -> None:
        super().__init__(url_map)
        self.convertor = convertor
        self.regex = convertor.regex
        self.part_isolating = "/" not in convertor.regex

    def to_python(self, value: str) -> Any:
        return self.convertor.convert(value)

    def to_url(self, value: Any) -> str:
        return super().to_url(self.convertor.to_string(value))


def factory_of(convertor: Convertor[Any]) -> ConverterFactory:
    """The converter for Werkzeug's URL map that does what the convertor does."""
    if isinstance(convertor, WerkzeugConvertor):
        return convertor.make
    return lambda url_map: StarletteConverter(url_map, convertor)
