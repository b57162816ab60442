"""`before_request`, `after_request`, `teardown_request` and `url_value_preprocessor` become one middleware.

## What changes

The functions keep their names and bodies and lose their decorators; behind the last of them `add_hooks` adds all to the
app.

## Example

```python
@app.after_request
def add_version(response):
    response.headers["X-Version"] = "2"
    return response
```

becomes

```python
def add_version(response):
    response.headers["X-Version"] = "2"
    return response


add_hooks(app, after_request=[add_version])
```

## Safety

They run in Flask's order, for unknown addresses too; `before_first_request` once, before the first request.

## What is left to you

Hooks of blueprints that are registered where the app is not known are reported. The router keeps those that a function
makes (`@hook(bp, "before_request")`), until the app asks for them: `use_hooks(app, {"shop": bp})`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from keyword import iskeyword

from migrator.codemod import (
    Code,
    Codemod,
    Import,
    Insert,
    Module,
    Plan,
    Prepared,
    Project,
    Remove,
    Replace,
    Rule,
    Safety,
    Severity,
    Span,
)
from migrator.module import walk
from migrator.project.model import HookEntry, Mounted, Placed
from migrator.project.nearby import late_import
from migrator.project.store import edited
from migrator.syntax import argument, display_of, reference

HOOKS = Import("~hooks", "add_hooks")
ONLY = Import("~hooks", "Only")
ONCE = Import("~hooks", "once")
HOOK = Import("~router_hooks", "hook")
USE = Import("~router_hooks", "use_hooks")
LOOPS = (ast.For, ast.While, ast.AsyncFor)
KINDS = {
    "url_value_preprocessor": "url_value_preprocessors",
    "app_url_value_preprocessor": "url_value_preprocessors",
    "before_first_request": "before_request",
    "before_app_first_request": "before_request",
    "before_request": "before_request",
    "before_app_request": "before_request",
    "after_request": "after_request",
    "after_app_request": "after_request",
    "teardown_request": "teardown_request",
    "teardown_app_request": "teardown_request",
    "teardown_appcontext": "teardown_appcontext",
}


class RequestHooks(Codemod):
    """Hooks are middleware."""

    rule = Rule("FF501", "request-hooks", "request hooks become one middleware", Safety.SAFE)

    def prepare(self, module: Module, project: Project) -> Prepared | None:
        """Hooks that a loop makes for each of its blueprints are registered one by one: each needs a name."""
        loops = {
            loop
            for place, _ in project.registrations_in(module.name)
            if place.fact.method in KINDS and place.fact.in_loop and not place.fact.view
            for loop in [module.parents[module.statement_of(module.by_span[place.fact.span])]]
            if isinstance(loop, ast.For)
        }
        edits = [(module.span(loop), text) for loop in loops if (text := written_out(module, loop))]
        for place, _ in project.registrations_in(module.name):
            edits += named(module, project, place)
        return edited(module, edits) if edits else None

    def plan(self, module: Module, project: Project) -> Plan:
        for place, routers in project.registrations_in(module.name):
            if place.fact.method not in KINDS:
                continue
            mounts = [m for router in routers for m in project.mounts_of(router) if m.registration is not None]
            if all(is_in_reach(place, m.registration) for m in mounts if m.registration is not None):
                yield from self.unregistered(module, project, place)
            elif isinstance(node := module.by_span.get(place.fact.span), ast.Attribute) and is_kept(
                project, place, mounts
            ):
                code = Code(f'hook(__0__, "{place.fact.method}")', (module.span(node.value),), (HOOK,))
                yield Replace(self.rule, module.span(node), code)
            elif node is not None:
                message = "a router has no hooks, and the app cannot name this one"
                hint = "move the function to the top of its module, and add it to the app: add_hooks(app, ...)"
                yield self.finding(module, project, node, Severity.MANUAL, message, hint, ("*",))  # it does not start
        yield from self.used(module, project)
        for scope, receiver, entries in project.hook_scopes(module.name, tuple(KINDS)):
            del scope
            yield from self.added(module, project, receiver, entries)

    def used(self, module: Module, project: Project) -> Plan:
        """Where an app includes a router that keeps hooks, it asks for them."""
        for place, _ in project.registrations_in(module.name):
            mounts = project.mounts_by(module.name, place.fact.span)
            call = module.by_span.get(place.fact.span)
            for mount in mounts:
                if isinstance(call, ast.Call) and any(is_kept(project, *one) for one in hooks_of(project, mount)):
                    line = f'use_hooks({place.fact.receiver}, {{"{mount.name}": {place.fact.view}}})'
                    yield Insert(
                        self.rule, module.span(module.statement_of(call)), Code(line, (), (USE,)), before=False
                    )

    def unregistered(self, module: Module, project: Project, place: Placed) -> Plan:
        """The decorator or the call that registered a hook goes."""
        node = module.by_span.get(place.fact.span)
        if node is None:
            return
        if place.fact.function:
            yield Remove(self.rule, place.fact.span)
        elif isinstance(statement := module.parents[node], ast.Expr) and place.fact.view:
            loop = module.parents[statement]
            is_all = isinstance(loop, ast.For) and loop.body == [statement] and not loop.orelse
            yield Remove(self.rule, module.span(loop if is_all else statement))
        elif (given := hook_given(module, node)) is not None and place.fact.method in KINDS:
            yield from self.expression(module, project, place, given)
        else:
            message = "a hook that is not known before the app runs"
            yield self.finding(module, project, node, Severity.MANUAL, message, endpoints=("*",))

    def expression(self, module: Module, project: Project, place: Placed, given: ast.expr) -> Plan:
        """`app.before_request(checks_token("admin"))` is added to the app where it stands; that of a blueprint gets a
        name."""
        call = module.by_span[place.fact.span]
        routers = project.names.routers_at(module.name, place.fact.scope, place.fact.receiver)
        if all(project.routers[r].is_app for r in routers):
            lists = {KINDS[place.fact.method]: ["once(__0__)" if "first" in place.fact.method else "__0__"]}
            line = self.line(place.fact.receiver, lists, (ONCE,) if "first" in place.fact.method else ())
            yield Replace(self.rule, module.span(call), Code(line.text, (module.span(given),), line.imports))
        elif (name := name_given(place)) and name not in module.scope.bindings:
            yield Replace(self.rule, module.span(module.parents[call]), Code(f"{name} = __0__", (module.span(given),)))
        else:
            message = "a router has no hooks, and this one has no name by which the app could get it"
            hint = "give it a name, and add it to the app: add_hooks(app, ...)"
            touched = tuple(e for router in routers for e in project.endpoints_below(router))
            yield self.finding(module, project, call, Severity.MANUAL, message, hint, touched)
            yield Remove(self.rule, module.span(module.statement_of(call)))

    def added(self, module: Module, project: Project, receiver: str, entries: list[HookEntry]) -> Plan:
        """The lines that add all hooks of one scope, behind the last statement that they need; what is added in its own
        place comes between them."""
        group: list[HookEntry] = []
        for entry in entries:
            if entry.place is entry.at and not (entry.place.fact.function or entry.place.fact.view):
                yield from self.together(module, project, receiver, group)
                group = []
            else:
                group.append(entry)
        yield from self.together(module, project, receiver, group)

    def together(self, module: Module, project: Project, receiver: str, entries: list[HookEntry]) -> Plan:
        """The line that adds some hooks."""
        lists: dict[str, list[str]] = {}
        imports: list[Import] = []
        late: list[str] = []
        homes = {(e.place.module, e.place.fact.function or e.place.fact.view) for e in entries}
        last: ast.stmt | None = None
        for entry in entries:
            fact = entry.place.fact
            hook = fact.function or fact.view or name_given(entry.place)
            name = hook.rpartition(".")[2] if entry.place.module == module.name and fact.function else hook
            if not hook or not is_in_reach(entry.place, entry.at):
                continue
            if entry.place.module != module.name:
                if "." in hook:
                    node = module.by_span[entry.at.fact.span]
                    message = f"the hook {hook} of {entry.place.module} cannot be named here"
                    hint = "move it to the top of its module"
                    yield self.finding(module, project, node, Severity.MANUAL, message, hint, entry.endpoints)
                    continue
                if home := self.module_beside(module, project, entry):
                    name = f"{home}.{hook}"
                else:
                    same = [one for one in homes if one[1] == hook]
                    own = hook if len(same) == 1 else f"{entry.place.module.rpartition('.')[2]}_{hook}"
                    written = hook if own == hook else f"{hook} as {own}"
                    node = module.by_span[entry.at.fact.span]
                    if line := late_import(module, node, entry.place.module, written):
                        late.append(line)
                        name = own
                    else:
                        imports.append(Import(entry.place.module, hook))
                        name = f"{entry.place.module}:{hook}"
            if entry.blueprint:
                imports.append(ONLY)
            if "first" in fact.method:
                imports.append(ONCE)
                found = lists.setdefault(KINDS[fact.method], [])
                found.insert(sum(hook.startswith("once(") for hook in found), f"once({name})")
            else:
                hook = f'Only("{entry.blueprint}", {name})' if entry.blueprint else name
                lists.setdefault(KINDS[fact.method], []).append(hook)
            statement = self.statement(module, entry.at)
            last = statement if last is None or statement.lineno > last.lineno else last
        if lists and last is not None:
            added = self.line(receiver, lists, imports)
            text = "\n".join([*sorted(set(late)), added.text])
            yield Insert(self.rule, module.span(last), replace(added, text=text), before=False)

    def module_beside(self, module: Module, project: Project, entry: HookEntry) -> str:
        """The name that the hook's module has where its blueprint is registered as `auth.bp`; "" where it has none.
        An import at the top might lead back to the module that it stands in."""
        home = entry.at.fact.view.rpartition(".")[0]
        found = project.names.resolve(module.name, entry.at.fact.scope, home) if home else ()
        return home if [(e.kind, e.module) for e in found] == [("module", entry.place.module)] else ""

    def line(self, app: str, lists: dict[str, list[str]], imports: Iterable[Import]) -> Code:
        kinds = [kind for kind in dict.fromkeys(KINDS.values()) if kind in lists]
        rows = [f"{kind}=[{', '.join(lists[kind])}]" for kind in kinds]
        text = f"add_hooks({app}, {', '.join(rows)})"
        if len(text) > 100:
            rows = [row if len(row) <= 90 else split(kind, lists[kind]) for row, kind in zip(rows, kinds, strict=True)]
            text = f"add_hooks(\n    {app},\n" + "".join(f"    {row},\n" for row in rows) + ")"
        return Code(text, (), (HOOKS, *imports))

    def statement(self, module: Module, place: Placed) -> ast.stmt:
        if place.fact.function:
            return module.functions[place.fact.function]
        statement = module.statement_of(module.by_span[place.fact.span])
        while isinstance(loop := module.parents[statement], LOOPS):
            statement = loop
        return statement


def written_out(module: Module, loop: ast.For) -> str:
    """The statements of a plain loop at the top of a module, once for each value; "" where that cannot be told."""
    values, name = display_of(module, loop.iter), loop.target
    lines = module.lines[loop.lineno - 1 : loop.end_lineno]
    plain = [f"for {module.source(name)} in {module.source(loop.iter)}:", *map(module.source, loop.body)]
    if not isinstance(name, ast.Name) or values is None or [line.strip() for line in lines] != plain or loop.orelse:
        return ""
    reads = [n for n, scope in module.loads if n.id == name.id and scope is module.scope]
    outside = [n for n in reads if not any(isinstance(p, ast.For) for p in module.ancestors(n))]
    if module.parents[loop] is not module.tree or outside or not all(reference(value) for value in values.elts):
        return ""
    found: list[str] = []
    for value in values.elts:
        for statement in loop.body:
            line = module.lines[statement.lineno - 1]
            here = [n for n in walk(statement) if isinstance(n, ast.Name) and n.id == name.id]
            for span in sorted((module.span(n) for n in here), reverse=True):
                line = f"{line[: span.column]}{reference(value)}{line[span.end_column :]}"
            found.append(line.strip())
    return "\n".join(found)


def named(module: Module, project: Project, place: Placed) -> Iterator[tuple[Span, str]]:
    """A name for the router that a call gives at once, `app.register_blueprint(make_shop())`, where the app is to ask
    it for what it keeps."""
    call = module.by_span.get(place.fact.span)
    mounts = project.mounts_by(module.name, place.fact.span)
    given = argument(call, 0, "blueprint") if isinstance(call, ast.Call) and len(mounts) == 1 else None
    if call is None or not isinstance(given, ast.Call) or not isinstance(statement := module.parents[call], ast.Expr):
        return
    name = re.sub(r"\W+", "_", mounts[0].name.rpartition(".")[2])
    kept = {"errorhandler", *KINDS}
    if not name.isidentifier() or all(one.fact.method not in kept for one, _ in hooks_of(project, mounts[0])):
        return
    used = {*module.scope.bindings, *module.scope_of(call).bindings}
    name = name if name not in used and not iskeyword(name) else f"{name}_router"
    start = module.span(statement)
    if name not in used and not module.lines[start.line - 1][: start.column].strip():
        indent = module.lines[start.line - 1][: start.column]
        yield Span(start.line, start.column, start.line, start.column), f"{name} = {module.source(given)}\n{indent}"
        yield module.span(given), name


def hook_given(module: Module, node: ast.AST) -> ast.expr | None:
    """The hook that a call gives as an expression, and not by its name."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(module.parents[node], ast.Expr):
        return node.args[0] if isinstance(node.args[0], (ast.Lambda, ast.Call)) else None
    return None


def name_given(place: Placed) -> str:
    """The name that a blueprint's hook gets where it is an expression; "" where none can be had."""
    fact = place.fact
    return "" if fact.scope or fact.in_loop else f"{fact.receiver.replace('.', '_')}_{fact.method}"


def split(kind: str, hooks: list[str]) -> str:
    """A long list, one hook to a line."""
    return f"{kind}=[\n" + "".join(f"        {hook},\n" for hook in hooks) + "    ]"


def hooks_of(project: Project, mount: Mounted) -> list[tuple[Placed, list[Mounted]]]:
    """The hooks of a blueprint, with all places that mount it."""
    mounts = project.mounts_of(mount.blueprint)
    return [(place, mounts) for place, routers in project.registrations if mount.blueprint in routers]


def is_kept(project: Project, place: Placed, mounts: list[Mounted]) -> bool:
    """Whether a router keeps the function that a hook is, which the app cannot name, until the app asks for it."""
    if place.fact.method not in ("before_request", "after_request", "teardown_request") or not place.fact.function:
        return False
    called = [mount.registration for mount in mounts if mount.registration is not None]
    if len(called) != len(mounts) or all(is_in_reach(place, one) for one in called) or not all(m.name for m in mounts):
        return False
    return all(one.fact.view.isidentifier() and not one.fact.in_loop and is_app(project, one) for one in called)


def is_app(project: Project, place: Placed) -> bool:
    """Whether it is an app on which something is registered."""
    found = project.names.routers_at(place.module, place.fact.scope, place.fact.receiver)
    return bool(found) and all(project.routers[router].is_app for router in found)


def is_in_reach(place: Placed, at: Placed) -> bool:
    """Whether the function that a hook is has a name where the app gets it."""
    scope = place.fact.scope
    return not scope or (place.module == at.module and f"{at.fact.scope}.".startswith(f"{scope}."))
