"""Decorators that only check the request become dependencies.

## What changes

A decorator that answers early or calls the view as it is becomes a function that FastAPI calls before the view: where
it answered, it raises `EarlyResponse`; what it handed to the view, or left in `g`, it returns, and views and helpers
get that as an argument.

## Example

```python
def require_customer(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        customer = find_customer(request.headers.get("X-Token"))
        if customer is None:
            return jsonify(error="unknown token"), 401
        g.customer = customer
        return view(*args, **kwargs)
    return wrapper
```

becomes

```python
def require_customer(x_token: Annotated[str | None, Header()] = None):
    customer = find_customer(x_token)
    if customer is None:
        raise EarlyResponse(JSONResponse({"error": "unknown token"}, 401))
    return customer


Customer = Annotated[Any, Depends(require_customer)]
```

## Safety

Checks run in the same order, and answer as before. When a request is wrong in two ways, the other error may answer
first.

## What is left to you

Nothing. A decorator that does more stays one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import libcst as cst

from migrator.codemod import (
    AddParameter,
    AnnotateParameter,
    Code,
    Codemod,
    FunctionNode,
    Import,
    Insert,
    Module,
    Plan,
    Project,
    Remove,
    RemoveParameter,
    Replace,
    RouteOption,
    Rule,
    Safety,
)
from migrator.module import all_arguments, walk
from migrator.project.decorators import Decoration, is_below
from migrator.project.guards import Guard, given_arguments, is_own_read
from migrator.project.model import FunctionId
from migrator.project.paths import default_of
from migrator.project.returned import response, taken_apart
from migrator.syntax import reference

EARLY = Import("~contract", "EarlyResponse")
DEPENDS = Import("fastapi", "Depends")
ANNOTATED = Import("typing", "Annotated")
ANY = Import("typing", "Any")


class GuardDecorators(Codemod):
    """Checks are dependencies."""

    rule = Rule("FF116", "guards", "decorators that only check the request become dependencies", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        guards = project.guards
        for key, guard in guards.by_id.items():
            if key[0] == module.name:
                yield from self.dependency(module, project, guard)
        for name in project.views_in(module.name):
            if (function := module.functions.get(name)) is not None:
                yield from self.view(module, project, (module.name, name), function)
        for reader, needed in guards.readers.items():
            function = module.functions.get(reader[1])
            if reader[0] == module.name and function is not None:
                for key, name in needed.items():
                    yield from self.reader(module, project, reader, function, guards.by_id[key], name)

    # -- the guard itself ------------------------------------------------------------------------------------------

    def dependency(self, module: Module, project: Project, guard: Guard) -> Plan:
        decorator = guard.decorator
        span = module.span(decorator.outer)
        yield Replace(
            self.rule,
            span,
            unwrapped(decorator.outer.name, decorator.inner.name, decorator.wrapper.name, decorator.has_arguments),
        )
        for node in decorator.wrapper.decorator_list:
            yield Remove(self.rule, module.span(node))
        if decorator.optional:
            yield RemoveParameter(self.rule, span, decorator.optional)
        for star in (decorator.wrapper.args.vararg, decorator.wrapper.args.kwarg):
            if star is not None:
                yield RemoveParameter(self.rule, module.span(decorator.wrapper), star.arg)
        value = self.value(module, guard)
        for returned in guard.calls:
            if guard.stored is not None and guard.is_last_step:  # `g.customer = ...` says what is returned
                parts = (module.span(guard.stored.value),)
                yield Replace(self.rule, module.span(guard.stored), Code("return __0__", parts))
                yield Remove(self.rule, module.span(returned))
            elif value:
                yield Replace(self.rule, module.span(returned), Code(f"return {value}"))
            elif decorator.wrapper.body[-1] is returned:
                yield Remove(self.rule, module.span(returned))
            else:
                yield Replace(self.rule, module.span(returned), Code("return"))
        for returned in guard.early:
            taken = taken_apart(module, project, returned)
            if taken.kind == "raise":
                continue
            assert returned.value is not None
            code, imports = response(taken)
            if taken.kind == "response" and taken.headers is None and not taken.status_part:
                code, imports = Code("__0__", (module.span(returned.value),)), ()
            text = f"raise EarlyResponse({code.text})"
            yield Replace(self.rule, module.span(returned), Code(text, code.parts, (*code.imports, *imports, EARLY)))
        if guard.stored is not None:
            name = guard.name
            if guard.is_last_step:
                pass
            elif reference(guard.stored.value) == value:
                yield Remove(self.rule, module.span(guard.stored))
            else:
                target = guard.stored.targets[0]
                yield Replace(self.rule, module.span(target), Code(value))
            for read in walk(decorator.wrapper):
                is_own = isinstance(read, ast.Attribute) and read.attr == name and read is not guard.stored.targets[0]
                if is_own and project.canonical(module.dotted(read)) == f"flask.g.{name}":
                    yield Replace(self.rule, module.span(read), Code(value))
        if guard.has_value and not decorator.has_arguments:
            text = f"{project.guards.aliases[guard.id]} = Annotated[Any, Depends({decorator.outer.name})]"
            yield Insert(self.rule, span, Code(text, imports=(ANNOTATED, ANY, DEPENDS)), before=False)

    def value(self, module: Module, guard: Guard) -> str:
        """The name that the guard returns, or the expression."""
        if guard.argument is not None:
            return module.source(guard.argument)
        if guard.stored is None:
            return ""
        return guard.stored.value.id if isinstance(guard.stored.value, ast.Name) else guard.name

    # -- views -----------------------------------------------------------------------------------------------------

    def view(self, module: Module, project: Project, view: FunctionId, function: FunctionNode) -> Plan:
        """The decorators go; the view gets what they find out, and is called after them."""
        guards = project.guards
        found = [(d, g) for d in project.decorations(view) if d.decorator and (g := guards.by_id.get(d.decorator.id))]
        if not found:
            return
        span = module.span(function)
        taken = guards.readers.get(view, {})
        given: set[FunctionId] = set()
        for name, (one, guard) in given_arguments(project, view).items():
            given.add(guard.id)
            annotation = self.annotation(module, project, one, guard)
            arg = next(a for a in all_arguments(function.args) if a.arg == name)
            if default_of(function, arg) is None:
                yield AnnotateParameter(self.rule, span, name, annotation)
            else:
                yield RemoveParameter(self.rule, span, name)
                yield AddParameter(self.rule, span, name, annotation, None, 20)
        for one, guard in found:
            if guard.id in taken:
                given.add(guard.id)
                yield AddParameter(
                    self.rule, span, taken[guard.id], self.annotation(module, project, one, guard), None, 20
                )
            if one.node in function.decorator_list:
                yield Remove(self.rule, module.span(one.node))
        # dependencies of the route come before those of parameters: all stand there but those at the end that are
        # parameters
        listed = found
        while listed and listed[-1][1].id in given:
            listed = listed[:-1]
        if listed:
            codes = [self.depends(module, project, one, guard) for one, guard in listed]
            yield RouteOption(self.rule, span, "dependencies", joined(codes))

    def depends(self, module: Module, project: Project, one: Decoration, guard: Guard) -> Code:
        """`Depends(require_customer)`, `Depends(roles("admin"))`."""
        home = project.store.module(one.module)
        assert home is not None
        text = guard.id[1]
        if isinstance(one.node, ast.Call):
            whole, head = home.source(one.node), home.source(one.node.func)
            text += whole.removeprefix(head)
        elif guard.decorator.optional:
            text += "()"
        imports = (DEPENDS,) if guard.id[0] == module.name else (DEPENDS, Import(*guard.id))
        return Code(f"Depends({text})", imports=imports)

    def annotation(self, module: Module, project: Project, one: Decoration, guard: Guard) -> Code:
        """The type of a parameter that gets what a guard finds out."""
        if not guard.decorator.has_arguments:
            alias = project.guards.aliases[guard.id]
            return Code(alias, imports=() if guard.id[0] == module.name else (Import(guard.id[0], alias),))
        code = self.depends(module, project, one, guard)
        return Code(f"Annotated[Any, {code.text}]", code.parts, (*code.imports, ANNOTATED, ANY))

    # -- who reads what a guard left in `g` ------------------------------------------------------------------------

    def reader(
        self, module: Module, project: Project, key: FunctionId, function: FunctionNode, guard: Guard, name: str
    ) -> Plan:
        for node in walk(function):
            if (
                isinstance(node, ast.Attribute)
                and node.attr == name
                and project.canonical(module.dotted(node.value)) == "flask.g"
            ):
                statement = module.parents[node]
                if is_own_read(module, statement, name) and module.function_of(statement) is function:
                    yield Remove(self.rule, module.span(statement))
                else:
                    yield Replace(self.rule, module.span(node), Code(name))
        for call in module.calls:
            if is_below(module, call, function):
                yield from self.call(module, project, call, guard, name)
        if key in project.views:
            return
        alias = None
        if key in project.guards.wrappers:
            alias = Code(
                project.guards.aliases[guard.id],
                imports=() if guard.id[0] == module.name else (Import(guard.id[0], project.guards.aliases[guard.id]),),
            )
        yield AddParameter(self.rule, module.span(function), name, alias, None, 20)

    def call(self, module: Module, project: Project, call: ast.Call, guard: Guard, name: str) -> Plan:
        """A helper that needs the value gets it as an argument."""
        targets = [e.function_id for e in project.entities_at(module, call.func) if e.kind == "function"]
        if len(targets) != 1 or targets[0] in project.views or targets[0] in project.guards.by_id:
            return
        needed = project.guards.readers.get(targets[0], {})
        if guard.id not in needed:
            return
        first = min(needed)
        if guard.id != first:
            return
        parts = [module.span(call.func)]
        given: list[str] = []
        for item in call.args:
            given.append(f"__{len(parts)}__")
            parts.append(module.span(item))
        added = list(needed.values())
        home = project.store.module(targets[0][0])
        helper = home.functions.get(targets[0][1]) if home is not None else None
        by_name = bool(call.keywords) or helper is None or bool(helper.args.defaults or helper.args.kwonlyargs)
        if not by_name:
            given += added
        for keyword in call.keywords:
            given.append(f"{keyword.arg}=__{len(parts)}__" if keyword.arg else f"**__{len(parts)}__")
            parts.append(module.span(keyword.value))
        if by_name:
            given += [f"{one}={one}" for one in added]
        yield Replace(self.rule, module.span(call), Code(f"__0__({', '.join(given)})", tuple(parts)))


def joined(codes: list[Code]) -> Code:
    """The list of some expressions."""
    texts: list[str] = []
    parts: list[object] = []
    imports: list[Import] = []
    for code in codes:
        texts.append(code.text.replace("__0__", f"__{len(parts)}__"))
        parts += code.parts
        imports += code.imports
    return Code(f"[{', '.join(texts)}]", tuple(parts), tuple(imports))  # type: ignore[arg-type]


def unwrapped(name: str, inner: str, wrapper: str, has_arguments: bool) -> Callable[[cst.CSTNode], cst.CSTNode]:
    """What makes a plain function of a decorator: that of its wrapper, under the decorator's name and with its
    docstring."""

    def function_in(node: cst.FunctionDef, wanted: str) -> cst.FunctionDef:
        return next(s for s in node.body.body if isinstance(s, cst.FunctionDef) and s.name.value == wanted)

    def plain(decorator: cst.FunctionDef, called: str) -> cst.FunctionDef:
        made = function_in(decorator, wrapper)
        docstring = [s for s in decorator.body.body[:1] if is_docstring(s)]
        body = (
            [*docstring, *made.body.body]
            if not docstring or not is_docstring(made.body.body[0])
            else [*docstring, *made.body.body[1:]]
        )
        if docstring and len(body) > 1 and isinstance(body[-1], cst.SimpleStatementLine) and is_pass(body[-1]):
            body = body[:-1]
        return made.with_changes(
            name=cst.Name(called),
            decorators=decorator.decorators,
            leading_lines=decorator.leading_lines,
            lines_after_decorators=decorator.lines_after_decorators,
            body=made.body.with_changes(body=body),
        )

    def build(node: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(node, cst.FunctionDef)
        if not has_arguments:
            return plain(node, name)
        check = plain(function_in(node, inner), "check")
        body: list[cst.CSTNode] = []
        for statement in node.body.body:
            if isinstance(statement, cst.FunctionDef) and statement.name.value == inner:
                body.append(check)
            elif statement is node.body.body[-1]:
                body.append(
                    cst.SimpleStatementLine(
                        [cst.Return(cst.Name("check"))], leading_lines=getattr(statement, "leading_lines", ())
                    )
                )
            else:
                body.append(statement)
        return node.with_changes(body=node.body.with_changes(body=body))

    return build


def is_docstring(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.SimpleStatementLine)
        and isinstance(node.body[0], cst.Expr)
        and isinstance(node.body[0].value, cst.SimpleString)
    )


def is_pass(node: cst.SimpleStatementLine) -> bool:
    return isinstance(node.body[0], cst.Pass)
