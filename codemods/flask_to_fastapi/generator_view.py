"""A generator behind a decorator that makes the response gives the decorator its generator.

## What changes

FastAPI looks through `@wraps` at the view itself, and streams what a generator yields without asking the decorator. So
the body becomes a function of its own within the view.

## Example

```python
@app.route("/events")
@event_stream
def events():
    yield {"hello": "world"}
```

becomes

```python
@app.get("/events")
@answered
@event_stream
def events():
    def generate():
        yield {"hello": "world"}

    return generate()
```

## Safety

The decorator gets a generator, as before. A view that nothing decorates stays as it is.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast

from migrator.codemod import Codemod, FunctionNode, Module, Plan, Prepared, Project, Rule, Safety, Span
from migrator.project.store import edited
from migrator.syntax import first_line

NAME = "generate"


class GeneratorView(Codemod):
    """Generators stay in the hands of their decorators."""

    rule = Rule("FF122", "generator-view", "a generator behind a decorator is made within its view", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        """Nothing is left to do: the source was prepared."""
        yield from ()

    def prepare(self, module: Module, project: Project) -> Prepared | None:
        edits = [
            edit
            for name in project.views_in(module.name)
            if (function := module.functions.get(name)) is not None
            and project.kept_decorations((module.name, name))
            and (edit := within(module, function)) is not None
        ]
        return edited(module, edits) if edits else None


def within(module: Module, function: FunctionNode) -> tuple[Span, str] | None:
    """The body of a generator as a function within it, and the lines that it takes; None for all other functions."""
    scope = module.scopes[function]
    yields = [node for node in module.nodes(ast.Yield, ast.YieldFrom) if module.function_of(node) is function]
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if isinstance(function, ast.AsyncFunctionDef) or not yields or body[0].lineno == function.lineno:
        return None
    if NAME in scope.bindings:
        return None
    first, last = first_line(body[0]), body[-1].end_lineno or body[-1].lineno
    outer, margin = (" " * node.col_offset for node in (function, body[0]))
    step = "\t" if module.lines[first - 1].startswith("\t") else margin.removeprefix(outer)
    margin = module.lines[first - 1][: body[0].col_offset]
    # lines that begin within a string
    fixed = {
        line
        for node in module.nodes(ast.Constant, ast.JoinedStr)
        for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }
    rebound = [n for n, bound in scope.bindings.items() if {"param"} < {one.kind for one in bound}]
    lines = [f"{margin}def {NAME}():"]
    lines += [f"{margin}{step}nonlocal {', '.join(rebound)}"] if rebound else []
    for number, line in enumerate(module.lines[first - 1 : last], first):
        lines.append(step + line if line.strip() and number not in fixed else line)
    lines += ["", f"{margin}return {NAME}()"]
    return Span(first, 0, last, len(module.lines[last - 1])), "\n".join(lines)
