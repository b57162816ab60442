"""The one renderer of definitions that a module gets: models and annotations, above the code that uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from migrator.changes import AddDefinition
from migrator.location import Span
from migrator.module import Module
from migrator.rewrite.imports import ImportBlock
from migrator.rewrite.plan import Plan
from migrator.source import lines_of


def placed_definitions(module: Module, plan: Plan, imports: ImportBlock, width: int) -> Iterator[tuple[int, str]]:
    """For each place the line above which the text goes."""
    del width
    definitions = {definition.name: definition for definition in reversed(plan.definitions)}
    lines = lines_of(module.text)
    by_line: dict[int, list[AddDefinition]] = {}
    for name in ordered(definitions):
        place = first_use(name, definitions, plan)
        by_line.setdefault(_line_above(module, place, lines), []).append(definitions[name])
    for line, group in by_line.items():
        texts = [imports.named(one.new).strip("\n") for one in group]
        text = texts[0]
        for before, new in pairwise(texts):
            apart = "\n" if is_line(before) and is_line(new) else "\n\n\n"
            text += apart + new
        yield line, f"{text}\n\n\n".replace("\n", imports.newline)


def is_line(text: str) -> bool:
    """Whether a definition is a simple statement of one line."""
    return "\n" not in text and not text.startswith(("class ", "def ", "@"))


def ordered(definitions: dict[str, AddDefinition]) -> list[str]:
    """The names, each behind those that its code needs; else in the order of the file."""
    found: list[str] = []
    waiting = sorted(definitions, key=lambda name: (definitions[name].above, name))
    while waiting:
        ready = next(
            (n for n in waiting if not any(o != n and mentions(definitions[n], o) for o in waiting)), waiting[0]
        )
        found.append(ready)
        waiting.remove(ready)
    return found


def mentions(definition: AddDefinition, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", definition.new.text) is not None


def first_use(name: str, definitions: dict[str, AddDefinition], plan: Plan) -> Span:
    """The earliest place whose new code needs a definition."""
    pattern = re.compile(rf"\b{re.escape(name)}\b")
    places = [definitions[name].above]
    places += [view for view, options in plan.options.items() if any(pattern.search(o.value.text) for o in options)]
    for function, changes in plan.signatures.items():
        codes = [getattr(change, "annotation", None) for change in changes]
        if any(code is not None and pattern.search(code.text) for code in codes):
            places.append(function)
    for other, definition in definitions.items():
        if other != name and pattern.search(definition.new.text):
            places.append(first_use(other, definitions, plan))
    return min(places)


def _line_above(module: Module, span: Span, lines: list[str]) -> int:
    """The first line of the top-level statement that holds a place, its decorators and comments included."""
    found = span.line
    for statement in module.tree.body:
        first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
        if first <= span.line <= (statement.end_lineno or statement.lineno):
            found = first
    while found > 1 and lines[found - 2].startswith("#"):
        found -= 1
    return found
