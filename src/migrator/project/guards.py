"""Decorators that only check a request: they answer early, or let the view go on as it is. FastAPI has dependencies
for that."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.module import FunctionNode, Module, all_arguments, walk
from migrator.project.decorators import Decoration, Decorator, is_below, is_call_of
from migrator.project.model import FunctionId
from migrator.project.plain_calls import led_to, modules_of, named, plain_calls
from migrator.project.returned import taken_apart
from migrator.syntax import reference

if TYPE_CHECKING:
    from migrator.project.project import Project


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """A decorator that can be a dependency.

    `calls` are the returns that go on to the view, `early` those that answer. What it finds out is handed to the view
    as an argument (`argument` is the expression, `keyword` its name where it has one), or left in `g` (`stored` is
    the statement).
    """

    decorator: Decorator
    calls: tuple[ast.Return, ...]
    early: tuple[ast.Return, ...]
    argument: ast.expr | None = None
    keyword: str = ""
    stored: ast.Assign | None = None

    @property
    def id(self) -> FunctionId:
        return self.decorator.id

    @property
    def name(self) -> str:
        """What the value is called: `customer` of `g.customer = ...`, or of `view(customer, ...)`."""
        if self.stored is not None and isinstance(target := self.stored.targets[0], ast.Attribute):
            return target.attr
        return self.keyword or (reference(self.argument).rpartition(".")[2] if self.argument is not None else "")

    @property
    def is_last_step(self) -> bool:
        """Whether the value is left in `g` right before the view goes on."""
        body = self.decorator.wrapper.body
        return len(self.calls) == 1 and self.stored in body and body[body.index(self.stored) + 1] is self.calls[0]

    @property
    def has_value(self) -> bool:
        return self.argument is not None or self.stored is not None

    @property
    def alias(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("_"))


@dataclass(eq=False)
class Guards:
    """All guards of a project, and who uses what they find out."""

    by_id: dict[FunctionId, Guard] = field(default_factory=dict)
    # functions that need the value of a guard as an argument: the guard, and the name that it has there
    readers: dict[FunctionId, dict[FunctionId, str]] = field(default_factory=dict)
    aliases: dict[FunctionId, str] = field(default_factory=dict)

    wrappers: dict[FunctionId, Guard] = field(init=False)  # by the functions in them that become dependencies

    def __post_init__(self) -> None:
        self.wrappers = {guard.decorator.wrapper_id: guard for guard in self.by_id.values()}

    def put(self, guard: Guard) -> None:
        """Take what is known of a guard by now for what was known before."""
        self.by_id[guard.id] = self.wrappers[guard.decorator.wrapper_id] = guard

    def hand_on(self, function: FunctionId, name: str) -> bool:
        """Whether a function gets what `g.name` was from a guard, or is the guard that returns it."""
        own = self.wrappers.get(function)
        is_own = own is not None and own.stored is not None and own.name == name
        return is_own or name in self.readers.get(function, {}).values()


def find_guards(project: Project) -> Guards:
    """The guards of a project: each can be a dependency wherever it stands."""
    candidates = dict(_candidates(project))
    places = {(d.module, project.span_of(d)) for view in project.views for d in project.decorations(view)}
    used = dict.fromkeys(candidates, 0)
    for name, module in modules_of(project) if candidates else ():
        for node in named(module, {key[1] for key in candidates}):
            for key in [key for key in led_to(project, module, node) if key in candidates]:
                whole = _whole(module, node)
                if (name, module.span(whole)) in places:
                    used[key] += 1
                else:
                    candidates.pop(key)
    candidates = {key: guard for key, guard in candidates.items() if used[key]}
    while unfit := {key for view in project.views for key in _unfit(project, view, candidates)}:
        candidates = {key: guard for key, guard in candidates.items() if key not in unfit}
    found = Guards(candidates)
    _place_values(project, found)
    return found


def _candidates(project: Project) -> Iterator[tuple[FunctionId, Guard]]:
    decorators = {
        d.decorator.id: d.decorator for view in project.views for d in project.decorations(view) if d.decorator
    }
    for key, decorator in sorted(decorators.items()):
        if "." not in key[1] and (guard := guard_of(project, decorator)) is not None:
            yield key, guard


def _whole(module: Module, node: ast.AST) -> ast.AST:
    """The decorator that a name begins: `auth.roles("admin")`."""
    while isinstance(module.parents[node], ast.Attribute):
        node = module.parents[node]
    parent = module.parents[node]
    return parent if isinstance(parent, ast.Call) and parent.func is node else node


def _unfit(project: Project, view: FunctionId, candidates: dict[FunctionId, Guard]) -> Iterator[FunctionId]:
    """The candidates on a view that have to stay decorators there."""
    outside = True  # all decorators so far go
    fits = not project.is_called(view) and project.takes_route_options(view)
    for one in project.decorations(view):
        guard = candidates.get(one.decorator.id) if one.decorator is not None else None
        if guard is None:
            outside = False
        elif not outside or not fits:
            yield guard.id


# -- what a guard looks like -------------------------------------------------------------------------------------------


def guard_of(project: Project, decorator: Decorator) -> Guard | None:
    """The decorator as a guard; None where it does more than that."""
    module, wrapper = decorator.module, decorator.wrapper
    if not _is_only(decorator.inner, wrapper) or (
        decorator.has_arguments and not _is_last(decorator.outer, decorator.inner)
    ):
        return None
    args = wrapper.args
    if args.args or args.posonlyargs or args.kwonlyargs or not (args.vararg or args.kwarg):
        return None
    if any(isinstance(n, (ast.Yield, ast.YieldFrom, ast.Nonlocal, ast.Global)) for n in walk(wrapper)):
        return None
    for node in wrapper.decorator_list:
        if not (isinstance(node, ast.Call) and module.dotted(node.func) == "functools.wraps"):
            return None
    returns = [n for n in walk(wrapper) if isinstance(n, ast.Return) and module.function_of(n) is wrapper]
    calls = tuple(r for r in returns if _view_call(decorator, r) is not None)
    early = tuple(r for r in returns if r not in calls)
    if not calls or not _ends(project, module, wrapper.body):
        return None
    if any(
        _is_within(module, r, wrapper, (ast.With, ast.AsyncWith, ast.For, ast.While, ast.Try, ast.AsyncFor))
        for r in calls
    ):
        return None
    if any(r.value is None or _in_try_body(module, r, wrapper) for r in early):
        return None
    if any(taken_apart(module, project, r).kind == "none" for r in early):
        return None
    names = [a.arg for a in (args.vararg, args.kwarg) if a is not None]
    allowed: set[ast.AST] = set()
    given: set[str] = set()
    argument, keyword = None, ""
    for returned in calls:
        call = _view_call(decorator, returned)
        assert call is not None
        allowed |= {n for n in walk(call.func) if isinstance(n, ast.Name)}
        rest = list(call.args)
        if args.vararg is not None and rest and isinstance(rest[-1], ast.Starred):
            allowed |= set(walk(rest.pop()))
        stars = [k for k in call.keywords if k.arg is None]
        named = [k for k in call.keywords if k.arg is not None]
        allowed |= {n for k in stars for n in walk(k.value)}
        if (
            any(isinstance(a, ast.Starred) for a in rest)
            or len(rest) + len(named) > 1
            or (args.kwarg is not None) != bool(stars)
        ):
            return None
        argument, keyword = (rest[0], "") if rest else (named[0].value, named[0].arg or "") if named else (None, "")
        given.add(f"{keyword}={ast.dump(argument)}" if argument is not None else "")
    if len(given) > 1 or (argument is not None and not isinstance(argument, (ast.Name, ast.Attribute))):
        return None
    for name in walk(wrapper):
        is_told = isinstance(name, ast.Name) and name.id in (*names, decorator.view) and name not in allowed
        if is_told and not any(is_below(module, name, d) or name is d for d in wrapper.decorator_list):
            return None
    return Guard(decorator, calls, early, argument, keyword)


def _is_only(function: FunctionNode, inner: FunctionNode) -> bool:
    """Whether a function only defines another and returns it."""
    body = [s for s in function.body if not _is_docstring(s)]
    return len(body) == 2 and body[0] is inner


def _is_last(function: FunctionNode, inner: FunctionNode) -> bool:
    return len(function.body) >= 2 and function.body[-2] is inner


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _view_call(decorator: Decorator, node: ast.Return) -> ast.Call | None:
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    return value if isinstance(value, ast.Call) and is_call_of(decorator.module, value, decorator.view) else None


def _is_within(module: Module, node: ast.AST, owner: ast.AST, kinds: tuple[type[ast.AST], ...]) -> bool:
    for parent in module.ancestors(node):
        if parent is owner:
            return False
        if isinstance(parent, kinds):
            return True
    return False


def _in_try_body(module: Module, node: ast.AST, owner: ast.AST) -> bool:
    """Whether an exception that is raised here might be caught in the function itself."""
    child = node
    for parent in module.ancestors(node):
        if parent is owner:
            return False
        if (
            isinstance(parent, ast.Try)
            and any(child is s for s in parent.body)
            and any(_is_broad(h.type) for h in parent.handlers)
        ):
            return True
        child = parent
    return False


def _is_broad(node: ast.expr | None) -> bool:
    kinds = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(kind is None or reference(kind) in ("Exception", "BaseException") for kind in kinds)


def _ends(project: Project, module: Module, body: list[ast.stmt]) -> bool:
    """Whether nothing runs off the end of some statements."""
    last = body[-1]
    if isinstance(last, (ast.Return, ast.Raise)):
        return True
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return project.canonical(module.dotted(last.value.func)) == "flask.abort"
    if isinstance(last, ast.If):
        return bool(last.orelse) and _ends(project, module, last.body) and _ends(project, module, last.orelse)
    return False


# -- what it finds out -------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Stored:
    """The uses of one name in `g`."""

    stores: list[tuple[Module, ast.Attribute]] = field(default_factory=list)
    loads: list[tuple[Module, ast.Attribute]] = field(default_factory=list)
    is_known: bool = True


def uses_of_g(project: Project) -> dict[str, _Stored]:
    """Every use of `g`, by name; a use that may be of any name is under "*"."""
    found: dict[str, _Stored] = {}
    for _, module in modules_of(project):
        for node, target in project.flask_reads(module):
            if target != "flask.g":
                continue
            parent = module.parents[node]
            if isinstance(parent, ast.Attribute) and parent.attr not in ("get", "pop", "setdefault"):
                stored = found.setdefault(parent.attr, _Stored())
                (stored.loads if isinstance(parent.ctx, ast.Load) else stored.stores).append((module, parent))
                continue
            key = _key(module, node)
            found.setdefault(key if key is not None else "*", _Stored()).is_known = False
    return found


def _key(module: Module, node: ast.expr) -> str | None:
    """The name that `g.get("x")`, `"x" in g` or `getattr(g, "x")` is about."""
    parent = module.parents[node]
    if isinstance(parent, ast.Attribute) and isinstance(call := module.parents[parent], ast.Call) and call.args:
        found: ast.AST = call.args[0]
    elif isinstance(parent, ast.Compare):
        found = parent.left
    elif isinstance(parent, ast.Call) and len(parent.args) > 1:
        found = parent.args[1]
    else:
        return None
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else None


def _place_values(project: Project, guards: Guards) -> None:
    """Find out which guards hand on what they leave in `g`, and to whom."""
    uses = uses_of_g(project)
    for guard in list(guards.by_id.values()):
        if guard.argument is None and "*" not in uses:
            _place_stored(project, guards, guard, uses)
    taken: set[str] = set()
    for key, guard in guards.by_id.items():
        if guard.has_value:
            guards.aliases[key] = alias = free_alias(project, guard.alias, taken)
            taken.add(alias)


def _place_stored(project: Project, guards: Guards, guard: Guard, uses: dict[str, _Stored]) -> None:
    wrapper, module = guard.decorator.wrapper, guard.decorator.module
    own = [(name, s) for name, s in uses.items() if any(m is module and is_below(m, n, wrapper) for m, n in s.stores)]
    if len(own) != 1:
        return
    name, stored = own[0]
    if not stored.is_known or len(stored.stores) != 1 or name in project.store.read_in_templates:
        return
    statement = module.parents[stored.stores[0][1]]
    if not isinstance(statement, ast.Assign) or statement not in wrapper.body or len(statement.targets) != 1:
        return
    if any(r.lineno < statement.lineno for r in guard.calls):
        return
    found = Guard(guard.decorator, guard.calls, guard.early, stored=statement)
    is_named = any(isinstance(node, ast.Name) and node.id == name for node in walk(wrapper))
    if is_named and not isinstance(statement.value, ast.Name) and not found.is_last_step:
        return
    elsewhere = [(m, n) for m, n in stored.loads if not (m is module and is_below(m, n, wrapper))]
    readers = _readers(project, guards, guard, name, elsewhere)
    if readers is None:
        return
    guards.put(found)
    for reader in readers:
        guards.readers.setdefault(reader, {})[guard.id] = name


def _readers(
    project: Project, guards: Guards, guard: Guard, name: str, loads: list[tuple[Module, ast.Attribute]]
) -> set[FunctionId] | None:
    """All functions that need the value as an argument; None where one of them cannot get it."""
    found: set[FunctionId] = set()
    waiting: list[FunctionId] = []
    for module, node in loads:
        function = module.function_of(node)
        while (
            function is not None
            and module.scopes[function].parent is not module.scope
            and not _is_handled(project, guards, module, function)
        ):
            function = module.function_of(function)
        if function is None:
            return None
        waiting.append(project.function_id(module, function))
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found.add(current)
        if not _can_take(project, current, name):
            return None
        if current in project.views:
            if not any(d.decorator is not None and d.decorator.id == guard.id for d in project.decorations(current)):
                return None
        elif current in guards.wrappers:
            other = guards.wrappers[current]
            if other.decorator.has_arguments or not _always_inside(project, other, guard):
                return None
        elif (callers := plain_callers(project, current)) is not None:
            waiting += callers
        else:
            return None
    return found


def _is_handled(project: Project, guards: Guards, module: Module, function: FunctionNode) -> bool:
    key = project.function_id(module, function)
    return key in project.views or key in guards.wrappers


def _always_inside(project: Project, inner: Guard, outer: Guard) -> bool:
    """Whether a guard stands only on views that have another one around it."""
    for view in project.views:
        ids = [d.decorator.id for d in project.decorations(view) if d.decorator is not None]
        if inner.id in ids and outer.id not in ids[: ids.index(inner.id)]:
            return False
    return True


def _can_take(project: Project, function: FunctionId, name: str) -> bool:
    """Whether a function may get a parameter of that name: nothing else has it there, but for `name = g.name`."""
    module = project.store.module(function[0])
    node = module.functions.get(function[1]) if module is not None else None
    if module is None or node is None or node.args.vararg is not None:
        return False
    if any(arg.arg == name for arg in all_arguments(node.args)):
        return False
    bindings = module.scopes[node].bindings.get(name, [])
    statements = [module.parents.get(b.node) for b in bindings]
    return all(is_own_read(module, s, name) for s in statements)


def is_own_read(module: Module, statement: ast.AST | None, name: str) -> bool:
    """Whether a statement is `name = g.name`."""
    return (
        isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Attribute)
        and statement.value.attr == name
        and module.dotted(statement.value.value).endswith("flask.g")
        and reference(statement.targets[0]) == name
    )


def plain_callers(project: Project, function: FunctionId) -> set[FunctionId] | None:
    """The functions that call a helper; None where it is used in other ways than by plain calls in functions."""
    module = project.store.module(function[0])
    node = module.functions.get(function[1]) if module is not None else None
    if node is None or "." in function[1] or node.decorator_list or function in project.hooked:
        return None
    calls = plain_calls(project, function)
    if calls is None:
        return None
    found: set[FunctionId] = set()
    for other, call in calls:
        caller = other.function_of(call)
        while (
            caller is not None
            and other.scopes[caller].parent is not other.scope
            and project.function_id(other, caller) not in project.views
        ):
            caller = other.function_of(caller)
        if caller is None or any(isinstance(a, ast.Starred) for a in call.args):
            return None
        found.add(project.function_id(other, caller))
    return found


def given_arguments(project: Project, view: FunctionId) -> dict[str, tuple[Decoration, Guard]]:
    """The parameters of a view that its guards fill as they call it."""
    module = project.store.module(view[0])
    function = module.functions.get(view[1]) if module is not None else None
    if function is None:
        return {}
    own = [arg.arg for arg in all_arguments(function.args) if arg.arg not in ("self", "cls")]
    found: dict[str, tuple[Decoration, Guard]] = {}
    position = 0
    for one in reversed(project.decorations(view)):  # of several arguments the inner guard's is the first
        guard = project.guards.by_id.get(one.decorator.id) if one.decorator is not None else None
        if guard is None or guard.argument is None:
            continue
        if guard.keyword:
            name = guard.keyword if guard.keyword in own else ""
        else:
            name = own[position] if position < len(own) else ""
            position += 1
        if name:
            found[name] = one, guard
    return found


def free_alias(project: Project, wanted: str, taken: set[str]) -> str:
    """A name for the annotated dependency that no module of the project has."""

    def is_free(name: str) -> bool:
        return name not in taken and not any(("", name) in facts.bindings for facts in project.modules.values())

    for name in (wanted, f"Current{wanted}", f"{wanted}Dependency"):
        if is_free(name):
            return name
    return f"{wanted}Dependency{len(taken)}"
