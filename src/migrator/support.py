"""The support package: which of its modules a project needs, where they go, and how the project's code imports them.

A codemod package brings its helpers in a sub-package `support`; they are copied as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

FOLDER = "flask_compat"
HOME = "flask_to_fastapi.support"
# what asks for the current request though it stands outside of `context`
CONTEXT_READERS = frozenset(
    {
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
def needs(name: str) -> frozenset[str]:
    """The support modules that one imports, itself included."""
    found = {name}
    for node in ast.walk(ast.parse(source(name))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for other in names:
                if other not in found:
                    found |= needs(other)
    return frozenset(found)


def package(names: Iterable[str], folder: str) -> dict[str, bytes]:
    """The files of the support package, by path, for a project that imports `names`."""
    wanted = sorted({need for name in names for need in needs(name)})
    if not wanted:
        return {}
    base = PurePosixPath(folder) / FOLDER
    return {str(base / f"{name}.py"): source(name) for name in ["__init__", *wanted]}


def imported_as(support: str, module: str, is_package: bool, home: str) -> str:
    """What stands behind `from` in `module` for a support module; `home` is the package that holds the folder."""
    target = f"{FOLDER}.{support}"
    if not home:
        return target
    if module == home or module.startswith(f"{home}."):
        package = module.split(".") if is_package else module.split(".")[:-1]
        return "." * (len(package) - len(home.split(".")) + 1) + target
    return f"{home}.{target}"
