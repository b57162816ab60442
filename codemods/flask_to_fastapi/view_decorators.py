"""The project's own decorators on views stay, and what comes out of them is answered as Flask did.

## What changes

A view behind a decorator gets `@answered` around all: what the decorator returns, whether it comes from the view or
from itself, becomes a response. A decorator that hides the view's signature gets `@wraps(view)`, for FastAPI reads
it.

## Example

```python
@app.route("/orders/<int:number>")
@logged
def order(number):
    return {"number": number}, 200
```

becomes

```python
@app.get("/orders/{number:int}")
@answered
@logged
def order(number: int):
    return {"number": number}, 200
```

## Safety

Decorators run as before, in their order. Parameters that a decorator hands to the view are hidden from FastAPI.

## What is left to you

Decorators that only check the request are better dependencies: the rule `guards` makes them so where it can.
"""

from __future__ import annotations

import ast

from migrator.codemod import AddDecorator, Code, Codemod, Import, Module, Plan, Project, Rule, Safety
from migrator.project.decorators import Decoration, is_transparent
from migrator.project.paths import answered_code, has_other_parameters

ANSWERED = Import("~views", "answered")
WRAPS = Import("functools", "wraps")


class ViewDecorators(Codemod):
    """Views keep their decorators."""

    rule = Rule("FF115", "view-decorators", "views behind decorators are answered as Flask did", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for name in project.views_in(module.name):
            view = module.name, name
            function = module.functions.get(name)
            if function is None:
                continue
            found = [one for one in project.kept_decorations(view) if not is_transparent(one)]
            span = module.span(function)
            if not found:
                if project.takes_whole_path(view) and not project.is_answered_at_route(view):
                    yield AddDecorator(self.rule, span, Code("answered", imports=(ANSWERED,)))
                continue
            own = [one for one in found if one.node in function.decorator_list]
            outside = module.span(own[0].node) if own else None
            code = answered_code(project, view, function, Code(""))
            is_decorated = any(route.registration.fact.function for route in project.views[view])
            if is_decorated and has_other_parameters(project, view, function):
                code = None  # its routes say it
            if code is not None:
                yield AddDecorator(self.rule, span, code, outside, 0)
            for number, one in enumerate(one for one in found if one not in own):  # of the class
                yield AddDecorator(self.rule, span, named(project, module, one), outside, number + 1)
        for decorator in project.view_decorators.get(module.name, ()):
            if not decorator.wraps:
                yield AddDecorator(
                    self.rule, module.span(decorator.wrapper), Code(f"wraps({decorator.view})", imports=(WRAPS,))
                )


def named(project: Project, module: Module, one: Decoration) -> Code:
    """A decorator that stands elsewhere, as code of this module."""
    home = project.store.module(one.module)
    assert home is not None
    target = one.node.func if isinstance(one.node, ast.Call) else one.node
    if home is module or not isinstance(target, ast.Name):
        return Code(home.source(one.node))
    where, _, name = home.dotted(target).rpartition(".")
    return Code(home.source(one.node), imports=(Import(where, name),))
