"""`request.headers` becomes header parameters.

## What changes

`request.headers.get("X-Token")` becomes the parameter `x_token: Annotated[str | None, Header()] = None`; `type=` and
default become its type and default.

## Example

```python
@app.get("/reports")
def reports():
    tenant = request.headers.get("X-Tenant", "default")
    return jsonify(tenant=tenant)
```

becomes

```python
@app.get("/reports")
def reports(tenant: Annotated[str, Header(alias="X-Tenant")] = "default"):
    return {"tenant": tenant}
```

## Safety

`request.headers["X-Tenant"]` is a required parameter: without it the answer is still 400.

## What is left to you

Headers whose name is only known at run time go through the request object.
"""

from __future__ import annotations

from migrator.codemod import AddParameter, Codemod, Module, Plan, Project, Rule, Safety
from migrator.parameters import declared
from migrator.project.reads import replaced_reads


class RequestHeaders(Codemod):
    """Headers are parameters of the view."""

    rule = Rule("FF302", "request-headers", "request.headers becomes header parameters", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for view in project.parameter_views(module):
            parameters = project.requests(module, view).parameters
            for order, parameter in enumerate(parameters, 100):
                if parameter.kind == "headers":
                    annotation, default = declared(module, parameter, "Header")
                    yield AddParameter(self.rule, module.span(view), parameter.name, annotation, default, order)
                    yield from replaced_reads(self.rule, module, parameter, parameters)
