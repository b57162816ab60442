"""Which assignments of a local name can be seen where it is read, and where a body of statements can end."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from migrator.module import Binding, Module, children

LOOPS = (ast.For, ast.AsyncFor, ast.While)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
STOPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
ABORTS = frozenset({"abort", "exit", "_exit"})


def own(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a body in the order of the text, without those of functions and classes within."""
    for node in body:
        yield node
        if not isinstance(node, DEFINITIONS):
            yield from own(children(node))


def stops(body: Sequence[ast.stmt], *, also_jumps: bool = True) -> bool:
    """Whether a body never runs to its end."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, STOPS if also_jumps else (ast.Return, ast.Raise)):
        return True
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        func = last.value.func
        return (func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")) in ABORTS
    if isinstance(last, ast.If):
        return stops(last.body, also_jumps=also_jumps) and stops(last.orelse, also_jumps=also_jumps)
    if isinstance(last, (ast.With, ast.AsyncWith)):
        return stops(last.body, also_jumps=also_jumps)
    if isinstance(last, ast.Try):
        if stops(last.finalbody, also_jumps=also_jumps):
            return True
        tried = stops(last.orelse or last.body, also_jumps=also_jumps)
        return tried and all(stops(handler.body, also_jumps=also_jumps) for handler in last.handlers)
    if isinstance(last, ast.While):
        endless = isinstance(last.test, ast.Constant) and bool(last.test.value)
        return endless and not any(isinstance(node, ast.Break) for node in own(last.body))
    if isinstance(last, ast.Match):
        has_rest = any(isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None for case in last.cases)
        return has_rest and all(stops(case.body, also_jumps=also_jumps) for case in last.cases)
    return False


Block = tuple[ast.AST, str]


def blocks(module: Module, node: ast.AST) -> list[tuple[Block, ast.stmt]]:
    """The blocks around a node, innermost first, each with the statement of it that holds the node; up to the `def`."""
    found: list[tuple[Block, ast.stmt]] = []
    current: ast.AST = node
    while (parent := module.parents.get(current)) is not None:
        if isinstance(current, ast.stmt):
            for name in ("body", "orelse", "finalbody"):
                held = getattr(parent, name, None)
                if isinstance(held, list) and any(current is one for one in held):
                    found.append(((parent, name), current))
                    break
            if isinstance(parent, DEFINITIONS):
                break
        current = parent
    return found


def statements(block: Block) -> list[ast.stmt]:
    held: list[ast.stmt] = getattr(block[0], block[1])
    return held


def start(node: ast.AST) -> tuple[int, int]:
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def end(node: ast.AST) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]


def reaching(module: Module, bindings: Sequence[Binding], read: ast.AST) -> list[Binding]:
    """Those bindings of a local name whose value can still be there where the name is read, in the same function."""
    if len(bindings) == 1:
        return list(bindings)
    around = blocks(module, read)
    position = start(read)
    loops = {block[0] for block, _ in around if isinstance(block[0], LOOPS) and block[1] == "body"}
    loops |= {node for node in _holders(module, read) if isinstance(node, ast.While)}
    places = [(binding, _place(module, binding)) for binding in bindings]
    kill: tuple[Binding, ast.AST] | None = None
    for binding, place in places:
        if place is None:
            continue
        if _kills(module, binding, place, around, position) and (kill is None or start(place) > start(kill[1])):
            kill = binding, place
    found: list[Binding] = []
    held = {block for block, _ in around}
    for binding, place in places:
        if place is None:  # a parameter
            if kill is None:
                found.append(binding)
            continue
        if kill is not None and binding is kill[0]:
            found.append(binding)
            continue
        if kill is not None and start(place) <= start(kill[1]):
            again = any(_is_within(module, place, loop) and not _is_within(module, kill[1], loop) for loop in loops)
            if not again:
                continue
        outer = [block for block, _ in blocks(module, place)]
        shared = [loop for loop in loops if any(block[0] is loop for block in outer)]
        if kill is not None:
            shared = [loop for loop in shared if not _is_within(module, kill[1], loop)]
        if shared or (_is_before(module, binding, place, read, position) and not _is_cut_off(outer, held)):
            found.append(binding)
    return found or list(bindings)


def _holders(module: Module, node: ast.AST) -> Iterator[ast.AST]:
    for ancestor in module.ancestors(node):
        if isinstance(ancestor, DEFINITIONS):
            return
        yield ancestor


def _is_within(module: Module, node: ast.AST, holder: ast.AST) -> bool:
    return node is holder or any(ancestor is holder for ancestor in module.ancestors(node))


def _place(module: Module, binding: Binding) -> ast.AST | None:
    """The statement (or the walrus) that binds; None for a parameter."""
    if binding.kind == "param":
        return None
    node = binding.node
    parent = module.parents.get(node)
    if isinstance(parent, ast.NamedExpr):
        return parent
    if isinstance(node, (ast.ExceptHandler, ast.stmt)):
        return node
    while not isinstance(node, (ast.stmt, ast.ExceptHandler)):
        if (above := module.parents.get(node)) is None:
            return node
        node = above
    return node


def _kills(
    module: Module,
    binding: Binding,
    place: ast.AST,
    around: list[tuple[Block, ast.stmt]],
    position: tuple[int, int],
) -> bool:
    """Whether the binding always took place, after all that came before it."""
    if isinstance(place, (*LOOPS, ast.With, ast.AsyncWith)):
        return any(block == (place, "body") for block, _ in around)
    if isinstance(place, ast.ExceptHandler):
        return any(block == (place, "body") for block, _ in around)
    if isinstance(place, ast.AnnAssign) and place.value is None:
        return False
    if not isinstance(place, ast.stmt) or end(place) > position:
        return False
    parent = module.parents.get(place)
    return any(
        block[0] is parent and any(place is one for one in statements(block)) and start(place) < start(holder)
        for block, holder in around
    )


def _is_before(module: Module, binding: Binding, place: ast.AST, read: ast.AST, position: tuple[int, int]) -> bool:
    if end(place) <= position:
        return True
    if isinstance(place, ast.NamedExpr):
        return start(binding.node) < position and not _is_within(module, read, place.value)
    if isinstance(place, (*LOOPS, ast.With, ast.AsyncWith, ast.ExceptHandler)):
        return (
            start(binding.node) < position
            and any(ancestor is place for ancestor in module.ancestors(read))
            and not _is_within(module, read, getattr(place, "iter", binding.node))
        )
    return False


def _is_cut_off(outer: list[Block], held: set[Block]) -> bool:
    """Whether control cannot come from a block to the place that `held` describes: it ends, or is another branch."""
    for block in outer:
        if block in held:
            return False
        if stops(statements(block)):
            return True
        if block[1] == "body" and isinstance(block[0], ast.If) and (block[0], "orelse") in held:
            return True
    return False
