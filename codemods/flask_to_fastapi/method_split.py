"""A view that asks `if request.method == "POST":` becomes two functions.

## What changes

The function that shows a form gets a new name (`login_form`), where the other one takes the form; of an API the one
that writes does (`post_notes`). What stands before the branch is in both. Their parameters are those of one method
only.

## Example

```python
@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        return check(request.form["name"])
    return render_template("login.html")
```

becomes

```python
@app.get("/login", name="login")
def login_form(templates: Templates):
    return templates.response("login.html")


@app.post("/login")
def login(name: FormText):
    return check(name)
```

## Safety

Both keep the route's name. Where much code would stand twice, or the branch is not a plain one, the view stays one.

## What is left to you

Nothing.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from migrator.codemod import Codemod, FunctionNode, Module, Plan, Prepared, Project, Rule, Safety
from migrator.module import walk
from migrator.project.decorators import is_registration
from migrator.source import lines_of
from migrator.syntax import argument, texts_of

SHARED = 6  # statements that may stand in both functions


@dataclass(frozen=True, slots=True)
class Branch:
    """The `if` that tells the methods apart, and the method of its body."""

    node: ast.If
    method: str


class MethodSplit(Codemod):
    """One function for each method."""

    rule = Rule("FF117", "method-split", "a view that branches on the method becomes two", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        """Nothing is left to do: the source was prepared."""
        yield from ()

    def prepare(self, module: Module, project: Project) -> Prepared | None:
        lines = lines_of(module.text)
        origins = list(range(1, len(lines) + 1))
        edits: list[tuple[int, int, list[str], list[int]]] = []
        for qualname in project.views_in(module.name):
            function = module.functions.get(qualname)
            if function is None or project.is_called((module.name, qualname)):
                continue
            if (branch := branch_of(module, project, function)) is not None:
                first = min(node.lineno for node in [function, *function.decorator_list])
                text, numbers = split(module, project, function, branch, lines)
                edits.append((first, function.end_lineno or first, text, numbers))
        if not edits:
            return None
        for first, last, text, numbers in sorted(edits, key=lambda edit: edit[0], reverse=True):
            lines[first - 1 : last] = text
            origins[first - 1 : last] = numbers
        return Prepared("".join(lines), tuple(origins))


def branch_of(module: Module, project: Project, function: FunctionNode) -> Branch | None:
    """Where a view tells GET from one other method, if that can be taken apart."""
    methods: set[str] = set()
    for node in function.decorator_list:
        if is_registration(project, module, node):
            given = argument(node, -1, "methods") if isinstance(node, ast.Call) else None
            found = texts_of(module, given)
            if (
                found is None
                or not isinstance(given, (ast.List, ast.Tuple, ast.Set))
                or given.lineno != given.end_lineno
            ):
                return None
            methods |= {m.upper() for m in found}
            if {m.upper() for m in found} != methods:
                return None
    methods.discard("HEAD")
    if len(methods) != 2 or "GET" not in methods or not methods & {"POST", "PUT", "PATCH", "DELETE"}:
        return None
    reads = [
        n
        for n in walk(function)
        if isinstance(n, ast.Attribute) and n.attr == "method" and is_request(module, project, n.value)
    ]
    tests = [s for s in function.body if isinstance(s, ast.If) and (tested(s.test, reads) in methods)]
    if len(tests) != 1 or len(reads) != 1:
        return None
    branch = Branch(tests[0], tested(tests[0].test, reads))
    index = function.body.index(branch.node)
    shared = [s for s in function.body[:index] if not is_docstring(s)]
    rest = function.body[index + 1 :]
    if not ends(branch.node.body) or (branch.node.orelse and not ends(branch.node.orelse)):
        shared += rest
    if sum(weight(s) for s in shared) > SHARED or not (rest or branch.node.orelse):
        return None
    if any(
        isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda))
        for s in shared
        for n in walk(s)
    ):
        return None
    if len(branch.node.orelse) == 1 and branch.node.orelse[0].col_offset == branch.node.col_offset:  # elif
        return None
    if is_named_elsewhere(module, project, function) or shares_lines(function) or not is_even(module, branch.node):
        return None
    return branch if all(is_free(module, function, n) for n in names_of(module, project, function)) else None


def is_request(module: Module, project: Project, node: ast.expr) -> bool:
    return project.canonical(module.dotted(node)) == "flask.request"


def tested(test: ast.expr, reads: list[ast.Attribute]) -> str:
    """The method that `request.method == "POST"` asks for."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
        sides = [test.left, test.comparators[0]]
        texts = [s.value for s in sides if isinstance(s, ast.Constant) and isinstance(s.value, str)]
        if len(texts) == 1 and any(side is read for side in sides for read in reads):
            return texts[0]
    return ""


def ends(body: list[ast.stmt]) -> bool:
    """Whether nothing runs off the end of some statements."""
    last = body[-1]
    if isinstance(last, (ast.Return, ast.Raise)):
        return True
    if isinstance(last, ast.If):
        return bool(last.orelse) and ends(last.body) and ends(last.orelse)
    if isinstance(last, (ast.With, ast.AsyncWith)):
        return ends(last.body)
    if isinstance(last, ast.Try):
        return (ends(last.orelse or last.body)) and all(ends(h.body) for h in last.handlers)
    return False


def weight(statement: ast.stmt) -> int:
    return sum(isinstance(node, ast.stmt) for node in walk(statement))


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def is_named_elsewhere(module: Module, project: Project, function: FunctionNode) -> bool:
    """Whether the view is used as a value somewhere: one of the two would not do."""
    return project.is_imported(module.name, function.name) or any(n.id == function.name for n, _ in module.loads)


def shares_lines(function: FunctionNode) -> bool:
    """Whether some statements stand on one line, which cannot be cut by lines."""
    starts = [s.lineno for n in walk(function) if isinstance(n, (ast.If, *FUNCTIONS)) for s in n.body]
    return len(starts) != len(set(starts)) or any(
        isinstance(n, ast.If) and n.body[0].lineno == n.lineno for n in walk(function)
    )


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def is_even(module: Module, node: ast.If) -> bool:
    """Whether the branch is indented with spaces or tabs alone."""
    lines = lines_of(module.text)
    head, body = lines[node.lineno - 1], lines[node.body[0].lineno - 1]
    return body.startswith(re.match(r"\s*", head)[0])  # type: ignore[index]


def names_of(module: Module, project: Project, function: FunctionNode) -> list[str]:
    """The names that are new: of the page with the form, or of the function that writes."""
    takes_form = any(isinstance(n, ast.Attribute) and n.attr in ("form", "files", "values") for n in walk(function))
    other = next(method for method in methods_in(module, project, function) if method != "GET")
    return [f"{function.name}_form" if takes_form else f"{other.lower()}_{function.name}"]


def is_free(module: Module, function: FunctionNode, name: str) -> bool:
    scope = module.scopes[function].parent
    return scope is not None and name not in scope.bindings and name not in module.scope.bindings


# -- cutting -----------------------------------------------------------------------------------------------------------


def split(
    module: Module, project: Project, function: FunctionNode, branch: Branch, lines: list[str]
) -> tuple[list[str], list[int]]:
    """The lines of the two functions, and which line each was."""
    (name,) = names_of(module, project, function)
    is_form = name.endswith("_form")
    methods = methods_in(module, project, function)
    other = next(m for m in methods if m != "GET")
    get = one(module, project, function, branch, "GET", name if is_form else "", lines)
    post = one(module, project, function, branch, other, "" if is_form else name, lines)
    newline = lines[0][len(lines[0].rstrip("\r\n")) :] or "\n"
    blank = [newline] * (2 if not function.col_offset else 1)
    at = function.end_lineno or 0
    text = [line for line, _ in get] + blank + [line for line, _ in post]
    numbers = [number for _, number in get] + [at] * len(blank) + [number for _, number in post]
    if text and not lines[at - 1].endswith(("\n", "\r")):
        text = [line if line.endswith(("\n", "\r")) else f"{line}{newline}" for line in text[:-1]] + text[-1:]
    return text, numbers


def methods_in(module: Module, project: Project, function: FunctionNode) -> list[str]:
    for node in function.decorator_list:
        if is_registration(project, module, node) and isinstance(node, ast.Call):
            return [m.upper() for m in texts_of(module, argument(node, -1, "methods")) or () if m.upper() != "HEAD"]
    return []


def one(
    module: Module,
    project: Project,
    function: FunctionNode,
    branch: Branch,
    method: str,
    renamed: str,
    lines: list[str],
) -> list[tuple[str, int]]:
    """The lines of the function for one method."""
    changed = dict(enumerate(lines, 1))
    for node in function.decorator_list:
        if is_registration(project, module, node) and isinstance(node, ast.Call):
            given = next(keyword for keyword in node.keywords if keyword.arg == "methods")
            place = module.span(given.value)
            line = changed[place.line]
            changed[place.line] = f'{line[: place.column]}["{method}"]{line[place.end_column :]}'
            if renamed and argument(node, -1, "endpoint") is None:
                place = module.span(given)
                line = changed[place.line]
                changed[place.line] = f'{line[: place.column]}endpoint="{function.name}", {line[place.column :]}'
    if renamed:
        changed[function.lineno] = re.sub(
            rf"\bdef(\s+){function.name}\b", rf"def\g<1>{renamed}", changed[function.lineno], count=1
        )
    fork = branch.node
    chosen = fork.body if method == branch.method else fork.orelse
    first = min(n.lineno for n in [function, *function.decorator_list])
    head = list(range(first, fork.lineno))
    body_lines = block_lines(fork, chosen, lines) if chosen else []
    tail_first = (fork.end_lineno or 0) + 1
    tail = [] if chosen and ends(chosen) else list(range(tail_first, (function.end_lineno or 0) + 1))
    kept = texts_within(fork)
    width = column_of(lines[fork.body[0].lineno - 1]) - column_of(lines[fork.lineno - 1])
    rest: list[tuple[str, int]] = []
    for number in body_lines:
        line = changed[number]
        stays = number in kept or not line.strip() or not line[:width].isspace()
        rest.append((line if stays else line[width:], number))
    rest += [(changed[number], number) for number in tail]
    while rest and not rest[-1][0].strip():
        rest.pop()
    if fork is function.body[0] or not lines[fork.lineno - 2].strip():  # nothing is left to be set apart by blank lines
        while rest and not rest[0][0].strip():
            rest.pop(0)
    return [*((changed[number], number) for number in head), *rest]


def block_lines(node: ast.If, chosen: list[ast.stmt], lines: list[str]) -> list[int]:
    """The lines of a block of the `if`, with the comments above its first statement."""
    if chosen is node.body:
        start = (node.test.end_lineno or node.lineno) + 1
        end = node.body[-1].end_lineno or 0
        return list(range(start, end + 1))
    between = range((node.body[-1].end_lineno or 0) + 1, chosen[0].lineno)
    start = next((number for number in between if lines[number - 1].lstrip().startswith("else")), between.stop - 1)
    return list(range(start + 1, (node.end_lineno or 0) + 1))


def column_of(line: str) -> int:
    return len(line) - len(line.lstrip())


def texts_within(node: ast.If) -> set[int]:
    """The lines that begin within a text of several lines: they keep their indentation."""
    found: set[int] = set()
    for child in walk(node):
        if isinstance(child, (ast.Constant, ast.JoinedStr)):  # only texts have several lines
            found |= set(range(child.lineno + 1, (child.end_lineno or 0) + 1))
    return found
