"""What an earlier run has mounted is read as the Flask app that it is, so that the next step goes on from there.

## What changes

The FastAPI app that served the Flask app, and nothing else, goes, and the Flask app has its old name again; routers
that were included in it are the app's own. All other rules then find the app as if it had never been mounted. Where it
has to stay Flask still, its files are left as they are.

## Example

```python
flask_app = Flask(__name__)
include_router(flask_app, shop.router)

app = FastAPI(openapi_url=None)
app.mount("/", FlaskMount(flask_app))
```

is read as

```python
app = Flask(__name__)
app.include_router(shop.router)
```

## Safety

Only what the rules `mount` and `router-in-flask` write is recognised: a mount that has more to it is left alone.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from migrator.codemod import Codemod, FunctionNode, Module, Plan, Prepared, Project, Rule, Safety, Span
from migrator.project.store import edited
from migrator.support import FOLDER
from migrator.syntax import reference

OURS = ("mounted.FlaskMount", "halves.include_router")
Edit = tuple[Span, str]


@dataclass
class Mounts:
    """What a module has of mounts: the statements that make them, and the old names by the new ones."""

    statements: list[ast.stmt] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # at the top of the module
    local: dict[str, str] = field(default_factory=dict)  # in a function


class Unmount(Codemod):
    """A mounted app is read as the Flask app that it is."""

    rule = Rule("FF124", "unmount", "a mounted app is taken up where an earlier step has left it", Safety.SAFE)

    def prepare(self, module: Module, project: Project) -> Prepared | None:
        edits = [*self.edits(module, project)]
        return edited(module, edits) if edits else None

    def plan(self, module: Module, project: Project) -> Plan:
        return iter(())

    def edits(self, module: Module, project: Project) -> Iterator[Edit]:
        own = mounts_in(module)
        for statement in own.statements:
            yield lines_of(module, statement), ""
        for old, new in {**own.names, **own.local}.items():
            yield from renamed(module, own.statements, old, new)
        included = [call for call in module.calls if is_ours(module, call.func, "halves.include_router")]
        for call in included:
            yield from included_again(module, call, own)
        for source in module.nodes(ast.ImportFrom):
            if (text := self.imported(module, project, source, own)) is not None:
                yield (lines_of(module, source), "") if not text else (module.span(source), text)
        for read in module.nodes(ast.Attribute):
            home, _, name = module.dotted(read).rpartition(".")
            other = project.store.module(home) if home and name else None
            if other is not None and (before := mounts_in(other).names.get(name)) is not None:
                end = module.span(read)
                yield Span(end.end_line, end.end_column - len(name), end.end_line, end.end_column), before

    def imported(self, module: Module, project: Project, node: ast.ImportFrom, own: Mounts) -> str | None:
        """An import statement as it was before the mount; "" where it goes, None where it stays."""
        base = module.absolute(node)
        other = project.store.module(base)
        names = mounts_in(other).names if other is not None else {}
        kept: list[str] = []
        for alias in node.names:
            text = ast.unparse(alias)
            if f"{base}.{alias.name}".endswith(tuple(f"{FOLDER}.{one}" for one in OURS)) or (
                own.statements and f"{base}.{alias.name}" == "fastapi.FastAPI"
            ):
                continue
            if alias.name in names:
                old = names[alias.name]
                text = old if alias.asname in (None, old) else f"{old} as {alias.asname}"
            kept.append(text)
        kept = list(dict.fromkeys(kept))
        if kept == [ast.unparse(alias) for alias in node.names]:
            return None
        return f"from {'.' * node.level}{node.module or ''} import {', '.join(kept)}" if kept else ""


def mounts_in(module: Module) -> Mounts:
    """The mounts that the rule `mount` has written into a module."""
    found = Mounts()
    if "FlaskMount" not in module.text:
        return found
    for function in (None, *module.functions.values()):
        body = module.tree.body if function is None else function.body
        for first, second in pairwise(body):
            app, flask = mounted(module, first, second)
            if app is None or flask is None:
                continue
            if isinstance(flask, ast.Call) and function is not None and is_factory(function, app):
                found.statements.append(function)
                found.names[reference(flask.func)] = function.name
            elif isinstance(flask, ast.Name):
                found.statements += [first, second]
                (found.names if function is None else found.local)[flask.id] = app
    return found


def mounted(module: Module, first: ast.stmt, second: ast.stmt) -> tuple[str | None, ast.expr | None]:
    """`app` and `flask_app` of `app = FastAPI(openapi_url=None)` and `app.mount("/", FlaskMount(flask_app))`."""
    if not (isinstance(first, ast.Assign) and len(first.targets) == 1 and isinstance(first.targets[0], ast.Name)):
        return None, None
    app = first.targets[0].id
    made = isinstance(first.value, ast.Call) and module.dotted(first.value.func) == "fastapi.FastAPI"
    call = second.value if isinstance(second, ast.Expr) else None
    if not made or not isinstance(call, ast.Call) or reference(call.func) != f"{app}.mount" or len(call.args) != 2:
        return None, None
    path, mount = call.args
    is_root = isinstance(path, ast.Constant) and path.value == "/"
    if not is_root or not isinstance(mount, ast.Call) or not is_ours(module, mount.func, "mounted.FlaskMount"):
        return None, None
    return app, mount.args[0] if len(mount.args) == 1 and not mount.keywords else None


def is_factory(function: FunctionNode, app: str) -> bool:
    """Whether a function makes the FastAPI app, mounts the Flask app on it, and does nothing else."""
    last = function.body[-1]
    return len(function.body) == 3 and isinstance(last, ast.Return) and reference(last.value or last) == app


def is_ours(module: Module, node: ast.expr, what: str) -> bool:
    return module.dotted(node).endswith(f"{FOLDER}.{what}")


def renamed(module: Module, statements: list[ast.stmt], old: str, new: str) -> Iterator[Edit]:
    """The Flask app, or the factory of it, gets its name again wherever the module has it."""
    gone = [module.span(statement) for statement in statements]
    for node in module.nodes(ast.Name):
        if isinstance(node, ast.Name) and node.id == old and not any(g.contains(module.span(node)) for g in gone):
            if not any(call.args and call.args[0] is node for call in includes(module)):
                yield module.span(node), new
    for function in module.functions.values():
        if function.name == old:
            line = module.text.splitlines()[function.lineno - 1]
            column = line.index(old)
            yield Span(function.lineno, column, function.lineno, column + len(old)), new


def includes(module: Module) -> list[ast.Call]:
    return [call for call in module.calls if is_ours(module, call.func, "halves.include_router")]


def included_again(module: Module, call: ast.Call, own: Mounts) -> Iterator[Edit]:
    """`include_router(app, router)` as `app.include_router(router)`."""
    app, router, *_ = call.args
    name = {**own.names, **own.local}.get(reference(app), module.source(app))
    start, end = module.span(call), module.span(router)
    yield Span(start.line, start.column, end.line, end.column), f"{name}.include_router("


def lines_of(module: Module, node: ast.stmt) -> Span:
    """All lines of a statement, and the blank lines above it where more follows at another depth or nothing does."""
    lines = module.text.splitlines()
    first, last = node.lineno, node.end_lineno or node.lineno
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        while first > 1 and not lines[first - 2].strip():
            first -= 1
    return Span(first, 0, last + 1, 0)
