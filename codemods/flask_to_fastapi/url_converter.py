"""`app.url_map.converters[...] = ...` goes: the modules whose routes use a converter register it.

## What changes

Starlette reads a path when its route is defined, so a converter has to be known before that. The class stays as it is.

## Example

```python
app.url_map.converters["list"] = ListConverter
```

goes, and above the first route with `<list:ids>` stands

```python
register_converter("list", ListConverter)
```

## Safety

The class converts and refuses as before.

## What is left to you

Converters that are registered under a computed name are reported.
"""

from __future__ import annotations

import ast

from migrator.codemod import Codemod, Module, Plan, Project, Remove, Rule, Safety, Severity
from migrator.syntax import named_items, reference, text_of


class UrlConverter(Codemod):
    """Converters are registered where they are used."""

    rule = Rule("FF113", "url-converter", "URL converters are registered with Starlette", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for node in module.nodes(ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Subscript) and reference(target.value).endswith("url_map.converters"):
                if (name := text_of(module, target.slice)) and name in project.converters:
                    yield Remove(self.rule, module.span(node))
                else:
                    yield self.finding(
                        module, project, node, Severity.MANUAL, "a converter that is not known before the app runs"
                    )
        for call in module.calls:
            if reference(call.func).endswith("url_map.converters.update") and isinstance(
                module.parents[call], ast.Expr
            ):
                names = [name for name, _ in named_items(module, call)]
                if len(names) == len(call.keywords) + sum(
                    len(a.keys) for a in call.args if isinstance(a, ast.Dict)
                ) and set(names) <= set(project.converters):
                    yield Remove(self.rule, module.span(module.parents[call]))
                else:
                    yield self.finding(
                        module, project, call, Severity.MANUAL, "converters that are not known before the app runs"
                    )
