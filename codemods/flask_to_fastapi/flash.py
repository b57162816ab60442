"""`flash(...)` and `get_flashed_messages(...)`.

## What changes

A view gets them from dependencies and calls them as before; other functions take those of the request context.

## Example

```python
@app.post("/notes")
def create():
    flash("Saved.", "success")
    return redirect("/")
```

becomes

```python
@app.post("/notes")
def create(flash: Flash):
    flash("Saved.", "success")
    return RedirectResponse("/", 302)
```

## Safety

Messages lie in the session, in Flask's form: those that wait when the app is replaced are shown by the new one.

## What is left to you

Flask's signal `message_flashed` is not sent.
"""

from __future__ import annotations

import ast

from migrator.codemod import Codemod, Demand, Import, Module, Plan, Project, Rule, Safety
from migrator.project.given import given_or_ambient

GIVEN = {
    "flask.flash": Import("~flashing", "Flash"),
    "flask.get_flashed_messages": Import("~flashing", "GetFlashedMessages"),
}


class FlashedMessages(Codemod):
    """Messages for the next page."""

    rule = Rule("FF603", "flash", "flash() and get_flashed_messages() come from dependencies", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        reads: dict[str, list[ast.expr]] = {}
        for node, target in project.flask_reads(module):
            if target in GIVEN:
                reads.setdefault(target, []).append(node)
        for target, nodes in reads.items():
            ambient = Import("~flashing", target.removeprefix("flask."))
            yield Demand(self.rule, "config.Config")
            yield from given_or_ambient(self.rule, module, project, nodes, ambient.name, GIVEN[target], ambient, 38)
