"""What a blueprint does to its app when it is registered is done behind `include_router`.

## What changes

A function that `record` or `record_once` kept until its blueprint is registered, and that asks no more than
`state.app`, takes the app. It is called where the app includes the router.

## Example

```python
@bp.record_once
def configure(state):
    state.app.config.setdefault("PAGE_SIZE", 20)


app.register_blueprint(bp)
```

becomes

```python
def configure(app):
    app.state.config.setdefault("PAGE_SIZE", 20)


app.include_router(bp)
configure(app)
```

## Safety

It is called as often as Flask called it, before the app answers.

## What is left to you

Functions that ask more of the registration, and those that have no name where the router is included, are reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from migrator.codemod import (
    Codemod,
    FunctionNode,
    Module,
    Plan,
    Prepared,
    Project,
    Remove,
    Rule,
    Safety,
    Severity,
    Span,
)
from migrator.module import Scope, all_arguments, walk
from migrator.project.model import Mounted, ObjectId, Placed
from migrator.project.store import edited
from migrator.syntax import reference

RECORDS = ("record", "record_once")
LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True, slots=True)
class Setup:
    """A function that a blueprint calls with its app, and the registrations at which it does."""

    place: Placed
    module: Module
    function: FunctionNode
    registrations: tuple[Placed, ...]


class BlueprintRecord(Codemod):
    """Blueprints call functions when they are registered."""

    rule = Rule(
        "FF119", "blueprint-record", "functions kept by record() are called behind include_router()", Safety.SAFE
    )

    def prepare(self, module: Module, project: Project) -> Prepared | None:
        edits: list[tuple[Span, str]] = []
        names: dict[tuple[str, str, Span | None], str] = {}
        for setup in setups(project):
            if setup.module is module:
                edits += definition(setup)
            for at in setup.registrations:
                if at.module == module.name:
                    edits += called(module, setup, at, names)
        return edited(module, dict.fromkeys(edits)) if edits else None

    def plan(self, module: Module, project: Project) -> Plan:
        """What could not be prepared."""
        for place, routers in project.registrations_in(module.name):
            call = module.by_span.get(place.fact.span)
            if place.fact.method not in RECORDS or call is None:
                continue
            below = {e for router in routers for e in project.endpoints_below(router)}
            sees_app = any(isinstance(n, ast.Attribute) and n.attr == "app" for n in walk(recorded(module, call)))
            message = "a router does not tell when it is included: nothing calls this function"
            hint = "call it with what it needs of the app, behind include_router(...)"
            touched = ("*",) if sees_app else tuple(sorted(below))
            yield self.finding(module, project, call, Severity.MANUAL, message, hint, touched)
            span = place.fact.span if place.fact.function else module.span(module.statement_of(call))
            yield Remove(self.rule, span)


def recorded(module: Module, call: ast.AST) -> ast.AST:
    """What is called at the registration, as far as it stands in this file."""
    if not isinstance(call, ast.Call):
        return module.parents[call]
    given = call.args[0] if call.args else call
    return module.functions.get(reference(given), given)


# -- which functions can be called with the app ------------------------------------------------------------------------


@lru_cache(maxsize=1)  # each module of a project asks for them
def setups(project: Project) -> tuple[Setup, ...]:
    """The functions that need no more than the app, in the order in which Flask calls them."""
    return tuple(_setups(project))


def _setups(project: Project) -> Iterator[Setup]:
    for place, routers in project.registrations:
        module = project.store.module(place.module)
        if place.fact.method not in RECORDS or place.fact.scope or module is None:
            continue
        function = module.functions.get(place.fact.function or place.fact.view)
        if function is None or function not in module.tree.body or project.is_called((module.name, function.name)):
            continue
        at = registrations(project, place, routers)
        if at and takes_app_alone(module, function) and is_removable(module, place):
            yield Setup(place, module, function, at)


def registrations(project: Project, place: Placed, routers: list[ObjectId]) -> tuple[Placed, ...]:
    """Where the apps get the blueprint; none where that is not known, or Flask calls the function another number of
    times."""
    mounts = [mount for router in routers for mount in project.mounts_of(router)]
    roots = [root(project, mount) for mount in mounts]
    found = tuple(at for at in roots if at is not None)
    apps = [mount.app for mount in mounts]
    if not found or len(found) < len(mounts) or len(set(found)) < len(found):
        return ()
    if len(routers) > 1 or (place.fact.method == "record_once" and len(set(apps)) < len(apps)):
        return ()
    return found if all(is_statement(project, at) for at in found) else ()


def root(project: Project, mount: Mounted) -> Placed | None:
    """The registration by which an app gets a blueprint, or the one around it."""
    top = mount.name.partition(".")[0]
    found = (m for m in project.mounts_around(mount) if m.name == top)
    outer = next(found, None) if mount.app is not None else None
    return outer.registration if outer is not None else None


def is_statement(project: Project, at: Placed) -> bool:
    """Whether a registration is a statement on lines of its own, of an app that has a name there."""
    module = project.store.module(at.module)
    call = module.by_span.get(at.fact.span) if module is not None else None
    if module is None or call is None or not at.fact.receiver or not isinstance(module.parents[call], ast.Expr):
        return False
    span = module.span(behind(module, call))
    return not module.lines[span.line - 1][: span.column].strip()


def behind(module: Module, call: ast.AST) -> ast.stmt:
    """The statement of a registration, or the outermost loop around it."""
    found = module.statement_of(call)
    while isinstance(loop := module.parents[found], LOOPS):
        found = loop
    return found


def takes_app_alone(module: Module, function: FunctionNode) -> bool:
    """Whether a function has one parameter, asks no more of it than `app`, and has no other `app`."""
    arguments = all_arguments(function.args)
    if len(arguments) != 1 or arguments[0] not in function.args.args or function.args.defaults:
        return False
    uses = [n for n in walk(function) if isinstance(n, ast.Name) and n.id == arguments[0].arg]
    others = [n for n in walk(function) if isinstance(n, ast.Name) and n.id == "app"]
    renamed = renaming(module, function)
    is_own = arguments[0].arg == "app" or not others or len(renamed) == 1
    return bool(uses) and is_own and len(renamed) < len(function.body) and all(is_app(module, use) for use in uses)


def is_app(module: Module, use: ast.Name) -> bool:
    """Whether a read of `state` is one of `state.app`."""
    parent = module.parents[use]
    return isinstance(parent, ast.Attribute) and parent.attr == "app" and isinstance(parent.ctx, ast.Load)


def renaming(module: Module, function: FunctionNode) -> list[ast.stmt]:
    """The statements `app = state.app`."""
    name = function.args.args[0].arg
    return [s for s in function.body if module.source(s) == f"app = {name}.app" and is_alone(module, s)]


def is_alone(module: Module, statement: ast.stmt) -> bool:
    """Whether nothing else stands on the lines of a statement, no remark either."""
    lines = module.lines[statement.lineno - 1 : statement.end_lineno]
    return "\n".join(lines).strip() == module.source(statement)


def is_removable(module: Module, place: Placed) -> bool:
    if place.fact.function:
        return True
    statement = module.statement_of(module.by_span[place.fact.span])
    return statement in module.tree.body and is_alone(module, statement)


# -- the new text ------------------------------------------------------------------------------------------------------


def definition(setup: Setup) -> Iterator[tuple[Span, str]]:
    """The function takes the app, and nothing keeps it for later."""
    module, function = setup.module, setup.function
    parameter = function.args.args[0]
    node = module.by_span[setup.place.fact.span]
    first, last = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined]
    if not setup.place.fact.function:
        while first > 1 and not module.lines[first - 2].strip():
            first -= 1
    yield Span(first, 0, last + 1, 0), ""
    yield module.span(parameter), "app"
    gone = renaming(module, function)
    for statement in gone:
        yield Span(statement.lineno, 0, statement.lineno + 1, 0), ""
    for use in walk(function):
        if isinstance(use, ast.Name) and use.id == parameter.arg and module.statement_of(use) not in gone:
            yield module.span(module.parents[use]), "app"


def called(
    module: Module, setup: Setup, at: Placed, names: dict[tuple[str, str, Span | None], str]
) -> Iterator[tuple[Span, str]]:
    """The call of the function behind a registration, and what it needs to have a name there. `names` are those that
    the module imports for such calls."""
    call = module.by_span[at.fact.span]
    statement = module.span(behind(module, call))
    indent = module.lines[statement.line - 1][: statement.column]
    name, home, local_import = setup.function.name, setup.module.name, ""
    held, alias = ("", None) if setup.module is module else importing(module, call, home)
    if held:
        name = f"{held}.{name}"
    elif setup.module is not module:
        key = home, name, module.span(alias) if alias is not None else None
        is_free = name not in module.scope.bindings and name not in names.values()
        name = names[key] if key in names else name if is_free else f"{home.rpartition('.')[2]}_{name}"
        wanted = key[1] if name == key[1] else f"{key[1]} as {name}"
        if alias is None:
            local_import = f"from {home} import {wanted}\n{indent}"
        elif key not in names:
            end = module.span(alias)
            margin = module.lines[end.line - 1][: end.column]
            separator = ", " if margin.strip() else f",\n{margin}"
            yield Span(end.end_line, end.end_column, end.end_line, end.end_column), f"{separator}{wanted}"
        names[key] = name
    width = len(module.lines[statement.end_line - 1])
    line = f"\n{indent}{local_import}{name}({at.fact.receiver})"
    yield Span(statement.end_line, width, statement.end_line, width), line


def importing(module: Module, node: ast.AST, home: str) -> tuple[str, ast.alias | None]:
    """How a module calls another one that it imports, or the last name that it takes from there."""
    scope: Scope | None = module.scope_of(node)
    while scope is not None:
        bound = [(local, binding) for local, bindings in scope.bindings.items() for binding in bindings]
        for local, binding in bound:
            if binding.target == home:
                return local, None
        for _, binding in bound:
            statement = module.statement_of(binding.node) if isinstance(binding.node, ast.alias) else None
            if isinstance(statement, ast.ImportFrom) and module.absolute(statement) == home:
                return "", statement.names[-1]
        scope = scope.parent
    return "", None
