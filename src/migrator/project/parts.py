"""Which modules of a project may know of each other: each part can be migrated without the others."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from migrator.project.facts import ModuleFacts
from migrator.project.mounting import is_test
from migrator.project.project import Project

# a text that may name a module ("shop.views:app", f"shop.{name}"), and calls that find modules by other means
NAMED = re.compile(r"""["'](\.*[A-Za-z_][\w.]*)""")
FINDS_MODULES = re.compile(
    r"\b(?:import_module|import_string|__import__|find_modules|iter_modules|walk_packages|spec_from_file_location"
    r"|entry_points|iter_entry_points|load_module|exec_module|runpy)\b"
)


def parts_of(project: Project) -> list[dict[str, ModuleFacts]]:
    """The modules of a project by parts, each in the order of the project, the parts in that of their first modules.

    Modules are in one part if one of them imports the other, may have its name in a text, or is a test that may use its
    fixtures. What leads to no app belongs to the app that lies nearest, if there is one.
    """
    joined = _Joined(project.modules)
    packages = _below(project.modules)
    for name in project.modules:
        for other in _led_to(project, packages, name):
            joined.join(name, other)
    for name, app in _nearest_apps(project, joined).items():
        joined.join(name, app)
    found: dict[str, dict[str, ModuleFacts]] = {}
    for name, facts in project.modules.items():
        found.setdefault(joined.head(name), {})[name] = facts
    return list(found.values())


def work_in(part: Mapping[str, ModuleFacts]) -> int:
    """How much there is to do in a part, as against others."""
    return sum(len(facts.functions) + len(facts.calls) for facts in part.values())


class _Joined:
    """Sets of names that grow together."""

    def __init__(self, names: Collection[str]) -> None:
        self._next = {name: name for name in names}

    def head(self, name: str) -> str:
        """The name that stands for all that a name is joined with."""
        while (up := self._next[name]) != name:
            self._next[name] = name = self._next[up]
        return name

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self.head(one), self.head(other)))
        self._next[second] = first


def _below(modules: Collection[str]) -> dict[str, list[str]]:
    """The modules in each package, at any depth."""
    found: dict[str, list[str]] = {"": [*modules]}
    for name in modules:
        for package in _around(name):
            found.setdefault(package, []).append(name)
    return found


def _around(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))


def _led_to(project: Project, packages: Mapping[str, list[str]], name: str) -> Iterator[str]:
    """The modules that one may come to."""
    facts, modules = project.modules[name], project.modules
    targets = {b.removeprefix("import:") for bs in facts.bindings.values() for b in bs if b.startswith("import:")}
    for target in targets | {*facts.stars}:
        for around in (*_around(target), target):  # a package that holds nothing tells its modules nothing
            if around in modules and (around == target or modules[around].bindings or modules[around].stars):
                yield around
        yield from packages.get(target, ())
    module = project.store.module(name)
    text = module.text if module is not None else ""
    home = name if facts.is_package else name.rpartition(".")[0]
    for named in {*NAMED.findall(text)}:
        yield from _named(modules, packages, named, home)
    if FINDS_MODULES.search(text):
        yield from packages.get(home, ())
    if name.rpartition(".")[2] == "conftest":
        folder = PurePosixPath(facts.path).parent
        yield from (n for n, one in modules.items() if is_test(one.path) and folder in PurePosixPath(one.path).parents)


def _named(modules: Collection[str], packages: Mapping[str, list[str]], text: str, home: str) -> Iterator[str]:
    """The modules that a text may stand for: the longest part of it that is one, or all that lie in a package."""
    if text.startswith("."):
        dots = len(text) - len(text.lstrip("."))
        text = ".".join(filter(None, [*home.split(".")[: len(home.split(".")) - dots + 1], text.strip(".")]))
    target = text.rstrip(".")
    while target:
        if target in packages:
            yield from packages[target]
        if target in modules:
            yield target
        if target in packages or target in modules:
            return
        target = target.rpartition(".")[0]


def _nearest_apps(project: Project, joined: _Joined) -> dict[str, str]:
    """For what leads to no app the module of the app in whose folder, or nearest to it, it lies."""
    made = [n for n, one in project.modules.items() if any(c.kind == "flask.Flask" for c in one.constructed)]
    made = [name for name in made if not is_test(project.modules[name].path)] or made
    apps: dict[PurePosixPath, set[str]] = {}  # below each folder
    for name in made:
        for folder in PurePosixPath(project.modules[name].path).parents:
            apps.setdefault(folder, set()).add(joined.head(name))
    with_app = {joined.head(name) for name in made}
    found: dict[str, str] = {}
    for name, facts in project.modules.items():
        if joined.head(name) not in with_app:
            nearest = next((apps[f] for f in PurePosixPath(facts.path).parents if f in apps), set())
            if len(nearest) == 1:
                found[name] = next(iter(nearest))
    return found
