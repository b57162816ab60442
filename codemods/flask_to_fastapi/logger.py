"""`app.logger` becomes a logger of the module.

## What changes

`app.logger` and `current_app.logger` are `logging.getLogger(...)` of the standard library.

## Example

```python
current_app.logger.warning("no such order")
```

becomes

```python
logger = logging.getLogger(__name__)
...
logger.warning("no such order")
```

## Safety

Warnings and errors go to standard error where nothing configures logging, as before.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast

from migrator.codemod import AddDefinition, Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety

LOGGING = Import("logging")


class Logger(Codemod):
    """Logging is the standard library's."""

    rule = Rule("FF105", "logger", "app.logger becomes a module's logger", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for node in module.nodes(ast.Attribute):
            if node.attr != "logger":
                continue
            is_current = project.canonical(module.dotted(node.value)) == "flask.current_app"
            if not is_current and not any(project.routers[r].is_app for r in project.routers_at(module, node.value)):
                continue
            if any("logger" in scope.bindings for scope in module.scopes.values()):
                yield Replace(self.rule, module.span(node), Code("logging.getLogger(__name__)", imports=(LOGGING,)))
                continue
            first = next(s for s in module.tree.body if not is_import(s))
            text = "logger = logging.getLogger(__name__)"
            yield AddDefinition(self.rule, module.span(first), text, Code(text, imports=(LOGGING,)))
            yield Replace(self.rule, module.span(node), Code("logger"))


def is_import(statement: ast.stmt) -> bool:
    """Whether a statement belongs to the head of a module: imports, guarded ones too, and its docstring."""
    if isinstance(statement, (ast.Try, ast.If)):
        return all(is_import(each) for each in statement.body)
    return isinstance(statement, (ast.Import, ast.ImportFrom, ast.Expr))
