"""An app that needs Flask stays Flask, and FastAPI serves it.

## What changes

Where an app cannot run without Flask, its files stay as they are, and so do its routes. The Flask app gets a name of
its own, `flask_app`, and under its old name there is a FastAPI app that it is mounted on. A factory that made it is
`create_flask_app(...)`, and `create_app(...)` makes the FastAPI app. Tests, and all that asks more of the app than to
be served, go on with the Flask app.

## Example

```python
app = Flask(__name__)
login_manager = LoginManager(app)
```

becomes

```python
flask_app = Flask(__name__)
login_manager = LoginManager(flask_app)

app = FastAPI(openapi_url=None)
app.mount("/", FlaskMount(flask_app))
```

## Safety

All answers come from Flask, those to unknown addresses too. FastAPI adds no address of its own, for the Flask app
might have it: with `openapi_url` it shows its documentation once there is something to show. `FlaskMount` is a2wsgi's
middleware, with as many threads as FastAPI has, and ends a stream whose client has gone.

## What is left to you

The finding names what needs Flask. New routes can be FastAPI's at once: those that stand above the mount go first.
`--no-mount` converts what can be converted, and leaves the rest to you.
"""

from __future__ import annotations

import ast

from migrator.codemod import (
    Code,
    Codemod,
    FunctionNode,
    Import,
    Insert,
    Module,
    Plan,
    Project,
    RenameFunction,
    RenameImport,
    Replace,
    Rule,
    Safety,
)
from migrator.module import walk
from migrator.project.mounting import STARTING, Local, Read
from migrator.syntax import reference

FASTAPI = Import("fastapi", "FastAPI")
MOUNT = Import("~mounted", "FlaskMount")


class Mount(Codemod):
    """The Flask app is mounted under FastAPI."""

    rule = Rule("FF121", "mount", "an app that needs Flask is mounted under FastAPI", Safety.SAFE)
    serves_flask = True

    def plan(self, module: Module, project: Project) -> Plan:
        if not project.staying:
            return
        for (home, name), new in project.mounting.renamed.items():
            if home == module.name:
                yield from self.factory(module, project.mounting.factories[home, name], new)
        for (home, name), new in project.mounting.split.items():
            if home == module.name:
                yield from self.split(module, project, name, new)
        for local in project.mounting.local:
            if local.module.name == module.name:
                yield from self.local(module, local)
        yield from self.reads(module, project)

    def local(self, module: Module, local: Local) -> Plan:
        """An app that a function makes and serves is mounted behind the line that makes it."""
        for read in (local.target, *local.asked):
            yield Replace(self.rule, module.span(read), Code(local.flask))
        name = local.target.id
        text = f'{name} = FastAPI(openapi_url=None)\n{name}.mount("/", FlaskMount({local.flask}))'
        yield Insert(self.rule, module.span(local.statement), Code(text, (), (FASTAPI, MOUNT)), before=False)

    def split(self, module: Module, project: Project, name: str, new: str) -> Plan:
        """The Flask app gets its new name where it is made, and is mounted behind."""
        for binding in project.mounting.holders[module.name, name]:
            yield Replace(self.rule, module.span(binding.node), Code(new))
        for statement in module.nodes(ast.Global):
            if name in statement.names:
                names = ", ".join(new if one == name else one for one in statement.names)
                yield Replace(self.rule, module.span(statement), Code(f"global {names}"))
        text = f'{name} = FastAPI(openapi_url=None)\n{name}.mount("/", FlaskMount({new}))'
        last = module.span(self.last(module, project, name))
        yield Insert(self.rule, last, Code(f"\n{text}", (), (FASTAPI, MOUNT)), before=False)

    def last(self, module: Module, project: Project, name: str) -> ast.stmt:
        """The statement behind which the app is mounted: the last one before it is served."""
        body = module.tree.body
        first = max(body.index(s) for s in body if name in assigned(s))
        place = first
        for index, statement in enumerate(body):
            if index > first and (is_main(statement) or self.serves(module, project, statement)):
                break
            if index >= first and not isinstance(statement, (ast.Import, ast.ImportFrom)):
                place = index
        return body[place]

    def serves(self, module: Module, project: Project, statement: ast.stmt) -> bool:
        """Whether a statement at the top of a module serves the app."""
        served = [node for node in project.mounting.served.get(module.name, ()) if module.function_of(node) is None]
        return any(statement in (node, *module.ancestors(node)) for node in served)

    def factory(self, module: Module, function: FunctionNode, new: str) -> Plan:
        """The function that makes the Flask app gets its new name, and one that mounts it comes behind."""
        span = module.span(function)
        yield RenameFunction(self.rule, span, new)
        returns = " -> FastAPI" if function.returns is not None else ""
        lines = [
            f"def {function.name}({parameters(module, function.args)}){returns}:",
            "    app = FastAPI(openapi_url=None)",
            f'    app.mount("/", FlaskMount({new}({given(function.args)})))',
            "    return app",
        ]
        yield Insert(self.rule, span, Code("\n".join(lines), (), (FASTAPI, MOUNT)), False)

    def reads(self, module: Module, project: Project) -> Plan:
        """The Flask app is read by its new name, where it is meant."""
        mounting = project.mounting
        by_alias: dict[ast.alias, list[Read]] = {}
        for read in mounting.flask_reads:
            if read.module.name != module.name:
                continue
            new = mounting.new_name(read.place) or ""
            if read.alias is not None:
                by_alias.setdefault(read.alias, []).append(read)
            elif isinstance(read.node, ast.Attribute):
                yield Replace(self.rule, module.span(read.node), Code(f"__0__.{new}", (module.span(read.node.value),)))
            else:
                yield Replace(self.rule, module.span(read.node), Code(new))
        for statement, alias in [(s, a) for s in module.nodes(ast.ImportFrom) for a in s.names]:
            bound = alias.asname or alias.name
            passed = mounting.passed_on.get((module.name, bound)) if statement in module.tree.body else None
            if not (alias in by_alias or passed):
                continue
            own = by_alias.get(alias, [])
            new = mounting.new_name(own[0].place) or "" if own else passed or ""
            if passed or self.also_serves(module, project, alias):
                yield RenameImport(self.rule, module.span(alias), f"{ast.unparse(alias)}, {new}")
                for read in own:
                    yield Replace(self.rule, module.span(read.node), Code(new))
            else:
                yield RenameImport(self.rule, module.span(alias), f"{new} as {bound}")

    def also_serves(self, module: Module, project: Project, alias: ast.alias) -> bool:
        """Whether an imported name is needed for the FastAPI app as well: it is served here, or a server may look for
        it here."""
        served = {id(node) for node in project.mounting.served.get(module.name, ())}
        here = [r for r in project.mounting.reads if r.alias is alias]
        if any(id(read.node) in served for read in here):
            return True
        is_holder = any(read.place in project.mounting.holders for read in here)
        is_start = STARTING.match(module.name.rpartition(".")[2]) or module.is_package
        return is_holder and bool(is_start) and module.parents[alias] in module.tree.body


def assigned(statement: ast.stmt) -> set[str]:
    """The names that a statement, or one within it, assigns."""
    nodes = (node for node in walk(statement) if isinstance(node, (ast.Assign, ast.AnnAssign)))
    targets = (t for node in nodes for t in (node.targets if isinstance(node, ast.Assign) else [node.target]))
    return {reference(target) for target in targets}


def is_main(statement: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":`."""
    return isinstance(statement, ast.If) and "__name__" in {
        n.id for n in walk(statement.test) if isinstance(n, ast.Name)
    }


def parameters(module: Module, args: ast.arguments) -> str:
    """The parameters of a function as they are written, on one line."""

    def written(arg: ast.arg, default: ast.expr | None = None) -> str:
        text = f"{arg.arg}: {module.source(arg.annotation)}" if arg.annotation is not None else arg.arg
        if default is None:
            return text
        return f"{text}{' = ' if arg.annotation is not None else '='}{module.source(default)}"

    plain = [*args.posonlyargs, *args.args]
    defaults = [*[None] * (len(plain) - len(args.defaults)), *args.defaults]
    found = [written(arg, default) for arg, default in zip(plain, defaults, strict=True)]
    if args.posonlyargs:
        found.insert(len(args.posonlyargs), "/")
    if args.vararg or args.kwonlyargs:
        found.append(f"*{written(args.vararg)}" if args.vararg else "*")
    found += [written(arg, default) for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    return ", ".join(found + ([f"**{written(args.kwarg)}"] if args.kwarg else []))


def given(args: ast.arguments) -> str:
    """The arguments that hand on all parameters of a function."""
    found = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    found += [f"*{args.vararg.arg}"] if args.vararg else []
    found += [f"{arg.arg}={arg.arg}" for arg in args.kwonlyargs]
    return ", ".join(found + ([f"**{args.kwarg.arg}"] if args.kwarg else []))
