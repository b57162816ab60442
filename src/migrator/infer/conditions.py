"""Under which conditions a place in a function is reached, and which errors are answered there."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.infer.flow import DEFINITIONS
from migrator.infer.tracked import Value
from migrator.module import COMPREHENSIONS, Module
from migrator.syntax import reference

if TYPE_CHECKING:
    from migrator.infer.body import Tracker


@dataclass(frozen=True, slots=True)
class Condition:
    is_conditional: bool
    is_none_guarded: bool
    caught: frozenset[str]


def caught_by(handler: ast.ExceptHandler) -> set[str]:
    """The names of the errors that a handler answers; none where it raises them again."""
    if handler.body and isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None:
        return set()
    if handler.type is None:
        return {""}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {reference(kind).rpartition(".")[2] for kind in kinds}


def condition_of(tracker: Tracker, module: Module, node: ast.AST, value: Value | None) -> Condition:
    """Under which conditions a place in a function is reached, early returns aside."""
    conditional = guarded = False
    caught: set[str] = set()
    child = node
    for ancestor in module.ancestors(node):
        if isinstance(ancestor, DEFINITIONS):
            break
        if isinstance(ancestor, ast.If) and child is not ancestor.test:
            harmless, none_guard = _is_harmless(tracker, module, ancestor.test, node, value)
            conditional = conditional or not harmless
            guarded = guarded or none_guard
        elif isinstance(ancestor, ast.While) or (isinstance(ancestor, ast.IfExp) and child is not ancestor.test):
            if isinstance(ancestor, ast.IfExp):
                harmless, none_guard = _is_harmless(tracker, module, ancestor.test, node, value)
                conditional = conditional or not harmless
                guarded = guarded or none_guard
            else:
                conditional = True
        elif isinstance(ancestor, ast.BoolOp) and child is not ancestor.values[0]:
            before = ancestor.values[: next(i for i, one in enumerate(ancestor.values) if one is child)]
            for test in before:
                harmless, none_guard = _is_harmless(tracker, module, test, node, value)
                conditional = conditional or not harmless
                guarded = guarded or none_guard
        elif isinstance(ancestor, ast.Try) and any(child is one for one in ancestor.body):
            for handler in ancestor.handlers:
                caught |= caught_by(handler)
        elif isinstance(ancestor, ast.ExceptHandler):
            conditional = True
        elif isinstance(ancestor, COMPREHENSIONS) and not isinstance(child, ast.comprehension):
            conditional = conditional or any(generator.ifs for generator in ancestor.generators)
        child = ancestor
    return Condition(conditional, guarded, frozenset(caught))


def _is_harmless(
    tracker: Tracker, module: Module, test: ast.expr, node: ast.AST, value: Value | None
) -> tuple[bool, bool]:
    """Whether a test only asks for the method or for the presence of a key; and whether it lets None through."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        answers = [_is_harmless(tracker, module, one, node, value) for one in test.values]
        return all(harmless for harmless, _ in answers), any(guard for _, guard in answers)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _is_harmless(tracker, module, test.operand, node, value)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        sides = [test.left, test.comparators[0]]
        if any("request.method" in ast.unparse(side) for side in sides):
            return True, False
        if isinstance(test.ops[0], (ast.In, ast.NotIn)) and isinstance(test.left, ast.Constant):
            own_keys = {access.key for access in value.own} if value is not None else {value}
            return (value is None and False) or test.left.value in own_keys, False
        if (
            (
                isinstance(test.ops[0], (ast.Is, ast.IsNot))
                and isinstance(sides[1], ast.Constant)
                and sides[1].value is None
            )
            and value is not None
            and _reads(tracker, module, test.left, value)
        ):
            return True, True
    return ast.unparse(test) in ("request.is_json",), False


def _reads(tracker: Tracker, module: Module, node: ast.expr, value: Value) -> bool:
    """Whether an expression is a read of the value, as far as was seen."""
    return (node, id(value)) in tracker.seen or any(access.node is node for access in value.own)
