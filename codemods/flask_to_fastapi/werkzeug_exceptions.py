"""Werkzeug's exceptions that the app raises itself become FastAPI's.

## What changes

`raise NotFound("no such page")` becomes `raise HTTPException(404, "no such page")`. `except HTTPException` catches
FastAPI's error, and Werkzeug's too where its request may raise one. Classes that the project catches by their own names
or derives its own from stay: the app answers Werkzeug's errors as well.

## Example

```python
raise Forbidden(description="members only")
```

becomes

```python
raise HTTPException(403, "members only")
```

## Safety

Status and description stay. The page changes: where Werkzeug wrote HTML, FastAPI answers with JSON, unless a handler
makes the page.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety
from migrator.module import walk
from migrator.project.errors import CODES, HTTP_ERROR, WERKZEUG
from migrator.syntax import argument

EXCEPTION = Import("fastapi", "HTTPException")
ERROR_TEXT, MAKE = Import("~errors", "error_text"), Import("~answers", "make_response")
BOTH = Import("~errors", "HTTP_ERRORS")
# what these take first is no description
OTHERWISE = ("MethodNotAllowed", "RequestedRangeNotSatisfiable")
HELPERS = {"code": "code_of", "name": "error_name", "description": "error_description"}


class WerkzeugExceptions(Codemod):
    """`HTTPException(404)` says what `NotFound()` says."""

    rule = Rule("FF204", "werkzeug-exceptions", "Werkzeug's exceptions are raised as HTTPException", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for statement in module.nodes(ast.Raise):
            if statement.exc is not None and (raised := self.raised(module, project, statement.exc)) is not None:
                yield Replace(self.rule, module.span(statement.exc), raised)
        for clause in module.nodes(ast.ExceptHandler):
            types = clause.type.elts if isinstance(clause.type, ast.Tuple) else [clause.type] if clause.type else []
            for node in types:
                if project.errors.class_at(module, node) == HTTP_ERROR:
                    yield from self.caught(module, project, clause, types, node)

    def raised(self, module: Module, project: Project, node: ast.expr) -> Code | None:
        """The same error as FastAPI's, if it has at most a description."""
        call = node if isinstance(node, ast.Call) else None
        dotted = project.errors.class_at(module, call.func if call is not None else node)
        name = dotted.removeprefix(WERKZEUG)
        if dotted == name or name not in CODES or project.errors.is_caught(dotted):
            return None
        code = str(CODES[name])
        if call is None or not (call.args or call.keywords):
            return Code(f"HTTPException({code})", imports=(EXCEPTION,))
        description = argument(call, 0, "description")
        if len(call.args) + len(call.keywords) > 1 or description is None or (call.args and name in OTHERWISE):
            return None
        return Code(f"HTTPException({code}, __0__)", (module.span(description),), (EXCEPTION,))

    def caught(
        self, module: Module, project: Project, clause: ast.ExceptHandler, types: list[ast.expr], node: ast.expr
    ) -> Plan:
        """`except HTTPException`, and what it reads of the error."""
        both = project.errors.may_raise_werkzeug(module, clause)
        if not both:
            yield Replace(self.rule, module.span(node), Code("HTTPException", imports=(EXCEPTION,)))
        elif clause.type is node:
            yield Replace(self.rule, module.span(node), Code("HTTP_ERRORS", imports=(BOTH,)))
        elif clause.type is not None:
            others = [module.span(one) for one in types if one is not node]
            rest = "".join(f", __{number}__" for number in range(len(others)))
            yield Replace(self.rule, module.span(clause.type), Code(f"(*HTTP_ERRORS{rest})", tuple(others), (BOTH,)))
        for read in walk(clause):
            if not (isinstance(read, ast.Name) and read.id == clause.name and isinstance(read.ctx, ast.Load)):
                continue
            parent, part = module.parents[read], (module.span(read),)
            if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "str":
                yield Replace(self.rule, module.span(parent), Code("error_text(__0__)", part, (ERROR_TEXT,)))
            elif isinstance(parent, ast.FormattedValue) and parent.format_spec is None and parent.conversion == -1:
                yield Replace(self.rule, module.span(read), Code(f"error_text({read.id})", imports=(ERROR_TEXT,)))
            elif isinstance(parent, ast.Attribute) and parent.attr == "get_response":
                made = Code("make_response(__0__)", part, (MAKE,))
                yield Replace(self.rule, module.span(module.parents[parent]), made)
            if isinstance(parent, ast.Attribute) and parent.attr == "code" and not both:
                yield Replace(self.rule, module.span(parent), Code("__0__.status_code", part))
            elif isinstance(parent, ast.Attribute) and parent.attr in HELPERS:
                helper = HELPERS[parent.attr]
                new = Code(f"{helper}(__0__)", part, (Import("~errors", helper),))
                yield Replace(self.rule, module.span(parent), new)
