"""Tests keep Flask's client and runner, which come from the support package.

## What changes

`app.test_client()` is `FlaskClient(app)`, `app.test_cli_runner()` is `FlaskCliRunner(app)`. What tests do with them,
and with the responses, stays as it is. Where the app itself is called as by a WSGI server, it is
`FlaskClient(app).answer(environ, start_response)`.

## Example

```python
client = app.test_client()
```

becomes

```python
client = FlaskClient(app)
```

## Safety

It is the same client, Werkzeug's: the requests that it makes and the responses that it reads are those of before.
Errors that no handler expects still reach the test where `TESTING` is set, and `session_transaction()` and
`with client:` work.

## What is left to you

Tests of Flask itself, and assertions about what Flask itself wrote: the line break behind JSON, the body of a redirect,
the HTML of an error page. They are reported, and stay as they are. New tests may use `fastapi.testclient.TestClient`.
"""

from __future__ import annotations

import ast
import re

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Replace, Rule, Safety, Severity
from migrator.project.flask_names import canonical

CLIENT = Import("~testing", "FlaskClient")
RUNNER = Import("~cli_testing", "FlaskCliRunner")
MADE = {"test_client": ("FlaskClient", CLIENT), "test_cli_runner": ("FlaskCliRunner", RUNNER)}
CALLED = "FlaskClient(__0__).answer(__1__, __2__)"
NAMES = {
    "flask.testing.FlaskClient": Code("FlaskClient", imports=(CLIENT,)),
    "flask.testing.FlaskCliRunner": Code("FlaskCliRunner", imports=(RUNNER,)),
    "flask.testing.EnvironBuilder": Code("SampleBuilder", imports=(Import("~samples", "SampleBuilder"),)),
}


# what an answer of Flask's says, and one of FastAPI's does not
SAYS = (
    (re.compile(r"\s*[\[{].*\n", re.DOTALL), "FastAPI writes JSON without a line break at its end", "compare `.json`"),
    (
        re.compile(r".*(Redirecting|You should be redirected|redirected automatically).*", re.DOTALL),
        "a redirect of FastAPI has no body",
        "compare `.location`",
    ),
    (
        re.compile(
            r".*(<title>\d{3} \w|The requested URL was not found on the server|<h1>(Not Found|Bad Request)).*",
            re.DOTALL,
        ),
        "the error pages of Werkzeug are JSON now",
        "compare `.status_code`",
    ),
)


class TestClients(Codemod):
    """Clients and runners of tests."""

    rule = Rule("FF701", "test-client", "tests keep Flask's client and runner", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for node, target in project.flask_reads(module):
            if target in NAMES:
                yield Replace(self.rule, module.span(node), NAMES[target])
        for attribute in module.nodes(ast.Attribute):
            name = attribute.attr.removesuffix("_class")
            if name in MADE and is_app(module, project, attribute.value):
                yield from self.made(module, project, attribute, name)

        for call in module.calls:
            if len(call.args) == 2 and project.routers_at(module, call.func) and is_app(module, project, call.func):
                parts = tuple(module.span(node) for node in (call.func, *call.args))
                yield Replace(self.rule, module.span(call), Code(CALLED, parts, (CLIENT,)))

        yield from self.compared(module, project)

    def compared(self, module: Module, project: Project) -> Plan:
        """Assertions about what Flask itself wrote."""
        for compare in module.nodes(ast.Compare):
            function = module.function_of(compare)
            if function is None or not function.name.startswith("test"):
                continue
            for node in (compare.left, *compare.comparators):
                text = written(node)
                for wording, message, hint in SAYS:
                    if wording.fullmatch(text):
                        yield self.finding(module, project, node, Severity.REVIEW, message, hint, ())

    def made(self, module: Module, project: Project, node: ast.Attribute, name: str) -> Plan:
        parent, receiver = module.parents[node], module.span(node.value)
        if node.attr != name:
            yield Replace(self.rule, module.span(node), Code(f"__0__.state.{node.attr}", (receiver,)))
        elif isinstance(parent, ast.Call) and parent.func is node:
            given = [(f"{k.arg}=" if k.arg else "**", k.value) for k in parent.keywords]
            parts = (receiver, *(module.span(node) for node in parent.args), *(module.span(v) for _, v in given))
            start = len(parts) - len(given)
            texts = [f"__{number}__" for number in range(start)]
            texts += [f"{before}__{number}__" for number, (before, _) in enumerate(given, start)]
            holes = ", ".join(texts)
            kind, imported = MADE[name]
            if has_class_of_its_own(project, f"{name}_class"):
                yield Replace(self.rule, module.span(parent), Code(f"__0__.state.{name}_class({holes})", parts))
            else:
                yield Replace(self.rule, module.span(parent), Code(f"{kind}({holes})", parts, (imported,)))
        else:
            hint = f"{MADE[name][0]}(app)"
            yield self.finding(module, project, node, Severity.MANUAL, f"FastAPI's app has no {name}", hint)


def written(node: ast.expr) -> str:
    """The text of a string or of bytes; "" for all else."""
    value = node.value if isinstance(node, ast.Constant) else ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def is_app(module: Module, project: Project, node: ast.expr) -> bool:
    """Whether an app has it: what nobody knows counts, since no other library's objects make such clients."""
    if canonical(module.dotted(node)) == "flask.current_app":
        return True
    entities = project.entities_at(module, node)
    return not entities or any(project.routers[router].is_app for router in project.routers_at(module, node))


def has_class_of_its_own(project: Project, name: str) -> bool:
    """Whether some file gives an app a client or runner of another class."""
    return any(
        isinstance(node.ctx, ast.Store) and node.attr == name
        for other in project.modules
        if (module := project.store.module(other)) is not None and name in module.text
        for node in module.nodes(ast.Attribute)
    )
