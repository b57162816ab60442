"""A parameter in place of the reads of `request` that it stands for; the same for query, headers, cookies and forms."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.changes import Change, Code, Import, Insert, Remove, Replace
from migrator.module import Module
from migrator.project.requests import Parameter, Use
from migrator.rule import Rule

HTTP_EXCEPTION = Import("fastapi", "HTTPException")


def replaced_reads(rule: Rule, module: Module, parameter: Parameter) -> Iterator[Change]:
    """The changes that put a parameter in the place of the reads that it stands for."""
    late = parameter.late
    for statement in parameter.through:
        yield Remove(rule, module.span(statement))
    if parameter.refused is not None:
        refusal = Code(f"if {parameter.name} is None:\n    raise HTTPException(400)", imports=(HTTP_EXCEPTION,))
        span = module.span(parameter.refused)
        yield Replace(rule, span, refusal) if parameter.assigned else Insert(rule, span, refusal)
    for statement in parameter.assigned:
        if statement is parameter.refused:
            continue
        if late is None:
            yield Remove(rule, module.span(statement))
        else:
            text = f"if {parameter.name} is None:\n    {parameter.name} = __0__"
            yield Replace(rule, module.span(statement), Code(text, (module.span(late),)))
    for use in parameter.uses:
        if use.node is None or module.parents[use.node] in parameter.assigned:
            continue
        fallback = use.fallback or (late if use.access == "get" else None)
        if fallback is not None:
            text = f"__0__ if {parameter.name} is None else {parameter.name}"
            if not stands_alone(module, use):
                text = f"({text})"
            yield Replace(rule, module.span(use.node), Code(text, (module.span(fallback),)))
        else:
            yield Replace(rule, module.span(use.node), Code(read(parameter, use)))


def stands_alone(module: Module, use: Use) -> bool:
    """Whether a conditional expression needs no parentheses in the place of a read."""
    parent = module.parents[use.node] if use.node is not None else None
    if isinstance(parent, ast.Call):
        return use.node is not parent.func
    return isinstance(parent, (ast.Assign, ast.AnnAssign, ast.Return, ast.keyword, ast.Dict, ast.List, ast.Tuple))


def read(parameter: Parameter, use: Use) -> str:
    """How a read is written with the parameter."""
    if use.access == "in":
        return f"{parameter.name} is not None"
    if use.access == "not in":
        return f"{parameter.name} is None"
    return parameter.name
