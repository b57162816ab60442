"""How a parameter that stands for reads of query, headers or cookies is declared."""

from __future__ import annotations

import ast

from migrator.changes import Code, Import
from migrator.location import Span
from migrator.module import Module
from migrator.project.requests import Parameter

ANNOTATED = Import("typing", "Annotated")
ANY = Import("typing", "Any")
COERCED = Import("~params", "coerced")
OR_DEFAULT = Import("~params", "or_default")
EACH_VALID = Import("~params", "each_valid")
TYPES = {"int", "float", "str", "bool"}


def declared(module: Module, parameter: Parameter, place: str) -> tuple[Code, Code | None]:
    """The annotation and default of a parameter. `place` is FastAPI's name for where it comes from; a query
    parameter needs none."""
    marker = f'{place}(alias="{parameter.alias}")' if parameter.alias else f"{place}()" if place != "Query" else ""
    extra = [marker] if marker else []
    imports = [Import("fastapi", place)] if marker else []
    if parameter.many:
        return many(module, parameter, place, marker)
    kind = named_type(parameter.type)
    default = default_of(module, parameter)
    if parameter.shown:
        shown = {"int": "LooseInt", "float": "LooseFloat"}[parameter.shown]
        return annotated(shown, extra, [*imports, Import("~params", shown)]), default
    if parameter.type is None or (kind == "str" and not parameter.strict):
        shown = "str" if parameter.required or is_text(parameter.default) else "str | None"
        if parameter.default is not None and not is_text(parameter.default):
            shown = "Any"
            imports.append(ANY)
        return annotated(shown, extra, imports), default
    optional = not parameter.required and parameter.default is None
    shown = (f"{kind} | None" if optional else kind) if kind else "Any"
    parts: tuple[Span, ...] = () if kind else (module.span(parameter.type),)
    extra.append(f"coerced({kind or '__0__'})")
    imports += [COERCED, *([] if kind else [ANY])]
    if not parameter.strict:
        extra.append(f"or_default(__{len(parts)}__)" if parameter.default is not None else "or_default(None)")
        imports.append(OR_DEFAULT)
        if parameter.default is not None:
            parts = (*parts, module.span(parameter.default))
    return annotated(shown, extra, imports, parts), default


def many(module: Module, parameter: Parameter, place: str, marker: str) -> tuple[Code, Code | None]:
    """A parameter for all values of a key."""
    kind = named_type(parameter.type)
    marker = marker or f"{place}()"
    imports = [Import("fastapi", place)]
    if parameter.type is None or kind == "str":
        return annotated("list[str]", [marker], imports), Code("[]")
    parts = () if kind else (module.span(parameter.type),)
    imports += [EACH_VALID, *([] if kind else [ANY])]
    return annotated(f"list[{kind or 'Any'}]", [marker, f"each_valid({kind or '__0__'})"], imports, parts), Code("[]")


def default_of(module: Module, parameter: Parameter) -> Code | None:
    if parameter.required:
        return None
    if parameter.number:
        return Code(parameter.number)
    return Code("__0__", (module.span(parameter.default),)) if parameter.default is not None else Code("None")


def annotated(kind: str, extra: list[str], imports: list[Import], parts: tuple[Span, ...] = ()) -> Code:
    """`kind`, or `Annotated[kind, ...]` where there is more to say."""
    if not extra:
        return Code(kind, imports=tuple(imports))
    return Code(f"Annotated[{kind}, {', '.join(extra)}]", parts, (ANNOTATED, *imports))


def named_type(node: ast.expr | None) -> str:
    return node.id if isinstance(node, ast.Name) and node.id in TYPES else ""


def is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
