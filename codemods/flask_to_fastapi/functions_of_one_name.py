"""Views, hooks and error handlers that share a name get names of their own.

## What changes

Flask keeps the function that a decorator stands on, so a file may define another one of the same name below. All but
the last of them are renamed; a view keeps its endpoint.

## Example

```python
@users.route("/")
def index(): ...


@posts.route("/")
def index(): ...
```

becomes

```python
@users.get("/", name="users.index")
def users_index(): ...


@posts.get("/", name="posts.index")
def index(): ...
```

## Safety

Whatever reads the name later meant the last of them, and does so still.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from itertools import chain, count, pairwise
from keyword import iskeyword

from migrator.codemod import Codemod, FunctionNode, Module, Plan, Prepared, Project, Rule, Safety, Span
from migrator.module import Scope
from migrator.project.facts import Registration
from migrator.project.flask_names import HANDLERS, ROUTE_METHODS
from migrator.project.store import edited
from migrator.syntax import argument, reference

# names of apps and blueprints that say nothing about what is theirs
NAMELESS = {"", "app", "application", "api", "bp", "blueprint", "self"}


class FunctionsOfOneName(Codemod):
    """What Flask keeps by itself needs a name by which it is known."""

    rule = Rule("FF109", "functions-of-one-name", "views and hooks that share a name are told apart", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        """Nothing is left to do: the source was prepared."""
        yield from ()

    def prepare(self, module: Module, project: Project) -> Prepared | None:
        known = {place.fact.span: place.fact for place, _ in project.registrations_in(module.name)}
        taken: set[str] = set()
        edits: list[tuple[Span, str]] = []
        for scope, function, following in twins(module, project):
            reads = reads_between(module, scope, function, following)
            calls = [call for read in reads for call in module.ancestors(read) if isinstance(call, ast.Call)]
            found = [one for one in (*function.decorator_list, *calls) if module.span(one) in known]
            if not found or any(is_named_after(one) for one in found):
                continue
            name = new_name(scope, function.name, [(one, known[module.span(one)]) for one in found], taken)
            taken.add(name)
            edits += [(span, name) for span in (name_of(module, function), *map(module.span, reads))]
            edits += chain.from_iterable(with_endpoint(module, call, function.name) for call in found)
        return edited(module, edits) if edits else None


def twins(module: Module, project: Project) -> Iterator[tuple[Scope, FunctionNode, FunctionNode]]:
    """Functions of one name, each with the next: in one block, or of which nothing reads the name."""
    for scope in module.scopes.values():
        if isinstance(scope.node, ast.ClassDef):
            continue
        for name, bindings in scope.bindings.items():
            found = [one.node for one in bindings if isinstance(one.node, (ast.FunctionDef, ast.AsyncFunctionDef))]
            if len(found) == len(bindings) > 1:
                is_read = project.is_imported(module.name, name) or any(node.id == name for node, _ in module.loads)
                pairs = pairwise(found)
                yield from ((scope, *pair) for pair in pairs if in_one_block(module, *pair) or not is_read)


def in_one_block(module: Module, one: FunctionNode, other: FunctionNode) -> bool:
    parent = module.parents[one]
    blocks = [value for _, value in ast.iter_fields(parent) if isinstance(value, list)]
    return any(one in block and other in block for block in blocks)


def reads_between(module: Module, scope: Scope, function: FunctionNode, following: FunctionNode) -> list[ast.Name]:
    """Where a name is read at once, while it still means the first of two functions."""
    last = function.end_lineno or function.lineno
    first = min(node.lineno for node in (following, *following.decorator_list))
    return [
        node
        for node, where in module.loads
        if where is scope and node.id == function.name and last < node.lineno < first
    ]


def is_named_after(call: ast.expr) -> bool:
    """Whether Flask calls what it keeps as the function is called, by another way than an endpoint."""
    target = call.func if isinstance(call, ast.Call) else call
    is_template = re.search(r"template_(filter|test|global)$", reference(target)) is not None
    return is_template and not (isinstance(call, ast.Call) and call.args)


def new_name(scope: Scope, old: str, found: list[tuple[ast.expr, Registration]], taken: set[str]) -> str:
    """A name for a function by what it is registered for."""
    words: list[str] = []
    for node, fact in found:
        owner = re.sub(r"_?(bp|blueprint|app|api)$", "", fact.receiver.rpartition(".")[2])
        is_route = fact.method in ROUTE_METHODS or fact.method == "add_url_rule"
        words.append(fact.endpoint or "")
        if owner not in NAMELESS:
            words.append(f"{owner}_{old}")
        if is_route and fact.methods and len(fact.methods) == 1:
            words.append(f"{fact.methods[0].lower()}_{old}")
        what = re.findall(r"\w+", fact.rule or "")[-1:] if is_route else [handled(node) or fact.method]
        words += [f"{old}_{one}" for one in what if one != old]
    used = taken | scope.bindings.keys() | set(dir(builtins))
    return next(
        name
        for name in chain(words, (f"{old}_{number}" for number in count(1)))
        if name.isidentifier() and not iskeyword(name) and name not in used
    )


def handled(node: ast.expr) -> str:
    """What an error handler is for, as it can stand in a name: `404`, `key_error`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return ""
    if node.func.attr not in HANDLERS:
        return ""
    error = node.args[0]
    text = str(error.value) if isinstance(error, ast.Constant) else reference(error).rpartition(".")[2]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower()


def with_endpoint(module: Module, call: ast.expr, name: str) -> Iterator[tuple[Span, str]]:
    """The endpoint that a route had from the name of its view."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return
    method = call.func.attr
    is_rule = method == "add_url_rule"
    if (not is_rule and method not in ROUTE_METHODS) or argument(call, 1 if is_rule else -1, "endpoint") is not None:
        return
    given = map(module.span, [*call.args, *(keyword.value for keyword in call.keywords)])
    line, column = max((span.end_line, span.end_column) for span in given)
    yield Span(line, column, line, column), f', endpoint="{name}"'


def name_of(module: Module, function: FunctionNode) -> Span:
    """The place of its name in the line of a function."""
    line = module.lines[function.lineno - 1]
    start = line.index(function.name, re.match(r"\s*(async\s+)?def\s+", line).end())  # type: ignore[union-attr]
    return Span(function.lineno, start, function.lineno, start + len(function.name))
