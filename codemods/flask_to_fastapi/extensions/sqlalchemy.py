"""Flask-SQLAlchemy becomes SQLAlchemy, with a small `db` object of the project's own.

## What changes

`SQLAlchemy` comes from the support module `database`: engines from the same configuration, the same models and names
of tables, `Model.query`, `db.session`, `get_or_404` and `paginate`. Models, queries and `db.init_app(app)` stay as they
are. `Query`, `Model`, `Session` and `Pagination` come from there too.

## Example

```python
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
```

becomes

```python
from .flask_compat.database import SQLAlchemy

db = SQLAlchemy()
```

## Safety

Each request has one session, which ends with it, whatever becomes of the request. No more requests than the pool has
connections are answered at once; that is what the number of the WSGI server's threads did before. Views that use the
session stay `def`.

## What is left to you

Signals of changed models, recorded queries and metaclasses for models have no counterpart. Where Flask-SQLAlchemy was
named in a requirements file, SQLAlchemy itself takes its place.
"""

from __future__ import annotations

import ast

from migrator.codemod import (
    Code,
    Codemod,
    Demand,
    Import,
    Module,
    Plan,
    Project,
    Replace,
    Rule,
    Safety,
    Severity,
)

PACKAGE = "flask_sqlalchemy"
MODELS = Import("~database_models", "Model")
QUERY = Import("~database_queries", "Query")
PAGE = Import("~pagination", "Pagination")
SESSION = Import("~database_sessions", "Session")
PORTED = {
    "SQLAlchemy": Import("~database", "SQLAlchemy"),
    "extension.SQLAlchemy": Import("~database", "SQLAlchemy"),
    "Model": MODELS,
    "model.Model": MODELS,
    "BaseQuery": QUERY,
    "query.Query": QUERY,
    "Pagination": PAGE,
    "pagination.Pagination": PAGE,
    "pagination.QueryPagination": Import("~pagination", "QueryPagination"),
    "pagination.SelectPagination": Import("~pagination", "SelectPagination"),
    "session.Session": SESSION,
    "SignallingSession": SESSION,
    "model.camel_to_snake_case": Import("~database_models", "snake_case"),
}
EVENTS = '`@event.listens_for(db.session, "before_commit")`, or another event of SQLAlchemy'
QUERIES = '`@event.listens_for(engine, "after_cursor_execute")` with a list of the request'
METACLASS = "a class for `SQLAlchemy(model_class=...)`: what it has, all models have"
ADVICE = {
    "models_committed": EVENTS,
    "before_models_committed": EVENTS,
    "track_modifications.models_committed": EVENTS,
    "track_modifications.before_models_committed": EVENTS,
    "get_debug_queries": QUERIES,
    "record_queries.get_recorded_queries": QUERIES,
    "model.BindMetaMixin": METACLASS,
    "model.DefaultMeta": METACLASS,
    "model.DefaultMetaNoName": METACLASS,
    "model.NameMetaMixin": METACLASS,
}


class SQLAlchemyExtension(Codemod):
    """The database goes on without Flask."""

    rule = Rule("FF903", "flask-sqlalchemy", "SQLAlchemy takes Flask-SQLAlchemy's place", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for node, name in reads(module, project):
            wanted = PORTED.get(name)
            if name == "model.DefaultMeta" and is_annotation(module, node):
                yield Replace(self.rule, module.span(node), Code("type"))
            elif wanted is not None:
                yield Replace(self.rule, module.span(node), Code(wanted.name, imports=(wanted,)))
                yield Demand(self.rule, "config.Config")
            else:
                message = f"{PACKAGE}.{name} has no counterpart"
                hint = ADVICE.get(name, "the same of SQLAlchemy itself")
                yield self.finding(module, project, node, Severity.MANUAL, message, hint)


def reads(module: Module, project: Project) -> list[tuple[ast.expr, str]]:
    """Each read of something of Flask-SQLAlchemy's, and its name there."""
    found: list[tuple[ast.expr, str]] = []
    for name in module.names:
        node: ast.expr = name.node
        target = project.canonical(name.target)
        while target in MODULES and isinstance(parent := module.parents[node], ast.Attribute):
            node, target = parent, f"{target}.{parent.attr}"
        if target.startswith(f"{PACKAGE}."):
            found.append((node, target.removeprefix(f"{PACKAGE}.")))
    return found


MODULES = {PACKAGE} | {f"{PACKAGE}.{name.partition('.')[0]}" for name in (*PORTED, *ADVICE) if "." in name}


def is_annotation(module: Module, node: ast.expr) -> bool:
    parent = module.parents[node]
    return isinstance(parent, (ast.AnnAssign, ast.arg)) and parent.annotation is node
