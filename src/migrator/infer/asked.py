"""Whether a request may have an answer of the app's own, about what its body lacks, before a place is reached."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.module import Module, walk
from migrator.syntax import reference

# calls, from the view on, that lead to an expression, and that expression
Path = tuple[tuple[Module, ast.AST], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the app finds out whether an object has one of its keys, and which keys it has."""

    keys: tuple[Path, ...] = ()
    whole: tuple[Path, ...] = ()


NOWHERE = Asked()


def are_answered_before(places: Iterable[Path], asked: Iterable[Path]) -> bool:
    """The same for all of some places."""
    return all(any(is_answered_before(place, one) for one in asked) for place in places)


def is_answered_before(place: Path, asked: Path) -> bool:
    """Whether what is asked at `asked` may end the request before it gets to `place`."""
    for (module, there), (other, node) in zip(place, asked, strict=False):
        if there is node:
            continue
        function = module.function_of(there)
        if module is not other or function is None or other.function_of(node) is not function:
            return False
        if end_of(node) > start_of(there):
            return False
        deeper = asked[asked.index((other, node)) + 1 :]
        return any(fails(home, inner) for home, inner in deeper) or decides(module, function, node, there)
    return False


def fails(module: Module, node: ast.AST) -> bool:
    """Whether the function around a node may raise an error of its own."""
    function = module.function_of(node)
    return function is not None and any(is_raising(inner) for inner in walk(function))


def decides(module: Module, function: ast.AST, node: ast.AST, before: ast.AST) -> bool:
    """Whether the function leaves, because of what an expression gave, before it gets to another place."""
    seen: set[str] = set()
    for statement in statements_of(module, function):
        if start_of(statement) >= start_of(before):
            break
        conditions = tests_of(statement)
        if conditions:
            if any(is_seen(test, node, seen) for test in conditions):
                if any(is_leaving(inner) and end_of(inner) <= start_of(before) for inner in walk(statement)):
                    return True
                seen |= changed_in(statement)
        elif isinstance(statement, ast.Try):
            if any(is_seen(one, node, seen) for one in statement.body) and any(
                is_leaving(inner) and end_of(inner) <= start_of(before)
                for handler in statement.handlers
                for inner in walk(handler)
            ):
                return True
        elif is_seen(statement, node, seen):
            seen |= changed_in(statement)
    return False


def statements_of(module: Module, function: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a function in the order of the file, without those of functions in it."""
    found = (n for n in walk(function) if isinstance(n, ast.stmt) and n is not function)
    yield from sorted((n for n in found if module.function_of(n) is function), key=start_of)


def tests_of(statement: ast.stmt) -> list[ast.expr]:
    """What decides whether the body of a statement is run, or how often."""
    if isinstance(statement, (ast.If, ast.While)):
        return [statement.test]
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return [statement.iter]
    if isinstance(statement, ast.Match):
        return [statement.subject]
    return []


def is_seen(part: ast.AST, node: ast.AST, names: set[str]) -> bool:
    return any(inner is node or (isinstance(inner, ast.Name) and inner.id in names) for inner in walk(part))


def changed_in(statement: ast.stmt) -> set[str]:
    """The names that a statement gives a value, or may change: `errors[key] = ...`, `errors.append(key)`."""
    names: set[str] = set()
    for inner in walk(statement):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names.add(inner.id)
        elif isinstance(inner, ast.Subscript) and isinstance(inner.ctx, ast.Store):
            names |= {n.id for n in walk(inner.value) if isinstance(n, ast.Name)}
        elif isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call):
            owner = inner.value.func.value if isinstance(inner.value.func, ast.Attribute) else None
            names |= {owner.id} if isinstance(owner, ast.Name) else set()
    return names


def is_leaving(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) or is_raising(node)


def is_raising(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) or (
        isinstance(node, ast.Call) and reference(node.func).rpartition(".")[2] == "abort"
    )


def start_of(node: ast.AST) -> tuple[int, int]:
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def end_of(node: ast.AST) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
