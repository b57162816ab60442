"""What a test such as `isinstance(error, HTTPException)` says of a name at a place."""

from __future__ import annotations

import ast
from collections.abc import Callable

from migrator.module import FunctionNode, Module

Tests = Callable[[Module, str, ast.expr], bool]


def narrowed(module: Module, function: FunctionNode | ast.Lambda, node: ast.AST, name: str, tests: Tests) -> str:
    """Whether a name of a function passed a test at a node ("http"), failed it ("other"), or neither is known ("")."""
    child: ast.AST = node
    for parent in module.ancestors(node):
        if isinstance(parent, (ast.If, ast.IfExp)) and child is not parent.test:
            holds = _contains(parent.body, child)
            if (found := _outcome(module, name, parent.test, holds, tests)) is not None:
                return "http" if found else "other"
        if isinstance(parent, ast.BoolOp):
            before = parent.values[: parent.values.index(child)] if isinstance(child, ast.expr) else []
            for value in before:
                found = _outcome(module, name, value, isinstance(parent.op, ast.And), tests)
                if found is not None:
                    return "http" if found else "other"
        if (passed := _passed_before(module, name, parent, child, tests)) is not None:
            return "http" if passed else "other"
        if parent is function:
            break
        child = parent
    return ""


def _contains(body: list[ast.stmt] | ast.expr, child: ast.AST) -> bool:
    return child in body if isinstance(body, list) else child is body


def _outcome(module: Module, name: str, test: ast.expr, holds: bool, tests: Tests) -> bool | None:
    """What is known of the name once `test` came out as `holds`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _outcome(module, name, test.operand, not holds, tests)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) == holds:
        found = [_outcome(module, name, value, holds, tests) for value in test.values]
        return next((one for one in found if one is not None), None)
    return holds if tests(module, name, test) else None


def _passed_before(module: Module, name: str, parent: ast.AST, child: ast.AST, tests: Tests) -> bool | None:
    """What is known behind `if test: return ...` in the same block."""
    for block in (getattr(parent, "body", None), getattr(parent, "orelse", None), getattr(parent, "finalbody", None)):
        if not isinstance(block, list) or child not in block:
            continue
        for statement in block[: block.index(child)]:
            if not (isinstance(statement, ast.If) and not statement.orelse and leaves(statement.body)):
                continue
            if (found := _outcome(module, name, statement.test, False, tests)) is not None:
                return found
    return None


def leaves(body: list[ast.stmt]) -> bool:
    """Whether a block always leaves the function or loop."""
    return isinstance(body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))
