"""Routes that are written down twice, with a slash at the end and without: what `strict_slashes=False` was in Flask.

@app.get("/orders")
@app.get("/orders/", include_in_schema=False)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.routing import RouteContext
from starlette.routing import Route

Spelling = tuple[str, str | None, frozenset[str]]


@dataclass(frozen=True)
class Spellings:
    """The addresses of the documented routes, and of the others."""

    shown: frozenset[Spelling]
    hidden: frozenset[Spelling]

    def is_further(self, context: RouteContext) -> bool:
        """Is this the other spelling of a documented route?"""
        return not context.include_in_schema and other(spelling(context)) in self.shown

    def has_further(self, context: RouteContext) -> bool:
        return bool(context.include_in_schema) and other(spelling(context)) in self.hidden


def spellings_of(contexts: Sequence[RouteContext]) -> Spellings:
    routes = [context for context in contexts if isinstance(context.original_route, Route)]
    shown = frozenset(spelling(context) for context in routes if context.include_in_schema)
    return Spellings(shown, frozenset(spelling(context) for context in routes) - shown)


def spelling(context: RouteContext) -> Spelling:
    return context.path or "", context.name, frozenset(context.methods or ())


def other(spelling: Spelling) -> Spelling:
    path, name, methods = spelling
    return path[:-1] if path.endswith("/") else f"{path}/", name, methods
