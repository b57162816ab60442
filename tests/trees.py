"""Trees of files: reading, writing and comparing them, and what a migration makes of one."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from migrator.pipeline import FileChange, Migration, Options, run
from migrator.settings import load
from migrator.support import FOLDER

Tree = Mapping[str, bytes]  # by path, with forward slashes
LEFT_OUT = {"__pycache__", ".git"}


def read_tree(root: Path) -> dict[str, bytes]:
    """Every file below a folder, without caches."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and not LEFT_OUT & set(path.parts))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def write_tree(root: Path, tree: Mapping[str, bytes | str]) -> Path:
    """The files below `root`, which is made."""
    root.mkdir(parents=True, exist_ok=True)
    for name, data in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return root


def write_changes(root: Path, changes: Sequence[FileChange]) -> None:
    """What `apply` would write."""
    for change in changes:
        if change.after is None:
            (root / change.path).unlink()
        else:
            write_tree(root, {change.path: change.after})


def migrate(root: Path, options: Options | None = None) -> Migration:
    """Migrates the tree in place; what it says of itself in `pyproject.toml` counts."""
    migration = run(root, [], options or Options(mount=load(root).mount))
    write_changes(root, migration.changes)
    return migration


def own(tree: Tree) -> dict[str, bytes]:
    """The tree without the support package, which is the same for all."""
    return {name: data for name, data in tree.items() if FOLDER not in name.split("/")}


def tree_diff(wanted: Tree, found: Tree) -> str:
    """How two trees differ, as a reader wants it; empty where they are the same."""
    pieces: list[str] = []
    for name in sorted({*wanted, *found}):
        one, two = wanted.get(name), found.get(name)
        if one == two:
            continue
        if one is None or two is None:
            pieces.append(f"{name}: {'is not wanted' if one is None else 'is missing'}\n")
        lines = [(data or b"").decode("utf-8", "backslashreplace").splitlines(keepends=True) for data in (one, two)]
        shown = "".join(difflib.unified_diff(lines[0], lines[1], f"{name} (wanted)", f"{name} (found)"))
        pieces.append(shown or f"{name}: {one!r}\n{name}: {two!r}\n")
    return "".join(pieces)


def broken_files(tree: Tree) -> list[str]:
    """The Python files that do not compile."""
    found = []
    for name, data in tree.items():
        if name.endswith(".py"):
            try:
                compile(data, name, "exec", dont_inherit=True)
            except (SyntaxError, ValueError) as error:
                found.append(f"{name}: {error}")
    return found


def missing_support(tree: Tree) -> list[str]:
    """The names that files take from the support package, and that it does not have."""
    defined: dict[str, set[str]] = {}
    for name, data in tree.items():
        if name.endswith(".py") and FOLDER in name.split("/"):
            defined[name.rpartition("/")[2].removesuffix(".py")] = _top_names(ast.parse(data))
    missing = []
    for name, data in tree.items():
        if not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(data)):
            parts = (node.module or "").split(".") if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.ImportFrom) and FOLDER in parts[:-1]:
                names = {alias.name for alias in node.names}
                missing += [f"{name}: {parts[-1]}.{one}" for one in sorted(names - defined.get(parts[-1], set()))]
    return missing


def _top_names(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name for alias in node.names}
    return found
