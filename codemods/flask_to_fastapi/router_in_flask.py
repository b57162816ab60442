"""A router of FastAPI answers within a Flask app, while a project moves in steps.

## What changes

With `--only` and `--except` some blueprints move and the app stays Flask, mounted under FastAPI. Where it registered
such a blueprint, it gets the router.

## Example

```python
app.register_blueprint(shop.bp, url_prefix="/shop")
```

becomes

```python
include_router(app, shop.bp, prefix="/shop")
```

## Safety

Flask goes on to find routes, to run hooks, to keep sessions and to answer errors, for the views that have moved as
well: both halves have one session, one `g`, one configuration and one `url_for`. FastAPI reads the parameters of the
views that have moved, and makes their responses.

## What is left to you

The next step: `--only` with another blueprint, or the whole project without it. Blueprints with hooks, error handlers
or folders of their own move with the last step.
"""

from __future__ import annotations

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety
from migrator.project.rules import starlette_path
from migrator.syntax import argument

INCLUDE = Import("~halves", "include_router")


class RouterInFlask(Codemod):
    """Blueprints that have moved are included where they were registered."""

    rule = Rule("FF123", "router-in-flask", "a router answers within the Flask app around it", Safety.SAFE)
    serves_flask = True

    def plan(self, module: Module, project: Project) -> Plan:
        for call in module.calls:
            mounts = project.mounts_by(module.name, module.span(call))
            if not mounts or not {mount.blueprint for mount in mounts} <= project.moving:
                continue
            blueprint = argument(call, 0, "blueprint")
            if blueprint is None or (receiver := getattr(call.func, "value", None)) is None:
                continue
            router = project.routers[mounts[0].blueprint]
            given = mounts[0].prefix if project.prefix_is_elsewhere(router.id) else ""
            path, _ = starlette_path((given or "").strip("/"))
            prefix = f', prefix="/{path}"' if path else ""
            parts = (module.span(receiver), module.span(blueprint))
            yield Replace(
                self.rule, module.span(call), Code(f"include_router(__0__, __1__{prefix})", parts, (INCLUDE,))
            )
