"""Conversions in a `try` are written as FastAPI can read them.

## What changes

A value of the request that is converted in a `try` whose handler puts a constant in its place is what
`request.args.get(..., type=int)` gives. Where the handler answers, a missing value is None like any other: what
`int(None)` raises is caught in place of the `KeyError`.

## Example

```python
try:
    page = int(request.args["page"])
except (KeyError, ValueError):
    page = 1
```

becomes a parameter of the view:

```python
def index(page: Annotated[int, coerced(int), or_default(1)] = 1): ...
```

## Safety

Only where nothing else in the `try` can raise what is caught.

## What is left to you

Nothing. All other reads in a `try` ask the request.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from migrator.codemod import Codemod, Module, Plan, Prepared, Project, Rule, Safety, Span
from migrator.project.requests import Use, use_at
from migrator.project.store import edited
from migrator.syntax import reference

MAPPINGS = ("args", "form", "headers", "cookies")
NUMBERS = {"int": int, "float": float}
# what raises a TypeError for None, and no KeyError for a text
CONVERSIONS = {
    "int", "float", "decimal.Decimal", "uuid.UUID", "datetime.date.fromisoformat", "datetime.datetime.fromisoformat",
    "datetime.datetime.strptime",
}  # fmt: skip
ALL = {"", "Exception", "BaseException"}
NO_KEY = {"KeyError", "LookupError", *ALL}
NO_NUMBER = {"ValueError", *ALL}
NONE = {"TypeError", *ALL}


@dataclass(frozen=True, slots=True)
class Conversion:
    """`name = int(request.args["page"])`."""

    name: str
    function: str
    use: Use


class TriedValues(Codemod):
    """Values that are tried to be converted."""

    rule = Rule("FF307", "tried-values", "values that are converted in a try become typed parameters", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        """Nothing is left to do: the source was prepared."""
        yield from ()

    def prepare(self, module: Module, project: Project) -> Prepared | None:
        uses = {use.node: use for node, target in project.flask_reads(module) if (use := read(module, node, target))}
        if not uses:
            return None
        edits: list[tuple[Span, str]] = []
        for name in project.views_in(module.name):
            function = module.functions.get(name)
            for node in module.nodes(ast.Try):
                if function is None or module.function_of(node) is not function or node.orelse or node.finalbody:
                    continue
                found = [conversion(module, project, statement, uses) for statement in node.body]
                if None not in found and not any(handler.name for handler in node.handlers):
                    tried = [one for one in found if one is not None]
                    edits += whole(module, node, tried) or missing(module, node, tried)
        return edited(module, edits) if edits else None


def read(module: Module, node: ast.expr, target: str) -> Use | None:
    """A read of one value of the request, as a text."""
    if target != "flask.request":
        return None
    use = use_at(module, node)
    is_plain = use.access in ("item", "get") and use.type is None and not isinstance(use.node, ast.Attribute)
    return use if use.kind in MAPPINGS and is_plain else None


def conversion(
    module: Module, project: Project, statement: ast.stmt, uses: dict[ast.AST | None, Use]
) -> Conversion | None:
    """A statement that converts a value and does nothing else."""
    if not isinstance(statement, ast.Assign) or not isinstance(call := statement.value, ast.Call):
        return None
    name, function = [reference(one) for one in statement.targets], project.canonical(module.dotted(call.func))
    if module.scope_of(call).lookup(reference(call.func)) is None:
        function = reference(call.func)
    if len(name) != 1 or not name[0].isidentifier() or function not in CONVERSIONS:
        return None
    if not call.args or call.keywords or any(not isinstance(one, ast.Constant) for one in call.args[1:]):
        return None
    use = uses.get(call.args[0])
    return Conversion(name[0], function, use) if use is not None else None


def whole(module: Module, node: ast.Try, tried: list[Conversion]) -> list[tuple[Span, str]]:
    """The `try` as one read, where its handler gives the value a constant."""
    one, handler = tried[0], node.handlers[0]
    given = handler.body[0]
    if len(tried) > 1 or len(node.handlers) > 1 or len(handler.body) > 1 or one.function not in NUMBERS:
        return []
    if not isinstance(given, ast.Assign) or [reference(target) for target in given.targets] != [one.name]:
        return []
    lines = module.lines[node.lineno - 1 : node.end_lineno]
    if any("#" in line for line in lines) or not isinstance(given.value, (ast.Constant, ast.UnaryOp)):
        return []
    use, caught = one.use, caught_by(handler)
    is_missing = NO_KEY if use.access == "item" else NONE if use.default is None else caught
    if not caught & NO_NUMBER or not caught & is_missing:
        return []
    if use.default is not None and converted(use.default, one.function) != converted(given.value, one.function):
        return []
    assert isinstance(use.node, (ast.Call, ast.Subscript))
    base = use.node.value if isinstance(use.node, ast.Subscript) else use.node.func.value  # type: ignore[attr-defined]
    is_none = isinstance(given.value, ast.Constant) and given.value.value is None
    default = "" if is_none else f", {module.source(given.value)}"
    text = f'{one.name} = {module.source(base)}.get("{use.key}"{default}, type={one.function})'
    return [(module.span(node), text)]


def missing(module: Module, node: ast.Try, tried: list[Conversion]) -> list[tuple[Span, str]]:
    """The reads as they are None where nothing was sent, and what is caught for that."""
    items = [one.use.node for one in tried if one.use.access == "item"]
    holders = [handler for handler in node.handlers if caught_by(handler) & NO_KEY]
    if not items or not holders or len(holders) > 1:
        return []
    first = holders[0]
    # what is caught for None must not be caught elsewhere, or for something that is there
    if any(caught_by(handler) & NONE for handler in node.handlers if handler is not first):
        return []
    names = [one for one in types_of(first) if reference(one) == "KeyError"]
    if not caught_by(first) & ALL and len(names) != 1:
        return []
    edits: list[tuple[Span, str]] = []
    for item in items:
        assert isinstance(item, ast.Subscript)
        edits.append((module.span(item), f"{module.source(item.value)}.get({module.source(item.slice)})"))
    if not caught_by(first) & NONE:
        edits.append((module.span(names[0]), "TypeError"))
    return edits


def types_of(handler: ast.ExceptHandler) -> list[ast.expr]:
    if handler.type is None:
        return []
    return handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]


def caught_by(handler: ast.ExceptHandler) -> set[str]:
    """The names of what a handler catches; "" where it catches all."""
    return {reference(one) for one in types_of(handler)} or {""}


def converted(node: ast.expr, function: str) -> object:
    """What a conversion makes of a constant; the node itself where that is not known."""
    try:
        value = ast.literal_eval(node)
        return NUMBERS[function](value)
    except (ValueError, TypeError, SyntaxError):
        return node
