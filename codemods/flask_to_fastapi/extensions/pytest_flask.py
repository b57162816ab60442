"""The fixtures that pytest-flask brought stand beside the project's own `app` fixture.

## What changes

Behind the `app` fixture come those that the tests ask for and that no file of the project has: `client`,
`client_class`, `config`, `accept_json`; and the request context in which pytest-flask ran each test.

## Example

```python
@pytest.fixture
def app():
    return create_app()
```

becomes

```python
@pytest.fixture
def app():
    return create_app()


@pytest.fixture
def client(app):
    with FlaskClient(app) as client:
        yield client
```

## Safety

The fixtures do what pytest-flask's did.

## What is left to you

`live_server` starts a Flask app: start one with uvicorn.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Insert, Module, Plan, Project, Rule, Safety, Severity
from migrator.module import FunctionNode
from migrator.syntax import reference

CLIENT = Import("~testing", "FlaskClient")
CONTEXT = Import("~samples", "request_context")
FIXTURES = {
    "client": "def client(app):\n    with FlaskClient(app) as client:\n        yield client",
    "client_class": "def client_class(request, client):\n    request.cls.client = client",
    "config": "def config(app):\n    return app.state.config",
    "accept_json": 'def accept_json():\n    return [("Accept", "application/json")]',
}
NEEDS = {"client_class": "client"}
# which each test of pytest-flask runs in, if it asks for the app
AROUND = """\
def request_of_its_own(request):
    if "app" not in request.fixturenames:
        yield
        return
    with request_context(request.getfixturevalue("app")):
        yield"""


class PytestFlask(Codemod):
    """Tests have the fixtures that they ask for."""

    rule = Rule("FF703", "pytest-flask", "the fixtures of pytest-flask stand beside the app's", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for name, function in module.functions.items():
            facts = project.function((module.name, name))
            if facts is None or facts.fixture != "app" or not decorated(function):
                continue
            asked = asked_for(project, (module.name, name))
            if "live_server" in asked:
                message, hint = "pytest-flask's live_server starts a Flask app", "start one with uvicorn in a thread"
                yield self.finding(module, project, function, Severity.MANUAL, message, hint, ())
            wanted = [one for one in FIXTURES if one in asked or one in {NEEDS.get(other) for other in asked}]
            if not wanted:
                continue
            texts = [f"@{decorated(function)}\n{FIXTURES[one]}" for one in wanted]
            text = "\n\n\n".join([*texts, f"@{decorated(function)}(autouse=True)\n{AROUND}"])
            imports = (*((CLIENT,) if "client" in wanted else ()), CONTEXT)
            yield Insert(self.rule, module.span(function), Code(text, (), imports), before=False)


def decorated(function: FunctionNode) -> str:
    """The name of the decorator that makes a function a fixture; "" where none does."""
    names = (reference(d.func if isinstance(d, ast.Call) else d) for d in function.decorator_list)
    return next((name for name in names if name.endswith("fixture")), "")


def asked_for(project: Project, app: tuple[str, str]) -> set[str]:
    """The fixtures without a definition that tests ask for which get this app."""
    known = {*FIXTURES, "live_server"}
    found: set[str] = set()
    for module, facts in project.modules.items():
        for function in facts.functions:
            if not function.fixture and not function.qualname.rpartition(".")[2].startswith("test"):
                continue
            asked = known.intersection(function.params) | marked(project, module, function.qualname)
            if asked and project.names.fixture_for(module, function.qualname, "app") == app:
                found |= {name for name in asked if project.names.fixture_for(module, function.qualname, name) is None}
    return found


def marked(project: Project, module: str, qualname: str) -> set[str]:
    """The fixtures that marks of a test or its class ask for."""
    home = project.store.module(module)
    node = home.functions.get(qualname) if home is not None and "usefixtures" in home.text else None
    if home is None or node is None:
        return set()
    owners = [node, *(n for n in home.ancestors(node) if isinstance(n, ast.ClassDef))]
    marks = [d for owner in owners for d in owner.decorator_list if isinstance(d, ast.Call)]
    given = [arg for mark in marks if reference(mark.func).endswith("usefixtures") for arg in mark.args]
    return {arg.value for arg in given if isinstance(arg, ast.Constant) and arg.value in FIXTURES}
