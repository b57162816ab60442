"""Views that take `**kwargs` name the variables of their rules.

## What changes

FastAPI fills parameters that have a name, and would take `**kwargs` for a query parameter. A view gets the variables
that its rules have; where its rules differ, it takes them from the request.

## Example

```python
@app.route("/<int:year>/<slug>")
def archive(**kwargs):
    return render(kwargs["year"], kwargs["slug"])
```

becomes

```python
@app.get("/{year:int}/{slug}")
def archive(year: int, slug: str):
    return render(year, slug)
```

## Safety

The view gets the same values.

## What is left to you

Views that get other variables from each of their rules, by `defaults=` or a hook, are reported.
"""

from __future__ import annotations

import ast

from migrator.codemod import (
    AddParameter,
    Code,
    Codemod,
    FunctionNode,
    Import,
    Insert,
    Module,
    Plan,
    Project,
    Remove,
    RemoveParameter,
    Replace,
    Rule,
    Safety,
    Severity,
)
from migrator.module import all_arguments, walk
from migrator.project.model import FunctionId
from migrator.project.paths import annotation_of, given_defaults, included_values, is_docstring, rule_parameters
from migrator.syntax import text_of

ANY = Code("Any", imports=(Import("typing", "Any"),))
REQUEST = Code("FlaskRequest", imports=(Import("~bodies", "FlaskRequest"),))


class ViewKwargs(Codemod):
    """Views take their variables by name."""

    rule = Rule("FF118", "view-kwargs", "views that take **kwargs name their variables", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for qualname in project.views_in(module.name):
            view, function = (module.name, qualname), module.functions.get(qualname)
            is_open = function is not None and (function.args.kwarg or function.args.vararg)
            if function is not None and is_open and project.takes_parameters(view):  # else `answered` fills them
                yield from self.view(module, project, view, function)

    def view(self, module: Module, project: Project, view: FunctionId, function: FunctionNode) -> Plan:
        span, kwarg = module.span(function), function.args.kwarg
        if (vararg := function.args.vararg) is not None:  # Flask gives all by name
            yield RemoveParameter(self.rule, span, vararg.arg)
            if reads(module, function, vararg.arg):
                yield self.first(module, function, Code(f"{vararg.arg} = ()"))
        if kwarg is None:
            return
        yield RemoveParameter(self.rule, span, kwarg.arg)
        own = {arg.arg for arg in all_arguments(function.args)}
        routes = project.views[view]
        rules = [rule_parameters(project, route) for route in routes]
        other = [{*given_defaults(project, route), *included_values(project, route)} for route in routes]
        names = [list(dict.fromkeys([*rule, *sorted(given)])) for rule, given in zip(rules, other, strict=True)]
        wanted = [name for name in names[0] if name not in own]
        found = reads(module, function, kwarg.arg)
        if any(set(each) - own != set(wanted) for each in names):
            if any(other) or project.url_values.removed:
                message = "this view gets other variables from each of its rules"
                yield self.finding(module, project, function, Severity.MANUAL, message)
            elif found:
                yield AddParameter(self.rule, span, "request", REQUEST, None, -10)
                yield self.first(module, function, Code(f"{kwarg.arg} = dict(request.view_args or ())"))
            return
        for position, name in enumerate(wanted):
            parameter = next((rule[name] for rule in rules if name in rule), None)
            kind = annotation_of(parameter) if parameter is not None else ANY
            yield AddParameter(self.rule, span, name, kind, order=position)
        passed = [name for name in wanted if name not in project.url_values.removed]
        values = [self.value(module, function, node, passed) for node in found]
        if all(value is not None for value in values):
            for value in values:
                if value is not None:
                    yield value
        elif found:
            items = ", ".join(f'"{name}": {name}' for name in passed)
            yield self.first(module, function, Code(f"{kwarg.arg} = {{{items}}}"))

    def value(
        self, module: Module, function: FunctionNode, node: ast.Name, names: list[str]
    ) -> Replace | Remove | None:
        """What becomes of `kwargs["year"]` and `kwargs.get("year")`, which are the variable itself; None for other
        reads."""
        read: ast.AST = module.parents[node]
        key: ast.expr | None = read.slice if isinstance(read, ast.Subscript) else None
        if isinstance(read, ast.Attribute) and read.attr == "get":
            read = module.parents[read]
            key = read.args[0] if isinstance(read, ast.Call) and read.args else None
        name = text_of(module, key) if key is not None else None
        if name not in names or not isinstance(read, (ast.Subscript, ast.Call)):
            return None
        if isinstance(read, ast.Subscript) and not isinstance(read.ctx, ast.Load):
            return None
        statement = module.parents[read]
        bound = module.scopes[function].bindings.get(name, [])
        if isinstance(statement, ast.Assign) and statement in function.body and len(function.body) > 1:
            if [ast.unparse(target) for target in statement.targets] == [name] and len(bound) == 1:
                return Remove(self.rule, module.span(statement))
        if bound or module.scope_of(node) is not module.scopes[function]:
            return None
        return Replace(self.rule, module.span(read), Code(name))

    def first(self, module: Module, function: FunctionNode, code: Code) -> Insert:
        """A line at the head of the view."""
        first = next((s for s in function.body if not is_docstring(s)), function.body[-1])
        return Insert(self.rule, module.span(first), code)


def reads(module: Module, function: FunctionNode, name: str) -> list[ast.Name]:
    """Where a function, or one inside of it, names a parameter."""
    scope = module.scopes[function]
    nodes = (n for statement in function.body for n in walk(statement) if isinstance(n, ast.Name) and n.id == name)
    return [n for n in nodes if (found := module.scope_of(n).lookup(name)) is not None and found[0] is scope]
