"""`g` and the functions of Flask's context come from the support package's context.

## What changes

Their import; what is done with them stays.

## Example

```python
from flask import g
```

becomes

```python
from .flask_compat.context import g
```

## Safety

There is one `g` for each request, as before.

## What is left to you

Nothing.
"""

from __future__ import annotations

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety

NAMES = {
    "flask.g",
    "flask.has_request_context",
    "flask.has_app_context",
    "flask.after_this_request",
    "flask.copy_current_request_context",
}


class ContextNames(Codemod):
    """The names of one request."""

    rule = Rule("FF503", "context-names", "g and its kin come from the request context", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for node, target in project.flask_reads(module):
            if target in NAMES:
                name = target.removeprefix("flask.")
                yield Replace(self.rule, module.span(node), Code(name, imports=(Import("~context", name),)))
