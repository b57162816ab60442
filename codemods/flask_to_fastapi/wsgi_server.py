"""Servers of WSGI apps that the project's own code starts become uvicorn.

## What changes

`waitress.serve(app)`, `run_simple(...)` of Werkzeug, `WSGIServer(...).serve_forever()` of gevent, `make_server(...)`
and the like become `uvicorn.run(...)` with the same address. A server that has a name is a `uvicorn.Server`.

## Example

```python
serve(app, host="0.0.0.0", port=8080)
```

becomes

```python
uvicorn.run(app, host="0.0.0.0", port=8080)
```

## Safety

The address is the same, also where the server had one of its own. How many threads there were, and how long the
server waited, is left to uvicorn.

## What is left to you

A server that is asked for more: TLS, a socket, a start in the background. It goes on with the Flask app.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety, Severity, Span
from migrator.project.servers import Serving, number, servings

UVICORN = Import("uvicorn")


class WsgiServer(Codemod):
    """A server that takes ASGI apps."""

    rule = Rule("FF108", "wsgi-server", "servers of WSGI apps become uvicorn", Safety.SAFE)
    serves_flask = True

    def plan(self, module: Module, project: Project) -> Plan:
        for one in servings(module):
            if not any(project.routers[r].is_app for r in project.routers_at(module, one.app)):
                continue
            if project.staying and not project.mounting.is_served(module, one.app):
                continue
            if not one.is_followed:
                message = f"{module.source(one.call.func)}() serves no ASGI app"
                hint = "uvicorn.run(app, host=..., port=...)"
                yield self.finding(module, project, one.call, Severity.MANUAL, message, hint, ())
                continue
            text, parts = arguments(module, one)
            for start in one.starts:
                if isinstance(start, ast.Call):
                    yield Replace(self.rule, module.span(start), Code(f"uvicorn.run({text})", parts, (UVICORN,)))
                elif isinstance(start, ast.Attribute):
                    yield Replace(self.rule, module.span(start), Code("__0__.run", (module.span(start.value),)))
            if isinstance(one.starts[0], ast.Attribute):
                made = Code(f"uvicorn.Server(uvicorn.Config({text}))", parts, (UVICORN,))
                yield Replace(self.rule, module.span(one.call), made)


def arguments(module: Module, serving: Serving) -> tuple[str, tuple[Span, ...]]:
    """What uvicorn is given: the app and its address."""
    text, parts = "__0__", [module.span(serving.app)]
    for name, value in (("host", serving.host), ("port", serving.port)):
        if isinstance(value, str):
            text += f", {name}={value}"
        else:
            hole = f"__{len(parts)}__"
            text += f", {name}={number(module, value).format(hole) if name == 'port' else hole}"
            parts.append(module.span(value))
    return text, tuple(parts)
