"""`app.run(...)` becomes `uvicorn.run(...)`.

## What changes

The server is uvicorn, with the same address. With `debug=True` it reloads the app, as Flask did, where the app can be
named for that: `uvicorn.run("app:app", reload=True)`. Flask's debugger has no counterpart; a `debug` that is not
written there is the app's.

## Example

```python
app.run(host="0.0.0.0", port=8080)
```

becomes

```python
uvicorn.run(app, host="0.0.0.0", port=8080)
```

## Safety

The port is Flask's 5000 where none is given.

## What is left to you

Where more than the call stands under `if __name__ == "__main__":`, a reloaded app would go without it: start it with
`uvicorn module:app --reload` while you work on it.
"""

from __future__ import annotations

import ast

from migrator.codemod import (
    Code,
    Codemod,
    Import,
    Insert,
    Module,
    Plan,
    Project,
    Replace,
    Rule,
    Safety,
    Severity,
)
from migrator.project.servers import number
from migrator.syntax import argument, reference

UVICORN = Import("uvicorn")
DEFAULTS = {"host": '"127.0.0.1"', "port": "5000"}
# what uvicorn needs not be given
FLASKS_OWN = {"debug", "use_reloader", "threaded", "use_debugger", "load_dotenv"}


class AppRun(Codemod):
    """The app is served by uvicorn."""

    rule = Rule("FF104", "app-run", "app.run() becomes uvicorn.run()", Safety.SAFE)
    serves_flask = True

    def plan(self, module: Module, project: Project) -> Plan:
        for call in module.calls:
            if not (isinstance(call.func, ast.Attribute) and call.func.attr == "run"):
                continue
            if project.staying and not project.mounting.is_served(module, call.func.value):
                continue
            if not any(project.routers[r].is_app for r in project.routers_at(module, call.func.value)):
                continue
            named = import_string(module, call) if reloads(call) else ""
            parts = [] if named else [module.span(call.func.value)]
            arguments = [f'"{named}"' if named else "__0__"]
            options = next((k.value for k in call.keywords if k.arg is None and isinstance(k.value, ast.Name)), None)
            for position, name in enumerate(DEFAULTS):
                value = argument(call, position, name)
                if value is not None:
                    hole = f"__{len(parts)}__"
                    arguments.append(f"{name}={number(module, value).format(hole) if name == 'port' else hole}")
                    parts.append(module.span(value))
                elif options is not None:
                    arguments.append(f'{name}=__{len(parts)}__.get("{name}") or {DEFAULTS[name]}')
                    parts.append(module.span(options))
                elif name == "port":
                    arguments.append("port=5000")
            if named:
                arguments.append("reload=True")
            new = Code(f"uvicorn.run({', '.join(arguments)})", tuple(parts), (UVICORN,))
            yield Replace(self.rule, module.span(call), new)
            debug = argument(call, 2, "debug")
            if debug is not None and not isinstance(debug, ast.Constant) and isinstance(module.parents[call], ast.Expr):
                told = Code("__0__.debug = __1__", (module.span(call.func.value), module.span(debug)))
                yield Insert(self.rule, module.span(module.parents[call]), told)
            for keyword in call.keywords:
                if keyword.arg not in (*DEFAULTS, *FLASKS_OWN) and not gives_known(module, project, call, keyword):
                    message = f"uvicorn.run() was not given {keyword.arg or '**'}"
                    hint = "uvicorn has ssl_certfile and ssl_keyfile for ssl_context, workers for processes"
                    yield self.finding(module, project, keyword.value, Severity.MANUAL, message, hint, ())


def reloads(call: ast.Call) -> bool:
    """Whether Flask started the app anew when a file changed."""
    debug, given = argument(call, 2, "debug"), argument(call, -1, "use_reloader")
    asked = debug if given is None else given
    return isinstance(asked, ast.Constant) and asked.value is True


def import_string(module: Module, call: ast.Call) -> str:
    """The app as a server imports it: "shop:app". Empty where it cannot, or would miss what is done before the call."""
    app, statement = getattr(call.func, "value", None), module.parents[call]
    block = module.parents.get(statement)
    if not (isinstance(app, ast.Name) and isinstance(statement, ast.Expr) and isinstance(block, ast.If)):
        return ""
    is_main = block in module.tree.body and ast.unparse(block.test) == "__name__ == '__main__'"
    bindings = module.scope.bindings.get(app.id, [])
    if not is_main or block.body != [statement] or len(bindings) != 1:
        return ""
    if bindings[0].target:
        return ":".join(filter(None, bindings[0].target.rpartition(".")[::2]))
    is_script = module.name.isidentifier() and not module.is_package  # else nobody knows how it was started
    return f"{module.name}:{app.id}" if is_script else ""


def gives_known(module: Module, project: Project, call: ast.Call, keyword: ast.keyword) -> bool:
    """Whether it is the `**options` of the function around the call, and its callers give no more than is known."""
    function = module.function_of(call)
    if function is None or function.args.kwarg is None or reference(keyword.value) != function.args.kwarg.arg:
        return False
    calls = project.names.calls_of(project.function_id(module, function))
    return bool(calls) and {name for _, fact in calls for name, _ in fact.keywords} <= {*DEFAULTS, *FLASKS_OWN}
