"""`render_template(...)` and its kin.

## What changes

A view gets `render_template` from a dependency and calls it as before; other functions take the one of the request
context. Templates stay as they are: they see `request`, `session`, `g`, `config`, `url_for` and `get_flashed_messages`.

## Example

```python
@app.get("/")
def index():
    return render_template("index.html", notes=notes)
```

becomes

```python
@app.get("/", response_class=HTMLResponse)
def index(render_template: RenderTemplate):
    return render_template("index.html", notes=notes)
```

## Safety

The same Jinja environment renders the same files: autoescaping, `tojson`, folders and context processors are Flask's.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Demand, Import, Module, Plan, Project, Replace, Rule, Safety
from migrator.project.given import given_or_ambient

GIVEN = {
    "flask.render_template": Import("~templates", "RenderTemplate"),
    "flask.render_template_string": Import("~templates", "RenderTemplateString"),
}
AMBIENT = {"flask.stream_template", "flask.stream_template_string", "flask.get_template_attribute"}
# what templates read of a body that somebody has to keep for them
BODY = ("form", "files", "values", "data", "json", "get_json", "get_data", "stream")


class RenderTemplate(Codemod):
    """Pages are rendered as before."""

    rule = Rule("FF601", "render-template", "templates are rendered by the support package", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        reads: dict[str, list[ast.expr]] = {}
        for node, target in project.flask_reads(module):
            if target in GIVEN or target in AMBIENT:
                reads.setdefault(target, []).append(node)
        for target, nodes in reads.items():
            ambient = Import("~templates", target.removeprefix("flask."))
            if target in GIVEN:
                yield from given_or_ambient(self.rule, module, project, nodes, ambient.name, GIVEN[target], ambient, 35)
            else:
                for node in nodes:
                    yield Replace(self.rule, module.span(node), Code(ambient.name, imports=(ambient,)))
        if reads:
            yield from self.demands(project)

    def demands(self, project: Project) -> Plan:
        """What the templates ask the app for."""
        if project.pages.reads("session", "get_flashed_messages"):
            yield Demand(self.rule, "sessions.FlaskSession")
            yield Demand(self.rule, "config.Config")
        if project.pages.reads("config"):
            yield Demand(self.rule, "config.Config")
        if project.pages.reads(*(f"request.{name}" for name in BODY)):
            yield Demand(self.rule, "context.RequestContext")
