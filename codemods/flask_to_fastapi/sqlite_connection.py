"""SQLite connections that one request hands from function to function may go from thread to thread.

## What changes

Flask answers a request in one thread. Under FastAPI hooks, dependencies, views and streams of one request run in
several, one after the other, and sqlite3 refuses a connection that another thread opened. One that is kept, in `g` or
elsewhere, gets `check_same_thread=False`; one that a function opens for itself stays as it was.

## Example

```python
g.db = sqlite3.connect(current_app.config["DATABASE"])
```

becomes

```python
g.db = sqlite3.connect(current_app.state.config["DATABASE"], check_same_thread=False)
```

## Safety

A connection of a request is still used by one thread at a time.

## What is left to you

A connection that all requests share was refused by Flask's threads, and is not any more: guard its writes by a lock.
"""

from __future__ import annotations

import ast
from functools import partial

import libcst as cst

from migrator.codemod import Codemod, FunctionNode, Module, Plan, Project, Replace, Rule, Safety
from migrator.module import walk

CONNECT = ("sqlite3.connect", "sqlite3.dbapi2.connect")
OPTION = "check_same_thread"
POSITION = 4  # of the option among the arguments
WIDEST = 120


class SqliteConnection(Codemod):
    """sqlite3 holds a connection to the thread that opened it, FastAPI does not hold a request to one."""

    rule = Rule("FF508", "sqlite-connection", "a SQLite connection goes with its request", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for call in module.nodes(ast.Call):
            if project.canonical(module.dotted(call.func)) not in CONNECT or len(call.args) > POSITION:
                continue
            if any(keyword.arg in (OPTION, None) for keyword in call.keywords):
                continue
            if is_kept(module, project, call, ()):
                add = partial(with_option, is_long=is_long(module, call))
                yield Replace(self.rule, module.span(call), add)


def is_kept(module: Module, project: Project, call: ast.Call, seen: tuple[FunctionNode, ...]) -> bool:
    """Whether what a call gives is kept in an object, by its function or by one that this is returned to."""
    parent = module.parents[call]
    if isinstance(parent, ast.Call):
        return project.canonical(module.dotted(parent.func)) == "setattr" and call in parent.args
    if isinstance(parent, ast.Return):
        return is_kept_by_callers(module, project, call, seen)
    if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        return len(names) < len(targets) or any(is_name_kept(module, project, call, name, seen) for name in names)
    return False


def is_name_kept(module: Module, project: Project, call: ast.Call, name: str, seen: tuple[FunctionNode, ...]) -> bool:
    """The same for the name that a call's value is bound to."""
    function = module.function_of(call)
    if function is None:  # a connection of the module, if functions ask for it
        reads = (node for node in module.nodes(ast.Name) if node.id == name and isinstance(node.ctx, ast.Load))
        return any(module.function_of(node) is not None for node in reads)
    for node in walk(function):
        if isinstance(node, ast.Global) and name in node.names:
            return True
        if not isinstance(node, ast.Name) or node.id != name or not isinstance(node.ctx, ast.Load):
            continue
        parent = module.parents[node]
        if isinstance(parent, ast.Assign) and not all(isinstance(target, ast.Name) for target in parent.targets):
            return True
        if isinstance(parent, ast.Call) and project.canonical(module.dotted(parent.func)) == "setattr":
            return True
        if isinstance(parent, ast.Return) and is_kept_by_callers(module, project, call, seen):
            return True
    return False


def is_kept_by_callers(module: Module, project: Project, call: ast.Call, seen: tuple[FunctionNode, ...]) -> bool:
    """The same for what the function around a call returns."""
    function = module.function_of(call)
    if function is None or function in seen:
        return False
    known = project.function_id(module, function)
    if known in project.dependencies:  # it is one thread that asks for it, and another that uses it
        return True
    for name, qualname in project.callers.get(known, ()):
        where = project.store.module(name)
        if where is None:
            continue
        for other in where.calls:
            caller = where.function_of(other)
            if caller is None or project.function_id(where, caller) != (name, qualname):
                continue
            is_meant = project.canonical(where.dotted(other.func)).rpartition(".")[2] == function.name
            if is_meant and is_kept(where, project, other, (*seen, function)):
                return True
    return False


def is_long(module: Module, call: ast.Call) -> bool:
    """Whether the call has its arguments on several lines, or is about to grow too long for one."""
    if call.end_lineno != call.lineno:
        return True
    width = min(max(88, max(map(len, module.lines))), WIDEST)
    return len(module.lines[call.lineno - 1]) + len(f", .state{OPTION}=False") > width


def with_option(node: cst.CSTNode, *, is_long: bool) -> cst.CSTNode:
    """The call with one more argument; all on lines of their own if it `is_long`."""
    assert isinstance(node, cst.Call)
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    added = cst.Arg(cst.Name("False"), cst.Name(OPTION), tight)
    if not is_long:
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        *others, last = node.args
        return node.with_changes(args=[*others, last.with_changes(comma=comma), added])
    inner = cst.ParenthesizedWhitespace(last_line=cst.SimpleWhitespace("    "), indent=True)
    arguments = [one.with_changes(comma=next_line(one, inner), whitespace_after_arg=NOTHING) for one in node.args]
    end = cst.Comma(whitespace_after=cst.ParenthesizedWhitespace(indent=True))
    opening = node.whitespace_before_args
    return node.with_changes(
        whitespace_before_args=opening if isinstance(opening, cst.ParenthesizedWhitespace) else inner,
        args=[*arguments, added.with_changes(comma=end)],
    )


NOTHING = cst.SimpleWhitespace("")


def next_line(argument: cst.Arg, inner: cst.ParenthesizedWhitespace) -> cst.Comma:
    """The comma behind an argument, with the comment that stood there."""
    for space in (getattr(argument.comma, "whitespace_after", None), argument.whitespace_after_arg):
        if isinstance(space, cst.ParenthesizedWhitespace):
            return cst.Comma(whitespace_after=space.with_changes(indent=True, last_line=inner.last_line))
    return cst.Comma(whitespace_after=inner)
