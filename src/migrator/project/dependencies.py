"""Helpers without arguments that ask the request, `g`, the session or the configuration: dependencies of the views
that call them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from migrator.module import FunctionNode, Module, all_arguments, walk
from migrator.project.bodies import ABORTING
from migrator.project.flask_names import API
from migrator.project.guards import free_alias
from migrator.project.model import FunctionId
from migrator.project.plain_calls import modules_of, plain_calls
from migrator.project.requests import WITHOUT_BODY, Use, assigned_name, is_asked_first, is_harmless, use_at
from migrator.syntax import reference

if TYPE_CHECKING:
    from migrator.project.project import Project

# what of the request's context a dependency can have
CONTEXT = {"request", "g", "session", "current_app", "url_for", "flash", "get_flashed_messages"}
# what is no matter of the context
FREE = {"abort", "redirect", "jsonify", "json", "escape", "Markup", "make_response", "Response"}
# what code that is no view can hand on to it, in the order in which it takes them
HANDED = ("session", "g", "config", "app")
FORMS = (ast.For, ast.AsyncFor, ast.While, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# what may wait until another request gives something back: that one needs a thread to go on, and all threads wait
WAITING = {"connect", "connection", "get_connection", "getconn", "acquire", "checkout", "begin", "create_connection"}
READING = {"get", "items", "keys", "values", "copy"}


@dataclass(frozen=True, slots=True)
class Given:
    """How a view, or another dependency, gets what a dependency finds out: a parameter, in place of the calls."""

    function: FunctionNode
    name: str
    calls: tuple[ast.Call, ...]
    assigned: ast.stmt | None  # `name = helper()`, which the parameter makes superfluous


@dataclass(frozen=True, slots=True)
class Dependency:
    """A helper that FastAPI calls. `outside` are calls that stay, with what is handed on to them (`needs`)."""

    id: FunctionId
    module: Module
    function: FunctionNode
    alias: str
    needs: tuple[str, ...]
    given: tuple[tuple[FunctionId, Given], ...]
    outside: tuple[tuple[str, ast.Call], ...]


@dataclass(eq=False)
class _Candidate:
    """A helper, what it asks for, and what of that may change while a request is answered."""

    id: FunctionId
    module: Module
    function: FunctionNode
    needs: set[str] = field(default_factory=set)
    state: set[str] = field(default_factory=set)  # "session", "g.user"
    inner: set[FunctionId] = field(default_factory=set)
    calls: list[tuple[Module, ast.Call]] = field(default_factory=list)


def find_dependencies(project: Project) -> dict[FunctionId, Dependency]:
    """The helpers of a project that become dependencies."""
    known = {one.id: one for one in _candidates(project)}
    if not known:
        return {}
    changed = project.state_changes
    while True:
        found = {key: made for key, one in known.items() if (made := _placed(project, one, known, changed))}
        if len(found) == len(known):
            break
        known = {key: known[key] for key in found}
    taken = set(project.guards.aliases.values())
    for key, made in found.items():
        alias = free_alias(project, made.alias, taken)
        taken.add(alias)
        found[key] = replace(made, alias=alias)
    return found


# -- which functions ask the context -----------------------------------------------------------------------------------


def _candidates(project: Project) -> Iterator[_Candidate]:
    found: dict[FunctionId, _Candidate] = {}
    unfit: set[FunctionId] = set()
    for _, module in modules_of(project):
        for node, target in project.flask_reads(module):
            function = module.function_of(node)
            name = target.removeprefix("flask.")
            if function is None or name.partition(".")[0] in FREE:
                continue
            key = project.function_id(module, function)
            if key in unfit or not _is_helper(project, module, function, key):
                continue
            one = found.setdefault(key, _Candidate(key, module, function))
            if not _take(project, one, node, name):
                unfit.add(key)
                del found[key]
    waiting = list(found)
    while waiting:
        inner = waiting.pop()
        for key in project.callers.get(inner, ()):
            home = project.store.module(key[0])
            function = home.functions.get(key[1]) if home is not None else None
            if home is None or function is None or key in unfit or not _is_helper(project, home, function, key):
                continue
            if key not in found:
                found[key] = _Candidate(key, home, function)
                waiting.append(key)
            found[key].inner.add(inner)
    for key, one in sorted(found.items()):
        if _may_wait(project, key):
            continue
        if (calls := plain_calls(project, key)) and not any(call.args or call.keywords for _, call in calls):
            one.calls = calls
            yield one


def _is_helper(project: Project, module: Module, function: FunctionNode, key: FunctionId) -> bool:
    """Whether a function is one that others call without arguments, and nothing else."""
    facts = project.names.functions.get(key)
    if facts is None or facts.in_class or function.decorator_list or isinstance(function, ast.AsyncFunctionDef):
        return False
    if key in project.views or key in project.hooked or key in project.guards.wrappers:
        return False
    if all_arguments(function.args):
        return False
    return not any(isinstance(n, (ast.Yield, ast.YieldFrom, ast.Global, ast.Nonlocal)) for n in walk(function))


def _may_wait(project: Project, start: FunctionId) -> bool:
    """Whether a helper, or what it calls, takes something of which there are only so many."""
    for key in _reached(project, start):
        home = project.store.module(key[0])
        function = home.functions.get(key[1]) if home is not None else None
        for node in walk(function) if home is not None and function is not None else ():
            name = reference(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
            if name in WAITING and isinstance(node, ast.Call) and home is not None:
                is_own = any(e.kind == "function" for e in project.entities_at(home, node.func))
                if not is_own and not home.dotted(node.func).startswith("sqlite3."):
                    return True
    return False


def _take(project: Project, one: _Candidate, node: ast.expr, name: str) -> bool:
    """Note what a read asks for; False where no parameter can stand for it."""
    parent = one.module.parents[node]
    attribute = parent.attr if isinstance(parent, ast.Attribute) else ""
    if name not in CONTEXT:
        return False
    if name == "current_app":
        if attribute == "logger":
            return True
        if attribute == "config":
            one.needs.add("config")
        elif attribute == "extensions" or (attribute and not attribute.startswith("_") and attribute not in API):
            one.needs.add("app")
        else:
            return False
        return True
    one.needs.add(name)
    if name == "request":
        return use_at(one.module, node).kind in WITHOUT_BODY
    if name == "session":
        one.state.add("session")
    if name == "g":
        key = _key_of_g(one.module, node)
        one.state.add(f"g.{key}")
        return bool(key) and attribute != "_get_current_object"
    return True


def _key_of_g(module: Module, node: ast.expr) -> str:
    """The name in `g` that a use of it is about; "" where that is not known."""
    parent = module.parents[node]
    if isinstance(parent, ast.Attribute) and parent.attr not in (*READING, "pop", "setdefault"):
        return parent.attr
    if isinstance(parent, ast.Attribute) and isinstance(call := module.parents[parent], ast.Call) and call.args:
        found: ast.AST = call.args[0]
    elif isinstance(parent, ast.Compare):
        found = parent.left
    elif isinstance(parent, ast.Call) and len(parent.args) > 1:
        found = parent.args[1]
    else:
        return ""
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else ""


def changes_of_state(project: Project) -> dict[FunctionId, set[str]]:
    """What functions change of the session and of `g`; a name that is not known is "g."."""
    found: dict[FunctionId, set[str]] = {}
    for _, module in modules_of(project):
        for node, target in project.flask_reads(module):
            if target not in ("flask.g", "flask.session"):
                continue
            function = module.function_of(node)
            if function is not None and not _only_reads(module, node, target):
                what = "session" if target == "flask.session" else f"g.{_key_of_g(module, node)}"
                found.setdefault(project.function_id(module, function), set()).add(what)
    return found


def _only_reads(module: Module, node: ast.expr, target: str) -> bool:
    parent = module.parents[node]
    if isinstance(parent, ast.Attribute):
        call = module.parents[parent]
        if isinstance(call, ast.Call) and call.func is parent:
            return parent.attr in READING
        return target == "flask.g" and isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Subscript):
        return isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Call):
        return reference(parent.func) in ("getattr", "hasattr", "bool", "len", "dict")
    return isinstance(parent, (ast.Compare, ast.If, ast.IfExp, ast.UnaryOp, ast.BoolOp))


def calm_helpers(project: Project) -> frozenset[FunctionId]:
    """The helpers without arguments of which nobody can tell when they run."""
    return frozenset(one.id for one in _candidates(project) if not one.inner and (_is_pure(one) or _is_cached(one)))


def is_set_before(project: Project, name: str) -> bool:
    """Whether hooks or guards leave something in `g` under a name before a view begins."""
    return any(
        f"g.{name}" in found and (key in project.hooked or key in project.guards.wrappers)
        for key, found in project.state_changes.items()
    )


# -- who gets what they find out ---------------------------------------------------------------------------------------


def _placed(
    project: Project,
    one: _Candidate,
    known: dict[FunctionId, _Candidate],
    changed: dict[FunctionId, set[str]],
) -> Dependency | None:
    """The helper as a dependency; None where somebody calls it who can neither take nor hand on what it needs."""
    if not one.inner <= known.keys() and not one.needs:
        return None
    by_caller: dict[FunctionId, list[tuple[Module, ast.Call]]] = {}
    outside: list[tuple[str, ast.Call]] = []
    for module, call in one.calls:
        caller = module.function_of(call)
        key = project.function_id(module, caller) if caller is not None else (module.name, "")
        by_caller.setdefault(key, []).append((module, call))
    given: list[tuple[FunctionId, Given]] = []
    for key, calls in sorted(by_caller.items()):
        module = calls[0][0]
        caller = module.functions.get(key[1])
        nodes = tuple(call for _, call in calls)
        if caller is not None and _takes(project, one, known, changed, module, caller, key, nodes):
            given.append((key, _given(module, caller, one, nodes)))
        elif _is_test(module.path) or one.inner or not one.needs <= set(HANDED):
            return None
        else:
            outside += [(module.name, call) for call in nodes]
    if len(given) <= len(outside):
        return None
    needs = tuple(name for name in HANDED if name in one.needs)
    return Dependency(one.id, one.module, one.function, _alias(one.id), needs, tuple(given), tuple(outside))


def _takes(
    project: Project,
    one: _Candidate,
    known: dict[FunctionId, _Candidate],
    changed: dict[FunctionId, set[str]],
    module: Module,
    caller: FunctionNode,
    key: FunctionId,
    calls: tuple[ast.Call, ...],
) -> bool:
    """Whether a parameter may stand for the calls in a function: nothing is different if they come first."""
    if key in project.views:
        if not project.takes_parameters(key) or project.kept_decorations(key):
            return False
    elif key not in project.guards.wrappers and key not in known:
        return False
    if not _is_defined_before(module, one, caller, calls):
        return False
    if not all(_is_timely(module, project, one, caller, call, len(calls)) for call in calls):
        return False
    state = _state_of(one, known)
    own = {inner.id for inner in _with_inner(one, known)}
    return not any(
        what in state or (what == "g." and any(name.startswith("g.") for name in state))
        for other in _reached(project, key)
        if other not in own
        for what in changed.get(other, ())
    )


def _with_inner(one: _Candidate, known: dict[FunctionId, _Candidate]) -> list[_Candidate]:
    found = [one]
    for each in found:
        found += [known[key] for key in sorted(each.inner) if key in known and known[key] not in found]
    return found


def _state_of(one: _Candidate, known: dict[FunctionId, _Candidate]) -> set[str]:
    return {name for each in _with_inner(one, known) for name in each.state}


def _reached(project: Project, start: FunctionId) -> set[FunctionId]:
    """The functions that one may call, and itself."""
    found = {start}
    waiting = [start]
    while waiting:
        new = project.callees.get(waiting.pop(), frozenset()) - found
        found |= new
        waiting += new
    return found


def _is_defined_before(module: Module, one: _Candidate, caller: FunctionNode, calls: tuple[ast.Call, ...]) -> bool:
    """Whether the helper is known by its name where the caller is defined."""
    if module is one.module:
        outer = module.scopes[one.function].parent
        scope = module.scopes[caller].parent
        while scope is not None and scope is not outer:
            scope = scope.parent
        first = min(node.lineno for node in [caller, *caller.decorator_list])
        return scope is outer and one.function.lineno < first
    if "." in one.id[1]:
        return False
    for call in calls:
        if not isinstance(call.func, ast.Name):
            return False
        found = module.scope_of(call).lookup(call.func.id)
        if found is None or found[0] is not module.scope or len(found[1]) != 1:
            return False
        if not isinstance(module.parents.get(found[1][0].node, module.tree), (ast.Module, ast.ImportFrom)):
            return False
    return True


def _is_timely(
    module: Module, project: Project, one: _Candidate, caller: FunctionNode, call: ast.Call, count: int
) -> bool:
    """Whether a helper may run before the function that calls it."""
    around = []
    for parent in module.ancestors(call):
        if parent is caller:
            break
        around.append(parent)
    if any(isinstance(parent, FORMS) for parent in around) and not _is_pure(one):
        return False
    if count == 1 and is_asked_first(module, project, caller, call):
        return True
    return _is_pure(one) or (_is_cached(one) and not any(isinstance(parent, ast.Try) for parent in around))


def _is_pure(one: _Candidate) -> bool:
    """Whether a helper does nothing but look at the request, so that nobody can tell when it does."""
    for node in walk(one.function):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            return False
        if isinstance(node, ast.Subscript) and not _is_extension(one.module, node):
            return False  # may not be there
        if isinstance(node, ast.stmt) and not isinstance(
            node, (ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.Return, ast.If, ast.Expr)
        ):
            return False
        if isinstance(node, (ast.Await, ast.NamedExpr)):
            return False
        if isinstance(node, ast.Call) and not is_harmless(one.module, node.func):
            if one.module.dotted(node.func) != "flask.url_for":
                return False
    return True


def _is_extension(module: Module, node: ast.Subscript) -> bool:
    """Whether it is what an extension keeps on the app, for as long as that runs: `current_app.extensions["shop"]`."""
    return isinstance(node.slice, ast.Constant) and module.dotted(node.value) == "flask.current_app.extensions"


def _is_cached(one: _Candidate) -> bool:
    """Whether a helper keeps what it made in `g`, and refuses nothing."""
    stores = any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and one.module.dotted(node.value) == "flask.g"
        and any(isinstance(parent, ast.If) for parent in one.module.ancestors(node))
        for node in walk(one.function)
    )
    refuses = any(
        isinstance(node, ast.Raise)
        or (isinstance(node, ast.Call) and reference(node.func).rpartition(".")[2] in ABORTING)
        for node in walk(one.function)
    )
    return stores and not refuses


def _given(module: Module, caller: FunctionNode, one: _Candidate, calls: tuple[ast.Call, ...]) -> Given:
    for call in calls:
        target = assigned_name(module, caller, Use(ast.Name(""), "", node=call))
        if target is not None:
            is_shared = len(calls) > 1 and len(module.scopes[caller].bindings[target[0]]) > 1
            if not is_shared and not _is_used_before(caller, target[0], call):
                return Given(caller, target[0], calls, target[1])
    used = {node.id for node in walk(caller) if isinstance(node, ast.Name)}
    used |= {arg.arg for arg in all_arguments(caller.args)} | set(module.scopes[caller].bindings)
    used.discard(_short(one.id) if _short(one.id) == one.id[1].rpartition(".")[2] else "")
    name = _short(one.id)
    if module is not one.module and name == one.id[1].rpartition(".")[2]:  # that is the helper itself
        name = f"current_{name}"
    while name in used:
        name += "_"
    return Given(caller, name, calls, None)


def _is_used_before(caller: FunctionNode, name: str, call: ast.Call) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name and n.lineno < call.lineno for n in walk(caller))


def _short(key: FunctionId) -> str:
    """What a helper finds out, by its name: `db` of `get_db`."""
    name = key[1].rpartition(".")[2].strip("_")
    for verb in ("get_", "load_", "fetch_", "find_"):
        name = name.removeprefix(verb)
    return name if name not in ("get", "load", "connect", "current") else key[0].rpartition(".")[2]


def _alias(key: FunctionId) -> str:
    return "".join(part.capitalize() for part in _short(key).split("_"))


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    return bool({"tests", "test", "testing"} & set(folders)) or name.startswith(("test_", "conftest"))
