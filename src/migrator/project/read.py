"""From a parsed file to its facts."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.module import Module, all_arguments
from migrator.project.facts import AsView, CallFact, ClassFacts, Constructed, FunctionFacts, ModuleFacts, Registration
from migrator.project.flask_names import METHODS, PROXIES, REGISTERING, ROUTE_METHODS, canonical
from migrator.project.quoted import names_in
from migrator.syntax import (
    argument,
    display_of,
    entries_of,
    function_scope,
    named_items,
    reference,
    reference_or_call,
    text_of,
    texts_of,
)

CONSTRUCTORS = {"flask.Flask", "flask.Blueprint"}
LOOPS = (ast.For, ast.While, ast.AsyncFor)


def read(module: Module) -> ModuleFacts:
    """The facts of a file; pure, and quick: one pass over its nodes."""
    functions: list[FunctionFacts] = []
    classes: list[ClassFacts] = []
    constructed: list[Constructed] = []
    made: list[tuple[str, Constructed]] = []
    registrations: list[Registration] = []
    calls: list[CallFact] = []
    as_views: list[AsView] = []
    proxies: dict[str, set[str]] = {}
    for name in module.names:
        target = canonical(name.target)
        if target in PROXIES:
            proxies.setdefault(function_scope(module, name.node), set()).add(target)
    allowed = {qualname: methods for _, qualname, methods in allowed_methods(module)}
    for function in module.defs:
        qualname = module.scopes[function].qualname
        functions.append(
            FunctionFacts(
                qualname,
                module.span(function),
                tuple(arg.arg for arg in all_arguments(function.args)),
                isinstance(function, ast.AsyncFunctionDef),
                _class_of(module, function),
                tuple(reference(d.func if isinstance(d, ast.Call) else d) for d in function.decorator_list),
                tuple(_returns(module, function)),
                frozenset(proxies.get(qualname, ())),
                allowed.get(qualname, ()),
                _fixture(module, function),
                frozenset(arg.arg for arg in all_arguments(function.args) if _is_app(module, arg.annotation)),
            )
        )
        registrations += _decorators(module, function, qualname)
    for node in module.nodes(ast.ClassDef):
        methods = tuple(s.name for s in node.body if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef)))
        bases = tuple(reference(base) for base in node.bases)
        found = ClassFacts(module.scopes[node].qualname, module.span(node), bases, methods, _http_methods(module, node))
        classes.append(found)
    for call in module.calls:
        callee = reference(call.func) or _super(call.func) or _method_of_something(call.func)
        is_registering = isinstance(call.func, ast.Attribute) and call.func.attr in REGISTERING
        if not callee and not is_registering:
            continue
        scope = function_scope(module, call)
        is_decorator = _is_decorator(module, call)
        if callee and not is_decorator:
            keywords = tuple((k.arg, _referred(k.value)) for k in call.keywords if k.arg)
            calls.append(CallFact(scope, callee, tuple(_referred(a) for a in call.args), keywords))
            calls += _handed(module, call, scope)
        if callee.endswith(".as_view") and (target := target_of(module, call)):
            endpoint = _known(module, argument(call, 0, "name"))
            as_views.append(AsView(scope, target, callee.removesuffix(".as_view"), endpoint, module.span(call)))
        kind = canonical(module.dotted(call.func)) if callee else ""
        if kind in CONSTRUCTORS and (target := target_of(module, call) or _handed_to(module, call, kind)):
            constructed.append(_constructed(module, call, scope, target))
        elif callee.rpartition(".")[2][:1].isupper() and (target := target_of(module, call)):
            made.append((callee, Constructed(scope, target, "flask.Flask", module.span(call))))
        if is_registering and not is_decorator:
            registrations.append(_call(module, call, scope))
    return ModuleFacts(
        module.path,
        module.name,
        module.is_package,
        {name: b[0].target for name, b in module.scope.bindings.items() if b[0].kind == "import"},
        tuple(module.stars),
        _bindings(module),
        tuple(functions),
        tuple(classes),
        tuple(constructed),
        tuple(made),
        tuple(registrations),
        tuple(calls),
        tuple(as_views),
        tuple(_converters(module)),
        frozenset(
            canonical(b.target) for s in module.scopes.values() for bs in s.bindings.values() for b in bs if b.target
        )
        | {alias.name for node in module.nodes(ast.Import) for alias in node.names},
    )


def _bindings(module: Module) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for scope in module.scopes.values():
        if isinstance(scope.node, ast.expr):
            continue
        for name, bindings in scope.bindings.items():
            given = (one for b in bindings for one in _binding(module, scope.qualname, name, b.kind, b.node, b.target))
            found[scope.qualname, name] = tuple(dict.fromkeys(given))
    for statement in module.nodes(ast.Assign):  # self.app = ..., or cls.app
        for target in statement.targets:
            if isinstance(target, ast.Attribute) and reference(target).startswith(("self.", "cls.")):
                if owner := _class_of_method(module, target):
                    ref = "self." + reference(target).partition(".")[2]
                    found[owner, ref] = (*found.get((owner, ref), ()), _value(statement.value))
    return found


def _binding(module: Module, scope: str, name: str, kind: str, node: ast.AST, target: str) -> Iterator[str]:
    if kind == "import":
        yield f"import:{target}"
    elif kind in ("def", "class"):
        yield f"{kind}:{scope}.{name}" if scope else f"{kind}:{name}"
    elif kind == "param":
        yield "param:"
    else:
        yield from _given(module, node)


def _given(module: Module, node: ast.AST) -> Iterator[str]:
    """What a name gets where it is bound: by an assignment, in a loop, out of a tuple."""
    cell = ""
    parent = module.parents.get(node)
    if isinstance(parent, (ast.Tuple, ast.List)) and isinstance(node, ast.expr):
        cell, node = str(parent.elts.index(node)), parent
        parent = module.parents.get(node)
    if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and parent.value is not None:
        if cell and isinstance(parent.value, (ast.Name, ast.Call)):
            yield f"item{cell}:{_value(parent.value)}"
        else:
            yield _value(_cell(parent.value, cell))
    elif isinstance(parent, ast.withitem) and parent.optional_vars is node:
        yield _value(parent.context_expr)
    elif isinstance(parent, (ast.For, ast.AsyncFor)) and parent.target is node:
        values = parent.iter
        if isinstance(values, ast.Call) and isinstance(method := values.func, ast.Attribute):
            values, cell = method.value, {"items": cell, "values": "1"}.get(method.attr, "?")
        if cell == "?":
            yield "value:"
        elif isinstance(values, ast.Dict):
            yield from (_value(key if cell == "0" else value) for key, value in items_of(values) if cell)
        elif isinstance(values, (ast.Tuple, ast.List, ast.Set)):
            yield from (_value(_cell(value, cell)) for value in values.elts)
        else:
            yield f"each{cell}:{ref}" if (ref := reference(values)) else "value:"
    else:
        yield "value:"


def items_of(node: ast.Dict) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The keys and values of a dict display, but for dicts that it takes up."""
    return ((key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None)


def _cell(node: ast.expr, cell: str) -> ast.expr:
    """The value at a place ("" for the whole) of one that is written as a tuple."""
    if cell and isinstance(node, (ast.Tuple, ast.List)) and int(cell) < len(node.elts):
        return node.elts[int(cell)]
    return ast.Constant(None) if cell else node


def _value(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and not _behind_proxy(node):
        return f"call:{reference(node.func)}"
    if isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.Dict)):
        return _rows(node)
    ref = _referred(node) or _of_made(node)
    return f"ref:{ref}" if ref else "value:"


def _rows(node: ast.Tuple | ast.List | ast.Set | ast.Dict) -> str:
    """ "rows:ref:a,value:|ref:b,value:" for `[(a, 1), (b, 2)]`, where the elements name something."""
    if isinstance(node, ast.Dict):
        rows = [list(item) for item in items_of(node)]
    else:
        rows = [one.elts if isinstance(one, (ast.Tuple, ast.List)) else [one] for one in node.elts]
    flat = (ast.Tuple, ast.List, ast.Set, ast.Dict)
    text = "|".join(",".join("value:" if isinstance(c, flat) else _value(c) for c in row) for row in rows)
    return f"rows:{text}" if "ref:" in text or "call:" in text else "value:"


def _referred(node: ast.expr) -> str:
    """The reference that a value is, also one from behind a proxy: `current_app._get_current_object()`."""
    return reference(_behind_proxy(node) or node)


def _behind_proxy(node: ast.expr) -> ast.expr | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_get_current_object":
        return node.func.value
    return None


def _fixture(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The name of a pytest fixture: its own, or the one that the decorator gives it."""
    for decorator in function.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        if reference(call.func if call else decorator).rpartition(".")[2] in ("fixture", "yield_fixture"):
            given = argument(call, -1, "name") if call else None
            return (text_of(module, given) if given is not None else None) or function.name
    return ""


def _is_app(module: Module, annotation: ast.expr | None) -> bool:
    """Whether an annotation is `Flask`, quoted or not."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        targets = [name.target for name in names_in(module, annotation, annotation.value)]
    else:
        targets = [module.dotted(annotation)] if annotation is not None else []
    return [canonical(target) for target in targets] == ["flask.Flask"]


def _returns(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """References that the function itself returns or yields."""
    for node in (*module.returns.get(function, ()), *module.yields.get(function, ())):
        if isinstance(node.value, ast.Call):
            yield f"call:{reference(node.value.func)}"
        elif isinstance(node.value, ast.Tuple):
            yield _rows(node.value)
        elif node.value is not None and (ref := reference(node.value) or _of_made(node.value)):
            yield ref


def _of_made(node: ast.expr) -> str:
    """ "Server().app" for an attribute of what a call makes."""
    made = reference_or_call(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{made}.{node.attr}" if made.endswith("()") and isinstance(node, ast.Attribute) else ""


def _handed(module: Module, call: ast.Call, scope: str) -> Iterator[CallFact]:
    """The call that a thread or a pool will make: `Thread(target=work, args=(app,))`, `pool.submit(work, app)`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else reference(call.func)
    if name in ("Thread", "Process", "Timer"):
        function = argument(call, 1, "function" if name == "Timer" else "target")
        args = argument(call, 2 if name == "Timer" else 3, "args")
        keywords = argument(call, 3 if name == "Timer" else 4, "kwargs")
        given = display_of(module, args)
        named = tuple((key, _referred(value)) for key, value in entries_of(module, keywords))
        positional = given.elts if given is not None else []
    elif name in ("submit", "partial", "start_new_thread", "spawn") and call.args:
        function, positional, named = call.args[0], call.args[1:], ()
    else:
        return
    if function is not None and (callee := reference(function)):
        yield CallFact(scope, callee, tuple(_referred(a) for a in positional), named, is_later=True)


def _method_of_something(node: ast.expr) -> str:
    """ "?.init_app" for `config[name].init_app`."""
    return f"?.{node.attr}" if isinstance(node, ast.Attribute) else ""


def _super(node: ast.expr) -> str:
    """ "super.save" for `super().save`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call) and reference(node.value.func) == "super":
        return f"super.{node.attr}"
    return ""


def _http_methods(module: Module, node: ast.ClassDef) -> tuple[str, ...] | None:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and reference(statement.targets[0]) == "methods":
            found = texts_of(module, statement.value)
            return None if found is None else _in_order(found)
    return None


def allowed_methods(module: Module) -> Iterator[tuple[ast.Assign, str, tuple[str, ...]]]:
    """`view.methods = ["GET", "POST"]`, for rules that name no methods: the statement, the function and the methods."""
    if ".methods = " not in module.text:
        return
    for node in module.nodes(ast.Assign):
        target = node.targets[0]
        if isinstance(target, ast.Attribute) and target.attr == "methods" and isinstance(target.value, ast.Name):
            found = module.scope_of(target.value).lookup(target.value.id)
            defined = found[1][0].node if found is not None and len(found[1]) == 1 else None
            methods = texts_of(module, node.value)
            if isinstance(defined, (ast.FunctionDef, ast.AsyncFunctionDef)) and methods:
                yield node, module.scopes[defined].qualname, _in_order(methods)


def _class_of(module: Module, node: ast.AST) -> str:
    parent = module.parents[node]
    return module.scopes[parent].qualname if isinstance(parent, ast.ClassDef) else ""


def _class_of_method(module: Module, node: ast.AST) -> str:
    function = module.function_of(node)
    return _class_of(module, function) if function is not None else ""


def _is_decorator(module: Module, node: ast.Call) -> bool:
    parent = module.parents[node]
    return isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node in parent.decorator_list


def target_of(module: Module, node: ast.Call) -> str:
    """What a call's value is assigned to, "return" where it is returned, "" for all else."""
    parent = module.parents[node]
    if isinstance(parent, ast.Tuple) and isinstance(statement := module.parents[parent], ast.Assign):
        place = str(parent.elts.index(node))  # one, two = Blueprint(...), Blueprint(...)
        return reference(_cell(statement.targets[0], place)) if len(statement.targets) == 1 else ""
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        return reference(parent.targets[0])
    if isinstance(parent, ast.AnnAssign):
        return reference(parent.target)
    if isinstance(parent, ast.NamedExpr):
        return reference(parent.target)
    if isinstance(parent, ast.Return):
        return "return"
    return ""


def _handed_to(module: Module, call: ast.Call, kind: str) -> str:
    """What the value is assigned to of a call that is given an app: `app = configured(Flask(__name__))`."""
    outer = module.parents[call]
    is_given = kind == "flask.Flask" and isinstance(outer, ast.Call) and outer.args[:1] == [call]
    return target_of(module, outer) if is_given and isinstance(outer, ast.Call) else ""


def _known(module: Module, node: ast.expr | None) -> str | None:
    return "" if node is None or (isinstance(node, ast.Constant) and node.value is None) else text_of(module, node)


def _constructed(module: Module, node: ast.Call, scope: str, target: str) -> Constructed:
    kind = canonical(module.dotted(node.func))
    is_app = kind == "flask.Flask"
    return Constructed(
        scope,
        target,
        kind,
        module.span(node),
        "" if is_app else _known(module, argument(node, 0, "name")) or "",
        "" if is_app else _known(module, argument(node, -1 if is_app else 5, "url_prefix")),
        _known(module, argument(node, 2, "static_folder")),
        _known(module, argument(node, 1 if is_app else 3, "static_url_path")),
        _known(module, argument(node, 6 if is_app else 4, "template_folder")),
    )


def _decorators(module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef, qualname: str) -> Iterator[Registration]:
    outside = module.scopes[node].parent
    scope = outside.qualname if outside is not None else ""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not isinstance(target, ast.Attribute) or target.attr not in REGISTERING or not reference(target):
            continue
        receiver = reference(target.value)
        span = module.span(decorator)
        if call is None:
            yield Registration(scope, receiver, target.attr, span, qualname, qualname)
        elif target.attr in ROUTE_METHODS:
            yield _route(module, call, scope, receiver, target.attr, qualname)
        else:
            yield Registration(scope, receiver, target.attr, span, qualname, qualname, name=_first_text(module, call))


def _first_text(module: Module, call: ast.Call) -> str | None:
    return text_of(module, call.args[0]) if call.args else ""


def _call(module: Module, node: ast.Call, scope: str) -> Registration:
    assert isinstance(node.func, ast.Attribute)
    receiver, method = reference(node.func.value), node.func.attr
    span, in_loop = module.span(node), any(isinstance(a, LOOPS) for a in module.ancestors(node))
    if method == "register_blueprint":
        blueprint = argument(node, 0, "blueprint")
        return Registration(
            scope,
            receiver,
            method,
            span,
            view=reference_or_call(blueprint) if blueprint is not None else "",
            url_prefix=_mount_prefix(module, node),
            name=_known(module, argument(node, -1, "name")),
            options=_others(node, {"blueprint", "url_prefix", "name"}),
            in_loop=in_loop,
        )
    if method == "add_url_rule":
        return _route(module, node, scope, receiver, method, "", in_loop)
    if method in ROUTE_METHODS and isinstance(module.parents[node], ast.Call):  # app.route("/x")(view)
        outer = module.parents[node]
        assert isinstance(outer, ast.Call)
        view = reference(outer.args[0]) if outer.args and outer.func is node else ""
        found = _route(module, node, scope, receiver, method, "", in_loop)
        return Registration(**{**{f: getattr(found, f) for f in found.__slots__}, "view": view})
    first = argument(node, 0 if method != "register_error_handler" else 1, "f")
    return Registration(
        scope, receiver, method, span, view=reference(first) if first is not None else "", in_loop=in_loop
    )


def _mount_prefix(module: Module, node: ast.Call) -> str | None:
    """The prefix that a registration brings; an empty one replaces that of the blueprint too."""
    given = argument(node, -1, "url_prefix")
    if given is None and any(k.arg is None for k in node.keywords):
        return None
    return "/" if isinstance(given, ast.Constant) and given.value == "" else _known(module, given)


def _route(
    module: Module, node: ast.Call, scope: str, receiver: str, method: str, function: str, in_loop: bool = False
) -> Registration:
    is_call = method == "add_url_rule"
    rule = argument(node, 0, "rule")
    endpoint = argument(node, 1 if is_call else -1, "endpoint")
    methods: tuple[str, ...] | None = ()
    asked = argument(node, -1, "methods")
    if method in ("get", "post", "put", "delete", "patch"):
        methods = (method.upper(),)
    elif asked is not None and not (isinstance(asked, ast.Constant) and asked.value is None):
        found = texts_of(module, asked)
        methods = None if found is None else _in_order(found)
    view, view_class, wrapped = function, "", ""
    if is_call:
        view_node = argument(node, 2, "view_func")
        view = reference(view_node) if view_node is not None else ""
        wrapped = wrapped_view(view_node)
        made = as_view_in(view_node)
        if made is not None and isinstance(made.func, ast.Attribute):
            view_class = reference(made.func.value)
            if endpoint is None:
                endpoint = argument(made, 0, "name")
    return Registration(
        scope,
        receiver,
        method,
        module.span(node),
        function,
        view,
        text_of(module, rule),
        _known(module, endpoint),
        methods,
        view_class=view_class,
        wrapped=wrapped,
        options=_others(node, {"rule", "endpoint", "methods", "view_func"}),
        in_loop=in_loop,
    )


def wrapped_view(node: ast.expr | None) -> str:
    """The view in `login_required(index)`, perhaps within more decorators; "" where none is named."""
    while isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        node = node.args[0]
        if found := reference(node):
            return found
    return ""


def as_view_in(node: ast.expr | None) -> ast.Call | None:
    """The `Class.as_view(...)` that a view is made of, perhaps within decorators:
    `login_required(Class.as_view("x"))`."""
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr == "as_view":
        return node
    return as_view_in(node.args[0]) if len(node.args) == 1 and not node.keywords else None


def _in_order(methods: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({method.upper() for method in methods}, key=_method_order))


def _method_order(method: str) -> tuple[int, str]:
    return METHODS.index(method) if method in METHODS else len(METHODS), method


def _others(node: ast.Call, known: set[str]) -> tuple[str, ...]:
    return tuple(k.arg or "**" for k in node.keywords if k.arg not in known)


def _converters(module: Module) -> Iterator[tuple[str, str, str]]:
    """`app.url_map.converters["list"] = ListConverter`, and `.update(list=ListConverter)`."""
    if "url_map" not in module.text:
        return
    for node in module.nodes(ast.Assign):
        if len(node.targets) == 1 and isinstance(target := node.targets[0], ast.Subscript):
            if reference(target.value).endswith("url_map.converters") and (name := text_of(module, target.slice)):
                yield function_scope(module, node), name, reference(node.value)
    for call in module.calls:
        if reference(call.func).endswith("url_map.converters.update"):
            for name, value in named_items(module, call):
                yield function_scope(module, call), name, reference(value)
