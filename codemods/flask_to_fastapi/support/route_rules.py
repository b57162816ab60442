"""What a route is in Werkzeug's URL map: its path as a rule, and the rules of what is mounted there."""

import re
from typing import Any

from fastapi.routing import RouteContext
from starlette.convertors import Convertor
from starlette.routing import PARAM_REGEX
from werkzeug.routing import Map, Rule

from .converters import SAME_IN_WERKZEUG, factory_of


class RouteRule(Rule):
    """A rule that knows the route it was made from. Its endpoint is the name of the route, as in Flask."""

    def __init__(self, path: str, context: RouteContext, endpoint: str | None = None, **options: Any) -> None:
        super().__init__(path, endpoint=endpoint or context.name, **options)
        self.context = context

    @property
    def serves_options(self) -> bool:
        """Does the route itself answer OPTIONS? Else the answer is the list of methods."""
        return self.context.methods is None or "OPTIONS" in self.context.methods


def rule_text(path: str, convertors: dict[str, Convertor[Any]], url_map: Map, names: dict[int, str]) -> str:
    """Starlette's `/orders/{id:int}` as Werkzeug's `/orders/<int:id>`; registers the converters that it needs."""

    def converter_name(convertor: Convertor[Any]) -> str:
        if type(convertor) in SAME_IN_WERKZEUG:
            return SAME_IN_WERKZEUG[type(convertor)]
        if id(convertor) not in names:
            names[id(convertor)] = name = f"converter_{len(names)}"
            url_map.converters[name] = factory_of(convertor)  # type: ignore[assignment]  # is only called
        return names[id(convertor)]

    def variable(match: re.Match[str]) -> str:
        name = converter_name(convertors[match[1]])
        return f"<{match[1]}>" if name == "default" else f"<{name}:{match[1]}>"

    return PARAM_REGEX.sub(variable, path)


def add_mount(url_map: Map, context: RouteContext, path: str) -> None:
    """The rules of a mounted Flask app join the map; of other mounts only the address is known, for `url_for`."""
    mounted = mounted_map(context)
    if mounted:
        url_map.converters.update(mounted.converters)
        for rule in mounted.iter_rules():
            url_map.add(RouteRule(path + rule.rule, context, **options_of(rule)))
    elif context.name:
        url_map.add(RouteRule(f"{path}/<path:filename>", context, build_only=True))


def mounted_map(context: RouteContext) -> Map | None:
    """The URL map of the Flask app that is mounted here by way of a WSGI middleware."""
    url_map = getattr(getattr(context.app, "app", None), "url_map", None)
    return url_map if isinstance(url_map, Map) else None


def options_of(rule: Rule) -> dict[str, Any]:
    kept = ("endpoint", "methods", "defaults", "strict_slashes", "merge_slashes", "redirect_to", "build_only", "alias")
    return {name: getattr(rule, name) for name in kept}
