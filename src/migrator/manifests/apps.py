"""Which app of the project a command means: `shop`, `shop:app`, `shop/__init__.py`, `shop:create_app()`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

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
    """The migrated apps; `commands` is the module that runs the commands of an app, "" where it was not copied.
    `flask` are the names of those that stay Flask: module and public name, and the name of the Flask app."""

    project: Project
    migrated: frozenset[ObjectId]
    commands: str = ""
    flask: Mapping[tuple[str, str], str] = field(default_factory=dict)

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

    def stays(self, target: Target) -> bool:
        """Whether the app is a Flask app still, which `flask` has commands for."""
        return bool(self.flask) and (self._module(target.module), target.attribute) in self.flask

    def as_flask(self, written: str) -> str:
        """How `flask` finds the Flask app that it found as `written`; the same where nothing has to change."""
        target = self.target(written)
        if target is None or not self.stays(target) or (not target.is_factory and ":" not in written):
            return written  # of an app that no name is given for it looks for any Flask app
        name = self.flask[self._module(target.module) or "", target.attribute]
        return f"{written.partition(':')[0]}:{name}" + (f"({target.arguments})" if target.arguments else "")

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
