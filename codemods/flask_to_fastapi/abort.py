"""`abort(...)` becomes `raise HTTPException(...)`.

## What changes

`abort(404)` and `abort(404, "no such order")` raise FastAPI's exception. Where Flask's `abort` was given something other
than a plain status, a helper of the same name decides at run time.

## Example

```python
abort(404, description="no such order")
```

becomes

```python
raise HTTPException(404, "no such order")
```

## Safety

The status stays. The page changes: where Werkzeug wrote HTML, FastAPI answers with JSON, unless a handler makes the page.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast
from http import HTTPStatus

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety
from migrator.syntax import argument

EXCEPTION = Import("fastapi", "HTTPException")
ABORT = Import("~errors", "abort")


class AbortCall(Codemod):
    """Flask stops a request with `abort(code)`; FastAPI raises an exception that carries the code."""

    rule = Rule("FF201", "abort-call", "abort() raises HTTPException", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for name in module.names:
            if project.canonical(name.target) != "flask.abort":
                continue
            call = module.parents[name.node]
            if isinstance(call, ast.Attribute):  # flask.abort
                call = module.parents[call]
            statement = module.parents.get(call)
            if isinstance(call, ast.Call) and isinstance(statement, (ast.Expr, ast.Return)) and self.is_plain(module, project, call):
                yield Replace(self.rule, module.span(statement), self.raised(module, call))
            else:
                yield Replace(self.rule, module.span(name.node), Code("abort", imports=(ABORT,)))
        for call in module.calls:
            if isinstance(call.func, ast.Attribute) and project.canonical(module.dotted(call.func)) == "flask.abort":
                statement = module.parents[call]
                if isinstance(statement, (ast.Expr, ast.Return)) and self.is_plain(module, project, call):
                    yield Replace(self.rule, module.span(statement), self.raised(module, call))
                else:
                    yield Replace(self.rule, module.span(call.func), Code("abort", imports=(ABORT,)))

    def is_plain(self, module: Module, project: Project, call: ast.Call) -> bool:
        """Whether the call has a known error status and at most a description."""
        code = argument(call, 0, "code")
        if isinstance(code, ast.Constant) and isinstance(code.value, int):
            known = 400 <= code.value < 600 and code.value in HTTPStatus.__members__.values()
        else:
            known = code is not None and project.canonical(module.dotted(code)).startswith("http.HTTPStatus.")
        keywords = {k.arg for k in call.keywords} - {"code"}
        return known and len(call.args) <= 2 and keywords <= {"description"} and not any(isinstance(a, ast.Starred) for a in call.args)

    def raised(self, module: Module, call: ast.Call) -> Code:
        code, description = argument(call, 0, "code"), argument(call, 1, "description")
        assert code is not None
        if description is None or (isinstance(description, ast.Constant) and description.value is None):
            return Code("raise HTTPException(__0__)", (module.span(code),), (EXCEPTION,))
        return Code("raise HTTPException(__0__, __1__)", (module.span(code), module.span(description)), (EXCEPTION,))
