"""New text must compile, and each name that it reads must be there."""

from __future__ import annotations

import builtins

from migrator.module import Module
from migrator.source import lines_of

KNOWN = frozenset(dir(builtins)) | {
    "__file__",
    "__name__",
    "__doc__",
    "__path__",
    "__package__",
    "__spec__",
    "__builtins__",
    "__class__",
    "__loader__",
    "__annotations__",
    "__module__",
    "__qualname__",
}


def checked(before: Module, text: str) -> tuple[Module | None, list[str]]:
    """The new text of a file as a module, and why it must not be written: nothing where it may."""
    try:
        after = Module(before.path, before.name, text, is_package=before.is_package)
        compile(after.tree, before.path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        return None, [f"{getattr(error, 'msg', error)} in line {line}: {_line(text, line)}"]
    if after.stars:
        return after, []
    return after, [f"the name {name} would not be defined" for name in sorted(unknown(after) - unknown(before))]


def unknown(module: Module) -> set[str]:
    """The names that a module reads and nobody defines."""
    return {node.id for node, scope in module.loads if node.id not in KNOWN and scope.lookup(node.id) is None}


def _line(text: str, line: int | None) -> str:
    lines = lines_of(text)
    return lines[line - 1].strip() if line and line <= len(lines) else ""
