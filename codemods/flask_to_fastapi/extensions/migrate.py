"""Flask-Migrate becomes Alembic with the app's settings, in the same folder.

## What changes

`Migrate` comes from the support module `migrations`, and `migrations/env.py` stays as it is, but for the names of
Flask in it. The commands that `flask db` had are commands of the app.

## Example

```python
from flask_migrate import Migrate

migrate = Migrate(app, db)
```

becomes

```python
from .flask_compat.migrations import Migrate

migrate = Migrate(app, db)
```

## Safety

Revisions stay as they are. `flask db upgrade` becomes `python -m flask_compat.cli shop:app db upgrade`; options are
those of Alembic, whose commands have the same names.

## What is left to you

The commands in Dockerfiles and pipelines. Functions that make or merge folders of migrations (`init`, `merge`) are
reported: they are those of `alembic.command`.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety, Severity
from migrator.project.commands import started

PACKAGE = "flask_migrate"
PORTED = ("Migrate", "upgrade", "downgrade", "stamp", "current", "heads", "history", "migrate", "revision")


class MigrateExtension(Codemod):
    """The migrations go on without Flask."""

    rule = Rule("FF904", "flask-migrate", "Alembic takes Flask-Migrate's place", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for name in module.names:
            node: ast.expr = name.node
            target = project.canonical(name.target)
            if target == PACKAGE and isinstance(parent := module.parents[node], ast.Attribute):
                node, target = parent, f"{target}.{parent.attr}"
            if not target.startswith(f"{PACKAGE}."):
                continue
            what = target.removeprefix(f"{PACKAGE}.")
            if what in PORTED:
                imports = (Import("~migrations", what),)
                yield Replace(self.rule, module.span(node), Code(what, imports=imports))
                if what == "Migrate" and isinstance(module.parents[node], ast.Call):
                    message = "`flask db` is a command of the app now"
                    hint = started(project, project.apps[0], "db upgrade") if project.apps else ""
                    yield self.finding(module, project, node, Severity.INFO, message, hint, ())
            else:
                hint = f"alembic.command.{what}(current_migrate().config())"
                yield self.finding(module, project, node, Severity.MANUAL, f"{target} has no counterpart", hint, ())
