"""Annotations in quotes name FastAPI's classes.

## What changes

`"Flask"`, `"Blueprint"`, `"Request"` and `"Response"` in quotes, and the `if TYPE_CHECKING:` that imports nothing else.

## Example

```python
def register(app: "flask.Flask") -> None: ...
```

becomes

```python
def register(app: "FastAPI") -> None: ...
```

## Safety

Nothing of it is looked at when the app runs.

## What is left to you

Other classes of Flask in quotes keep their import.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Remove, Replace, Rule, Safety
from migrator.project.quoted import quoted_annotations

TYPES = {
    "flask.Flask": Import("fastapi", "FastAPI"),
    "flask.Blueprint": Import("fastapi", "APIRouter"),
    "flask.Response": Import("~answers", "FlaskResponse"),
    "flask.Request": Import("~incoming", "FlaskRequest"),
    "flask.typing.ResponseReturnValue": Import("typing", "Any"),
}


class QuotedAnnotations(Codemod):
    """What is annotated in quotes."""

    rule = Rule("FF120", "quoted-annotations", "annotations in quotes name FastAPI's classes", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        left = {target for _, target in project.flask_reads(module) if target not in TYPES}
        for node, names in quoted_annotations(module):
            text, source = str(node.value), module.source(node)
            if source[1:-1] != text:
                left |= {project.canonical(name.target) for name in names}
                continue
            imports: list[Import] = []
            for name in sorted(names, key=lambda name: -name.start):
                if wanted := TYPES.get(project.canonical(name.target)):
                    text = text[: name.start] + wanted.name + text[name.end :]
                    imports.append(wanted)
            left |= {target for name in names if (target := project.canonical(name.target)) not in TYPES}
            if imports:
                yield Replace(self.rule, module.span(node), Code(f"{source[0]}{text}{source[0]}", (), tuple(imports)))
        for statement in module.tree.body:
            if isinstance(statement, ast.If) and module.dotted(statement.test) == "typing.TYPE_CHECKING":
                if not statement.orelse and not any(is_of_flask(target) for target in left):
                    if all(self.is_import(module, project, one) for one in statement.body):
                        yield Remove(self.rule, module.span(statement))

    def is_import(self, module: Module, project: Project, statement: ast.stmt) -> bool:
        """Whether a statement imports from Flask."""
        if isinstance(statement, ast.ImportFrom):
            return is_of_flask(project.canonical(module.absolute(statement)))
        return isinstance(statement, ast.Import) and all(is_of_flask(alias.name) for alias in statement.names)


def is_of_flask(dotted: str) -> bool:
    return dotted.partition(".")[0] == "flask"
