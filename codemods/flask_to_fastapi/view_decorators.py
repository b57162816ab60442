"""The project's own decorators on views stay, and what comes out of them is answered as Flask did.

## What changes

A view behind a decorator gets `@answered` around all: what the decorator returns, whether it comes from the view or from itself,
becomes a response. A decorator that hides the view's signature gets `@wraps(view)`, for FastAPI reads it.

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

from migrator.codemod import AddDecorator, Code, Codemod, FunctionNode, Import, Module, Plan, Project, Rule, Safety
from migrator.module import all_arguments
from migrator.project.decorators import Decoration, Decorator, is_response, is_transparent
from migrator.project.model import FunctionId
from migrator.project.paths import annotation_of, given_defaults, rule_parameters
from migrator.project.returned import own_returns

ANSWERED = Import("~views", "answered")
WRAPS = Import("functools", "wraps")


class ViewDecorators(Codemod):
    """Views keep their decorators."""

    rule = Rule("FF115", "view-decorators", "views behind decorators are answered as Flask did", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for view in project.views:
            function = module.functions.get(view[1])
            if view[0] != module.name or function is None:
                continue
            found = [one for one in project.kept_decorations(view) if not is_transparent(one)]
            if not found:
                continue
            span = module.span(function)
            own = [one for one in found if one.node in function.decorator_list]
            outside = module.span(own[0].node) if own else None
            if (code := self.answered(module, project, view, function, found)) is not None:
                yield AddDecorator(self.rule, span, code, outside, 0)
            for number, one in enumerate(one for one in found if one not in own):  # of the class
                yield AddDecorator(self.rule, span, named(project, module, one), outside, number + 1)
        for decorator in self.used(project):
            if decorator.module is module and not decorator.wraps:
                yield AddDecorator(self.rule, module.span(decorator.wrapper), Code(f"wraps({decorator.view})", imports=(WRAPS,)))

    def used(self, project: Project) -> list[Decorator]:
        """The project's decorators that stand on views."""
        found = {one.decorator for view in project.views for one in project.kept_decorations(view) if one.decorator is not None}
        return sorted(found, key=lambda one: one.id)

    def answered(
        self, module: Module, project: Project, view: FunctionId, function: FunctionNode, found: list[Decoration]
    ) -> Code | None:
        """`answered`, with the parameters that it has to hide or to show; None where nothing is left to do."""
        hidden, shown = parameters_between(project, view, function, found)
        imports = [ANSWERED]
        if not hidden and not shown:
            outermost = found[0].decorator
            if outermost is not None and all(is_response(outermost.module, project, r) for r in own_returns(outermost.wrapper)):
                return None
            return Code("answered", imports=tuple(imports))
        arguments = []
        if hidden:
            arguments.append(f"without=[{', '.join(quoted(name) for name in hidden)}]")
        if shown:
            for code in shown.values():
                imports += code.imports
            arguments.append(f"takes={{{', '.join(f'{quoted(name)}: {code.text}' for name, code in shown.items())}}}")
        return Code(f"answered({', '.join(arguments)})", imports=tuple(imports))


def named(project: Project, module: Module, one: Decoration) -> Code:
    """A decorator that stands elsewhere, as code of this module."""
    home = project.store.module(one.module)
    assert home is not None
    target = one.node.func if isinstance(one.node, ast.Call) else one.node
    if home is module or not isinstance(target, ast.Name):
        return Code(home.source(one.node))
    where, _, name = home.dotted(target).rpartition(".")
    return Code(home.source(one.node), imports=(Import(where, name),))


def quoted(name: str) -> str:
    return f'"{name}"'


def parameters_between(
    project: Project, view: FunctionId, function: FunctionNode, found: list[Decoration]
) -> tuple[list[str], dict[str, Code]]:
    """The parameters of a view that its decorators fill, and those of its rules that only a decorator takes."""
    routes = project.views[view]
    rules = [rule_parameters(project, route) for route in routes]
    of_rules = {name: parameter for rule in rules for name, parameter in rule.items()}
    filled = set(of_rules) | {name for route in routes for name in given_defaults(project, route)}
    own = [arg.arg for arg in all_arguments(function.args) if arg not in (function.args.vararg, function.args.kwarg)]
    own = own[1:] if own[:1] in (["self"], ["cls"]) else own
    if not any(one.decorator is not None for one in found):
        return [], {}
    defaults = len(function.args.defaults)
    required = own[: len(own) - defaults] if defaults else own
    hidden = [name for name in required if name not in filled]
    return hidden, {name: annotation_of(parameter) for name, parameter in of_rules.items() if name not in own}
