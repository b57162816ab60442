"""`request.form` becomes typed form parameters.

## What changes

`request.form["name"]` becomes the parameter `name: FormText`, `request.form.get("note", "")` becomes `note: FormText
= ""`. A type that the view asked for, with `type=` or with `int(...)` around the read, is the parameter's type.

## Example

```python
@app.post("/cars/rate")
def rate():
    stars = int(request.form["stars"])
    comment = request.form.get("comment", "")
```

becomes

```python
@app.post("/cars/rate")
def rate(stars: FormValue[int], comment: FormText = ""): ...
```

## Safety

A missing field that the view needed is still a 400, an empty one still reaches the view, and the first of many counts.

## What is left to you

Forms that the view walks through, or hands on, go through the request object.
"""

from __future__ import annotations

from migrator.codemod import AddParameter, Code, Codemod, Import, Module, Plan, Project, Rule, Safety
from migrator.parameters import ANNOTATED, EACH_VALID, OR_DEFAULT, annotated, default_of, named_type
from migrator.project.reads import replaced_reads
from migrator.project.requests import Parameter

FORM = Import("fastapi", "Form")
TEXT = Import("~params", "FormText")
OPTIONAL = Import("~params", "OptionalFormText")
VALUE = Import("~params", "FormValue")


class RequestForm(Codemod):
    """Form fields are parameters of the view."""

    rule = Rule("FF304", "request-form", "request.form becomes form parameters", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for view in project.parameter_views(module):
            parameters = project.requests(module, view).parameters
            for order, parameter in enumerate(parameters, 100):
                if parameter.kind == "form":
                    annotation, default = self.declared(module, parameter)
                    yield AddParameter(self.rule, module.span(view), parameter.name, annotation, default, order)
                    yield from replaced_reads(self.rule, module, parameter, parameters)

    def declared(self, module: Module, parameter: Parameter) -> tuple[Code, Code | None]:
        """The annotation and default of the parameter."""
        alias = f'Form(alias="{parameter.alias}")' if parameter.alias else ""
        imports = [FORM] if alias else []
        extra = [alias] if alias else []
        default = default_of(module, parameter)
        kind = named_type(parameter.type) or "str"
        if parameter.many:
            found = [alias or "Form()", *([f"each_valid({kind})"] if kind != "str" else [])]
            return annotated(f"list[{kind}]", found, [FORM, *([EACH_VALID] if kind != "str" else [])]), Code("[]")
        if kind == "str":
            made = OPTIONAL if default is not None and parameter.default is None else TEXT
            return annotated(made.name, extra, [made, *imports]), default
        if parameter.strict:
            return annotated(f"FormValue[{kind}]", extra, [VALUE, *imports]), default
        if parameter.default is None:
            return annotated(
                f"FormValue[{kind} | None]", [*extra, "or_default(None)"], [VALUE, OR_DEFAULT, *imports]
            ), default
        span = module.span(parameter.default)
        text = f"Annotated[FormValue[{kind}], {', '.join([*extra, 'or_default(__0__)'])}]"
        return Code(text, (span,), (ANNOTATED, VALUE, OR_DEFAULT, *imports)), default
