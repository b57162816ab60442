"""`register_blueprint(...)` becomes `include_router(...)`.

## What changes

`app.register_blueprint(bp, url_prefix="/api")` becomes `app.include_router(bp, prefix="/api")`. In Flask a prefix given here replaces
the blueprint's own; FastAPI would put one before the other, so only one place keeps it.

## Example

```python
app.register_blueprint(orders, url_prefix="/api/orders")
```

becomes

```python
app.include_router(orders, prefix="/api/orders")
```

## Safety

Addresses stay as they were.

## What is left to you

`url_defaults=`, `subdomain=` and blueprints that are only known at run time are reported.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Module, Plan, Project, Replace, Rule, Safety, Severity
from migrator.project.rules import starlette_path
from migrator.syntax import argument, text_of


class RegisterBlueprint(Codemod):
    """Routers are included."""

    rule = Rule("FF103", "register-blueprint", "register_blueprint() becomes include_router()", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for call in module.calls:
            if not (isinstance(call.func, ast.Attribute) and call.func.attr == "register_blueprint"):
                continue
            if not project.routers_at(module, call.func.value):
                continue
            blueprint = argument(call, 0, "blueprint")
            if blueprint is None:
                continue
            for keyword in call.keywords:
                if keyword.arg not in ("blueprint", "url_prefix", "name"):
                    message = f"include_router() has no {keyword.arg or '**'}"
                    yield self.finding(module, project, keyword.value, Severity.MANUAL, message, endpoints=self.touched(module, project, blueprint))
            parts = [module.span(call.func.value), module.span(blueprint)]
            prefix = self.prefix(module, project, call, blueprint)
            text = f"__0__.include_router(__1__{', prefix=' + prefix.text if prefix else ''})".replace("prefix=__0__", "prefix=__2__")
            if prefix:
                parts += prefix.parts
            yield Replace(self.rule, module.span(call), Code(text, tuple(parts)))

    def touched(self, module: Module, project: Project, blueprint: ast.expr) -> tuple[str, ...]:
        return tuple(sorted({e for router in project.routers_at(module, blueprint) for e in project.endpoints_below(router)}))

    def prefix(self, module: Module, project: Project, call: ast.Call, blueprint: ast.expr) -> Code | None:
        """The prefix as it is to stand here: None where the router has its own."""
        given = argument(call, -1, "url_prefix")
        if given is None or (isinstance(given, ast.Constant) and given.value is None):
            routers = [r for r in project.routers_at(module, blueprint) if project.prefix_is_elsewhere(r)]
            own = project.routers[routers[0]].fact.url_prefix if routers else ""
            return Code(f'"/{starlette_path(own.strip("/"))[0]}"') if own and own.strip("/") else None
        text = text_of(module, given)
        if text is None:
            return Code("__0__", (module.span(given),))
        path, _ = starlette_path(text.strip("/"))
        return Code(f'"/{path}"') if path else None
