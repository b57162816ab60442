"""Applies changes to a source, for tests of the renderers."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from migrator.changes import Change, Code, Import, NeedImport, Remove, Replace
from migrator.location import Span
from migrator.module import Module
from migrator.project.flask_names import canonical
from migrator.rewrite.apply import line_width, rewrite
from migrator.rewrite.imports import ImportBlock
from migrator.rewrite.plan import merge
from migrator.rule import Rule, Safety

RULE = Rule("FF999", "test", "a rule of the tests", Safety.SAFE)


def at(source: str, text: str, number: int = 0) -> Span:
    """Where `text` stands in the source."""
    start = -1
    for _ in range(number + 1):
        start = source.index(text, start + 1)
    before, end = source[:start], source[: start + len(text)]
    line, end_line = before.count("\n"), end.count("\n")
    return Span(line + 1, start - (before.rfind("\n") + 1), end_line + 1, start + len(text) - (end.rfind("\n") + 1))


def replace(source: str, old: str, new: str, *parts: str, imports: Sequence[Import] = (), number: int = 0) -> Replace:
    """`old` becomes `new`, in which the holes stand for `parts`."""
    spans = tuple(_within(source, old, part, number) for part in parts)
    return Replace(RULE, at(source, old, number), Code(new, spans, tuple(imports)))


def _within(source: str, old: str, part: str, number: int) -> Span:
    whole = at(source, old, number)
    count = 0
    while not whole.contains(span := at(source, part, count)):
        count += 1
    return span


def remove(source: str, text: str) -> Remove:
    return Remove(RULE, at(source, text))


def need(module: str, name: str = "") -> NeedImport:
    return NeedImport(RULE, Import(module, name))


def edited(
    source: str,
    *changes: Change,
    local: Sequence[str] = (),
    used_elsewhere: Sequence[str] = (),
    package: str = "pkg.mod",
) -> str:
    """The source after the changes; `local` are top-level packages of the project."""
    module = Module("pkg/mod.py", package, source)
    plan = merge(changes)
    imports = ImportBlock(
        module,
        plan,
        canonical,
        lambda wanted: f".flask_compat.{wanted[1:]}" if wanted.startswith("~") else wanted,
        lambda top: top in ("pkg", "flask_compat", *local),
        lambda name: name in used_elsewhere,
        line_width(module.text),
    )
    return rewrite(module, plan, imports)


def dedented(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")
