"""What a view returns becomes what FastAPI makes the same answer of.

## What changes

A dict or list is returned as it is, its status stands in the decorator; text is HTML by `response_class`; another
status makes a `JSONResponse`. Where dates, decimals or values that only the running app knows can be in it, it is a
`FlaskJSON`; where even its kind is only known then, `answer()` decides as Flask did.

## Example

```python
return jsonify(order.to_dict()), 201
```

becomes `status_code=201` in the decorator, and

```python
return order.to_dict()
```

## Safety

Status, media type, headers and JSON values stay as they were.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast
from collections import Counter

from migrator.codemod import (
    Code,
    Codemod,
    FunctionNode,
    Import,
    Module,
    Plan,
    Project,
    Remove,
    Replace,
    RouteOption,
    Rule,
    Safety,
    Severity,
)
from migrator.project.returned import HTML, Returned, own_returns, response, taken_apart
from migrator.syntax import falls_through

STREAM = Import("~streams", "HTMLStream")


def yields(module: Module, function: FunctionNode) -> bool:
    """Whether the view itself is a generator."""
    return any(
        module.function_of(node) is function
        for node in module.nodes(ast.Yield, ast.YieldFrom)
        if module.scope_of(node).node is function
    )


def is_probe(statement: ast.stmt) -> bool:
    """Whether a statement only tries whether something is there, to answer that it is not: `try: config["DEBUG"]`."""
    if not isinstance(statement, ast.Try) or statement.orelse or statement.finalbody:
        return False
    tried = statement.body[-1]
    is_read = isinstance(tried, ast.Expr) and isinstance(tried.value, (ast.Subscript, ast.Attribute, ast.Name))
    return is_read and all(isinstance(handler.body[-1], ast.Return) for handler in statement.handlers)


def only_success(returns: list[Returned]) -> int:
    """The status of all responses with JSON or a page that a view makes on success, for OpenAPI; 0 where there is none,
    or more than one."""
    found = {r.status for r in returns if r.kind != "raise" and (r.status is None or r.status < 300)}
    is_known = len(found) == 1 and all(r.kind in ("json", "html", "raise") for r in returns)
    return found.pop() or 0 if is_known else 0


class Returns(Codemod):
    """Answers are plain values where that is the same."""

    rule = Rule("FF401", "returns", "views return plain values or FastAPI's responses", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for qualname in project.views_in(module.name):
            view = module.name, qualname
            function = module.functions.get(qualname)
            if function is None or project.keeps_flask_values(view):
                continue
            yield from self.view(module, project, function, project.takes_route_options(view))

    def view(self, module: Module, project: Project, function: FunctionNode, takes_options: bool) -> Plan:
        returns = [taken_apart(module, project, r) for r in own_returns(function)]
        plain = [r for r in returns if r.headers is None and r.status is not None]
        kinds = Counter(
            (r.kind, r.status)
            for r in plain
            if r.status is not None and r.status < 300 and (r.kind == "html" or (r.kind == "json" and r.safe))
        )
        order = {key: -i for i, key in enumerate(dict.fromkeys((r.kind, r.status) for r in plain))}
        main = max(kinds, key=lambda key: (kinds[key], order[key])) if kinds else ("", 0)
        empty = [r for r in plain if r.kind == "empty" and r.status == 204]
        if not kinds and empty and len(empty) == len([r for r in returns if r.kind != "response"]):
            main = ("empty", 204)
        if not takes_options and main != ("json", 200):
            main = ("", 0)
        view = module.span(function)
        if function.returns is not None and takes_options:  # which Flask never read, and FastAPI would hold answers to
            yield RouteOption(self.rule, view, "response_model", Code("None"))
        if yields(module, function):
            yield RouteOption(self.rule, view, "response_class", Code("HTMLStream", imports=(STREAM,)))
            return
        yield from self.nothing(module, project, function, returns)
        status = main[1] or (only_success(returns) if takes_options else 0)
        if status not in (0, 200):
            yield RouteOption(self.rule, view, "status_code", Code(str(status)))
        if main[0] == "html":
            yield RouteOption(self.rule, view, "response_class", Code("HTMLResponse", imports=(HTML,)))
        for returned in returns:
            yield from self.written(module, function, returned, main)

    def nothing(self, module: Module, project: Project, function: FunctionNode, returns: list[Returned]) -> Plan:
        """Where a view returns None, Flask failed with 500."""
        for returned in returns:
            if returned.kind == "none":
                message = "a view that returns nothing answered 500; FastAPI answers null"
                yield self.finding(module, project, returned.node, Severity.REVIEW, message, "return a response")

        def stops(call: ast.Call) -> bool:
            return project.canonical(module.dotted(call.func)) in ("flask.abort", "sys.exit")

        is_stub = all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) for s in function.body)
        if not is_stub and falls_through(function.body, stops) and not is_probe(function.body[-1]):
            message = "a view that ends without a return answered 500; FastAPI answers null"
            yield self.finding(module, project, function, Severity.REVIEW, message, "return a response")

    def written(self, module: Module, function: FunctionNode, returned: Returned, main: tuple[str, int | None]) -> Plan:
        span = module.span(returned.node)
        if returned.kind in ("none", "raise"):
            return
        if (
            returned.kind == "response"
            and returned.headers is None
            and returned.status == 200
            and not returned.status_part
        ):
            return
        if (
            returned.headers is None
            and (returned.kind, returned.status) == main
            and (returned.kind != "json" or returned.safe)
        ):
            if main == ("empty", 204):
                if function.body[-1] is returned.node and len(function.body) > 1:
                    yield Remove(self.rule, span)
                else:
                    yield Replace(self.rule, span, Code("return"))
            elif (
                returned.value is None
                or returned.body.text != "__0__"
                or returned.body.parts != (module.span(returned.value),)
            ):
                yield Replace(
                    self.rule, span, Code(f"return {returned.body.text}", returned.body.parts, returned.body.imports)
                )
            return
        code, imports = response(returned)
        yield Replace(self.rule, span, Code(f"return {code.text}", code.parts, (*code.imports, *imports)))
