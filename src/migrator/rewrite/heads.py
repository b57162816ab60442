"""Decorators and signatures of functions, as text."""

from __future__ import annotations

import re

from migrator.changes import AddParameter, AnnotateParameter, RemoveParameter, SetRoute
from migrator.location import Span
from migrator.module import FunctionNode
from migrator.rewrite.routes import route_code
from migrator.rewrite.splicing import Splice, Unclear

_DEF = re.compile(r"((?:async[ ]+)?def[ ]+)(\w+)([ ]*\()")
_COLON = re.compile(r"[ \t]*:")
_CLOSING = re.compile(r"[\s,]*\)")


def routes(text: Splice, route: SetRoute, column: int, width: int) -> list[str]:
    """The calls that a route becomes."""
    text.done.add(("routes", route.span))
    return [
        text.filled(code, line, route.span)
        for line, code in route_code(route, text.plan.options, text.imports, width - column)
    ]


def head(text: Splice, node: FunctionNode, last: int, width: int) -> str:
    """The lines of a function from its first decorator to the `last` one above its body."""
    return _decorators(text, node, width) + _definition(text, node, last, width)


def _decorators(text: Splice, node: FunctionNode, width: int) -> str:
    plan, module = text.plan, text.module
    rows: list[tuple[str, str]] = []  # what stands above a decorator, and it
    line = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    stay: list[Span] = []
    for decorator in node.decorator_list:
        span = module.span(decorator)
        start, end = text.offsets(span)
        above = "".join(text.lines[line - 1 : span.line - 1])
        before = text.lines[span.line - 1][: span.column]
        behind = text.lines[span.end_line - 1][span.end_column :]
        line = span.end_line + 1
        if before != f"{text.indent}@" or text.has_parentheses(decorator):
            raise Unclear
        if span not in plan.remove:
            stay.append(span)
        if (route := plan.routes.get(span)) is not None:
            text.done.add(("routes", span))
            for number, one in enumerate([] if route.behind else routes(text, route, span.column, width)):
                rows.append(("" if number else above, f"{before}{one}{text.imports.newline if number else behind}"))
        elif span in plan.remove:
            text.done.add(("remove", span))
        else:
            rows.append((above, f"{before}{text.between(start, end)}{behind}"))
    whole = module.span(node)
    new: dict[int, list[str]] = {}
    for added in plan.decorators.get(whole, ()):
        text.done.add(("decorators", whole))
        below = [span for span in stay if added.outside_of and span >= added.outside_of]
        if len(below) > len(rows):
            raise Unclear
        one = f"{text.indent}@{text.expression(added.new)}{text.imports.newline}"
        new.setdefault(len(rows) - len(below), []).append(one)
    found: list[str] = []
    for number in range(len(rows) + 1):
        found += new.get(number, [])
        found += rows[number] if number < len(rows) else ()
    return "".join([*found, *text.lines[line - 1 : node.lineno - 1]])


def _definition(text: Splice, node: FunctionNode, last: int, width: int) -> str:
    plan, source, whole = text.plan, text.source, text.module.span(node)
    start, end = text.offset(node.lineno, whole.column), text.offset(last + 1, 0)
    found = _DEF.match(source, start)
    if found is None or whole in plan.routes:
        raise Unclear
    name = found[2]
    if (renamed := plan.names.get(whole)) is not None:
        text.done.add(("names", whole))
        name = renamed.name
    before = f"{text.indent}{found[1]}{name}{found[3]}"
    changes = plan.signatures.get(whole)
    if changes is None:
        return before + text.between(found.end(), end)
    text.done.add(("signatures", whole))
    own, last_end = _parameters(text, node, changes)
    opening = found.end()
    closing = _CLOSING.match(source, max(opening, last_end))
    if closing is None or "#" in source[opening : closing.end()]:
        raise Unclear
    ordered = _ordered(text, own, changes)
    behind = closing.end()
    if node.returns is not None:
        behind = text.place(node.returns)[1]
    colon = _COLON.match(source, behind)
    if colon is None or (node.returns is None and behind != closing.end()):
        raise Unclear
    rest = text.between(closing.end(), colon.end())
    line = f"{before}{', '.join(ordered)}){rest[:-1]}"
    margin = 4 if node.args.args and node.args.args[0].arg == "self" else 0
    behind_colon = source[colon.end() : end]
    if "\n" in line:
        raise Unclear
    if len(line) - len(text.indent) + margin + 1 <= width:
        return f"{line}:{behind_colon}"
    newline = text.imports.newline + text.indent
    broken = "".join(f"{newline}    {parameter}," for parameter in ordered)
    return f"{before}{broken}{newline}){rest}{behind_colon}"


Parameter = tuple[str, bool]  # its text, and whether it has a default
Change = AddParameter | AnnotateParameter | RemoveParameter


def _parameters(text: Splice, node: FunctionNode, changes: list[Change]) -> tuple[list[Parameter], int]:
    """The parameters that stay, and where the last one ended."""
    args = node.args
    if args.posonlyargs or args.vararg or args.kwonlyargs or args.kwarg:
        raise Unclear
    gone = {change.name for change in changes if isinstance(change, RemoveParameter)}
    annotated = {change.name: change for change in changes if isinstance(change, AnnotateParameter)}
    found: list[Parameter] = []
    last = 0
    defaults = [None] * (len(args.args) - len(args.defaults)) + [*args.defaults]
    for arg, default in zip(args.args, defaults, strict=True):
        start, end = text.place(arg)
        if arg.annotation is not None and text.has_parentheses(arg.annotation):
            raise Unclear
        last = end
        if default is not None:
            last = text.place(default)[1]
            if text.has_parentheses(default) or text.source[last : last + 40].lstrip()[:1] not in (",", ")"):
                raise Unclear
        if arg.arg in gone:
            continue
        change = annotated.get(arg.arg)
        name = change.renamed if change is not None and change.renamed else arg.arg
        if change is not None and change.annotation is not None and arg.annotation is None:
            made = f"{name}: {text.expression(change.annotation)}"
            if default is not None:
                made += f" = {text.between(*text.place(default))}"
        else:
            made = name + text.between(start + len(arg.arg), last)
        if "\n" in made:
            raise Unclear
        found.append((made, default is not None))
    return found, last


def _ordered(text: Splice, own: list[Parameter], changes: list[Change]) -> list[str]:
    added: dict[str, tuple[int, str, bool]] = {}
    for one in sorted((c for c in changes if isinstance(c, AddParameter)), key=lambda c: (c.order, c.name)):
        if one.name in added:
            continue
        made = one.name
        if one.annotation is not None:
            made += f": {text.expression(one.annotation)}"
        if one.default is not None:
            made += f" = {text.expression(one.default)}"
        if "\n" in made:
            raise Unclear
        added[one.name] = one.order, made, one.default is not None
    new = list(added.values())
    is_method = bool(own) and re.match(r"(self|cls)\b", own[0][0]) is not None
    first, rest = (own[:1], own[1:]) if is_method else ([], own)
    return [
        *(parameter for parameter, _ in first),
        *(parameter for order, parameter, has_default in new if not has_default and order < 0),
        *(parameter for parameter, has_default in rest if not has_default),
        *(parameter for order, parameter, has_default in new if not has_default and order >= 0),
        *(parameter for parameter, has_default in rest if has_default),
        *(parameter for _, parameter, has_default in new if has_default),
    ]


def behind(text: Splice, node: FunctionNode, column: int, width: int) -> list[str]:
    """The routes of a function that are calls behind it, and no decorators."""
    return [
        one
        for decorator in node.decorator_list
        if (route := text.plan.routes.get(text.module.span(decorator))) is not None and route.behind
        for one in routes(text, route, column, width)
    ]
