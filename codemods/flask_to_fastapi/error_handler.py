"""`@app.errorhandler(...)` and `register_error_handler(...)` become FastAPI's exception handlers.

## What changes

A handler gets the request as its first argument and answers with a response. What it reads of Werkzeug's error it reads
of FastAPI's: `error.code` is `error.status_code`; `name` and `description`, which FastAPI does not know, come from the
support package. A handler for `HTTPException` or `Exception` sees the errors of routing too, as it did.

Where handlers of blueprints compete with those of the app, or one needs Werkzeug's own error, `handles` of the support
package registers them all, and Flask's order decides.

## Example

```python
@app.errorhandler(404)
def not_found(error):
    return jsonify(error=error.description), 404
```

becomes

```python
@app.exception_handler(404)
def not_found(request: Request, error: HTTPException):
    return FlaskJSON({"error": error_description(error)}, 404)
```

## Safety

The same handler answers, with the same status and body.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from migrator.codemod import (
    AddParameter,
    AnnotateParameter,
    Code,
    Codemod,
    FunctionNode,
    Import,
    Module,
    Plan,
    Project,
    Remove,
    Replace,
    Rule,
    Safety,
    SetRoute,
)
from migrator.module import all_arguments, walk
from migrator.project.errors import EXCEPTION, HTTP_ERROR, Handler, Kind, Use, handler_of, kind_of, looped
from migrator.project.requests import use_at
from migrator.project.returned import RESPONSES, Returned, built, own_returns, payload_of, response, taken_apart
from migrator.syntax import reference

REQUEST = Import("fastapi", "Request")
RESPONSE = Import("fastapi", "Response")
FASTAPI_ERROR = Import("fastapi", "HTTPException")
STARLETTE_ERROR = Import("starlette.exceptions", "HTTPException")
MAKE_RESPONSE = Import("~answers", "make_response")
ERROR_TEXT = Import("~errors", "error_text")
HANDLES = Import("~error_handlers", "handles")
HELPERS = {"name": "error_name", "description": "error_description", "valid_methods": "allowed_methods"}


class ErrorHandler(Codemod):
    """Error handlers take the request and answer with a response."""

    rule = Rule("FF202", "error-handler", "error handlers are FastAPI's exception handlers", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        errors = project.errors
        for handler in errors.registered_in.get(module.name, ()):
            call = module.by_span[handler.span]
            assert isinstance(call, ast.Call)
            if handler in errors.plain and errors.is_on_blueprint(handler):
                is_decorator = isinstance(module.parents[call], (ast.FunctionDef, ast.AsyncFunctionDef))
                yield Remove(self.rule, handler.span if is_decorator else module.span(module.statement_of(call)))
            elif handler in errors.plain:
                yield from self.registered(module, project, handler, call)
            else:
                yield from self.dispatched(module, project, handler, call)
        for handler in errors.written_in.get(module.name, ()):
            if handler in errors.plain and (found := errors.body_of(handler)) is not None:
                yield from self.rewritten(module, project, handler, found[1])
            elif handler.function and (function := module.functions.get(handler.function[1])) is not None:
                yield from self.unwrapped(module, project, function)

    # -- the registration ------------------------------------------------------------------------------------------

    def registered(self, module: Module, project: Project, handler: Handler, call: ast.Call) -> Plan:
        """`exception_handler`, or `add_exception_handler` for a call."""
        assert isinstance(call.func, ast.Attribute)
        receiver, wanted = module.span(call.func.value), kind_of(call)
        assert wanted is not None
        kinds = [self.kind(module, project, handler, wanted)]
        if isinstance(wanted, ast.Name) and (values := looped(module, wanted)) is not None:
            kinds = [Code("__0__", (module.span(wanted),))]
            for value in values:
                code = self.kind(module, project, handler, value)
                if code.text != "__0__":
                    yield Replace(self.rule, module.span(value), code)
        if EXCEPTION in handler.kinds and not self.has_http_handler(project):
            kinds.insert(0, Code("HTTPException", imports=(STARLETTE_ERROR,)))
        if call.func.attr == "register_error_handler":
            given = handler_of(module, call)
            assert given is not None
            lines: list[str] = []
            parts, imports = [receiver, module.span(given)], list[Import]()
            for kind in kinds:
                lines.append(f"__0__.add_exception_handler({kind.text.replace('__0__', f'__{len(parts)}__')}, __1__)")
                parts += kind.parts
                imports += kind.imports
            new = Code("\n".join(lines), tuple(parts), tuple(imports))
            yield Replace(self.rule, module.span(call if len(kinds) == 1 else module.statement_of(call)), new)
        elif len(kinds) == 1:
            text = f"__0__.exception_handler({kinds[0].text.replace('__0__', '__1__')})"
            new = Code(text, (receiver, *kinds[0].parts), kinds[0].imports)
            yield Replace(self.rule, module.span(call), new)
        else:
            head = f"{module.source(call.func.value)}.exception_handler"
            yield SetRoute(self.rule, module.span(call), None, (head,) * len(kinds), tuple((kind,) for kind in kinds))

    def has_http_handler(self, project: Project) -> bool:
        return any(Kind(name=HTTP_ERROR) in handler.kinds for handler in project.errors.handlers)

    def kind(self, module: Module, project: Project, handler: Handler, node: ast.expr) -> Code:
        """A status, or a class that FastAPI's errors are of."""
        dotted = project.errors.class_at(module, node)
        if dotted == HTTP_ERROR:
            return Code("HTTPException", imports=(STARLETTE_ERROR,))
        found = list(project.errors.kinds(module, node))
        if dotted.startswith("werkzeug.") and len(found) == 1 and found[0].code:
            return Code(str(found[0].code))
        return Code("__0__", (module.span(node),))

    def dispatched(self, module: Module, project: Project, handler: Handler, call: ast.Call) -> Plan:
        """`handles(app, 404)`, where Flask's order has to decide."""
        assert isinstance(call.func, ast.Attribute)
        wanted = kind_of(call)
        if wanted is None:
            return
        parts = (module.span(call.func.value), module.span(wanted))
        whole = ", whole_app=True" if handler.beside_blueprint else ""
        if call.func.attr == "register_error_handler" and (given := handler_of(module, call)) is not None:
            new = Code(f"handles(__0__, __1__{whole})(__2__)", (*parts, module.span(given)), (HANDLES,))
        else:
            new = Code(f"handles(__0__, __1__{whole})", parts, (HANDLES,))
        yield Replace(self.rule, module.span(call), new)

    # -- the handler -----------------------------------------------------------------------------------------------

    def rewritten(
        self, module: Module, project: Project, handler: Handler, function: FunctionNode | ast.Lambda
    ) -> Plan:
        """The handler with its new signature, its reads of the error and its answers."""
        uses = list(project.errors.uses(module, function, project.errors.kinds_of(handler)))
        for use in uses:
            yield from self.read(module, handler, project, use)
        name, ambient = "request", list(self.request_uses(module, project, function))
        if any(new is None for _, new in ambient):
            used = {node.id for node in walk(function) if isinstance(node, ast.Name)}
            name = "_request" if "_" in used | {arg.arg for arg in all_arguments(function.args)} else "_"
        else:
            for node, new in ambient:
                yield Replace(self.rule, module.span(node), Code(new or ""))
        if isinstance(function, ast.Lambda):
            yield from self.answered_by(module, project, function, name, uses)
            return
        span = module.span(function)
        yield AddParameter(self.rule, span, name, Code("Request", imports=(REQUEST,)), None, -10)
        annotation = self.annotation(module, project, handler, function, uses)
        own = all_arguments(function.args)[0]
        if own.annotation is None:
            yield AnnotateParameter(self.rule, span, own.arg, annotation)
        elif project.errors.class_at(module, own.annotation).startswith("werkzeug."):
            yield Replace(self.rule, module.span(own.annotation), annotation)
        if function.returns is not None and project.canonical(module.dotted(function.returns)) != "flask.Response":
            yield Replace(self.rule, module.span(function.returns), Code("Response", imports=(RESPONSE,)))
        yield from self.answers(module, project, function, uses)

    def read(self, module: Module, handler: Handler, project: Project, use: Use) -> Plan:
        """What stands for a read of Werkzeug's error."""
        span = module.span(use.node)
        if use.sort == "class":
            yield Replace(self.rule, span, Code("HTTPException", imports=(STARLETTE_ERROR,)))
        part = (module.span(use.error),)
        if use.sort == "attribute" and use.name == "code":
            yield Replace(self.rule, span, Code("__0__.status_code", part))
        elif use.sort == "attribute":
            helper = HELPERS[use.name]
            yield Replace(self.rule, span, Code(f"{helper}(__0__)", part, (Import("~errors", helper),)))
        elif use.sort == "response":
            yield Replace(self.rule, span, Code("make_response(__0__)", part, (MAKE_RESPONSE,)))
        elif use.sort == "text":
            yield Replace(self.rule, span, Code(f"error_text({use.error.id})", (), (ERROR_TEXT,)))
        elif use.sort == "original" and Kind(500) in project.errors.kinds_of(handler):
            yield Replace(self.rule, span, Code(use.error.id))

    def annotation(
        self, module: Module, project: Project, handler: Handler, function: FunctionNode, uses: list[Use]
    ) -> Code:
        """The class of errors that the handler gets."""
        kinds = project.errors.kinds_of(handler)
        if kinds == (Kind(name=HTTP_ERROR),):
            return Code("HTTPException", imports=(STARLETTE_ERROR,))
        if all(kind.code for kind in kinds) and any(use.sort == "attribute" for use in uses):
            return Code("HTTPException", imports=(FASTAPI_ERROR,))
        if len(kinds) == 1 and kinds[0].name.startswith("builtins."):
            return Code(kinds[0].name.removeprefix("builtins."))
        if len(kinds) == 1 and kinds[0].name and handler.module == module.name:
            call = module.by_span[handler.span]
            wanted = kind_of(call) if isinstance(call, ast.Call) else None
            if wanted is not None and self.is_known_above(module, function, wanted):
                return Code(reference(wanted))
        return Code("Exception")

    def is_known_above(self, module: Module, function: FunctionNode, node: ast.expr) -> bool:
        """Whether a name means the same where the function is defined."""
        root = reference(node).partition(".")[0]
        if not root:
            return False
        found, there = module.scope_of(node).lookup(root), module.scope_of(function).lookup(root)
        if found is None or there is None:
            return found is there
        return found[1] is there[1] and all(getattr(b.node, "lineno", 0) < function.lineno for b in found[1])

    def request_uses(
        self, module: Module, project: Project, function: FunctionNode | ast.Lambda
    ) -> Iterator[tuple[ast.AST, str | None]]:
        """The reads of Flask's request in a handler, and the code for them with FastAPI's; None where there is none."""
        inside = set(walk(function))
        for name in module.names:
            if name.node in inside and project.canonical(name.target) == "flask.request":
                use = use_at(module, name.node)
                mapping = module.parents[name.node]
                if use.kind == "method":
                    yield use.node or mapping, "request.method"
                elif use.kind == "path":
                    yield use.node or mapping, 'request.scope["path"]'
                elif use.kind == "headers" and use.access in ("get", "in", "not in") and use.type is None:
                    yield mapping, "request.headers"
                else:
                    yield name.node, None
            elif name.node in inside and project.canonical(name.target) == "flask":
                yield name.node, None

    # -- its answers -----------------------------------------------------------------------------------------------

    def answers(self, module: Module, project: Project, function: FunctionNode, uses: list[Use]) -> Plan:
        """Every return is a response."""
        for node in own_returns(function):
            steps = built(module, project, node)
            if steps is not None:
                returned, gone = steps
                for statement in gone:
                    yield Remove(self.rule, module.span(statement))
            else:
                returned = taken_apart(module, project, node)
            if returned.kind in ("none", "raise"):
                continue
            if steps is None and returned.value is not None and self.is_response(module, project, returned.value):
                continue
            if returned.kind == "response" and returned.headers is None and returned.status == 200:
                continue
            code, imports = response(self.with_safety(module, project, returned, uses))
            yield Replace(
                self.rule, module.span(node), Code(f"return {code.text}", code.parts, (*code.imports, *imports))
            )

    def answered_by(self, module: Module, project: Project, function: ast.Lambda, name: str, uses: list[Use]) -> Plan:
        """A lambda with its new signature and a response for its value."""
        returned = taken_apart(module, project, function.body)
        code, imports = Code("__0__", (module.span(function.body),)), tuple[Import, ...]()
        if returned.kind not in ("none", "raise", "response"):
            code, imports = response(self.with_safety(module, project, returned, uses))
        text = f"lambda {name}, {all_arguments(function.args)[0].arg}: {code.text}"
        yield Replace(self.rule, module.span(function), Code(text, code.parts, (*code.imports, *imports)))

    def with_safety(self, module: Module, project: Project, returned: Returned, uses: list[Use]) -> Returned:
        """The same answer, known to be plain JSON where it holds nothing but that and what the error says."""
        value = returned.value.elts[0] if isinstance(returned.value, ast.Tuple) else returned.value
        said = {use.node for use in uses if use.sort in ("attribute", "text")}
        values = [*value.args, *(k.value for k in value.keywords)] if isinstance(value, ast.Call) else [value]

        def is_plain(node: ast.expr | None) -> bool:
            if isinstance(node, ast.Dict):
                keys = all(isinstance(key, ast.Constant) for key in node.keys)
                return keys and all(is_plain(one) for one in node.values)
            if isinstance(node, (ast.List, ast.Tuple)):
                return all(is_plain(one) for one in node.elts)
            return node in said or (node is not None and project.infer.is_json_safe(module, node))

        is_safe = returned.kind == "json" and not returned.safe and all(is_plain(one) for one in values)
        return replace(returned, safe=True) if is_safe else returned

    def is_response(self, module: Module, project: Project, node: ast.expr) -> bool:
        """Whether a local name only ever holds responses."""
        if not isinstance(node, ast.Name) or (found := module.scope_of(node).lookup(node.id)) is None:
            return False
        for binding in found[1]:
            statement = module.parents.get(binding.node)
            value = statement.value if isinstance(statement, ast.Assign) else None
            if not isinstance(value, ast.Call):
                return False
            target = project.canonical(module.dotted(value.func))
            asks_error = isinstance(value.func, ast.Attribute) and value.func.attr == "get_response"
            if target not in RESPONSES | {"flask.jsonify"} and not asks_error:
                return False
        return True

    def unwrapped(self, module: Module, project: Project, function: FunctionNode) -> Plan:
        """A handler that Flask's order may choose goes on answering as a view does; a dict needs no `jsonify`."""
        for node in own_returns(function):
            value = node.value.elts[0] if isinstance(node.value, ast.Tuple) and node.value.elts else node.value
            if isinstance(value, ast.Call) and project.canonical(module.dotted(value.func)) == "flask.jsonify":
                payload = payload_of(module, value)
                if payload is not None and (value.keywords or isinstance(value.args[0], (ast.Dict, ast.List))):
                    yield Replace(self.rule, module.span(value), payload)
