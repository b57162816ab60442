"""Parsed modules, kept only as long as there is room: a syntax tree is cheap to make again and dear to keep."""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from migrator.location import Span
from migrator.module import Module
from migrator.project.facts import ModuleFacts
from migrator.source import decode, lines_of, newline_of

TEMPLATES = (".html", ".j2", ".jinja", ".jinja2", ".txt", ".xml")
READ_OF_G = re.compile(r"\bg\.(\w+)")
ROOM = 20_000_000  # characters of source whose trees are kept at a time


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source that was rewritten before it is read, and for each of its lines which line of the file it was."""

    text: str
    lines: tuple[int, ...]


def edited(module: Module, edits: Iterable[tuple[Span, str]]) -> Prepared:
    """The source of a module with other text at some places, of which none lies within another; what comes to one place
    stands there in the order given."""
    newline = newline_of(module.text)
    lines = [*lines_of(f"{module.text}{newline}"), ""]  # so that there is a line behind the last one
    origins = list(range(1, len(lines) + 1))
    placed = sorted(edits, key=lambda edit: (edit[0].line, edit[0].column))
    for span, text in placed[::-1]:
        first, last = span.line - 1, span.end_line - 1
        text = text.replace("\r\n", "\n").replace("\n", newline)
        made = lines_of(f"{lines[first][: span.column]}{text}{lines[last][span.end_column :]}") or [""]
        lines[first : last + 1] = made
        origins[first : last + 1] = [*[span.line] * (len(made) - 1), span.end_line]
    return Prepared("".join(lines).removesuffix(newline), tuple(origins))


class Store:
    """Gives the `Module` of each file of the project. `root` is the project's folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._kept: OrderedDict[str, Module] = OrderedDict()
        self._size = 0
        self._facts: dict[str, ModuleFacts] = {}
        self._prepared: dict[str, Prepared] = {}
        self._lines: dict[str, tuple[int, ...]] = {}  # of these, by path

    @cached_property
    def read_in_templates(self) -> frozenset[str]:
        """What files in folders called `templates` read of `g`."""
        found: set[str] = set()
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            if "templates" in Path(folder).relative_to(self.root).parts:
                for file in files:
                    if file.endswith(TEMPLATES):
                        found.update(READ_OF_G.findall(Path(folder, file).read_text(errors="replace")))
        return frozenset(found)

    def knows(self, facts: Mapping[str, ModuleFacts]) -> None:
        """Tell which files there are, by module name."""
        self._facts = dict(facts)

    def module(self, name: str) -> Module | None:
        """The module of that dotted name; None if the project has none."""
        facts = self._facts.get(name)
        if facts is None:
            return None
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        if name in self._prepared:
            text = self._prepared[name].text
        else:
            text = decode((self.root / facts.path).read_bytes()).text
        return self.keep(Module(facts.path, name, text, is_package=facts.is_package))

    def prepare(self, module: Module, prepared: Prepared) -> Module:
        """Read a module anew from another source. Raises `SyntaxError` where that is no Python."""
        made = Module(module.path, module.name, prepared.text, is_package=module.is_package)
        if (before := self._prepared.get(module.name)) is not None:
            origins = tuple(before.lines[min(number, len(before.lines)) - 1] for number in prepared.lines)
            prepared = Prepared(prepared.text, origins)
        self._prepared[module.name] = prepared
        self._lines[module.path] = prepared.lines
        return self.keep(made)

    def forget(self, name: str) -> Module:
        """Read a module again as it lies on disk."""
        self._prepared.pop(name, None)
        self._lines.pop(self._facts[name].path, None)
        return self.keep(self.unprepared(name))

    @property
    def prepared(self) -> list[str]:
        """The modules whose text was prepared."""
        return sorted(self._prepared)

    def unprepared(self, name: str) -> Module:
        """A module as it lies on disk."""
        facts = self._facts[name]
        text = decode((self.root / facts.path).read_bytes()).text
        return Module(facts.path, name, text, is_package=facts.is_package)

    def original(self, path: str, span: Span) -> Span:
        """The place in the file of a place in the source that was read."""
        if (lines := self._lines.get(path)) is None:
            return span
        first, last = lines[min(span.line, len(lines)) - 1], lines[min(span.end_line, len(lines)) - 1]
        return Span(first, span.column, max(first, last), span.end_column)

    def keep(self, module: Module) -> Module:
        """Remember a module that is parsed already."""
        self._kept[module.name] = module
        self._size += len(module.text)
        while self._size > ROOM and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._size -= len(gone.text)
        return module
