"""Class-based views become functions, or objects whose methods answer.

## What changes

A `MethodView` whose methods need no object becomes one function for each method (`get_orders`, `post_orders`), with
route decorators. Any other stays a class: it is made once, or for each request where its methods put something into
`self`, and its methods are the views.

## Example

```python
class Orders(MethodView):
    def get(self):
        return jsonify(ORDERS)

app.add_url_rule("/orders", view_func=Orders.as_view("orders"))
```

becomes

```python
@app.get("/orders", name="orders")
def get_orders():
    return FlaskJSON(ORDERS)
```

## Safety

Addresses, methods and endpoint names stay as they were; `decorators = [...]` stand on the functions or methods.

## What is left to you

Classes that override how Flask dispatches, and views that are made in other ways than `as_view()`, are reported.
"""

from __future__ import annotations

import ast
from typing import Any

import libcst as cst

from migrator.codemod import (
    Code,
    Codemod,
    Import,
    Insert,
    Module,
    Plan,
    Project,
    Remove,
    RemoveParameter,
    RenameFunction,
    Replace,
    Rule,
    Safety,
    SetRoute,
    Severity,
    Span,
)
from migrator.module import walk
from migrator.project.model import Route
from migrator.project.paths import HEADS, Unsupported, converters, narrowed, written_name, written_paths
from migrator.project.read import as_view_in
from migrator.project.view_classes import BASES, SETTINGS, ViewClass, methods_in, object_name
from migrator.syntax import argument, reference

ANSWERED = Import("~views", "answered")
PER_REQUEST = Import("~views", "PerRequest")


class MethodViews(Codemod):
    """Views are functions, or methods of an object."""

    rule = Rule("FF114", "method-view", "class-based views become functions or methods of an object", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        for node in module.nodes(ast.ClassDef):
            made = project.view_class((module.name, module.scopes[node].qualname))
            if made is None:
                continue
            if made.becomes_functions:
                yield from self.functions(module, project, made)
            else:
                yield from self.kept(module, project, made)
        yield from self.registrations(module, project)

    # -- functions -------------------------------------------------------------------------------------------------

    def functions(self, module: Module, project: Project, made: ViewClass) -> Plan:
        yield Replace(self.rule, module.span(made.node), unwrapped)
        for base in made.node.bases:
            yield Remove(self.rule, module.span(base))
        for attribute in made.helper_calls():
            yield Replace(self.rule, module.span(attribute), Code(attribute.attr))
        for method in methods_in(made.node):
            yield RemoveParameter(self.rule, module.span(method), "self")
            if (name := made.function_name(method)) != method.name:
                yield RenameFunction(self.rule, module.span(method), name)
        heads: dict[str, list[tuple[str, tuple[Code, ...]]]] = {}
        endpoint = Code("")
        for route in made.routes:
            call = module.by_span[route.registration.fact.span]
            assert isinstance(call, ast.Call)
            assert isinstance(call.func, ast.Attribute)
            try:
                written = written_paths(module, project, route, call)
            except Unsupported as error:
                yield self.finding(module, project, call, Severity.MANUAL, str(error), endpoints=(route.endpoint,))
                continue
            yield Remove(self.rule, module.span(module.parents[call]))
            yield from converters(self.rule, module, project, module.span(made.node), written.parameters)
            endpoint = written_name(module, project, route, None)
            receiver = module.source(call.func.value)
            for handler, methods in made.handlers(route.methods):
                for number, path in enumerate(written.paths):
                    hidden = (Code("include_in_schema=False"),) if number else ()
                    for http in methods:
                        heads.setdefault(handler, []).append((f"{receiver}.{HEADS[http]}", (path, *hidden)))
        for method in methods_in(made.node):
            if method.name in heads:
                span = module.span(method)
                rows = heads[method.name]
                options = () if endpoint.text == f'"{made.function_name(method)}"' else (("name", endpoint),)
                yield SetRoute(self.rule, span, span, tuple(h for h, _ in rows), tuple(a for _, a in rows), options)

    # -- objects ---------------------------------------------------------------------------------------------------

    def kept(self, module: Module, project: Project, made: ViewClass) -> Plan:
        """The class, without what only Flask needs."""
        for base in made.node.bases:
            if project.canonical(module.dotted(base)) in BASES:
                yield Remove(self.rule, module.span(base))
        methods = [n for s in made.node.body if not isinstance(s, (ast.Assign, ast.AnnAssign)) for n in walk(s)]
        used = {n.attr for n in methods if isinstance(n, ast.Attribute)}
        for statement in made.node.body:
            if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                target = reference(statement.targets[0] if isinstance(statement, ast.Assign) else statement.target)
                if target in SETTINGS and target not in used:
                    yield Remove(self.rule, module.span(statement))
        for call in module.nodes(ast.Call):
            is_own = any(parent is made.node for parent in module.ancestors(call))
            if is_own and is_super_call(call, "dispatch_request") and project.names.method_of(made.id, "get"):
                message = "this class overrides how Flask dispatches to its methods"
                touched = tuple(sorted({route.endpoint for route in made.routes}))
                yield self.finding(module, project, call, Severity.MANUAL, message, endpoints=touched)

    def registrations(self, module: Module, project: Project) -> Plan:
        """The rules whose view is an object, and the objects."""
        seen: set[Span] = set()
        names: set[str] = set()
        for route in project.routes_in(module.name):
            fact = route.registration.fact
            if fact.span in seen or route.view is None or route.view.kind != "class":
                continue
            seen.add(fact.span)
            made = project.view_class(route.view.function_id)
            call = module.by_span.get(fact.span)
            if made is None or not isinstance(call, ast.Call) or made.becomes_functions:
                continue
            yield from self.registration(module, project, route, made, call, names)
        for call in module.calls:
            if isinstance(call.func, ast.Attribute) and call.func.attr == "as_view":
                yield from self.assigned(module, project, call)

    def registration(
        self, module: Module, project: Project, route: Route, made: ViewClass, call: ast.Call, names: set[str]
    ) -> Plan:
        assert isinstance(call.func, ast.Attribute)
        view = argument(call, 2, "view_func")
        statement = module.statement_of(call)
        created = as_view_in(view)
        if view is None or not isinstance(statement, ast.Expr) or statement.value is not call:
            yield self.finding(
                module,
                project,
                call,
                Severity.MANUAL,
                "a view class that is registered in an unusual way",
                endpoints=(route.endpoint,),
            )
            return
        try:
            written = written_paths(module, project, route, call)
        except Unsupported as error:
            yield self.finding(module, project, call, Severity.MANUAL, str(error), endpoints=(route.endpoint,))
            return
        handlers = made.handlers(route.methods)
        owner = Code(module.source(view))
        if created is not None:
            owner = constructed(module, made, created)
            if len(handlers) * len(written.paths) > 1:
                name = self.free(module, call, object_name(made.node), names)
                yield Insert(
                    self.rule, module.span(statement), Code(f"{name} = {owner.text}", owner.parts, owner.imports)
                )
                owner = Code(name)
        endpoint = argument(call, 1, "endpoint") or self.as_view_name(module, project, route, created)
        name_code = written_name(module, project, route, endpoint)
        heads, arguments, views = [], [], []
        for handler, methods in handlers:
            function_id = project.names.method_of(made.id, handler)
            assert function_id is not None
            home = project.store.module(function_id[0])
            function = home.functions.get(function_id[1]) if home is not None else None
            code = Code(f"{owner.text}.{handler}", owner.parts, owner.imports)
            if created is not None and created is not view:
                text = module.source(view).replace(module.source(created), code.text)
                code = Code(f"answered({text})", code.parts, (*code.imports, ANSWERED))
            code = narrowed(project, code, function, function_id, route) or code
            shown = (
                ()
                if methods == ["GET"]
                else (Code(f"methods=[{', '.join(f'{chr(34)}{m}{chr(34)}' for m in methods)}]"),)
            )
            for number, path in enumerate(written.paths):
                heads.append(f"{module.source(call.func.value)}.add_api_route")
                arguments.append((path, code, *shown, *((Code("include_in_schema=False"),) if number else ())))
                views.append(module.span(function) if function is not None and home is module else None)
        if not heads:
            return
        yield SetRoute(
            self.rule,
            module.span(call),
            None,
            tuple(heads),
            tuple(arguments),
            (("name", name_code),),
            views=tuple(views),
        )
        yield from converters(self.rule, module, project, module.span(call), written.parameters)

    def as_view_name(self, module: Module, project: Project, route: Route, created: ast.Call | None) -> ast.expr | None:
        """The expression that names the view, where it is the endpoint."""
        if created is None:
            for fact in project.modules[module.name].as_views:
                if fact.target == route.registration.fact.view and isinstance(
                    call := module.by_span.get(fact.span), ast.Call
                ):
                    created = call
        return argument(created, 0, "name") if created is not None else None

    def free(self, module: Module, call: ast.Call, wanted: str, names: set[str]) -> str:
        """A name for an object that nothing else has."""
        function = module.function_of(call)
        scope = module.scopes[function] if function is not None else module.scope
        name, number = wanted, 2
        if name in scope.bindings or name in module.scope.bindings:
            wanted = name = f"{name}_view"
        while name in names or name in scope.bindings or name in module.scope.bindings:
            name, number = f"{wanted}_{number}", number + 1
        names.add(name)
        return name

    def assigned(self, module: Module, project: Project, call: ast.Call) -> Plan:
        """`item = Item.as_view("item", table)` makes the object."""
        assert isinstance(call.func, ast.Attribute)
        found = [e for e in project.entities_at(module, call.func.value) if e.kind == "class"]
        made = project.view_class(found[0].function_id) if len(found) == 1 else None
        if made is None or made.becomes_functions:
            return
        spans = {fact.span for fact in project.modules[module.name].as_views}
        if module.span(call) in spans:
            new = constructed(module, made, call)
            yield Replace(self.rule, module.span(call), new)
        elif not any(
            isinstance(p, ast.Call) and reference(p.func).endswith("add_url_rule") for p in module.ancestors(call)
        ):
            yield self.finding(
                module, project, call, Severity.MANUAL, "a view class that is registered in an unusual way"
            )


def is_super_call(call: ast.Call, name: str) -> bool:
    """Whether `super().name(...)` is called."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr != name or not isinstance(function.value, ast.Call):
        return False
    return reference(function.value.func) == "super"


def constructed(module: Module, made: ViewClass, call: ast.Call) -> Code:
    """`Item(table)` for `Item.as_view("item", table)`."""
    assert isinstance(call.func, ast.Attribute)
    parts = [module.span(call.func.value)]
    given: list[str] = []
    arguments = call.args if any(k.arg == "name" for k in call.keywords) else call.args[1:]
    for item in arguments:
        star = "*" if isinstance(item, ast.Starred) else ""
        given.append(f"{star}__{len(parts)}__")
        parts.append(module.span(item.value if isinstance(item, ast.Starred) else item))
    for keyword in call.keywords:
        if keyword.arg != "name":
            given.append(f"{keyword.arg}=__{len(parts)}__" if keyword.arg else f"**__{len(parts)}__")
            parts.append(module.span(keyword.value))
    if made.is_fresh:
        return Code(f"PerRequest({', '.join(['__0__', *given])})", tuple(parts), (PER_REQUEST,))
    return Code(f"__0__({', '.join(given)})", tuple(parts))


def unwrapped(node: cst.CSTNode) -> list[cst.BaseStatement]:
    """The methods of a class as functions, with its docstring as a comment above."""
    assert isinstance(node, cst.ClassDef)
    blank = [cst.EmptyLine(indent=False)] * 2
    found: list[cst.BaseStatement] = []
    for statement in node.body.body:
        if isinstance(statement, cst.FunctionDef):
            comments = [line for line in statement.leading_lines if line.comment is not None]
            found.append(statement.with_changes(leading_lines=[*(blank if found else []), *comments]))
    text = node.get_docstring()
    if text and found:
        lines = [cst.EmptyLine(comment=cst.Comment(f"# {line}".rstrip())) for line in text.strip().splitlines()]
        first: Any = found[0]
        found[0] = first.with_changes(leading_lines=[*lines, *first.leading_lines])
    return found
