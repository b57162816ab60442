"""`g` and the functions of Flask's context.

## What changes

A view gets `g` as a parameter, and uses it as before; other functions take it, and all else that Flask's context has,
from the support package's context.

## Example

```python
@app.get("/orders")
def orders():
    return orders_of(g.user)
```

becomes

```python
@app.get("/orders")
def orders(g: RequestGlobals):
    return orders_of(g.user)
```

## Safety

There is one `g` for each request, as before.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety
from migrator.project.given import given_or_ambient

GIVEN = Import("~namespace", "RequestGlobals")
AMBIENT = Import("~context", "g")
NAMES = {
    "flask.has_request_context",
    "flask.has_app_context",
    "flask.after_this_request",
    "flask.copy_current_request_context",
}
# what has a `g` of its own
ELSEWHERE = {"app_context", "request_context", "test_request_context", "copy_current_request_context"}


class ContextNames(Codemod):
    """The names of one request."""

    rule = Rule("FF503", "context-names", "g and its kin come from the request", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        plain: list[ast.expr] = []
        changing = around_other_contexts(module)
        for node, target in project.flask_reads(module):
            if target == "flask.g":
                view = project.view_around(module, node)
                parent = module.parents[node]
                name = parent.attr if isinstance(parent, ast.Attribute) else ""
                if (
                    view is not None
                    and name != "_get_current_object"
                    and not project.guards.hand_on(project.function_id(module, view), name)
                    and view not in changing
                ):
                    plain.append(node)
                else:
                    yield Replace(self.rule, module.span(node), Code("g", imports=(AMBIENT,)))
            elif target in NAMES:
                name = target.removeprefix("flask.")
                yield Replace(self.rule, module.span(node), Code(name, imports=(Import("~context", name),)))
        yield from given_or_ambient(self.rule, module, project, plain, "g", GIVEN, AMBIENT, 25)


def around_other_contexts(module: Module) -> set[ast.AST]:
    """The functions, and what else there is, with code that may see another `g` than they do."""
    names = [node for node in module.nodes(ast.Name) if node.id in ELSEWHERE]
    attributes = [node for node in module.nodes(ast.Attribute) if node.attr in ELSEWHERE]
    return {above for node in (*names, *attributes) for above in module.ancestors(node)}
