"""Paths that are only known when the app runs, written as Flask writes them.

bp.add_api_route(flask_path(f"{prefix}/<int:number>"), view)
"""

import ast
import re
from typing import Any

from starlette.convertors import CONVERTOR_TYPES
from werkzeug.routing import Map

from .converters import register_converter

VARIABLE = re.compile(r"<(?:(?P<converter>[a-zA-Z_]\w*)(?:\((?P<arguments>.*?)\))?:)?(?P<name>[a-zA-Z_]\w*)>")
SAME_IN_STARLETTE = {"default": "str", "string": "str", "int": "int", "float": "float", "path": "path", "uuid": "uuid"}


def flask_path(rule: str) -> str:
    """`/orders/{number:int}` for `/orders/<int:number>`; registers the converters that it needs."""
    return VARIABLE.sub(lambda found: f"{{{found['name']}:{convertor_name(found)}}}", rule)


def convertor_name(variable: re.Match[str]) -> str:
    converter, arguments = variable["converter"] or "default", variable["arguments"]
    if not arguments:
        return SAME_IN_STARLETTE.get(converter, converter)
    name = f"{converter}_{re.sub(r'[^a-zA-Z0-9]+', '_', arguments)}"
    if name not in CONVERTOR_TYPES:
        args, options = parsed(arguments)
        register_converter(name, Map.default_converters[converter], *args, **options)
    return name


def parsed(arguments: str) -> tuple[list[Any], dict[str, Any]]:
    """What stands between the parentheses of a converter: `length=2`, or words without quotes."""
    args: list[Any] = []
    options: dict[str, Any] = {}
    for item in re.split(r"\s*,\s*", arguments.strip()):
        name, equals, text = item.rpartition("=")
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            value = text
        if equals:
            options[name.strip()] = value
        else:
            args.append(value)
    return args, options
