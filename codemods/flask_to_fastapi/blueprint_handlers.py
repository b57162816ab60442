"""The error handlers of blueprints answer in the apps that include their routers.

## What changes

A handler that stands on a blueprint (`@bp.errorhandler(404)`, `@bp.app_errorhandler(403)`) is kept with the router; a line
behind `include_router` tells the app of it, and for which routes it answers.

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
from migrator.project.model import Mounted
from migrator.syntax import argument, reference

USE = Import("~error_handlers", "use_error_handlers")


class BlueprintHandlers(Codemod):
    """An app asks the routers that it includes for their error handlers."""

    rule = Rule("FF203", "blueprint-handlers", "apps use the error handlers of the routers they include", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        errors = project.errors
        owners = {r for h in errors.handlers if h not in errors.plain for r in h.routers if not project.routers[r].is_app}
        lines: dict[ast.stmt, tuple[str, list[str], list[Import]]] = {}
        for mount in project.mounted:
            root = self.root(project, mount)
            if mount.blueprint not in owners or root is None or root.registration is None:
                continue
            if root.registration.module != module.name:
                continue
            call = module.by_span.get(root.registration.fact.span)
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            name, imports = self.named(module, project, mount, root, call)
            if not name:
                message = "the error handlers of this blueprint need its router by name"
                hint = f'use_error_handlers(app, {{"{mount.name}": router}})'
                touched = project.endpoints_below(mount.blueprint)
                yield self.finding(module, project, call, Severity.MANUAL, message, hint, touched)
                continue
            statement = self.behind(module, call, in_loop=root.registration.fact.in_loop)
            app, items, wanted = lines.setdefault(statement, (module.source(call.func.value), [], [USE]))
            if (item := f'"{mount.name}": {name}') not in items:
                items.append(item)
                wanted += imports
        for statement, (app, items, wanted) in lines.items():
            new = Code(f"use_error_handlers({app}, {{{', '.join(items)}}})", (), tuple(wanted))
            yield Insert(self.rule, module.span(statement), new, before=False)

    def root(self, project: Project, mount: Mounted) -> Mounted | None:
        """The mount on the app itself below which a blueprint hangs."""
        if mount.app is None:
            return None
        for other in project.mounted:
            on_app = other.registration is not None and other.app == mount.app and self.is_on_app(project, other)
            if on_app and (other.name == mount.name or mount.name.startswith(f"{other.name}.")):
                return other
        return None

    def is_on_app(self, project: Project, mount: Mounted) -> bool:
        assert mount.registration is not None
        fact = mount.registration.fact
        receivers = project.names.routers_at(mount.registration.module, fact.scope, fact.receiver)
        return any(project.routers[r].is_app for r in receivers)

    def named(
        self, module: Module, project: Project, mount: Mounted, root: Mounted, call: ast.Call
    ) -> tuple[str, list[Import]]:
        """How a router is called where its app includes it (or the router above it)."""
        given = argument(call, 0, "blueprint")
        assert root.registration is not None
        if mount.blueprint == root.blueprint and given is not None and not root.registration.fact.in_loop:
            return reference(given), []
        home, scope, target = mount.blueprint
        if scope:
            return "", []
        if home == module.name:
            return target, []
        return target, [Import(home, target)]

    def behind(self, module: Module, call: ast.Call, *, in_loop: bool) -> ast.stmt:
        statement = module.statement_of(call)
        if in_loop:
            loops = [a for a in module.ancestors(call) if isinstance(a, (ast.For, ast.AsyncFor, ast.While))]
            statement = loops[-1]
        return statement
