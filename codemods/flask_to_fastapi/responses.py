"""Functions and classes that build responses keep their names, and come from the support package.

## What changes

`jsonify`, `make_response`, `send_file`, `send_from_directory` and `Response` are imported from `flask_compat`, where
a view's return value does not say it better (that is the rule `returns`). `redirect(url)` becomes
`RedirectResponse(url, 302)`.

## Example

```python
return redirect("/login")
```

becomes

```python
return RedirectResponse("/login", 302)
```

## Safety

The helpers answer as Flask's do; FastAPI's own redirect would be 307.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Remove, Replace, Rule, Safety
from migrator.project.returned import own_returns, taken_apart
from migrator.syntax import argument

ANY = Import("typing", "Any")
REDIRECT = Import("fastapi.responses", "RedirectResponse")
FLASK_REDIRECT = Import("~answers", "redirect")
NAMES = {
    "flask.jsonify": Import("~answers", "jsonify"),
    "flask.make_response": Import("~answers", "make_response"),
    "flask.Response": Import("~answers", "FlaskResponse"),
    "flask.send_file": Import("~files", "send_file"),
    "flask.send_from_directory": Import("~files", "send_from_directory"),
    "flask.stream_with_context": Import("~context", "stream_with_context"),
    "flask.json.dumps": Import("~json_provider", "dumps"),
    "flask.json.loads": Import("~json_provider", "loads"),
    "flask.json.dump": Import("~json_provider", "dump"),
    "flask.json.load": Import("~json_provider", "load"),
    "flask.json.provider.JSONProvider": Import("~json_provider", "JSONProvider"),
    "flask.json.provider.DefaultJSONProvider": Import("~json_provider", "DefaultJSONProvider"),
    "flask.json": Import("~", "json_provider"),
    "flask.Markup": Import("markupsafe", "Markup"),
    "flask.escape": Import("markupsafe", "escape"),
    "flask.typing.ResponseReturnValue": Import("typing", "Any"),
    "flask.typing.ResponseValue": Import("typing", "Any"),
}


class Responses(Codemod):
    """Response helpers come from the support package."""

    rule = Rule("FF402", "responses", "response helpers come from the support package", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for node, target in project.flask_reads(module):
            if target == "flask.stream_with_context" and (changed := self.stream(module, node)) is not None:
                yield changed
            elif target == "flask.Response" and returns_values(module, project, node):
                yield Replace(self.rule, module.span(node), Code("Any", imports=(ANY,)))
            elif target in NAMES:
                yield Replace(self.rule, module.span(node), Code(NAMES[target].name, imports=(NAMES[target],)))
            elif target == "flask.redirect":
                yield from self.redirect(module, project, node)

    def stream(self, module: Module, node: ast.expr) -> Remove | Replace | None:
        """Streams see the request's context by themselves: the call or decorator goes."""
        parent = module.parents[node]
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Remove(self.rule, module.span(node))
        if (
            isinstance(parent, ast.Call)
            and parent.func is node
            and len(parent.args) == 1
            and isinstance(parent.args[0], ast.Call)
        ):
            return Replace(self.rule, module.span(parent), Code("__0__", (module.span(parent.args[0]),)))
        return None

    def redirect(self, module: Module, project: Project, node: ast.expr) -> Plan:
        call = module.parents[node]
        if not isinstance(call, ast.Call) or call.func is not node:
            yield Replace(self.rule, module.span(node), Code("redirect", imports=(FLASK_REDIRECT,)))
            return
        location, code = argument(call, 0, "location"), argument(call, 1, "code")
        is_returned = isinstance(module.parents[call], ast.Return)
        if location is None or not is_returned or argument(call, 2, "Response") is not None:
            yield Replace(self.rule, module.span(node), Code("redirect", imports=(FLASK_REDIRECT,)))
        elif code is None:
            yield Replace(
                self.rule,
                module.span(call),
                Code("RedirectResponse(__0__, 302)", (module.span(location),), (REDIRECT,)),
            )
        else:
            parts = (module.span(location), module.span(code))
            yield Replace(self.rule, module.span(call), Code("RedirectResponse(__0__, __1__)", parts, (REDIRECT,)))


def returns_values(module: Module, project: Project, annotation: ast.expr) -> bool:
    """Whether an annotation says what a view returns, which now returns plain values."""
    view = module.parents[annotation]
    if not isinstance(view, (ast.FunctionDef, ast.AsyncFunctionDef)) or view.returns is not annotation:
        return False
    place = project.function_id(module, view)
    if place not in project.views or project.keeps_flask_values(place):
        return False
    return any(taken_apart(module, project, one).kind in ("json", "html") for one in own_returns(view))
