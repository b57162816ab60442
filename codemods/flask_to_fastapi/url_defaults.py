"""`url_defaults` functions: values that `url_for` fills in by itself.

## What changes

The functions keep their names and bodies and lose their decorators; behind the last of them one line hands them to
`url_for`.

## Example

```python
@app.url_defaults
def add_language(endpoint, values):
    values.setdefault("lang", g.lang)
```

becomes

```python
def add_language(endpoint, values):
    values.setdefault("lang", g.lang)


use_url_defaults(app, add_language)
```

## Safety

They are called in Flask's order, before every URL that is built.

## What is left to you

Functions that are only known when the app runs are reported.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Insert, Module, Plan, Project, Remove, Rule, Safety, Severity
from migrator.project.model import HookEntry

USE = Import("~urls", "use_url_defaults")
KINDS = ("url_defaults", "app_url_defaults")


class UrlDefaults(Codemod):
    """`url_for` asks the functions."""

    rule = Rule("FF505", "url-defaults", "url_defaults functions are handed to url_for", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for place, _ in project.registrations_in(module.name):
            node = module.by_span.get(place.fact.span) if place.fact.method in KINDS else None
            if node is None:
                continue
            if place.fact.function:
                yield Remove(self.rule, place.fact.span)
            elif isinstance(statement := module.parents[node], ast.Expr) and place.fact.view:
                yield Remove(self.rule, module.span(statement))
            else:
                message = "a function for url_for that is not known before the app runs"
                yield self.finding(module, project, node, Severity.MANUAL, message, endpoints=("*",))
        for _, receiver, entries in project.hook_scopes(module.name, KINDS):
            yield from self.added(module, project, receiver, entries)

    def added(self, module: Module, project: Project, app: str, entries: list[HookEntry]) -> Plan:
        functions: list[str] = []
        of_blueprints: dict[str, list[str]] = {}
        imports = [USE]
        last: ast.stmt | None = None
        for entry in entries:
            fact = entry.place.fact
            name = fact.function or fact.view
            if entry.place.module != module.name:
                if "." in name:
                    node = module.by_span[entry.at.fact.span]
                    message = f"the function {name} of {entry.place.module} cannot be named here"
                    yield self.finding(
                        module,
                        project,
                        node,
                        Severity.MANUAL,
                        message,
                        "move it to the top of its module",
                        entry.endpoints,
                    )
                    continue
                imports.append(Import(entry.place.module, name))
            elif fact.function:
                name = name.rpartition(".")[2]
            (of_blueprints.setdefault(entry.blueprint, []) if entry.blueprint else functions).append(name)
            at = entry.at.fact
            statement = module.functions[at.function] if at.function else module.statement_of(module.by_span[at.span])
            last = statement if last is None or statement.lineno > last.lineno else last
        if last is not None and (functions or of_blueprints):
            items = [app, *functions]
            items += [f"{name}=[{', '.join(each)}]" for name, each in of_blueprints.items() if name.isidentifier()]
            dotted = [
                f'"{name}": [{", ".join(each)}]' for name, each in of_blueprints.items() if not name.isidentifier()
            ]
            items += [f"**{{{', '.join(dotted)}}}"] if dotted else []
            new = Code(f"use_url_defaults({', '.join(items)})", (), tuple(imports))
            yield Insert(self.rule, module.span(last), new, before=False)
