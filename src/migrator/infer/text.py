"""The text of nodes; quick, for the lines of a file are split once."""

from __future__ import annotations

import ast
from weakref import WeakKeyDictionary

from migrator.module import Module

_lines: WeakKeyDictionary[Module, list[bytes]] = WeakKeyDictionary()


def source_of(module: Module, node: ast.AST) -> str:
    """The text of a node of the module; of one that is not in it, as Python writes it."""
    if node not in module.parents or not isinstance(node, (ast.expr, ast.stmt)):
        return ast.unparse(node)
    if module not in _lines:
        text = module.text.replace("\r\n", "\n").replace("\r", "\n")
        _lines[module] = [line.encode() for line in text.split("\n")]
    first, last = node.lineno, node.end_lineno or node.lineno
    lines = _lines[module][first - 1 : last]
    if not lines:
        return ""
    lines[-1] = lines[-1][: node.end_col_offset]
    lines[0] = lines[0][node.col_offset :]
    return b"\n".join(lines).decode("utf-8", "replace")
