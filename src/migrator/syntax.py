"""Small questions about syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Callable

from migrator.module import Module, walk


def reference(node: ast.AST) -> str:
    """The text of a name or attribute chain, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = reference(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


def reference_or_call(node: ast.AST) -> str:
    """The same, and "make()" for a call of one."""
    made = reference(node.func) if isinstance(node, ast.Call) else ""
    return f"{made}()" if made else reference(node)


def argument(node: ast.Call, position: int, name: str) -> ast.expr | None:
    """The argument that a call gives at a place or by a name."""
    if (
        position >= 0
        and len(node.args) > position
        and not any(isinstance(a, ast.Starred) for a in node.args[: position + 1])
    ):
        return node.args[position]
    return next((k.value for k in node.keywords if k.arg == name), None)


def text_of(module: Module, node: ast.AST | None) -> str | None:
    """The value of an expression that is a string known from this file alone; None where it is not."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = [text_of(module, v.value if isinstance(v, ast.FormattedValue) else v) for v in node.values]
        return None if None in parts else "".join(part for part in parts if part is not None)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(module, node.left), text_of(module, node.right)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.Name):
        bindings = module.scope.bindings.get(node.id, [])
        if len(bindings) == 1 and bindings[0].kind == "value":
            statement = module.parents.get(bindings[0].node)
            if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
                return text_of(module, statement.value) if not isinstance(statement.value, ast.Name) else None
    return None


def texts_of(module: Module, node: ast.AST | None) -> tuple[str, ...] | None:
    """The same for a list, tuple or set of strings."""
    items = display_of(module, node)
    found = [text_of(module, item) for item in items.elts] if items is not None else [None]
    return None if None in found else tuple(text for text in found if text is not None)


def display_of(module: Module, node: ast.AST | None) -> ast.List | ast.Tuple | ast.Set | None:
    """The list, tuple or set that stands at a place, perhaps by a name that the module gives it once."""
    if isinstance(node, ast.Name):
        bindings = module.scope.bindings.get(node.id, [])
        if len(bindings) == 1 and isinstance(statement := module.parents.get(bindings[0].node), ast.Assign):
            node = statement.value
    return node if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else None


def function_scope(module: Module, node: ast.AST) -> str:
    """The qualname of the function or class body in which a node stands."""
    function = module.function_of(node)
    if function is not None:
        return module.scopes[function].qualname
    scope = module.scope_of(node)
    while isinstance(scope.node, ast.expr) and scope.parent is not None:
        scope = scope.parent
    return scope.qualname


def is_unconditional(module: Module, function: ast.AST, node: ast.AST | None) -> bool:
    """Whether every call of the function that does not leave before reaches the node."""
    if node is None:
        return False
    body = getattr(function, "body", [])
    child: ast.AST = node
    first: ast.comprehension | None = None
    for parent in module.ancestors(node):
        if isinstance(parent, (ast.If, ast.IfExp)) and child is not parent.test:
            return False
        if isinstance(parent, (ast.For, ast.AsyncFor)) and child is not parent.iter:
            return False
        if isinstance(parent, (ast.While, ast.Try, ast.ExceptHandler, ast.Lambda, ast.match_case)):
            return False
        if isinstance(parent, ast.BoolOp) and child is not parent.values[0]:
            return False
        if isinstance(parent, ast.comprehension) and child is parent.iter:
            first = parent
        elif isinstance(parent, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            if parent.generators[0] is not first:
                return False
        if parent is function:
            break
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        child = parent
    for statement in body:
        if statement is child:
            return True
        if any(isinstance(n, (ast.Return, ast.Raise)) for n in walk(statement)):
            return False
    return True


def named_items(module: Module, call: ast.Call) -> list[tuple[str, ast.expr]]:
    """The entries that `x.update(...)` or `dict(...)` is given: keywords, and those of dict displays."""
    found = [(k.arg, k.value) for k in call.keywords if k.arg]
    return found + [entry for arg in call.args for entry in entries_of(module, arg)]


def entries_of(module: Module, node: ast.expr | None) -> list[tuple[str, ast.expr]]:
    """The entries of a dict display whose keys are known."""
    if not isinstance(node, ast.Dict):
        return []
    pairs = [(text_of(module, key), value) for key, value in zip(node.keys, node.values, strict=True)]
    return [(name, value) for name, value in pairs if name is not None]


def falls_through(statements: list[ast.stmt], stops: Callable[[ast.Call], bool]) -> bool:
    """Whether control can reach the end of a block. `stops` tells which calls never return."""
    for statement in statements:
        if isinstance(statement, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
            return False
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) and stops(statement.value):
            return False
        if isinstance(statement, ast.If) and statement.orelse:
            if not falls_through(statement.body, stops) and not falls_through(statement.orelse, stops):
                return False
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            if not falls_through(statement.body, stops) and not _may_swallow(statement):
                return False
        elif isinstance(statement, ast.While):
            endless = isinstance(statement.test, ast.Constant) and bool(statement.test.value)
            if endless and not any(isinstance(node, ast.Break) for node in walk(statement)):
                return False
        elif isinstance(statement, ast.Try):
            body = falls_through([*statement.body, *statement.orelse], stops)
            handlers = any(falls_through(handler.body, stops) for handler in statement.handlers)
            if (statement.finalbody and not falls_through(statement.finalbody, stops)) or not (body or handlers):
                return False
        elif isinstance(statement, ast.Match):
            last = statement.cases[-1].pattern
            whole = isinstance(last, ast.MatchAs) and last.pattern is None
            if whole and not any(falls_through(case.body, stops) for case in statement.cases):
                return False
    return True


def _may_swallow(statement: ast.With | ast.AsyncWith) -> bool:
    """Whether a context manager is one that exists to swallow errors."""
    return any(
        reference(getattr(item.context_expr, "func", item.context_expr)).endswith("suppress")
        for item in statement.items
    )


def first_line(statement: ast.stmt) -> int:
    """Where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])
