"""`request.args` becomes typed query parameters.

## What changes

`request.args.get("page", 1, type=int)` becomes the parameter `page: Annotated[int, coerced(int), or_default(1)] = 1`:
the type stands in OpenAPI, and a value that does not fit still gives the default.

## Example

```python
@app.get("/orders")
def orders():
    page = request.args.get("page", 1, type=int)
```

becomes

```python
@app.get("/orders")
def orders(page: Annotated[int, coerced(int), or_default(1)] = 1): ...
```

## Safety

The first of a repeated key counts, as in Flask. `request.args["key"]` is a required parameter: without it the answer
is still 400. `int(request.args["key"])` says the type as well: where it failed (500), the answer is 400.

## What is left to you

Reads with a computed key go through the request object.
"""

from __future__ import annotations

from migrator.codemod import AddParameter, Codemod, Module, Plan, Project, Rule, Safety
from migrator.parameters import declared
from migrator.project.reads import replaced_reads


class RequestArgs(Codemod):
    """Query parameters are typed parameters of the view."""

    rule = Rule("FF301", "request-args", "request.args becomes query parameters", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for view in project.parameter_views(module):
            parameters = project.requests(module, view).parameters
            for order, parameter in enumerate(parameters, 100):
                if parameter.kind == "args":
                    annotation, default = declared(module, parameter, "Query")
                    yield AddParameter(self.rule, module.span(view), parameter.name, annotation, default, order)
                    yield from replaced_reads(self.rule, module, parameter, parameters)
