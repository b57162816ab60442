"""The error handlers of blueprints answer in the apps that include their routers.

## What changes

Routers have no error handlers. One that stood on a blueprint is registered on the app, behind `include_router`; where
it competes with others it is kept with the router, and a line tells the app for which routes it answers.

## Example

```python
app.register_blueprint(wiki)
```

becomes

```python
app.include_router(wiki)
use_error_handlers(app, {"wiki": wiki})
```

## Safety

The handlers of a blueprint answer for its own views, before those of the app, as under Flask.

## What is left to you

A router that has no name where the app includes its parent has to be named there.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Insert, Module, Plan, Project, Rule, Safety, Severity
from migrator.project.errors import HTTP_ERROR, Kind
from migrator.project.model import Mounted
from migrator.project.nearby import placed_imports
from migrator.syntax import argument, reference

STARLETTE_ERROR = Import("starlette.exceptions", "HTTPException")
USE = Import("~error_handlers", "use_error_handlers")


class BlueprintHandlers(Codemod):
    """An app asks the routers that it includes for their error handlers."""

    rule = Rule("FF203", "blueprint-handlers", "apps use the error handlers of the routers they include", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        yield from self.moved(module, project)
        lines: dict[tuple[str, int], tuple[ast.stmt, list[str], list[Import]]] = {}
        errors = project.errors
        for mount, root in errors.mounts_with_handlers.get(module.name, ()):
            call = module.by_span.get(root.registration.fact.span) if root.registration is not None else None
            if not isinstance(call, ast.Call):
                continue
            name, imports = self.named(module, mount, root, call)
            if not name:
                message = "the error handlers of this blueprint need its router by name"
                hint = f'use_error_handlers(app, {{"{mount.name}": router}})'
                touched = project.endpoints_below(mount.blueprint)
                yield self.finding(module, project, call, Severity.MANUAL, message, hint, touched)
                continue
            statement = behind(module, call)
            key = receiver(module, call), id(module.parents[statement])
            _, items, wanted = lines.get(key, (statement, list[str](), [USE]))
            if (item := f'"{mount.name}": {name}') not in items:
                items.append(item)
                wanted += imports
            lines[key] = statement, items, wanted
        for (app, _), (statement, items, wanted) in lines.items():
            late, wanted = placed_imports(module, statement, wanted)
            line = f"use_error_handlers({app}, {{{', '.join(items)}}})"
            new = Code("\n".join([*late, line]), (), tuple(wanted))
            yield Insert(self.rule, module.span(statement), new, before=False)

    def moved(self, module: Module, project: Project) -> Plan:
        """The handlers that need no blueprint, registered where the app includes its router."""
        for handler, span in project.errors.moving.get(module.name, ()):
            call = module.by_span.get(span)
            if not isinstance(call, ast.Call) or handler.function is None:
                continue
            name, imports = self.name_here(module, call, *handler.function)
            lines: list[str] = []
            for kind in handler.kinds:
                wanted, more = self.kind(module, call, kind)
                lines.append(f"{receiver(module, call)}.add_exception_handler({wanted}, {name})")
                imports += more
            late, imports = placed_imports(module, call, imports)
            new = Code("\n".join([*late, *lines]), (), tuple(imports))
            yield Insert(self.rule, module.span(module.statement_of(call)), new, before=False)

    def kind(self, module: Module, call: ast.Call, kind: Kind) -> tuple[str, list[Import]]:
        """A status or class, as the module that includes the router writes it."""
        home, _, name = kind.name.rpartition(".")
        if kind.code:
            return str(kind.code), []
        if kind.name == HTTP_ERROR:
            return "HTTPException", [STARLETTE_ERROR]
        return (name, []) if home == "builtins" else self.name_here(module, call, home, name)

    def name_here(self, module: Module, call: ast.Call, home: str, name: str) -> tuple[str, list[Import]]:
        """How the module that includes a router calls something of another module."""
        given = argument(call, 0, "blueprint")
        if home == module.name:
            return name, []
        if isinstance(given, ast.Attribute) and module.dotted(given.value) == home:
            return f"{reference(given.value)}.{name}", []
        for local, bindings in module.scope.bindings.items():
            if any(binding.target == home for binding in bindings):
                return f"{local}.{name}", []
        return name, [Import(home, name)]

    def named(self, module: Module, mount: Mounted, root: Mounted, call: ast.Call) -> tuple[str, list[Import]]:
        """How a router is called where its app includes it (or the router above it)."""
        given = argument(call, 0, "blueprint")
        in_loop = root.registration is not None and root.registration.fact.in_loop
        if mount.blueprint == root.blueprint and given is not None and not in_loop:
            return reference(given), []
        home, scope, target = mount.blueprint
        if scope:
            return "", []
        return target, [] if home == module.name else [Import(home, target)]


def receiver(module: Module, call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return module.source(call.func.value)


def behind(module: Module, call: ast.Call) -> ast.stmt:
    """The statement of a call, or the outermost loop around it."""
    function = module.function_of(call)
    found = module.statement_of(call)
    for parent in module.ancestors(call):
        if parent is function:
            break
        if isinstance(parent, (ast.For, ast.AsyncFor, ast.While)):
            found = parent
    return found
