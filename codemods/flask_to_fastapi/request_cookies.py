"""`request.cookies` becomes cookie parameters.

## What changes

`request.cookies.get("theme", "light")` becomes the parameter `theme: Annotated[str, Cookie()] = "light"`.

## Example

```python
@app.get("/theme")
def theme():
    return jsonify(theme=request.cookies.get("theme", "light"))
```

becomes

```python
@app.get("/theme")
def theme(theme: Annotated[str, Cookie()] = "light"):
    return {"theme": theme}
```

## Safety

`request.cookies["theme"]` is a required parameter: without it the answer is still 400.

## What is left to you

Cookies whose name is only known at run time go through the request object.
"""

from __future__ import annotations

from migrator.codemod import AddParameter, Codemod, Module, Plan, Project, Rule, Safety
from migrator.parameters import declared
from migrator.project.reads import replaced_reads


class RequestCookies(Codemod):
    """Cookies are parameters of the view."""

    rule = Rule("FF303", "request-cookies", "request.cookies becomes cookie parameters", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for view in project.parameter_views(module):
            parameters = project.requests(module, view).parameters
            for order, parameter in enumerate(parameters, 100):
                if parameter.kind == "cookies":
                    annotation, default = declared(module, parameter, "Cookie")
                    yield AddParameter(self.rule, module.span(view), parameter.name, annotation, default, order)
                    yield from replaced_reads(self.rule, module, parameter, parameters)
