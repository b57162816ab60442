"""Commands of `flask` become commands of the app's own click group.

## What changes

`app.cli` is `app.state.cli`, a click group that runs its commands with the app as `current_app`; `AppGroup` is click's
own group, `FlaskGroup` the support module's, and `with_appcontext` goes.

## Example

```python
@app.cli.command("init-db")
def init_db(): ...
```

becomes

```python
@app.state.cli.command("init-db")
def init_db(): ...
```

## Safety

What was `flask --app shop init-db` is `python -m flask_compat.cli shop:app init-db`.

## What is left to you

Scripts and schedules that call `flask`; what a shell context processor put into `flask shell`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod import (
    Change,
    Code,
    Codemod,
    Demand,
    Import,
    Insert,
    Module,
    Plan,
    Project,
    Remove,
    Replace,
    Rule,
    Safety,
    Severity,
    Span,
)
from migrator.project.commands import started
from migrator.project.model import Mounted, Router
from migrator.syntax import argument, text_of

COMMANDS = Import("~cli", "AppCommands")
CURRENT_APP = Import("~context", "current_app")
CLICK = Import("click")
GROUP_OPTIONS = ("add_default_commands", "create_app", "add_version_option", "load_dotenv", "set_debug_flag")


class CommandLine(Codemod):
    """The app's commands are a click group of its own."""

    rule = Rule("FF504", "cli", "flask's commands become a click group of the app", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        yield from self.groups(module, project)
        yield from self.of_blueprints(module, project)
        for node, target in project.flask_reads(module):
            if target == "flask.cli.with_appcontext":
                yield from self.without_context(module, node)
            elif target == "flask.cli.AppGroup":
                yield Replace(self.rule, module.span(node), Code("click.Group", imports=(CLICK,)))
            elif target == "flask.cli.FlaskGroup":
                yield from self.flask_group(module, project, node)
        for place, _ in project.registrations_in(module.name):
            if place.fact.method == "shell_context_processor":
                yield from self.shell(module, project, place.fact.span, bool(place.fact.function))

    def groups(self, module: Module, project: Project) -> Plan:
        """`app.cli`, and options of commands that only Flask's groups know."""
        told = False
        for node in module.nodes(ast.Attribute):
            if node.attr != "cli":
                continue
            is_current = project.canonical(module.dotted(node.value)) == "flask.current_app"
            routers = [] if is_current else project.routers_at(module, node.value)
            apps = [project.routers[r] for r in routers if project.routers[r].is_app]
            if not is_current and not apps:
                continue
            yield Demand(self.rule, "state.cli")
            yield from self.options(module, node)
            if is_current:
                yield Replace(self.rule, module.span(node), Code("current_app.state.cli", imports=(CURRENT_APP,)))
                continue
            yield Replace(self.rule, module.span(node), Code("__0__.state.cli", (module.span(node.value),)))
            if not told:
                told = True
                message = "these commands are no commands of `flask` any more"
                yield self.finding(
                    module, project, node, Severity.INFO, message, started(project, apps[0], "COMMAND"), ()
                )

    def options(self, module: Module, group: ast.expr) -> Iterator[Change]:
        """`with_appcontext=...` of a command goes: all have the context."""
        method = module.parents[group]
        call = module.parents[method] if isinstance(method, ast.Attribute) else None
        if (
            isinstance(call, ast.Call)
            and call.func is method
            and any(k.arg == "with_appcontext" for k in call.keywords)
        ):
            kept = [k for k in call.keywords if k.arg != "with_appcontext"]
            values = [call.func, *call.args, *(k.value for k in kept)]
            names = [""] * len(call.args) + [f"{k.arg}=" if k.arg else "**" for k in kept]
            items = [f"{name}__{number}__" for number, name in enumerate(names, 1)]
            new = Code(f"__0__({', '.join(items)})", tuple(module.span(value) for value in values))
            yield Replace(self.rule, module.span(call), new)

    def without_context(self, module: Module, node: ast.expr) -> Iterator[Change]:
        parent = module.parents[node]
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and node in parent.decorator_list:
            yield Remove(self.rule, module.span(node))
        elif isinstance(parent, ast.Call) and parent.func is node and len(parent.args) == 1 and not parent.keywords:
            yield Replace(self.rule, module.span(parent), Code("__0__", (module.span(parent.args[0]),)))

    # -- the groups of blueprints --------------------------------------------------------------------------------------

    def of_blueprints(self, module: Module, project: Project) -> Plan:
        """`bp.cli` becomes a group beside the router, which the app adds where it includes that."""
        for router in sorted(project.command_routers, key=lambda router: router.id):
            if router.id[0] == module.name:
                yield from self.group(module, project, router)
            for mount in project.mounts_of(router.id):
                if mount.registration is not None and mount.registration.module == module.name:
                    yield from self.added(module, project, router, mount)
        for node in module.nodes(ast.Attribute):
            if node.attr == "cli" and (found := self.router_of(module, project, node)) is not None:
                name = group_name(found)
                imports = () if found.id[0] == module.name else (Import(found.id[0], name),)
                yield from self.options(module, node)
                yield Replace(self.rule, module.span(node), Code(name, imports=imports))

    def router_of(self, module: Module, project: Project, node: ast.Attribute) -> Router | None:
        routers = project.routers_at(module, node.value)
        return next((router for router in project.command_routers if router.id in routers), None)

    def group(self, module: Module, project: Project, router: Router) -> Plan:
        made = module.by_span.get(router.fact.span)
        if not isinstance(made, ast.Call):
            return
        given = argument(made, -1, "cli_group")
        name = router.fact.name if given is None else text_of(module, given) or router.fact.name
        text = f'{group_name(router)} = click.Group("{name}")'
        yield Insert(self.rule, module.span(module.statement_of(made)), Code(text, (), (CLICK,)), before=False)

    def added(self, module: Module, project: Project, router: Router, mount: Mounted) -> Plan:
        assert mount.registration is not None
        call = module.by_span.get(mount.registration.fact.span)
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            return
        receivers = project.routers_at(module, call.func.value)
        if not any(project.routers[r].is_app for r in receivers):
            message = f"the commands of {router.fact.name} have to be added to the app"
            hint = f"app.state.cli.add_command({group_name(router)})"
            yield self.finding(module, project, call, Severity.MANUAL, message, hint, ())
            return
        name = group_name(router)
        imports = () if router.id[0] == module.name else (Import(router.id[0], name),)
        new = Code(f"{module.source(call.func.value)}.state.cli.add_command({name})", (), imports)
        yield Demand(self.rule, "state.cli")
        yield Insert(self.rule, module.span(module.statement_of(call)), new, before=False)

    # -- scripts -------------------------------------------------------------------------------------------------------

    def flask_group(self, module: Module, project: Project, node: ast.expr) -> Plan:
        """`FlaskGroup(create_app=create_app)`, and `@click.group(cls=FlaskGroup, create_app=create_app)`."""
        parent = module.parents[node]
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        if (
            isinstance(parent, ast.keyword)
            and parent.arg == "cls"
            and isinstance(owner := module.parents[parent], ast.Call)
        ):
            call = owner
        if call is None:
            yield Replace(self.rule, module.span(node), Code("AppCommands", imports=(COMMANDS,)))
            return
        app = argument(call, 1 if call.func is node else -1, "create_app")
        if app is None and call.func is node and call.args and not isinstance(call.args[0], ast.Constant):
            app = call.args[0]  # `FlaskGroup(app)`: what it said, and not what it did
        parts: list[Span] = []
        imports = [COMMANDS]
        if app is not None:
            parts.append(module.span(app))
            first = "__0__"
        elif (only := self.only_app(project)) is not None:
            first, home = only
            imports += [Import(home, first)] if home != module.name else []
        else:
            message = "FlaskGroup looks for the app in FLASK_APP"
            yield self.finding(module, project, call, Severity.MANUAL, message, "cli = AppCommands(create_app)", ())
            return
        rest: list[str] = []
        for keyword in call.keywords:
            if keyword.arg in GROUP_OPTIONS or keyword.value is node:
                continue
            rest.append(f"{keyword.arg}=__{len(parts)}__" if keyword.arg else f"**__{len(parts)}__")
            parts.append(module.span(keyword.value))
        if call.func is node:
            text = f"AppCommands({', '.join([first, *rest])})"
        else:
            text = f"__{len(parts)}__({', '.join(['cls=AppCommands', f'app={first}', *rest])})"
            parts.append(module.span(call.func))
        yield Replace(self.rule, module.span(call), Code(text, tuple(parts), tuple(imports)))

    def only_app(self, project: Project) -> tuple[str, str] | None:
        """The one app that there is, or the function that makes it, by name and module."""
        apps = project.apps
        home, scope, name = apps[0].id if len(apps) == 1 else ("", ".", "")
        return None if "." in scope else (scope or name, home)

    def shell(self, module: Module, project: Project, span: Span, is_decorator: bool) -> Plan:
        node = module.by_span.get(span)
        if node is None:
            return
        yield Remove(self.rule, span if is_decorator else module.span(module.statement_of(node)))
        message = "there is no `flask shell` any more; nothing calls this function"
        yield self.finding(
            module, project, node, Severity.INFO, message, "with app_context(app): code.interact(local=...)", ()
        )


def group_name(router: Router) -> str:
    return f"{router.id[2]}_cli"
