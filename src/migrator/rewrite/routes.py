"""The one renderer of a route: its decorator, or the call that adds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from migrator.changes import Code, RouteOption, SetRoute
from migrator.location import Span
from migrator.rewrite.imports import ImportBlock

ORDER = ("methods", "name", "status_code", "response_class", "responses", "openapi_extra", "include_in_schema")


def route_code(
    route: SetRoute, options: Mapping[Span, Sequence[RouteOption]], imports: ImportBlock, width: int
) -> Iterator[tuple[str, Code]]:
    """For each head of the route the text of the call, and a code whose parts are the holes of that text."""
    views = route.views or (route.view,) * len(route.heads)
    for head, arguments, view in zip(route.heads, route.arguments, views, strict=True):
        merged: dict[str, Code] = dict(route.options)
        for option in options.get(view, ()) if view is not None else ():
            merged.setdefault(option.name, option.value)
        named = sorted(merged.items(), key=lambda item: ORDER.index(item[0]) if item[0] in ORDER else len(ORDER))
        parts: list[Span] = []
        items: list[str] = []
        for name, code in (*((None, a) for a in arguments), *named):
            text = imports.named(code)
            for number in range(len(code.parts) - 1, -1, -1):
                text = text.replace(f"__{number}__", f"__{number + len(parts)}__")
            parts += code.parts
            items.append(text if name is None else f"{name}={text}")
        line = f"{head}({', '.join(items)})"
        if len(line) + 1 > width:
            one = f"{head}(\n    {', '.join(items)}\n)"
            rows = f"{head}(\n" + "".join(f"    {item},\n" for item in items) + ")"
            line = one if max(map(len, one.splitlines())) <= width else rows
        yield line, Code(line, tuple(parts))
