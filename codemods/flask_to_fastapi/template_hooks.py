"""What an app or blueprint adds to its templates: filters, tests, globals, context processors.

## What changes

The decorators and methods become functions of the support package that get the app or router; `app.jinja_env` is
`templates_of(app).env`.

## Example

```python
@app.template_filter("bold")
def make_bold(text): ...


app.jinja_env.trim_blocks = True
```

becomes

```python
@template_filter(app, "bold")
def make_bold(text): ...


templates_of(app).env.trim_blocks = True
```

## Safety

A filter of a blueprint serves the whole app, its context processors only its own pages, as before.

## What is left to you

Context processors that are `async def`.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety, Severity
from migrator.syntax import argument

KINDS = ("template_filter", "template_test", "template_global")
CURRENT_APP = Import("~context", "current_app")
TEMPLATES_OF = Import("~templates", "templates_of")
ENVIRONMENT = {"jinja_env": "env", "jinja_loader": "loader", "jinja_options": "options"}


class TemplateHooks(Codemod):
    """Filters, globals and context processors."""

    rule = Rule("FF604", "template-hooks", "template filters and context processors", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for node in module.nodes(ast.Attribute):
            method = node.attr.removeprefix("add_").removeprefix("app_")
            if method not in (*KINDS, "context_processor") and node.attr not in ENVIRONMENT:
                continue
            is_current = project.canonical(module.dotted(node.value)) == "flask.current_app"
            if not is_current and not project.routers_at(module, node.value):
                continue
            owner = Code("__0__", (module.span(node.value),))
            if is_current:
                owner = Code("current_app", imports=(CURRENT_APP,))
            if node.attr in ENVIRONMENT:
                text = f"templates_of({owner.text}).{ENVIRONMENT[node.attr]}"
                yield Replace(self.rule, module.span(node), Code(text, owner.parts, (TEMPLATES_OF, *owner.imports)))
            else:
                yield from self.hook(module, project, node, method, owner)

    def hook(self, module: Module, project: Project, node: ast.Attribute, method: str, owner: Code) -> Plan:
        """The function that registers, in place of the method."""
        parent = module.parents[node]
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        function = call and argument(call, 0, "f")
        decorated = parent if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
        if isinstance(decorated, ast.AsyncFunctionDef) and method == "context_processor":
            message = "templates are rendered by plain code, which cannot wait for a context processor"
            hint = "make it a plain function, or hand its values to the template"
            touched = {e for r in project.routers_at(module, node.value) for e in project.endpoints_below(r)}
            yield self.finding(module, project, decorated, Severity.MANUAL, message, hint, tuple(sorted(touched)))
        option = ", whole_app=True" if node.attr == "app_context_processor" else ""
        imports = (Import("~templates", method), *owner.imports)
        parts = list(owner.parts)
        if call is None:
            yield Replace(self.rule, module.span(node), Code(f"{method}({owner.text}{option})", owner.parts, imports))
            return
        registers = method == "context_processor" or node.attr.startswith("add_")
        name = argument(call, 1 if registers else 0, "name") if method != "context_processor" else None
        text = f"{method}({owner.text}{option}"
        if name is not None and not (isinstance(name, ast.Constant) and name.value is None):
            text += f", __{len(parts)}__"
            parts.append(module.span(name))
        text += ")"
        if registers and function is not None:
            text += f"(__{len(parts)}__)"
            parts.append(module.span(function))
        yield Replace(self.rule, module.span(call), Code(text, tuple(parts), imports))
