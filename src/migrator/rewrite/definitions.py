"""The one renderer of definitions that a module gets: models and annotations, above the code that uses them."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.location import Span
from migrator.module import Module
from migrator.rewrite.imports import ImportBlock
from migrator.rewrite.plan import Plan


def placed_definitions(module: Module, plan: Plan, imports: ImportBlock, width: int) -> Iterator[tuple[int, str]]:
    """For each place the line above which the text goes."""
    del width
    by_line: dict[int, list[str]] = {}
    seen: set[str] = set()
    lines = module.text.splitlines()
    for definition in plan.definitions:
        if definition.name in seen:
            continue
        seen.add(definition.name)
        by_line.setdefault(_line_above(module, definition.above, lines), []).append(imports.named(definition.new))
    for line, texts in by_line.items():
        text = "\n\n\n".join(text.strip("\n") for text in texts) + "\n\n\n"
        yield line, text.replace("\n", imports.newline)


def _line_above(module: Module, span: Span, lines: list[str]) -> int:
    """The first line of the top-level statement that holds a place, its decorators and comments included."""
    found = span.line
    for statement in module.tree.body:
        if statement.lineno <= span.line <= (statement.end_lineno or statement.lineno):
            found = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
    for statement in module.tree.body:
        first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
        if first <= span.line <= (statement.end_lineno or statement.lineno):
            found = first
    while found > 1 and lines[found - 2].startswith("#"):
        found -= 1
    return found
