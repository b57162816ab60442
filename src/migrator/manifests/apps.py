"""Which app of the project a command means: `shop`, `shop:app`, `shop/__init__.py`, `shop:create_app()`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from migrator.project.model import ObjectId
from migrator.project.project import Project

NAMES = ("app", "application")  # what Flask looks for in a module, in this order
FACTORIES = ("create_app", "make_app")


@dataclass(frozen=True, slots=True)
class Target:
    """An app as ASGI servers name it; `arguments` is what a factory is called with, None for an app."""

    module: str
    attribute: str
    arguments: str | None = None
    folder: str = ""  # that goes on the import path

    @property
    def is_factory(self) -> bool:
        return self.arguments is not None

    def __str__(self) -> str:
        return f"{self.module}:{self.attribute}"


@dataclass(frozen=True)
class Apps:
    """The migrated apps; `commands` is the module that runs the commands of an app, "" where it was not copied."""

    project: Project
    migrated: frozenset[ObjectId]
    commands: str = ""

    def target(self, written: str, names: Collection[str] = (*NAMES, *FACTORIES)) -> Target | None:
        """The migrated app that `written` leads to. `names` are tried where it names but a module."""
        path, _, attribute = written.partition(":")
        folder = ""
        if path.endswith(".py") or "/" in path:
            folder, path = _module_of(path)
        module = self._module(path)
        if module is None:
            return None
        call = re.fullmatch(r"(\w+)\((.*)\)", attribute.strip())
        if call:
            return self._found(module, path, call[1], call[2].strip(), folder)
        if attribute:
            return self._found(module, path, attribute, None, folder) or self._found(
                module, path, attribute, "", folder
            )
        for name in names:
            if found := self._found(module, path, name, "" if name in FACTORIES else None, folder):
                return found
        own = sorted({app[2] for app in self.migrated if app[:2] == (module, "")})
        return Target(path, own[0], None, folder) if len(own) == 1 else None

    @property
    def only(self) -> Target | None:
        """The app of a project that has but one."""
        if len(self.migrated) != 1:
            return None
        ((module, scope, name),) = self.migrated
        if not scope:
            return Target(module, name)
        return self._found(module, module, scope, "", "") if "." not in scope else None

    def _found(self, module: str, path: str, name: str, arguments: str | None, folder: str) -> Target | None:
        reference = name if arguments is None else f"{name}()"
        routers = self.project.names.routers_at(module, "", reference)
        return Target(path, name, arguments, folder) if self.migrated & {*routers} else None

    def _module(self, name: str) -> str | None:
        """The module of the project that is imported as `name` where the command runs."""
        if name in self.project.modules:
            return name
        found = [one for one in self.project.modules if name and one.endswith(f".{name}")]
        return found[0] if len(found) == 1 else None


def _module_of(path: str) -> tuple[str, str]:
    """The folder and the dotted name of a file: Flask imports it so."""
    plain = path.removeprefix("./").removesuffix(".py").removesuffix("/__init__").strip("/")
    folder, _, name = plain.rpartition("/")
    return folder, name
