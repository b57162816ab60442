"""What parameters hold: as bound, annotated or by default, from the URL, or as all callers give it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from migrator.infer import calls, classes
from migrator.infer.annotations import annotated
from migrator.infer.frame import Frame, scope_at, scope_key
from migrator.infer.shapes import (
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    ClassOf,
    Function,
    Json,
    Mapping,
    Scalar,
    Shape,
    Unknown,
    is_vague,
    join,
    members,
    widened,
)
from migrator.infer.shapes import Sequence as SequenceOf
from migrator.module import FunctionNode, Module, Scope
from migrator.project.model import FunctionId
from migrator.project.rules import starlette_path
from migrator.syntax import function_scope, reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

PATH_KINDS = {
    "int": INT,
    "float": FLOAT,
    "uuid": Scalar("uuid"),
    "string": STR,
    "default": STR,
    "path": STR,
    "any": STR,
}
MAX_CALLERS = 3  # callers of callers of callers that are asked what they give
MAX_CALLS = 20  # calls of a function that are looked at
CLASS_METHODS = ("__new__", "__init_subclass__", "__class_getitem__")


def parameter(inference: Inference, frame: Frame, owner: Scope, node: ast.arg) -> Shape:
    """The value of a parameter: as bound, as annotated, by default, from the URL rule, and as callers give it."""
    module = frame.module
    key = scope_key(owner)
    declared = annotated(inference, module, node.annotation) if node.annotation is not None else UNKNOWN
    holder = owner.node
    if not isinstance(holder, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return UNKNOWN
    if (key, node.arg) in frame.bound:
        given = frame.bound[key, node.arg]
        if isinstance(given, (Unknown, Json)) and not isinstance(declared, Unknown):
            return declared
        return inference.refined(declared, given) if is_vague(given) else given
    if isinstance(holder, ast.Lambda):
        return UNKNOWN
    marks = classes.decorators(holder)
    if node in (holder.args.vararg, holder.args.kwarg):
        loose: Shape = (
            Mapping(values=declared, keys=STR) if node is holder.args.kwarg else SequenceOf("tuple", declared)
        )
        if not isinstance(declared, Unknown):
            return loose
        return inference.refined(loose, _given(inference, module, holder, node, marks))
    positional = [*holder.args.posonlyargs, *holder.args.args]
    cls = module.parents.get(holder)
    if positional and positional[0] is node and isinstance(cls, ast.ClassDef) and "staticmethod" not in marks:
        own_class = ClassOf(module.name, module.scopes[cls].qualname)
        is_class = "classmethod" in marks or holder.name in CLASS_METHODS
        return own_class if is_class else inference.instance(own_class)
    default = _default(inference, module, holder, node)
    if not is_vague(declared):
        return join([declared, default]) if default == NONE else declared
    routed = _routed(inference, inference.project.function_id(module, holder), node.arg)
    if routed is not None:
        return routed
    seen = _given(inference, module, holder, node, marks)
    return inference.refined(declared, join([seen, widened(default)]))


def _default(inference: Inference, module: Module, holder: FunctionNode, node: ast.arg) -> Shape:
    value = default_of(holder, node)
    return inference.evaluate(inference.free(module), value) if value is not None else NEVER


def _routed(inference: Inference, function: FunctionId, name: str) -> Shape | None:
    """The values of a variable of the view's URL rules; None where it is none."""
    found: list[Shape] = []
    for route in inference.project.views.get(function, ()):
        try:
            _, parameters = starlette_path(route.rule)
        except ValueError:
            return UNKNOWN
        found += [PATH_KINDS.get(p.converter, UNKNOWN) for p in parameters if p.name == name]
    if found and name not in inference.project.url_values.assigned:
        return join(found)
    return UNKNOWN if function in inference.project.views else None


def _given(inference: Inference, module: Module, holder: FunctionNode, node: ast.arg, marks: set[str]) -> Shape:
    """What all callers give; unknown where some may not be seen, and where it would take long to look."""
    if marks - calls.TRANSPARENT:
        return UNKNOWN
    if inference.callers >= MAX_CALLERS:
        return inference.cut()
    inference.callers += 1
    try:
        return _given_by_callers(inference, module, holder, node, marks)
    finally:
        inference.callers -= 1


def _given_by_callers(
    inference: Inference, module: Module, holder: FunctionNode, node: ast.arg, marks: set[str]
) -> Shape:
    is_loose = node in (holder.args.vararg, holder.args.kwarg)
    function = Function(module.name, module.scopes[holder].qualname)
    is_method = isinstance(module.parents.get(holder), ast.ClassDef)
    names = [holder.name]
    if holder.name == "__init__" and is_method:
        names = _class_names(inference, module, holder)
    elif holder.name.startswith("__"):
        return UNKNOWN
    decorating = _decorated_by(inference, function) if node is next(iter(holder.args.args), None) else []
    for name in names:
        named = [(place, value) for place, value in inference.index.values.get(name, []) if _is_value(place, value)]
        if len(named) > MAX_CALLS:
            return UNKNOWN
        for place, value in named:
            if decorating and isinstance(place.parents.get(value), ast.Return):
                continue
            if _may_be(inference, inference.evaluate(inference.free(place), value), function):
                return UNKNOWN
    found: list[Shape] = list(decorating)
    names_given = calls.parameters(holder, skip=is_method and "staticmethod" not in marks)
    possible = [
        (place, call)
        for name in names
        for place, call in inference.calls_named(name)
        if _may_call(inference, place, call, function)
    ]
    if len(possible) > MAX_CALLS:
        return UNKNOWN
    asked = (one for one in possible if _is_call_of(inference, *one, function, is_method=is_method))
    for place, call in chain(asked, _calls_by_as_view(inference, module, holder) if is_method else ()):
        frame = inference.free(place)
        if is_loose:
            bound = calls.variadic(inference, frame, holder, names_given, call)
        else:
            bound = calls.matched(inference, frame, names_given, call, only=node.arg)
        found.append(bound.get(node.arg, NEVER))
        if found[-1] == UNKNOWN:
            return UNKNOWN
    if not found:
        return UNKNOWN
    return widened(join(found))


def _calls_by_as_view(inference: Inference, module: Module, method: FunctionNode) -> Iterator[tuple[Module, ast.Call]]:
    """The calls of a constructor that `Class.as_view("name", ...)` stands for."""
    fact = classes.class_fact(inference, ClassOf(module.name, module.scopes[module.parents[method]].qualname))
    if method.name != "__init__" or fact is None or not any(n.startswith("flask.views.") for n in fact.outside):
        return
    function = Function(module.name, module.scopes[method].qualname)
    for place, call in inference.calls_named("as_view"):
        func = call.func
        owner = inference.evaluate(inference.free(place), func.value) if isinstance(func, ast.Attribute) else UNKNOWN
        if _may_be(inference, owner, function) or isinstance(owner, Unknown):
            keywords = [k for k in call.keywords if k.arg != "name"]
            is_named = len(keywords) < len(call.keywords)
            yield place, ast.Call(func, call.args if is_named else call.args[1:], keywords)


def _may_call(inference: Inference, module: Module, call: ast.Call, function: Function) -> bool:
    """Whether names do not tell already that a call is one of something else."""
    callee = reference(call.func)
    targets = inference.project.names.targets(module.name, function_scope(module, call), callee) if callee else ()
    if function.name.endswith(".__init__") and any(name.endswith(".__init__") for _, name in targets):
        return True  # it may be inherited
    return not targets or (function.module, function.name) in targets


def _is_call_of(inference: Inference, module: Module, call: ast.Call, function: Function, *, is_method: bool) -> bool:
    """Whether a call may be one of the function: also of a method of something that is not known."""
    func = call.func
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call) and reference(func.value.func) == "super":
        target: Shape = calls.above(inference, module, call, func.attr) or NEVER
    else:
        target = inference.evaluate(inference.free(module), func)
    if isinstance(target, Unknown) and isinstance(func, ast.Attribute):
        return is_method
    return _may_be(inference, target, function)


def _decorated_by(inference: Inference, function: Function) -> list[Shape]:
    """The functions that stand below a decorator that is this function, or that gives it."""
    found: list[Shape] = []
    names = function.name.split(".")
    for module, decorator, node in (one for name in names for one in inference.index.decorators.get(name, ())):
        if _may_be(inference, inference.evaluate(inference.free(module), decorator), function):
            found.append(Function(module.name, module.scopes[node].qualname))
    return found


def _class_names(inference: Inference, module: Module, holder: FunctionNode) -> list[str]:
    """The names under which a constructor is called: its class, and those that inherit from it."""
    cls = module.parents[holder]
    assert isinstance(cls, ast.ClassDef)
    below = {cls.name, "__init__", "cls"}
    waiting = [cls.name]
    while waiting:
        for name, qualname in inference.index.children.get(waiting.pop(), ()):
            last = qualname.rpartition(".")[2]
            fact = classes.class_fact(inference, ClassOf(name, qualname)) if last not in below else None
            if fact is not None and (module, cls) in fact.lineage:
                below.add(last)
                waiting.append(last)
    return sorted(below)


def _is_value(module: Module, node: ast.expr) -> bool:
    """Whether a name that a function has may be that function, and is read where somebody could call it."""
    if isinstance(node, ast.Name):
        found = scope_at(module, node).lookup(node.id)
        if found is not None and all(binding.kind in ("param", "value") for binding in found[1]):
            return False
    return not _is_harmless(module, node)


def _is_harmless(module: Module, node: ast.expr) -> bool:
    """Whether a function is named where nobody calls it: annotation, `isinstance`, `except`, a base, a decorator."""
    parent = module.parents.get(node)
    if isinstance(parent, (ast.ClassDef, ast.ExceptHandler, ast.arg, ast.AnnAssign, ast.Attribute)):
        return True
    if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return True
    return isinstance(parent, ast.Call) and reference(parent.func) in (
        "isinstance",
        "issubclass",
        "fields",
        "select",
    )


def _may_be(inference: Inference, shape: Shape, function: Function) -> bool:
    for member in members(shape):
        if isinstance(member, Function) and (member.module, member.name) == (function.module, function.name):
            return True
        if isinstance(member, ClassOf) and function.name.endswith(".__init__"):
            init = inference.method_of(member, "__init__")
            if init is not None and (init.module, init.name) == (function.module, function.name):
                return True
    return False


def default_of(holder: FunctionNode, node: ast.arg) -> ast.expr | None:
    """The default of a parameter."""
    positional = [*holder.args.posonlyargs, *holder.args.args]
    if node in positional:
        index = positional.index(node) - (len(positional) - len(holder.args.defaults))
        return holder.args.defaults[index] if index >= 0 else None
    if node in holder.args.kwonlyargs:
        return holder.args.kw_defaults[holder.args.kwonlyargs.index(node)]
    return None
