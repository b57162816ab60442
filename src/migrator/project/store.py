"""Parsed modules, kept only as long as there is room: a syntax tree is cheap to make again and dear to keep."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

from migrator.module import Module
from migrator.project.facts import ModuleFacts
from migrator.source import decode

ROOM = 20_000_000  # characters of source whose trees are kept at a time


class Store:
    """Gives the `Module` of each file of the project. `root` is the project's folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._kept: OrderedDict[str, Module] = OrderedDict()
        self._size = 0
        self._facts: dict[str, ModuleFacts] = {}

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
        text = decode((self.root / facts.path).read_bytes()).text
        return self.keep(Module(facts.path, name, text, is_package=facts.is_package))

    def keep(self, module: Module) -> Module:
        """Remember a module that is parsed already."""
        self._kept[module.name] = module
        self._size += len(module.text)
        while self._size > ROOM and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._size -= len(gone.text)
        return module
