"""`app.config` and what of the app object FastAPI has elsewhere.

## What changes

The configuration is kept in `app.state.config`; a view reads it from a dependency, `current_app.config[...]` in other
functions from the app of the request. `app.secret_key`, `app.testing` and the like are the entries of the
configuration that they always were.

## Example

```python
size = current_app.config["PAGE_SIZE"]
```

becomes, in a view with the parameter `config: AppConfig`,

```python
size = config["PAGE_SIZE"]
```

## Safety

The same keys have the same values; `Config` reads files, objects and the environment as Flask does.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast

from migrator.codemod import AddParameter, Code, Codemod, Demand, Import, Module, Plan, Project, Replace, Rule, Safety
from migrator.module import all_arguments, walk
from migrator.project.given import given_or_ambient, is_free

CONFIG = Import("~config", "AppConfig")
CURRENT_APP = Import("~context", "current_app")
APP = Import("~current_app", "CurrentApp")
CLASS = Import("~config", "Config")
ENTRIES = {
    "secret_key": "SECRET_KEY",
    "testing": "TESTING",
    "permanent_session_lifetime": "PERMANENT_SESSION_LIFETIME",
}
ITSELF = "_get_current_object"
OWN = {"debug", "state", ITSELF}  # FastAPI has it too, or what stands for the app outside of views


class Config(Codemod):
    """The configuration lies in the app's state."""

    rule = Rule("FF106", "config", "app.config becomes app.state.config", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        views = set(project.parameter_views(module))
        for node in module.nodes(ast.Attribute):
            if node.attr != "config" and node.attr not in ENTRIES:
                continue
            is_current = project.canonical(module.dotted(node.value)) == "flask.current_app"
            routers = [] if is_current else project.routers_at(module, node.value)
            if not is_current and not any(project.routers[r].is_app for r in routers):
                continue
            yield Demand(self.rule, "config.Config")
            tail = "" if node.attr == "config" else f'["{ENTRIES[node.attr]}"]'
            if not is_current:
                yield Replace(
                    self.rule, module.span(node), Code(f"__0__.state.config{tail}", (module.span(node.value),))
                )
                continue
            view = project.view_around(module, node)
            if view is not None and view in views and self.is_free(module, view):
                yield AddParameter(
                    self.rule, module.span(view), "config", Code("AppConfig", imports=(CONFIG,)), None, 45
                )
                yield Replace(self.rule, module.span(node), Code(f"config{tail}"))
            else:
                yield Replace(
                    self.rule, module.span(node), Code(f"current_app.state.config{tail}", imports=(CURRENT_APP,))
                )
        apps: list[ast.expr] = []
        for read, target in project.flask_reads(module):
            if target == "flask.Config":
                yield Replace(self.rule, module.span(read), Code("Config", imports=(CLASS,)))
            elif target == "flask.current_app":
                parent = module.parents[read]
                attribute = parent.attr if isinstance(parent, ast.Attribute) else ""
                call, view = module.parents[parent], project.view_around(module, read)
                is_given = view is not None and view in views and is_free(view, "app", [read])
                if attribute == ITSELF and isinstance(call, ast.Call) and is_given:
                    apps.append(call)
                elif not attribute or attribute in OWN:
                    apps.append(read)
        yield from given_or_ambient(self.rule, module, project, apps, "app", APP, CURRENT_APP, 45)

    def is_free(self, module: Module, view: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether the view has no `config` of its own."""
        inner = {n.id for n in walk(view) if isinstance(n, ast.Name)}
        return "config" not in inner and "config" not in {a.arg for a in all_arguments(view.args)}
