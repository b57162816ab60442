"""`register_blueprint(...)` becomes `include_router(...)`.

## What changes

`app.register_blueprint(bp, url_prefix="/api")` becomes `app.include_router(bp, prefix="/api")`. In Flask a prefix given
here replaces the blueprint's own; FastAPI would put one before the other, so only one place keeps it. A blueprint
that is registered more than once, or with `url_defaults=`, is included by way of `named(...)`: its routes get their
names and values there.

## Example

```python
app.register_blueprint(orders, url_prefix="/api/orders")
```

becomes

```python
app.include_router(orders, prefix="/api/orders")
```

## Safety

Addresses and endpoint names stay as they were.

## What is left to you

`subdomain=` and blueprints that are only known at run time are reported.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety, Severity, Span
from migrator.module import all_arguments
from migrator.project.paths import converters, default_of, relative_name
from migrator.project.rules import starlette_path
from migrator.syntax import argument, reference, text_of

KNOWN = ("blueprint", "url_prefix", "name", "url_defaults")
NAMED = Import("~named", "named")


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
                if keyword.arg not in KNOWN and not holds_prefix(module, keyword):
                    message = f"include_router() has no {keyword.arg or '**'}"
                    yield self.finding(
                        module,
                        project,
                        keyword.value,
                        Severity.MANUAL,
                        message,
                        endpoints=self.touched(module, project, blueprint),
                    )
            if self.names(module, project, call) > 1:
                message = "several blueprints that get their names where they are included, in one call"
                hint = 'app.include_router(named(router, "name")) for each of them'
                touched = self.touched(module, project, blueprint)
                yield self.finding(module, project, call, Severity.MANUAL, message, hint, touched)
            parts = [module.span(call.func.value), module.span(blueprint)]
            router = self.router(module, project, call, parts)
            if (prefix := self.prefix(module, project, call, blueprint)) is not None:
                given = prefix.text.replace("__0__", f"__{len(parts)}__")
                text = f"__0__.include_router({router}, prefix={given})"
                parts += prefix.parts
            else:
                text = f"__0__.include_router({router})"
            imports = (NAMED,) if router != "__1__" else ()
            yield Replace(self.rule, module.span(call), Code(text, tuple(parts), imports))
            _, parameters = starlette_path(self.known_prefix(module, project, call, blueprint))
            yield from converters(self.rule, module, project, module.span(call), parameters)

    def names(self, module: Module, project: Project, call: ast.Call) -> int:
        """How many names the routers that a call includes are to get by it."""
        here = [m for m in project.mounts_by(module.name, module.span(call)) if project.is_renamed(m.blueprint)]
        return len({relative_name(project, mount, own=False) for mount in here})

    def router(self, module: Module, project: Project, call: ast.Call, parts: list[Span]) -> str:
        """Code for the router: `named(...)` of it, where its routes get their names and values here."""
        mount = next(iter(project.mounts_by(module.name, module.span(call))), None)
        if mount is None or not project.is_renamed(mount.blueprint):
            return "__1__"
        name = argument(call, -1, "name")
        around = relative_name(project, mount, own=False).rpartition(".")[0]
        if name is None or text_of(module, name) is not None:
            text = f'"{relative_name(project, mount, own=False)}"'
        else:
            parts.append(module.span(name))
            text = f'f"{around}.{{__{len(parts) - 1}__}}"' if around else f"__{len(parts) - 1}__"
        items = ["__1__", text]
        values = argument(call, -1, "url_defaults")
        if isinstance(values, ast.Dict) and all(is_plain(key) for key in values.keys):
            for key, value in zip(values.keys, values.values, strict=True):
                items.append(f"{text_of(module, key)}=__{len(parts)}__")
                parts.append(module.span(value))
        elif values is not None:
            items.append(f"**__{len(parts)}__")
            parts.append(module.span(values))
        return f"named({', '.join(items)})"

    def touched(self, module: Module, project: Project, blueprint: ast.expr) -> tuple[str, ...]:
        return tuple(
            sorted({e for router in project.routers_at(module, blueprint) for e in project.endpoints_below(router)})
        )

    def prefix(self, module: Module, project: Project, call: ast.Call, blueprint: ast.expr) -> Code | None:
        """The prefix as it is to stand here: None where the router has its own."""
        given = argument(call, -1, "url_prefix")
        options = next((k for k in call.keywords if holds_prefix(module, k)), None)
        if options is not None:
            return Code('__0__["url_prefix"]', (module.span(options.value),))
        if given is not None and not is_none(given) and text_of(module, given) is None:
            return Code('__0__ or ""' if may_be_none(module, given) else "__0__", (module.span(given),))
        path, _ = starlette_path(self.known_prefix(module, project, call, blueprint).strip("/"))
        return Code(f'"/{path}"') if path else None

    def known_prefix(self, module: Module, project: Project, call: ast.Call, blueprint: ast.expr) -> str:
        """The rule that is to stand here as the prefix, as far as it is known before the app runs."""
        given = argument(call, -1, "url_prefix")
        if given is not None and not is_none(given):
            return text_of(module, given) or ""
        routers = [r for r in project.routers_at(module, blueprint) if project.prefix_is_elsewhere(r)]
        return project.routers[routers[0]].fact.url_prefix or "" if routers else ""


def holds_prefix(module: Module, keyword: ast.keyword) -> bool:
    """Whether it is the `**options` of a call, and they are written down as a prefix and no more."""
    if keyword.arg is not None or not isinstance(keyword.value, ast.Name):
        return False
    found = module.scope_of(keyword.value).lookup(keyword.value.id)
    statement = module.parents.get(found[1][0].node) if found is not None and len(found[1]) == 1 else None
    values = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
    if isinstance(values, ast.Dict):
        return [key.value for key in values.keys if isinstance(key, ast.Constant)] == ["url_prefix"]
    is_dict = isinstance(values, ast.Call) and isinstance(values.func, ast.Name) and values.func.id == "dict"
    return is_dict and isinstance(values, ast.Call) and [k.arg for k in values.keywords] == ["url_prefix"]


def may_be_none(module: Module, given: ast.expr) -> bool:
    """Whether a prefix comes from where it may be missing: Flask takes None for no prefix."""
    if isinstance(given, ast.Name):
        function = module.function_of(given)
        named = [a for a in all_arguments(function.args) if a.arg == given.id] if function is not None else []
        return function is not None and any(is_none(default_of(function, arg)) for arg in named)
    if not isinstance(given, ast.Call):
        return False
    if isinstance(given.func, ast.Attribute) and given.func.attr == "get":
        return len(given.args) == 1 or is_none(given.args[-1])
    return reference(given.func) == "getattr" and is_none(given.args[-1])


def is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def is_plain(key: ast.expr | None) -> bool:
    """Whether a key of a dict display can be the name of an argument."""
    return isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isidentifier()
