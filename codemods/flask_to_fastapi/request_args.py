"""`request.args` becomes typed query parameters.

## What changes

`request.args.get("page", 1, type=int)` becomes the parameter `page: Annotated[int, coerced(int), or_default(1)] = 1`: the type stands in
OpenAPI, and a value that does not fit still gives the default.

## Example

```python
@app.get("/orders")
def orders():
    page = request.args.get("page", 1, type=int)
```

becomes

```python
@app.get("/orders")
def orders(page: Annotated[int, coerced(int), or_default(1)] = 1): ...
```

## Safety

The first of a repeated key counts, as in Flask. `request.args["key"]` is a required parameter: without it the answer is still 400.

## What is left to you

Reads with a computed key go through the request object.
"""

from __future__ import annotations

import ast

from migrator.codemod import AddParameter, Code, Codemod, Import, Module, Plan, Project, Remove, Replace, Rule, Safety
from migrator.project.requests import Parameter, Use

ANNOTATED = Import("typing", "Annotated")
QUERY = Import("fastapi", "Query")
COERCED = Import("~params", "coerced")
OR_DEFAULT = Import("~params", "or_default")
EACH_VALID = Import("~params", "each_valid")
TYPES = {"int", "float", "str", "bool"}


class RequestArgs(Codemod):
    """Query parameters are typed parameters of the view."""

    rule = Rule("FF301", "request-args", "request.args becomes query parameters", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for view in project.parameter_views(module):
            for parameter in project.requests(module, view).parameters:
                if parameter.kind == "args":
                    annotation, default = self.declared(module, parameter)
                    yield AddParameter(self.rule, module.span(view), parameter.name, annotation, default, 60)
                    yield from replaced_reads(self.rule, module, parameter)

    def declared(self, module: Module, parameter: Parameter) -> tuple[Code, Code | None]:
        """The annotation and default of the parameter."""
        alias = f'Query(alias="{parameter.alias}")' if parameter.alias else ""
        imports: list[Import] = [QUERY] if alias else []
        extra = [alias] if alias else []
        if parameter.many:
            kind = named_type(parameter.type)
            if parameter.type is None or kind == "str":
                return annotated("list[str]", [alias or "Query()"], [QUERY]), Code("[]")
            text = f"each_valid({kind or '__0__'})"
            parts = () if kind else (module.span(parameter.type),)
            return annotated(f"list[{kind or 'Any'}]", [alias or "Query()", text], [QUERY, EACH_VALID, *any_of(kind)], parts), Code("[]")
        default = Code("__0__", (module.span(parameter.default),)) if parameter.default is not None else Code("None")
        if parameter.type is None or named_type(parameter.type) == "str":
            kind = "str" if parameter.required or is_text(parameter.default) else "str | None" if parameter.default is None else "Any"
            imports += any_of("" if kind == "Any" else kind)
            return annotated(kind, extra, imports), None if parameter.required else default
        kind = named_type(parameter.type)
        shown = (kind if parameter.default is not None else f"{kind} | None") if kind else "Any"
        parts, coerce = ((), f"coerced({kind})") if kind else ((module.span(parameter.type),), "coerced(__0__)")
        fallback = f"or_default(__{len(parts)}__)" if parameter.default is not None else "or_default(None)"
        if parameter.default is not None:
            parts = (*parts, module.span(parameter.default))
        imports += [COERCED, OR_DEFAULT, *any_of(kind)]
        return annotated(shown, [*extra, coerce, fallback], imports, parts), default


def any_of(kind: str) -> list[Import]:
    return [] if kind else [Import("typing", "Any")]


def annotated(kind: str, extra: list[str], imports: list[Import], parts: tuple[object, ...] = ()) -> Code:
    """`kind`, or `Annotated[kind, ...]` where there is more to say."""
    if not extra:
        return Code(kind, imports=tuple(imports))
    return Code(f"Annotated[{kind}, {', '.join(extra)}]", parts, (ANNOTATED, *imports))  # type: ignore[arg-type]


def named_type(node: ast.expr | None) -> str:
    return node.id if isinstance(node, ast.Name) and node.id in TYPES else ""


def is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def replaced_reads(rule: Rule, module: Module, parameter: Parameter) -> Plan:
    """The parameter in place of the reads that it stands for."""
    for statement in parameter.assigned:
        yield Remove(rule, module.span(statement))
    for use in parameter.uses:
        if use.node is not None and module.parents[use.node] not in parameter.assigned:
            yield Replace(rule, module.span(use.node), Code(read(parameter, use)))


def read(parameter: Parameter, use: Use) -> str:
    if use.access == "in":
        return f"{parameter.name} is not None"
    if use.access == "not in":
        return f"{parameter.name} is None"
    return parameter.name
