"""`Blueprint(...)` becomes `APIRouter()`.

## What changes

The blueprint keeps its variable. Its prefix moves to `APIRouter(prefix=...)`, unless it is registered with another one.

## Example

```python
bp = Blueprint("auth", __name__, url_prefix="/auth")
```

becomes

```python
bp = APIRouter(prefix="/auth")
```

## Safety

Addresses and endpoint names stay as they were.

## What is left to you

Subdomains are reported.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety, Severity
from migrator.project.model import Router
from migrator.project.paths import converters
from migrator.project.rules import starlette_path
from migrator.syntax import argument, text_of

ROUTER = Import("fastapi", "APIRouter")
LEFT = ("subdomain",)


class BlueprintToRouter(Codemod):
    """A blueprint is a router."""

    rule = Rule("FF102", "blueprint", "Blueprint() becomes APIRouter()", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for node, target in project.flask_reads(module):
            if target == "flask.Blueprint" and not (isinstance(p := module.parents[node], ast.Call) and p.func is node):
                yield Replace(self.rule, module.span(node), Code("APIRouter", imports=(ROUTER,)))
        for call in project.calls_to(module, "flask.Blueprint"):
            router = project.router_made_by(module, call)
            if router is None:
                yield self.finding(
                    module, project, call, Severity.MANUAL, "a blueprint that is made inside of another expression"
                )
                continue
            for keyword in call.keywords:
                if keyword.arg in LEFT and not (
                    isinstance(keyword.value, ast.Constant) and keyword.value.value is None
                ):
                    touched = project.endpoints_below(router.id)
                    message = f"APIRouter has no {keyword.arg}"
                    yield self.finding(module, project, keyword.value, Severity.MANUAL, message, endpoints=touched)
            yield Replace(self.rule, module.span(call), self.router(module, project, call, router))
            prefix = argument(call, 5, "url_prefix")
            if prefix is not None and not project.prefix_is_elsewhere(router.id):
                _, parameters = starlette_path(text_of(module, prefix) or "")
                yield from converters(self.rule, module, project, module.span(call), parameters)

    def router(self, module: Module, project: Project, call: ast.Call, router: Router) -> Code:
        """`APIRouter(...)`, with the prefix if it stands here."""
        prefix = argument(call, 5, "url_prefix")
        if prefix is None or project.prefix_is_elsewhere(router.id):
            return Code("APIRouter()", imports=(ROUTER,))
        text = text_of(module, prefix)
        if text is None:
            return Code("APIRouter(prefix=__0__)", (module.span(prefix),), (ROUTER,))
        text, _ = starlette_path(text.strip("/"))
        return Code(f'APIRouter(prefix="/{text}")' if text else "APIRouter()", imports=(ROUTER,))
