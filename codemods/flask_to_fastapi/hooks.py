"""`before_request`, `after_request` and `teardown_request` become one middleware.

## What changes

The functions keep their names and bodies and lose their decorators; behind the last of them the middleware `Hooks` is added with all.

## Example

```python
@app.after_request
def add_version(response):
    response.headers["X-Version"] = "2"
    return response
```

becomes

```python
def add_version(response):
    response.headers["X-Version"] = "2"
    return response


app.add_middleware(Hooks, after_request=[add_version])
```

## Safety

They run in Flask's order, for unknown addresses too.

## What is left to you

Hooks of blueprints that are registered where the app is not known, url processors and template hooks are reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.codemod import Code, Codemod, Import, Insert, Module, Plan, Project, Remove, Rule, Safety, Severity
from migrator.project.model import Placed

HOOKS = Import("~hooks", "Hooks")
ONLY = Import("~hooks", "Only")
CONTEXT = Import("~context", "RequestContext")
KINDS = {
    "before_request": "before_request",
    "before_app_request": "before_request",
    "after_request": "after_request",
    "after_app_request": "after_request",
    "teardown_request": "teardown_request",
    "teardown_app_request": "teardown_request",
    "teardown_appcontext": "teardown_request",
}


class RequestHooks(Codemod):
    """Hooks are middleware."""

    rule = Rule("FF501", "request-hooks", "request hooks become one middleware", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        scopes: dict[tuple[str, str], list[tuple[Placed, str]]] = {}
        for place, routers in project.registrations:
            if place.fact.method not in KINDS:
                continue
            is_app = all(project.routers[r].is_app for r in routers)
            of_app = is_app or "_app_" in place.fact.method
            if place.module == module.name:
                yield from self.unregistered(module, project, place)
            if is_app and place.module == module.name:
                name = place.fact.function.rpartition(".")[2] or place.fact.view
                if name:
                    scopes.setdefault((place.fact.scope, place.fact.receiver), []).append((place, name))
            elif not is_app:
                yield from self.of_blueprint(module, project, place, routers, of_app)
        for (_, receiver), hooks in scopes.items():
            yield from self.added(module, receiver, hooks)

    def unregistered(self, module: Module, project: Project, place: Placed) -> Plan:
        """The decorator or the call that registered a hook goes."""
        node = module.by_span.get(place.fact.span)
        if node is None:
            return
        if place.fact.function:
            yield Remove(self.rule, place.fact.span)
        elif isinstance(statement := module.parents[node], ast.Expr):
            yield Remove(self.rule, module.span(statement))
        else:
            yield self.finding(module, project, node, Severity.MANUAL, "a hook that is registered inside of another expression")

    def added(self, module: Module, receiver: str, hooks: list[tuple[Placed, str]]) -> Plan:
        """The line that adds all hooks of one scope, behind the last of them."""
        lists: dict[str, list[str]] = {}
        for place, name in hooks:
            lists.setdefault(KINDS[place.fact.method], []).append(name)
        last = max((self.statement(module, place) for place, _ in hooks), key=lambda s: s.lineno)
        yield Insert(self.rule, module.span(last), self.line(receiver, lists, ()), before=False)

    def line(self, app: str, lists: dict[str, list[str]], imports: Iterable[Import]) -> Code:
        arguments = ", ".join(f"{kind}=[{', '.join(names)}]" for kind, names in sorted(lists.items(), key=lambda item: list(KINDS).index(item[0])))
        text = f"{app}.add_middleware(Hooks, {arguments})"
        if len(text) > 90:
            rows = "".join(f"    {kind}=[{', '.join(names)}],\n" for kind, names in lists.items())
            text = f"{app}.add_middleware(\n    Hooks,\n{rows})"
        return Code(f"{text}\n{app}.add_middleware(RequestContext)", (), (HOOKS, CONTEXT, *imports))

    def statement(self, module: Module, place: Placed) -> ast.stmt:
        if place.fact.function:
            return module.functions[place.fact.function]
        return module.statement_of(module.by_span[place.fact.span])

    def of_blueprint(self, module: Module, project: Project, place: Placed, routers: list[object], of_app: bool) -> Plan:
        """A blueprint's hook is added where the blueprint is registered on the app."""
        hook = place.fact.function or place.fact.view
        for router in routers:
            for mount in project.mounts_of(router):  # type: ignore[arg-type]
                if mount.registration is None or mount.registration.module != module.name:
                    continue
                fact = mount.registration.fact
                call = module.by_span.get(fact.span)
                if call is None:
                    continue
                if "." in hook or mount.app is None:
                    yield self.finding(module, project, call, Severity.MANUAL, f"the hook {hook} is not known here", endpoints=project.endpoints_below(router))  # type: ignore[arg-type]
                    continue
                name = hook if of_app else f'Only("{mount.name}", {hook})'
                imports = () if of_app else (ONLY,)
                if place.module != module.name:
                    imports = (*imports, Import(place.module, hook))
                receiver = fact.receiver if mount.app in project.names.routers_at(module.name, fact.scope, fact.receiver) else ""
                if not receiver:
                    continue
                line = self.line(receiver, {KINDS[place.fact.method]: [name]}, imports)
                yield Insert(self.rule, module.span(module.statement_of(call)), line, before=False)
