"""Helpers that read the request get what they need from the views that call them.

## What changes

A helper that reads query parameters, headers or cookies, a name in `g` or the configuration, and that only views call,
gets these as arguments; and what it asks a helper like `get_db()` for.

## Example

```python
def wanted(clips):
    tag = request.args.get("tag")
    return [clip for clip in clips if tag is None or tag in clip.tags]


@app.get("/clips")
def clips():
    return jsonify(wanted(CLIPS))
```

becomes

```python
def wanted(clips, tag):
    return [clip for clip in clips if tag is None or tag in clip.tags]


@app.get("/clips")
def clips(tag: str | None = None):
    return wanted(CLIPS, tag)
```

## Safety

Only reads that never fail, wherever they stand.

## What is left to you

Nothing. Helpers that other code calls too, or that need more, ask the request context.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from migrator.codemod import Codemod, FunctionNode, Module, Plan, Prepared, Project, Rule, Safety, Span
from migrator.module import all_arguments, walk
from migrator.project.bodies import target_name
from migrator.project.dependencies import calm_helpers, is_set_before
from migrator.project.model import FunctionId
from migrator.project.plain_calls import modules_of, plain_calls
from migrator.project.requests import use_at
from migrator.project.store import edited
from migrator.syntax import reference

MOST = 3  # arguments that a helper may get
CALLS = 10  # to it
CONVERSIONS = {"", "int", "float", "str"}


@dataclass(frozen=True, slots=True)
class Need:
    """What a helper reads: how that is written, under which import, and what it is called as an argument."""

    name: str
    text: str
    target: str
    local: str
    node: ast.expr
    assigned: ast.stmt | None = None  # `name = <read>`, which the argument makes superfluous


@dataclass(eq=False)
class Helper:
    """A helper and all calls of it."""

    module: Module
    function: FunctionNode
    needs: list[Need] = field(default_factory=list)
    calls: list[tuple[Module, ast.Call]] = field(default_factory=list)

    @property
    def given(self) -> dict[str, Need]:
        """The new arguments."""
        return {need.name: need for need in self.needs}

    @property
    def by_name(self) -> bool:
        """Whether the new arguments can only be told by their names."""
        return bool(self.function.args.defaults or self.function.args.kwonlyargs)


class HelperArguments(Codemod):
    """What helpers read of the request, views give them."""

    rule = Rule("FF512", "helper-arguments", "helpers get what they read of the request from views", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        """Nothing is left to do: the source was prepared."""
        yield from ()

    def prepare(self, module: Module, project: Project) -> Prepared | None:
        edits: list[tuple[Span, str]] = []
        missing: dict[str, str] = {}
        for helper in helpers(project):
            if helper.module.name == module.name:
                edits += definition(helper)
            for home, call in helper.calls:
                if home.name == module.name:
                    edits.append(handed(module, helper, call))
                    wanted = {need.local: need.target for need in helper.given.values()}
                    missing |= {local: target for local, target in wanted.items() if local not in module.scope.bindings}
        edits += unused_imports(module, project, [h for h in helpers(project) if h.module.name == module.name])
        if missing:
            lines = [
                f"from {t.rpartition('.')[0]} import {t.rpartition('.')[2]}\n" for t in sorted({*missing.values()})
            ]
            edits.append(imported(module, lines))
        return edited(module, edits) if edits else None


@lru_cache(maxsize=1)  # each module of a project asks for them
def helpers(project: Project) -> tuple[Helper, ...]:
    """The helpers whose calls can hand on all that they read; none of two that one call may mean."""
    found = list(_helpers(project))
    seen = Counter(id(call) for helper in found for _, call in helper.calls)
    return tuple(helper for helper in found if all(seen[id(call)] == 1 for _, call in helper.calls))


def _helpers(project: Project) -> Iterator[Helper]:
    calm = calm_helpers(project)
    for _, module in modules_of(project):
        reads: dict[FunctionNode, list[Need | None]] = {}
        for node, target in project.flask_reads(module):
            name = target.removeprefix("flask.")
            function = module.function_of(node)
            if function is not None and name.partition(".")[0] not in NEUTRAL:
                reads.setdefault(function, []).append(need_of(project, module, function, node, name))
        for call in module.calls:
            function = module.function_of(call)
            found = calm & {e.function_id for e in project.entities_at(module, call.func) if e.kind == "function"}
            if function is not None and found:
                is_named = isinstance(call.func, ast.Name) and not (call.args or call.keywords)
                reads.setdefault(function, []).append(called(module, function, call, *found) if is_named else None)
        for function, needs in reads.items():
            known = [need for need in needs if need is not None]
            if len(known) == len(needs) and (helper := helper_of(project, module, function, known)) is not None:
                yield helper


NEUTRAL = {"abort", "redirect", "jsonify", "json", "escape", "Markup", "make_response", "Response"}


def need_of(project: Project, module: Module, function: FunctionNode, node: ast.expr, name: str) -> Need | None:
    """What a read asks for; None where a view cannot read it just as well."""
    if not isinstance(node, ast.Name):
        return None
    parent = module.parents[node]
    if name == "current_app":
        if isinstance(parent, ast.Attribute) and parent.attr == "config":
            return needed(module, function, parent, "config", f"flask.{name}", node.id)
        return None
    if name == "g":
        is_read = isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Load)
        if isinstance(parent, ast.Attribute) and is_read and is_set_before(project, parent.attr):
            return needed(module, function, parent, parent.attr, "flask.g", node.id)
        return None
    if name != "request":
        return None
    use = use_at(module, node)
    if use.kind not in ("args", "headers", "cookies") or use.access not in ("get", "getlist"):
        return None
    plain = use.default is None or isinstance(use.default, ast.Constant)
    if not plain or (use.type is not None and reference(use.type) not in CONVERSIONS) or use.node is None:
        return None
    if isinstance(module.parents[use.node], ast.Attribute) and use.access == "getlist":
        return None
    assert isinstance(use.node, ast.expr)
    key = re.sub(r"\W+", "_", use.key).strip("_").lower()
    return needed(module, function, use.node, key, "flask.request", node.id)


def called(module: Module, function: FunctionNode, call: ast.Call, key: FunctionId) -> Need:
    """What a helper asks another one for."""
    assert isinstance(call.func, ast.Name)
    name = call.func.id.removeprefix("get_")
    return needed(module, function, call, name, f"{key[0]}.{key[1]}", call.func.id)


def needed(module: Module, function: FunctionNode, node: ast.expr, name: str, target: str, local: str) -> Need:
    """The read as an argument, under the name that the helper has for it."""
    statement = module.parents[node]
    own = target_name(statement) if isinstance(statement, (ast.Assign, ast.AnnAssign)) else ""
    if own and statement in function.body and len(module.scopes[function].bindings.get(own, ())) == 1:
        assert isinstance(statement, ast.stmt)
        return Need(own, module.source(node), target, local, node, statement)
    return Need(name, module.source(node), target, local, node)


def helper_of(project: Project, module: Module, function: FunctionNode, needs: list[Need]) -> Helper | None:
    """The function with all that calls it; None where it cannot get arguments."""
    key = project.function_id(module, function)
    facts = project.names.functions.get(key)
    if facts is None or "." in key[1] or function.decorator_list or key in project.hooked or key in project.views:
        return None
    if function.args.vararg or function.args.kwarg or function.args.posonlyargs or not all_arguments(function.args):
        return None
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in walk(function)):
        return None
    helper = Helper(module, function, needs, plain_calls(project, key) or [])
    if len(helper.given) > MOST or not 0 < len(helper.calls) <= CALLS:
        return None
    if len({(need.name, need.text) for need in needs}) != len(helper.given):
        return None  # one name for two things
    for name in helper.given:
        bindings = module.scopes[function].bindings.get(name, ())
        assigned = [need for need in needs if need.name == name and need.assigned is not None]
        if (
            name in {arg.arg for arg in all_arguments(function.args)}
            or len(bindings) > len(assigned)
            or len(assigned) > 1
        ):
            return None
        if not assigned and any(isinstance(n, ast.Name) and n.id == name for n in walk(function)):
            return None
    if any(not is_alone(module, need.assigned) for need in needs if need.assigned is not None):
        return None
    return helper if all(can_hand(project, helper, where, call) for where, call in helper.calls) else None


def is_alone(module: Module, statement: ast.stmt) -> bool:
    """Whether a statement has its lines for itself."""
    before = module.lines[statement.lineno - 1][: statement.col_offset]
    behind = module.lines[(statement.end_lineno or 0) - 1].encode()[statement.end_col_offset or 0 :]
    return not before.strip() and not behind.strip()


def can_hand(project: Project, helper: Helper, module: Module, call: ast.Call) -> bool:
    """Whether a call stands in a view that may read what the helper needs."""
    view = module.function_of(call)
    if view is None or not project.takes_parameters(project.function_id(module, view)):
        return False
    if project.kept_decorations(project.function_id(module, view)):
        return False
    if any(isinstance(arg, (ast.Starred, ast.GeneratorExp)) for arg in call.args):
        return False
    if any(keyword.arg is None for keyword in call.keywords) or not ends_plainly(module, call):
        return False
    if isinstance(call.func, ast.Attribute) and call.func.attr != helper.function.name:
        return False
    for need in helper.needs:
        bindings = module.scope.bindings.get(need.local, ())
        if need.local in module.scopes[view].bindings:
            return False
        if bindings and {project.canonical(b.target) or b.target for b in bindings} != {need.target}:
            is_own = need.target == f"{module.name}.{need.local}"
            if not is_own:
                return False
        if not bindings and need.local != need.target.rpartition(".")[2]:
            return False
    return True


# -- how it is written -------------------------------------------------------------------------------------------------


def ends_plainly(module: Module, call: ast.Call) -> bool:
    """Whether a call has arguments, and none of them ends in parentheses that are no part of it."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not given:
        return False
    last = after(module.span(max(given, key=end_of)))
    end = module.span(call)
    lines = module.lines[last.line - 1 : end.end_line]
    lines[-1] = lines[-1][: end.end_column]
    return re.fullmatch(r"\s*,?\s*\)", "\n".join(lines)[last.column :]) is not None


def end_of(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)


def definition(helper: Helper) -> Iterator[tuple[Span, str]]:
    """The helper with arguments in place of its reads."""
    module, function = helper.module, helper.function
    defaults = [*function.args.defaults, *filter(None, function.args.kw_defaults)]
    last = max([*all_arguments(function.args), *defaults], key=end_of)
    star = ", *" if function.args.defaults and not function.args.kwonlyargs else ""
    yield after(module.span(last)), "".join([star, *(f", {name}" for name in helper.given)])
    for need in helper.needs:
        if need.assigned is None:
            yield module.span(need.node), need.name
        else:
            span = module.span(need.assigned)
            yield Span(span.line, 0, span.end_line + 1, 0), ""


def handed(module: Module, helper: Helper, call: ast.Call) -> tuple[Span, str]:
    """What a call gives the helper beside what it gave."""
    by_name = helper.by_name or bool(call.keywords)
    texts = [f"{name}={need.text}" if by_name else need.text for name, need in helper.given.items()]
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    last = max(given, key=end_of)
    span = after(module.span(last))
    start = module.lines[last.lineno - 1]
    indent = start[: len(start) - len(start.lstrip())]
    is_listed = last.lineno > call.lineno and module.lines[span.line - 1][span.column :].strip() == ","
    return span, "".join(f",\n{indent}{text}" if is_listed else f", {text}" for text in texts)


def unused_imports(module: Module, project: Project, changed: list[Helper]) -> Iterator[tuple[Span, str]]:
    """The imports of helpers that nothing in the file calls any more."""
    gone = {id(name) for h in changed for need in h.needs for name in walk(need.node) if isinstance(name, ast.Name)}
    for local in sorted({need.local for h in changed for need in h.needs if not need.target.startswith("flask.")}):
        reads = [node for node, _ in module.loads if node.id == local]
        bindings = module.scope.bindings.get(local, ())
        if any(id(node) not in gone for node in reads) or len(bindings) != 1 or project.is_imported(module.name, local):
            continue
        alias = bindings[0].node
        statement = module.parents.get(alias)
        if not isinstance(statement, ast.ImportFrom) or module.parents[statement] is not module.tree:
            continue
        if len(statement.names) == 1 and is_alone(module, statement):
            span = module.span(statement)
            around = [*module.lines[span.line - 2 : span.line - 1], *module.lines[span.end_line : span.end_line + 1]]
            is_group = len(around) == 2 and not any(line.strip() for line in around)
            yield Span(span.line - is_group, 0, span.end_line + 1, 0), ""
        elif statement.lineno == statement.end_lineno:
            others = [one for one in statement.names if one is not alias]
            if others:
                first, last = module.span(statement.names[0]), module.span(statement.names[-1])
                kept = ", ".join(module.source(one) for one in others)
                yield Span(first.line, first.column, last.end_line, last.end_column), kept


def after(span: Span) -> Span:
    return Span(span.end_line, span.end_column, span.end_line, span.end_column)


def imported(module: Module, lines: list[str]) -> tuple[Span, str]:
    """New imports before the first one that is not of Python's own library, else behind the last one."""
    heads = [node for node in module.tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    text = "".join(lines)
    for node in heads:
        name = node.names[0].name if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "__future__"}:
            return Span(node.lineno, 0, node.lineno, 0), f"{text}\n" if name.startswith(".") else text
    line = (heads[-1].end_lineno or 0) + 1 if heads else 1
    return Span(line, 0, line, 0), f"\n{text}" if heads else text
