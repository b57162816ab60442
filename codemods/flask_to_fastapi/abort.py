"""`abort(...)` becomes `raise HTTPException(...)`.

## What changes

`abort(404)` and `abort(404, "no such order")` raise FastAPI's exception; `abort(make_response(...))` raises the
response. Where Flask's `abort` was given something that only the running app knows, a helper of the same name decides.

## Example

```python
abort(404, description="no such order")
```

becomes

```python
raise HTTPException(404, "no such order")
```

## Safety

The status stays. The page changes: where Werkzeug wrote HTML, FastAPI answers with JSON, unless a handler makes the
page.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety
from migrator.project.errors import CODES, WERKZEUG
from migrator.project.returned import response, taken_apart
from migrator.syntax import argument

EXCEPTION = Import("fastapi", "HTTPException")
EARLY = Import("~contract", "EarlyResponse")
ABORT = Import("~errors", "abort")


class AbortCall(Codemod):
    """Flask stops a request with `abort(code)`; FastAPI raises an exception that carries the code."""

    rule = Rule("FF201", "abort-call", "abort() raises HTTPException", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for name in module.names:
            if project.canonical(name.target) == "flask.abort":
                yield from self.use(module, project, name.node)
        for node in module.nodes(ast.Attribute):
            if project.canonical(module.dotted(node)) == "flask.abort":
                yield from self.use(module, project, node)

    def use(self, module: Module, project: Project, node: ast.expr) -> Plan:
        call = module.parents[node]
        statement = module.parents.get(call)
        stands_alone = isinstance(statement, (ast.Expr, ast.Return, ast.Raise))
        if isinstance(call, ast.Call) and call.func is node and statement is not None and stands_alone:
            raised = self.raised(module, project, call)
            if raised is not None:
                yield Replace(self.rule, module.span(statement), raised)
                return
        yield Replace(self.rule, module.span(node), Code("abort", imports=(ABORT,)))

    def raised(self, module: Module, project: Project, call: ast.Call) -> Code | None:
        """The statement for a call with a known error status and at most a description, or with a response."""
        code, description = argument(call, 0, "code"), argument(call, 1, "description")
        if code is None or len(call.args) > 2 or any(isinstance(a, ast.Starred) for a in call.args):
            return None
        if len(call.args) + len(call.keywords) == 1 and isinstance(code, ast.Call):
            return self.with_response(module, project, code)
        if {k.arg for k in call.keywords} - {"code", "description"} or not self.is_known(module, project, code):
            return None
        told = description is not None and not (isinstance(description, ast.Constant) and description.value is None)
        rest = (module.span(description),) if told and description is not None else ()
        kinds = {kind.code for kind in project.errors.kinds(module, code)}
        names = [name for name, number in CODES.items() if {number} == kinds]
        if names and project.errors.is_caught(f"{WERKZEUG}{names[0]}"):  # somebody waits for Werkzeug's class
            wanted = Import("werkzeug.exceptions", names[0])
            return Code(f"raise {names[0]}({'__0__' if told else ''})", rest, (wanted,))
        text = "raise HTTPException(__0__, __1__)" if told else "raise HTTPException(__0__)"
        return Code(text, (module.span(code), *rest), (EXCEPTION,))

    def is_known(self, module: Module, project: Project, node: ast.expr) -> bool:
        """Whether an expression is surely the number of an error."""
        if isinstance(node, ast.IfExp):
            return self.is_known(module, project, node.body) and self.is_known(module, project, node.orelse)
        found = list(project.errors.kinds(module, node))
        return bool(found) and all(kind.code in CODES.values() for kind in found)

    def with_response(self, module: Module, project: Project, made: ast.Call) -> Code | None:
        """`abort(make_response(body, 409))`."""
        target = project.canonical(module.dotted(made.func))
        if target == "flask.make_response" and len(made.args) in (1, 2) and not made.keywords:
            value: ast.expr = made.args[0]
            if len(made.args) == 2:
                value = ast.copy_location(ast.Tuple(list(made.args), ast.Load()), made)
            returned = taken_apart(module, project, value)
            if returned.kind in ("json", "html"):
                code, imports = response(returned)
                return Code(f"raise EarlyResponse({code.text})", code.parts, (*code.imports, *imports, EARLY))
        if target in ("flask.jsonify", "flask.make_response", "flask.Response", "flask.redirect"):
            return Code("raise EarlyResponse(__0__)", (module.span(made),), (EARLY,))
        return None
