"""What is kept in a thread is kept in the request.

## What changes

Flask answers a request in one thread. Under FastAPI hooks, dependencies, views and streams of one request run in
several, and these serve other requests in between: what one left in its thread another would find. `threading.local()`
becomes a `Local` of the support package, and a `scoped_session(...)` of SQLAlchemy that has no `scopefunc` gets one.

## Example

```python
Session = scoped_session(sessionmaker(engine))
```

becomes

```python
Session = scoped_session(sessionmaker(engine), scopefunc=scope_key)
```

## Safety

Threads that answer no request keep their own values.

## What is left to you

A class that inherits from `threading.local` is reported.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety, Severity

LOCAL = Import("~scopes", "Local")
KEY = Import("~scopes", "scope_key")
SCOPED = ("sqlalchemy.orm.scoped_session", "sqlalchemy.orm.scoping.scoped_session")


class ThreadLocals(Codemod):
    """A request is no thread any more."""

    rule = Rule("FF509", "thread-locals", "what is kept in a thread is kept in the request", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        if not project.is_in_requests(module.name):
            return
        for call in module.nodes(ast.Call):
            target = project.canonical(module.dotted(call.func))
            if target == "threading.local" and not call.args and not call.keywords:
                yield Replace(self.rule, module.span(call), Code("Local()", imports=(LOCAL,)))
            elif target in SCOPED and len(call.args) == 1 and not call.keywords:
                parts = (module.span(call.func), module.span(call.args[0]))
                yield Replace(self.rule, module.span(call), Code("__0__(__1__, scopefunc=scope_key)", parts, (KEY,)))
        for node in module.nodes(ast.ClassDef):
            if any(project.canonical(module.dotted(base)) == "threading.local" for base in node.bases):
                yield self.finding(
                    module,
                    project,
                    node,
                    Severity.MANUAL,
                    "a request runs in several threads, which serve other requests in between",
                    "keep the values in `g`, or in a contextvars.ContextVar",
                )
