"""The one renderer of a view's signature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from migrator.changes import AddParameter, AnnotateParameter, Code, RemoveParameter
from migrator.rewrite import template
from migrator.rewrite.imports import ImportBlock

ParameterChange = AddParameter | AnnotateParameter | RemoveParameter

# before the default of a parameter that has an annotation
SPACED = cst.AssignEqual(whitespace_before=cst.SimpleWhitespace(" "), whitespace_after=cst.SimpleWhitespace(" "))


def new_parameters(
    function: cst.FunctionDef,
    changes: Sequence[ParameterChange],
    fill: Callable[[Code, int], Any],
    imports: ImportBlock,
    width: int,
    module: cst.Module,
) -> tuple[cst.Parameters, dict[str, Any]]:
    """The parameters of a function after all changes, and the fields of its node that lay them out.

    What has no default stands before what has one; within each, the function's own parameters come after those with a
    negative order (`request`) and before the rest.
    """

    def made(code: Code) -> cst.BaseExpression:
        return template.expression(imports.named(code), lambda number: fill(code, number))

    removed = {c.name for c in changes if isinstance(c, RemoveParameter)}
    params = _without_stars(function.params, removed)
    annotated = {c.name: c for c in changes if isinstance(c, AnnotateParameter)}
    own: list[cst.Param] = []
    for param in params.params:
        if param.name.value in removed:
            continue
        change = annotated.get(param.name.value)
        if change is not None:
            if change.annotation is not None and param.annotation is None:
                param = param.with_changes(annotation=cst.Annotation(made(change.annotation)))
                if param.default is not None:
                    param = param.with_changes(equal=SPACED)
            if change.renamed:
                param = param.with_changes(name=cst.Name(change.renamed))
        own.append(_plain(param))
    added: dict[str, tuple[int, cst.Param]] = {}
    for one in sorted((c for c in changes if isinstance(c, AddParameter)), key=lambda c: (c.order, c.name)):
        default = made(one.default) if one.default is not None else None
        annotation = cst.Annotation(made(one.annotation)) if one.annotation is not None else None
        param = cst.Param(cst.Name(one.name), annotation, default=default)
        if default is not None:
            param = param.with_changes(equal=SPACED)
        added.setdefault(one.name, (one.order, param))
    new = list(added.values())
    is_method = bool(own) and own[0].name.value in ("self", "cls")
    head, own = (own[:1], own[1:]) if is_method else ([], own)
    required = [
        *head,
        *(p for order, p in new if p.default is None and order < 0),
        *(p for p in own if p.default is None),
        *(p for order, p in new if p.default is None and order >= 0),
    ]
    optional = [*(p for p in own if p.default is not None), *(p for _, p in new if p.default is not None)]
    kwonly = [_plain(p) for p in params.kwonly_params if p.name.value not in removed]
    result = params.with_changes(params=[*required, *optional], kwonly_params=kwonly)
    if not params.params and not isinstance(result.star_arg, cst.MaybeSentinel) and not kwonly:
        result = result.with_changes(params=[*required, *optional])
    one_line = function.with_changes(
        params=_separated(result),
        whitespace_before_params=cst.SimpleWhitespace(""),
        body=cst.SimpleStatementSuite([cst.Pass()]),
        decorators=(),
        leading_lines=(),
        lines_after_decorators=(),
    )
    first = module.code_for_node(one_line).split(":pass")[0].split(": pass")[0]
    indent = _indent(function, module)
    if len(first) + indent + 1 <= width:
        return _separated(result), {"whitespace_before_params": cst.SimpleWhitespace("")}
    return _broken(result), {"whitespace_before_params": _newline(indented=True)}


def _without_stars(params: cst.Parameters, removed: set[str]) -> cst.Parameters:
    """The parameters without `*args` and `**kwargs`, where these are to go."""
    if isinstance(star := params.star_arg, cst.Param) and star.name.value in removed:
        params = params.with_changes(star_arg=cst.ParamStar() if params.kwonly_params else cst.MaybeSentinel.DEFAULT)
    if params.star_kwarg is not None and params.star_kwarg.name.value in removed:
        params = params.with_changes(star_kwarg=None)
    return params


def _plain(param: cst.Param) -> cst.Param:
    return param.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_param=cst.SimpleWhitespace(""))


def _separated(params: cst.Parameters) -> cst.Parameters:
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    plain = params.with_changes(params=[p.with_changes(comma=cst.MaybeSentinel.DEFAULT) for p in params.params])
    del comma
    return plain


def _broken(params: cst.Parameters) -> cst.Parameters:
    """One parameter a line, with a trailing comma."""
    last = not params.kwonly_params and params.star_kwarg is None and isinstance(params.star_arg, cst.MaybeSentinel)
    rows = [
        p.with_changes(comma=cst.Comma(whitespace_after=_newline(indented=not (last and i == len(params.params) - 1))))
        for i, p in enumerate(params.params)
    ]
    return params.with_changes(params=rows)


def _newline(*, indented: bool) -> cst.ParenthesizedWhitespace:
    return cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    " if indented else ""))


def _indent(function: cst.FunctionDef, module: cst.Module) -> int:
    del module
    return 4 if function.params.params and function.params.params[0].name.value == "self" else 0
