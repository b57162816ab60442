"""The support package: which of its modules a project needs, where they go, and how the project's code imports them.

A codemod package brings its helpers in a sub-package `support`; they are copied as they are.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

FOLDER = "flask_compat"
USED = re.compile(rf"\b{FOLDER}(?:\.|[ \t]+import[ \t]+)(\w+)")
HOME = "flask_to_fastapi.support"
# what asks for the current request though it stands outside of `context`
CONTEXT_READERS = frozenset(
    {
        "database.SQLAlchemy",
        "flashing.flash",
        "flashing.get_flashed_messages",
        "scopes.Local",
        "scopes.scope_key",
        "templates.get_template_attribute",
        "templates.render_template",
        "templates.render_template_string",
        "templates.stream_template",
        "templates.stream_template_string",
    }
)


@cache
def source(name: str) -> bytes:
    """The bytes of a support module."""
    return files(HOME).joinpath(f"{name}.py").read_bytes()


@cache
def imported_by(name: str) -> frozenset[str]:
    """The support modules that one names in its imports; two may know each other, for their types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source(name))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found.update([node.module] if node.module else [alias.name for alias in node.names])
    return frozenset(found)


@cache
def needs(name: str) -> frozenset[str]:
    """The support modules that one needs, itself included."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += imported_by(current)
    return frozenset(found)


def package(names: Iterable[str], folder: str) -> dict[str, bytes]:
    """The files of the support package, by path, for a project that imports `names`."""
    wanted = sorted({need for name in names for need in needs(name)})
    if not wanted:
        return {}
    base = PurePosixPath(folder) / FOLDER
    return {str(base / f"{name}.py"): source(name) for name in ["__init__", *wanted]}


def unused(texts: Iterable[str], files: Iterable[str], folder: str) -> list[str]:
    """The paths of those of our `files` in a project's support package that none of its `texts` leads to."""
    names = {name for text in texts for name in USED.findall(text)}
    wanted = {f"{need}.py" for name in names if has(name) for need in needs(name)}
    base = PurePosixPath(folder) / FOLDER
    found = [file for file in sorted(files) if file not in wanted and file != "__init__.py" and has(file[:-3])]
    return [str(base / file) for file in found]


@cache
def has(name: str) -> bool:
    """Whether there is a support module of that name."""
    return files(HOME).joinpath(f"{name}.py").is_file()


def imported_as(support: str, module: str, is_package: bool, home: str) -> str:
    """What stands behind `from` in `module` for a support module; `home` is the package that holds the folder."""
    target = f"{FOLDER}.{support}"
    if not home:
        return target
    if module == home or module.startswith(f"{home}."):
        package = module.split(".") if is_package else module.split(".")[:-1]
        return "." * (len(package) - len(home.split(".")) + 1) + target
    return f"{home}.{target}"
