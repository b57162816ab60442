"""Helpers that ask the request become dependencies.

## What changes

A helper without arguments that reads `request`, `g`, the session or the configuration gets parameters as a view does,
and the views that call it get what it returns.

## Example

```python
def current_page():
    return max(request.args.get("page", 1, type=int), 1)


@app.get("/")
def index():
    return render_template("index.html", page=current_page())
```

becomes

```python
def current_page(page: Annotated[int, coerced(int), or_default(1)] = 1):
    return max(page, 1)


CurrentPage = Annotated[int, Depends(current_page)]


@app.get("/", response_class=HTMLResponse)
def index(render_template: RenderTemplate, current_page: CurrentPage):
    return render_template("index.html", page=current_page)
```

## Safety

Only helpers of which nobody can tell whether they run before the view, or at its begin.

## What is left to you

Nothing. Helpers that hooks and other code call too, and those with arguments, ask the request context as before.
"""

from __future__ import annotations

import ast

from migrator.codemod import (
    AddParameter,
    Code,
    Codemod,
    Import,
    Insert,
    Module,
    Plan,
    Project,
    Remove,
    Replace,
    Rule,
    Safety,
)
from migrator.infer.shapes import Mapping, Scalar, members
from migrator.module import walk
from migrator.project.dependencies import Dependency
from migrator.syntax import reference

DEPENDS = Import("fastapi", "Depends")
ANNOTATED = Import("typing", "Annotated")
ANY = Import("typing", "Any")
AMBIENT = {
    "session": ("session", Import("~context", "session")),
    "g": ("g", Import("~context", "g")),
    "config": ("current_app.state.config", Import("~context", "current_app")),
    "app": ("current_app", Import("~context", "current_app")),
}
OWN = {
    "session": (Import("~sessions", "Session"), 20),
    "g": (Import("~namespace", "RequestGlobals"), 25),
    "config": (Import("~config", "AppConfig"), 45),
    "app": (Import("~current_app", "CurrentApp"), 45),
}


class HelperDependencies(Codemod):
    """What views ask helpers for, FastAPI asks them for."""

    rule = Rule("FF511", "dependencies", "helpers that ask the request become dependencies", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for made in project.dependencies.values():
            if made.id[0] == module.name:
                annotation = returned(module, project, made)
                text = f"{made.alias} = Annotated[{annotation.text}, Depends({made.function.name})]"
                imports = (*annotation.imports, ANNOTATED, DEPENDS)
                code = Code(text, annotation.parts, imports)
                yield Insert(self.rule, module.span(made.function), code, before=False)
            alias = Code(made.alias, imports=() if made.id[0] == module.name else (Import(made.id[0], made.alias),))
            for key, given in made.given:
                if key[0] != module.name:
                    continue
                yield AddParameter(self.rule, module.span(given.function), given.name, alias, None, 30)
                for call in given.calls:
                    if given.assigned is None or module.parents[call] is not given.assigned:
                        yield Replace(self.rule, module.span(call), Code(given.name))
                if given.assigned is not None:
                    yield Remove(self.rule, module.span(given.assigned))
            for name, call in made.outside:
                if name == module.name:
                    yield from self.handed(module, project, made, call)

    def handed(self, module: Module, project: Project, made: Dependency, call: ast.Call) -> Plan:
        """What a call hands on to the helper: of its own parameters, or of the context."""
        view = project.view_around(module, call)
        takes = view is not None and view in set(project.parameter_views(module))
        given: list[str] = []
        imports: list[Import] = []
        for need in made.needs:
            if view is not None and takes:
                annotation, order = OWN[need]
                given.append(need)
                code = Code(annotation.name, imports=(annotation,))
                yield AddParameter(self.rule, module.span(view), need, code, None, order)
            else:
                text, source = AMBIENT[need]
                given.append(text)
                imports.append(source)
        text = f"__0__({', '.join(given)})"
        yield Replace(self.rule, module.span(call), Code(text, (module.span(call.func),), tuple(imports)))


def returned(module: Module, project: Project, made: Dependency) -> Code:
    """The type of what a helper returns, as far as it is told."""
    if made.function.returns is not None:
        return Code("__0__", (module.span(made.function.returns),))
    nodes = [n for n in walk(made.function) if module.function_of(n) is made.function]
    values = [node.value for node in nodes if isinstance(node, ast.Return)]
    inference = project.infer.inference
    found = {one for value in values if value is not None for one in members(inference.shape(module, value))}
    kinds = {one.kind if isinstance(one, Scalar) else "dict" * isinstance(one, Mapping) for one in found}
    if None not in values and len(kinds) == 1 and (kind := kinds.pop()) in ("int", "str", "float", "bool"):
        return Code(kind)
    if kinds == {"dict"}:
        return Code("dict[str, Any]", imports=(ANY,))
    places = {reference(value) if value is not None else "" for value in values}
    made_here = [n.value for n in nodes if isinstance(n, ast.Assign) and places & {reference(t) for t in n.targets}]
    classes = {class_of(module, value) for value in made_here}
    if len(places) == len(classes) == 1 and (name := classes.pop()):
        return Code(name)
    return Code("Any", imports=(ANY,))


def class_of(module: Module, value: ast.expr) -> str:
    """The class that a call makes an object of, as the module names it."""
    if not isinstance(value, ast.Call):
        return ""
    name = reference(value.func)
    found = module.scope_of(value).lookup(name.partition(".")[0])
    if found is None or found[0] is not module.scope:
        return ""
    if module.dotted(value.func) == "sqlite3.connect":
        return "sqlite3.Connection" if name == "sqlite3.connect" else ""
    return name if name.rpartition(".")[2][:1].isupper() else ""
