"""A parameter in place of the reads of `request` that it stands for; the same for query, headers, cookies and forms."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from migrator.changes import Change, Code, Import, Insert, Remove, Replace
from migrator.module import Module
from migrator.project.requests import Parameter, Use
from migrator.rule import Rule
from migrator.source import lines_of

HTTP_EXCEPTION = Import("fastapi", "HTTPException")


def replaced_reads(rule: Rule, module: Module, parameter: Parameter, beside: Sequence[Parameter]) -> Iterator[Change]:
    """The changes that put a parameter in the place of the reads that it stands for; `beside`: all of the view."""
    late = parameter.late
    for statement in parameter.through:
        yield Remove(rule, module.span(statement))
    if parameter.refused is not None:
        together = refused_together(module, parameter, beside)
        span = module.span(parameter.refused)
        if parameter is together[0]:
            text = f"if {is_missing([one.name for one in together])}:\n    raise HTTPException(400)"
            refusal = Code(text, imports=(HTTP_EXCEPTION,))
            yield Replace(rule, span, refusal) if parameter.assigned else Insert(rule, span, refusal)
        elif parameter.assigned:
            yield Remove(rule, span)
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


def refused_together(module: Module, parameter: Parameter, beside: Sequence[Parameter]) -> list[Parameter]:
    """The parameters, with this one, whose absence is noticed in one statement, or in assignments that follow each
    other: Flask answers the same whichever is missing. An assignment with a remark stays by itself."""
    alike = {one: one.refused for one in beside if one.kind == parameter.kind and one.refused is not None}
    if not parameter.assigned:
        return [one for one, statement in alike.items() if statement is parameter.refused and not one.assigned]
    plain = {s: one for one, s in alike.items() if one.assigned == (s,) and not has_remark(module, s)}
    run: list[Parameter] = []
    for statement in block_of(module, parameter.refused):
        if statement in plain:
            run.append(plain[statement])
        elif parameter in run:
            break
        else:
            run = []
    return run if parameter in run else [parameter]


def is_missing(names: Sequence[str]) -> str:
    """The test that one of the parameters has no value."""
    if len(names) > 2:
        return f"None in ({', '.join(names)})"
    return " or ".join(f"{name} is None" for name in names)


def block_of(module: Module, statement: ast.stmt | None) -> Sequence[ast.stmt]:
    """The statements among which one stands."""
    if statement is not None:
        for _, block in ast.iter_fields(module.parents[statement]):
            if isinstance(block, list) and statement in block:
                return block
    return ()


def has_remark(module: Module, statement: ast.stmt) -> bool:
    """Whether a comment stands at the end of a statement, or above it."""
    lines = lines_of(module.text)
    above = lines[statement.lineno - 2] if statement.lineno > 1 else ""
    return "#" in lines[(statement.end_lineno or statement.lineno) - 1] or above.lstrip().startswith("#")


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
