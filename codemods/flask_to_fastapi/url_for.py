"""`url_for(...)` in Python code.

## What changes

Routes keep Flask's endpoints as their names. A view gets `url_for` from a dependency, and calls it as before; other
functions take the one of the request context.

## Example

```python
@app.get("/orders/<int:order_id>")
def order(order_id):
    return {"self": url_for("order", order_id=order_id)}
```

becomes

```python
@app.get("/orders/{order_id:int}")
def order(order_id: int, url_for: UrlFor):
    return {"self": url_for("order", order_id=order_id)}
```

## Safety

Addresses are built by Werkzeug, as before.

## What is left to you

Nothing.
"""

from __future__ import annotations

from migrator.codemod import AddParameter, Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety

URL_FOR = Import("~urls", "UrlFor")
CONTEXT = Import("~context", "url_for")


class UrlForCall(Codemod):
    """Addresses come from a dependency."""

    rule = Rule("FF131", "url-for", "url_for comes from a dependency", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        views = set(project.parameter_views(module))
        for node, target in project.flask_reads(module):
            if target != "flask.url_for":
                continue
            view = project.view_around(module, node)
            key = project.function_id(module, view) if view is not None else ("", "")
            is_plain = key in project.dependencies or not project.keeps_flask_values(key)
            if view in views and view is not None and is_plain:
                yield AddParameter(
                    self.rule, module.span(view), "url_for", Code("UrlFor", imports=(URL_FOR,)), None, 40
                )
                yield Replace(self.rule, module.span(node), Code("url_for"))
            else:
                yield Replace(self.rule, module.span(node), Code("url_for", imports=(CONTEXT,)))
