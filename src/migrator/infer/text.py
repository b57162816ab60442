"""The text of nodes."""

from __future__ import annotations

import ast

from migrator.module import Module


def source_of(module: Module, node: ast.AST) -> str:
    """The text of a node of the module; of one that is not in it, as Python writes it."""
    if node not in module.parents or not isinstance(node, (ast.expr, ast.stmt)):
        return ast.unparse(node)
    return module.source(node)
