"""Werkzeug's rules (`/orders/<int:order_id>`) as Starlette's paths (`/orders/{order_id:int}`)."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

PART = re.compile(
    r"(?P<static>[^<]*)<(?:(?P<converter>[a-zA-Z_][a-zA-Z0-9_]*)(?:\((?P<arguments>.*?)\))?:)?(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)>"
)
PLAIN = {"default": "", "string": "", "int": "int", "float": "float", "path": "path", "uuid": "uuid"}
CLASSES = {
    "default": "UnicodeConverter",
    "string": "UnicodeConverter",
    "int": "IntegerConverter",
    "float": "FloatConverter",
    "path": "PathConverter",
    "uuid": "UUIDConverter",
    "any": "AnyConverter",
}
TYPES = {"default": "str", "string": "str", "path": "str", "any": "str", "int": "int", "float": "float", "uuid": "UUID"}


@dataclass(frozen=True, slots=True)
class PathParameter:
    """A variable of a rule. `convertor` is its name in Starlette's path; one that is not built in has a Werkzeug class
    (`werkzeug`, "" for a converter of the project) and `arguments` as code."""

    name: str
    converter: str  # as in the rule
    convertor: str
    werkzeug: str = ""
    arguments: str = ""

    @property
    def is_built_in(self) -> bool:
        return self.convertor in PLAIN.values()

    @property
    def type(self) -> str:
        """The Python type that views get, "" where it is not known."""
        return TYPES.get(self.converter, "")


def starlette_path(rule: str) -> tuple[str, tuple[PathParameter, ...]]:
    """The path of a rule and its variables. Raises `ValueError` where the rule is malformed."""
    path, parameters, end = "", [], 0
    for match in PART.finditer(rule):
        parameter = _parameter(match["name"], match["converter"] or "default", match["arguments"])
        path += _escaped(match["static"])
        path += f"{{{parameter.name}:{parameter.convertor}}}" if parameter.convertor else f"{{{parameter.name}}}"
        parameters.append(parameter)
        end = match.end()
    rest = rule[end:]
    if "<" in rest or ">" in rest:
        raise ValueError(f"the rule {rule!r} is malformed")
    return path + _escaped(rest), tuple(parameters)


def _escaped(static: str) -> str:
    return static


def _parameter(name: str, converter: str, arguments: str | None) -> PathParameter:
    if not arguments and converter in PLAIN:
        return PathParameter(name, converter, PLAIN[converter])
    if not arguments:
        return PathParameter(name, converter, converter, CLASSES.get(converter, ""))
    code = _arguments(arguments)
    words = re.sub(r"[^\w\s,='\"()]", lambda sign: f" x{ord(sign[0]):x} ", arguments)
    plain = re.sub(r"\W+", "_", words).strip("_").lower()
    return PathParameter(name, converter, f"{converter}_{plain}", CLASSES.get(converter, ""), code)


def _arguments(text: str) -> str:
    """The arguments of a converter as Python: words without quotes are strings, as Werkzeug reads them."""
    found: list[str] = []
    for item in re.split(r"\s*,\s*", text.strip()):
        key, equals, value = item.partition("=")
        value = value.strip() if equals else item.strip()
        try:
            ast.literal_eval(value)
        except (ValueError, SyntaxError):
            value = f'"{value}"'
        value = re.sub(r"^'([^'\"]*)'$", r'"\1"', value)
        found.append(f"{key.strip()}={value}" if equals else value)
    return ", ".join(found)
