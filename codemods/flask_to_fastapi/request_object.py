"""What a view reads of `request` in ways that no parameter can stand for.

## What changes

The view gets the request as a parameter, a Werkzeug request that FastAPI's dependency makes; what the view does with
it stays as it is. A function that no view hands it to reads it from the support package's context.

## Example

```python
@app.get("/echo")
def echo():
    return request.args.to_dict()
```

becomes

```python
@app.get("/echo")
def echo(request: FlaskRequest): ...
```

## Safety

It is the same class of request as under Flask.

## What is left to you

Nothing. Where the reads become simpler, parameters take their place in a later run.
"""

from __future__ import annotations

import ast

from migrator.codemod import AddParameter, Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety

REQUEST = Import("~bodies", "FlaskRequest")
CONTEXT = Import("~context", "request")


class RequestObject(Codemod):
    """The request itself, where its use is dynamic."""

    rule = Rule("FF399", "request-object", "request is a parameter, or read from the context", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        in_views: set[ast.Name] = set()
        for view in project.parameter_views(module):
            uses = project.requests(module, view)
            in_views |= {use.name for use in uses.all}
            if uses.rest:
                yield AddParameter(
                    self.rule, module.span(view), "request", Code("FlaskRequest", imports=(REQUEST,)), None, -10
                )
                for use in uses.rest:
                    yield Replace(self.rule, module.span(self.whole(module, use.name)), Code("request"))
        for name in module.names:
            target = project.canonical(name.target)
            if target == "flask.request" and name.node not in in_views:
                yield Replace(self.rule, module.span(name.node), Code("request", imports=(CONTEXT,)))
        for node in module.nodes(ast.Attribute):
            if (
                isinstance(node.value, ast.Name)
                and node.value not in in_views
                and project.canonical(module.dotted(node.value)) == "flask"
            ):
                if project.canonical(module.dotted(node)) == "flask.request":
                    yield Replace(self.rule, module.span(node), Code("request", imports=(CONTEXT,)))

    def whole(self, module: Module, name: ast.Name) -> ast.AST:
        """`request`, or the `flask.request` that the name begins; with the call that takes it from its proxy."""
        parent = module.parents[name]
        node: ast.AST = name
        if isinstance(parent, ast.Attribute) and parent.attr == "request" and name.id != "request":
            node, parent = parent, module.parents[parent]
        if isinstance(parent, ast.Attribute) and parent.attr == "_get_current_object":
            return module.parents[parent]
        return node
