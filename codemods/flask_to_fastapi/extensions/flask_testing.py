"""Flask-Testing's `TestCase` comes from the support package.

## What changes

`flask_testing.TestCase` is `FlaskTestCase`; where tests ask for templates it is `TemplateTestCase`.

## Example

```python
class OrdersTest(TestCase):
    def create_app(self):
        return create_app()
```

becomes

```python
class OrdersTest(FlaskTestCase):
    def create_app(self):
        return create_app()
```

## Safety

The app, the client, the request context and the assertions are those of before.

## What is left to you

`LiveServerTestCase` starts a Flask app, and `render_templates = False` replaces Flask's rendering.
"""

from __future__ import annotations

import ast
import re

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety, Severity

CASE, TEMPLATES = Import("~unittest_case", "FlaskTestCase"), Import("~unittest_templates", "TemplateTestCase")
ASKS_TEMPLATES = re.compile(r"assert_?[Tt]emplate_?[Uu]sed|assert_?[Cc]ontext\b|get_context_variable|self\.templates\b")


class FlaskTesting(Codemod):
    """Test cases go on."""

    rule = Rule("FF704", "flask-testing", "Flask-Testing's TestCase comes from the support package", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        others = (project.store.module(name) for name in project.modules) if "flask_testing" in module.text else ()
        asks = any(ASKS_TEMPLATES.search(other.text) for other in others if other is not None)
        wanted = TEMPLATES if asks else CASE
        for name in module.names:
            node: ast.expr = name.node
            target = name.target
            while target in ("flask_testing", "flask_testing.utils") and isinstance(
                parent := module.parents[node], ast.Attribute
            ):
                node, target = parent, f"{target}.{parent.attr}"
            if target in ("flask_testing.TestCase", "flask_testing.utils.TestCase"):
                yield Replace(self.rule, module.span(node), Code(wanted.name, imports=(wanted,)))
            elif target.startswith("flask_testing"):
                message, hint = f"{target} runs a Flask app", "start the app with uvicorn in a thread"
                yield self.finding(module, project, node, Severity.MANUAL, message, hint, ())
        for statement in module.nodes(ast.Assign) if "flask_testing" in module.text else ():
            if module.source(statement) == "render_templates = False":
                message = "templates are rendered: nothing takes the place of Flask's rendering"
                yield self.finding(module, project, statement, Severity.MANUAL, message, "", ())
