"""`request.files` becomes file parameters.

## What changes

`request.files["sheet"]` becomes a parameter that the documentation shows as a file. The view gets the same
`FileStorage` as under Flask, so what it does with it (`save`, `read`, `filename`, `mimetype`) stays.

## Example

```python
@app.post("/sheets")
def import_sheet():
    sheet = request.files["sheet"]
    return jsonify(size=len(sheet.read()))
```

becomes

```python
@app.post("/sheets")
def import_sheet(sheet: Annotated[FileStorage, uploaded("sheet")]):
    return {"size": len(sheet.read())}
```

## Safety

A form without a chosen file gives a file with an empty name, text in a file's place is no file, and a missing one
that the view needed is a 400: all as in Flask.

## What is left to you

Fields whose name is only known at run time go through the request object.
"""

from __future__ import annotations

from migrator.codemod import AddParameter, Code, Codemod, Import, Module, Plan, Project, Rule, Safety
from migrator.parameters import ANNOTATED
from migrator.project.reads import replaced_reads
from migrator.project.requests import Parameter

STORAGE = Import("werkzeug.datastructures", "FileStorage")
ONE = Import("~uploads", "uploaded")
PERHAPS = Import("~uploads", "uploaded_or_none")
ALL = Import("~uploads", "all_uploaded")


class RequestFiles(Codemod):
    """Uploaded files are parameters of the view."""

    rule = Rule("FF305", "request-files", "request.files becomes file parameters", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for view in project.parameter_views(module):
            parameters = project.requests(module, view).parameters
            for order, parameter in enumerate(parameters, 100):
                if parameter.kind == "files":
                    yield AddParameter(
                        self.rule, module.span(view), parameter.name, self.annotation(parameter), None, order
                    )
                    yield from replaced_reads(self.rule, module, parameter, parameters)

    def annotation(self, parameter: Parameter) -> Code:
        kind, made = "FileStorage | None", PERHAPS
        if parameter.many:
            kind, made = "list[FileStorage]", ALL
        elif parameter.required:
            kind, made = "FileStorage", ONE
        return Code(f'Annotated[{kind}, {made.name}("{parameter.key}")]', (), (ANNOTATED, STORAGE, made))
