"""`session`, kept in Flask's own cookie.

## What changes

A view gets the session as a parameter, and uses it as before; other functions take the one of the request context. The
app gets the middleware `FlaskSession`, which reads and writes the cookie.

## Example

```python
@app.post("/login")
def login():
    session["user"] = request.form["user"]
    return redirect("/")
```

becomes

```python
@app.post("/login")
def login(session: Session, user: FormText):
    session["user"] = user
    return RedirectResponse("/", 302)
```

## Safety

The cookie has the same format, signature, flags and lifetime: who was logged in stays logged in.

## What is left to you

A `session_interface` of your own.
"""

from __future__ import annotations

from migrator.codemod import Codemod, Demand, Import, Module, Plan, Project, Rule, Safety
from migrator.project.given import given_or_ambient

SESSION = Import("~sessions", "Session")
CONTEXT = Import("~context", "session")


class FlaskSession(Codemod):
    """The session is a parameter."""

    rule = Rule("FF602", "session", "session comes from a dependency", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        reads = [node for node, target in project.flask_reads(module) if target == "flask.session"]
        if reads:
            yield Demand(self.rule, "config.Config")
            yield from given_or_ambient(self.rule, module, project, reads, "session", SESSION, CONTEXT, 20)
