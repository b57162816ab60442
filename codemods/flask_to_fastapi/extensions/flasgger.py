"""Flasgger documented the app; FastAPI does that by itself.

## What changes

`Swagger(app)` and `@swag_from(...)` go, with what only they used. A `SwaggerView` is a class of views like any other.
Of an app that can do without Flasgger (`except ImportError`) that part stays.

## Example

```python
swagger = Swagger(app)

@app.route("/colors/<palette>/")
@swag_from("colors.yml")
def colors(palette): ...
```

becomes

```python
@app.get("/colors/{palette}/")
def colors(palette: str): ...
```

## Safety

The pages move: `/apidocs/` is `/docs`, `/apispec_1.json` is `/openapi.json`.

## What is left to you

What YAML said that the code does not say: docstrings keep it, and FastAPI shows it as the description.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from migrator.codemod import (
    Change,
    Code,
    Codemod,
    Finding,
    Module,
    Plan,
    Project,
    Remove,
    Replace,
    Rule,
    Safety,
    Severity,
    Span,
)
from migrator.module import walk

SWAGGER = {"flasgger.Swagger", "flasgger.base.Swagger"}
SWAG_FROM = {"flasgger.swag_from", "flasgger.utils.swag_from"}
PAGES = (
    "*",
    "flasgger.apidocs",
    "flasgger.apispec",
    "flasgger.apispec_1",
    "flasgger.oauth_redirect",
    "flasgger.static",
)
ABSENT = {"ImportError", "ModuleNotFoundError", "Exception"}


class Flasgger(Codemod):
    """FastAPI documents the app."""

    rule = Rule("FF902", "flasgger", "FastAPI documents the app in Flasgger's place", Safety.REVIEW)

    def plan(self, module: Module, project: Project) -> Plan:
        dropped: list[ast.AST] = []
        for node in module.nodes(ast.Try) if "flasgger" in module.text else ():
            if names := absent_names(node):
                yield from self.optional(module, node, names, dropped, is_named_elsewhere(module, project, names))
                yield self.moved(module, project, node.body[0])
        removed: list[ast.stmt] = []
        making = {call for name in SWAGGER for call in project.calls_to(module, name)}
        for call in module.calls:
            statement = module.parents[call]
            makes = call in making and isinstance(statement, (ast.Assign, ast.Expr))
            if (makes and not is_used(module, statement)) or (
                is_init(module, project, call) and isinstance(statement, ast.Expr)
            ):
                assert isinstance(statement, ast.stmt)
                removed.append(statement)
                if call.args or call.keywords:
                    yield self.moved(module, project, call)
        documenting = [
            d for name, target in reads(module, project) if target in SWAG_FROM and (d := decorator_at(module, name))
        ]
        removed += settings_of(module, [*removed, *documenting])
        yield from self.without(module, removed)
        for name, target in reads(module, project):
            decorator = decorator_at(module, name)
            if target in SWAG_FROM and decorator is not None:
                yield Remove(self.rule, module.span(decorator))
            elif not any(module.span(each).contains(module.span(name)) for each in [*removed, *dropped]):
                hint = "Pydantic models, and `openapi_extra=` of the routes"
                yield self.finding(module, project, name, Severity.MANUAL, f"{target} has no counterpart", hint)

    def moved(self, module: Module, project: Project, node: ast.AST) -> Finding:
        message = "Flasgger's pages go: FastAPI has /docs for /apidocs/, and /openapi.json for /apispec_1.json"
        hint = 'FastAPI(docs_url="/apidocs", openapi_url="/apispec_1.json") keeps the addresses'
        return self.finding(module, project, node, Severity.REVIEW, message, hint, PAGES)

    def without(self, module: Module, removed: list[ast.stmt]) -> Iterator[Change]:
        """The statements go; where nothing is left of a block, `pass` stays."""
        for statement in removed:
            parent = module.parents[statement]
            blocks = [getattr(parent, name, None) for name in ("body", "orelse", "finalbody")]
            block = next(b for b in blocks if isinstance(b, list) and statement in b)
            if not isinstance(parent, ast.Module) and block[0] is statement and all(each in removed for each in block):
                yield Replace(self.rule, module.span(statement), Code("pass"))
            else:
                yield Remove(self.rule, module.span(statement))

    def optional(
        self, module: Module, node: ast.Try, names: set[str], dropped: list[ast.AST], stays: bool
    ) -> Iterator[Change]:
        """`try: from flasgger import Swagger`, `except ImportError: Swagger = None`: what the app then does stays; what
        it does else is `dropped`."""
        for branch in module.nodes(ast.If):
            if (holds := holds_without(branch.test, names)) is not None:
                kept, other = (branch.body, branch.orelse) if holds else (branch.orelse, branch.body)
                dropped += [branch.test, *other]
                yield self.only(module, branch, kept)
        asked = [module.span(load) for load, _ in module.loads if load.id in names]
        if not stays and all(any(module.span(each).contains(place) for each in dropped) for place in asked):
            yield Remove(self.rule, module.span(node))
        else:
            yield self.only(module, node, node.handlers[0].body)

    def only(self, module: Module, node: ast.stmt, kept: list[ast.stmt]) -> Change:
        if not kept:
            return Remove(self.rule, module.span(node))
        first, last = module.span(kept[0]), module.span(kept[-1])
        block = Span(first.line, first.column, last.end_line, last.end_column)
        return Replace(self.rule, module.span(node), Code("__0__\n", (block,)))


def absent_names(node: ast.Try) -> set[str]:
    """The names that a guarded import of Flasgger leaves None or False where it is not installed."""
    if not all(
        isinstance(each, ast.ImportFrom) and (each.module or "").split(".")[0] == "flasgger" for each in node.body
    ):
        return set()
    if len(node.handlers) != 1 or node.orelse or node.finalbody:
        return set()
    kind = node.handlers[0].type
    if not (kind is None or (isinstance(kind, ast.Name) and kind.id in ABSENT)):
        return set()
    names: set[str] = set()
    for statement in node.handlers[0].body:
        if not (
            isinstance(statement, ast.Assign)
            and isinstance(statement.value, ast.Constant)
            and not statement.value.value
        ):
            return set()
        names |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return names


def is_named_elsewhere(module: Module, project: Project, names: set[str]) -> bool:
    """Whether another file speaks of such a name of the module, in code or in a string of it."""
    last = module.name.rpartition(".")[2]
    named = re.compile(rf"\b{re.escape(last)}(?:\.| import [^\n]*\b)(?:{'|'.join(map(re.escape, names))})\b")
    others = (project.store.module(name) for name in project.modules if name != module.name)
    return any(named.search(other.text) for other in others if other is not None)


def holds_without(test: ast.expr, names: set[str]) -> bool | None:
    """Whether a test holds where the names are None or False; None where it asks for something else."""
    if isinstance(test, ast.Name) and test.id in names:
        return False
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = holds_without(test.operand, names)
        return None if inner is None else not inner
    if not (isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id in names):
        return None
    other, operator = test.comparators[0], test.ops[0]
    if len(test.ops) > 1 or not isinstance(other, ast.Constant) or other.value:
        return None
    if isinstance(operator, (ast.Is, ast.Eq)):
        return True
    return False if isinstance(operator, (ast.IsNot, ast.NotEq)) else None


def reads(module: Module, project: Project) -> Iterator[tuple[ast.expr, str]]:
    """Each read of something of Flasgger's, and its dotted name."""
    for name in module.names:
        node: ast.expr = name.node
        target = project.canonical(name.target)
        while target in ("flasgger", "flasgger.utils", "flasgger.base") and isinstance(
            parent := module.parents[node], ast.Attribute
        ):
            node, target = parent, f"{target}.{parent.attr}"
        if target.startswith("flasgger."):
            yield node, target


def is_swagger(module: Module, project: Project, call: ast.Call) -> bool:
    return any(call in project.calls_to(module, name) for name in SWAGGER)


def is_init(module: Module, project: Project, call: ast.Call) -> bool:
    """`swagger.init_app(app)`, where `swagger = Swagger()` may stand in another module."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "init_app"):
        return False
    home, _, name = project.canonical(module.dotted(call.func.value)).rpartition(".")
    owner = project.store.module(home) if home in project.modules else None
    for binding in owner.scope.bindings.get(name, ()) if owner is not None else ():
        made = getattr(owner.parents.get(binding.node), "value", None) if owner is not None else None
        if owner is not None and isinstance(made, ast.Call) and is_swagger(owner, project, made):
            return True
    return False


def is_used(module: Module, statement: ast.AST) -> bool:
    """Whether what a statement makes is used for more than `init_app`, as far as this module goes."""
    names = {target.id for target in getattr(statement, "targets", []) if isinstance(target, ast.Name)}
    used = [load for load, _ in module.loads if load.id in names]
    return any(not (isinstance(p := module.parents[load], ast.Attribute) and p.attr == "init_app") for load in used)


def decorator_at(module: Module, node: ast.expr) -> ast.expr | None:
    """The decorator that a name is, or is called in."""
    parent = module.parents[node]
    whole = parent if isinstance(parent, ast.Call) and parent.func is node else node
    owner = module.parents[whole]
    is_decorator = (
        isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and whole in owner.decorator_list
    )
    return whole if is_decorator else None


def settings_of(module: Module, removed: Sequence[ast.AST]) -> list[ast.stmt]:
    """The assignments of names that only the removed code reads: `template = {...}`."""
    spans = [module.span(node) for node in removed]
    found: list[ast.stmt] = []
    for name in {n.id for node in removed for n in walk(node) if isinstance(n, ast.Name)}:
        loads = [load for load, _ in module.loads if load.id == name]
        bindings = [b for scope in module.scopes.values() for b in scope.bindings.get(name, ())]
        made = module.parents.get(bindings[0].node) if len(bindings) == 1 else None
        if not isinstance(made, ast.Assign) or len(made.targets) > 1 or made in removed:
            continue
        is_plain = isinstance(made.value, (ast.Dict, ast.Constant))
        if is_plain and all(any(span.contains(module.span(load)) for span in spans) for load in loads):
            found.append(made)
    return sorted(found, key=lambda statement: statement.lineno)
