"""The value as an argument: of the project's functions and classes, and of library functions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.infer import classes
from migrator.infer.annotations import annotated
from migrator.infer.calls import parameters
from migrator.infer.conditions import condition_of
from migrator.infer.shapes import (
    ClassOf,
    External,
    Function,
    Instance,
    Mapping,
    Shape,
    members,
)
from migrator.infer.signs import (
    BROAD,
    COERCIONS,
    KIND_OF,
    TAKES_TEXT,
    WRITING,
)
from migrator.infer.tracked import Fact, Value, Way, classes_of, container_item, text_of
from migrator.infer.uses import Coercion, Escape
from migrator.module import FunctionNode, Module
from migrator.project.model import FunctionId
from migrator.syntax import reference

if TYPE_CHECKING:
    from migrator.infer.body import Tracker

MAX_DEPTH = 4  # calls within calls


def as_argument(
    tracker: Tracker,
    module: Module,
    node: ast.expr,
    call: ast.Call,
    keyword: ast.keyword | None,
    value: Value,
    way: Way,
) -> None:
    """The value is an argument of a call."""
    spread = keyword is not None and keyword.arg is None
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant):
        value.raw += 1
        if call.func.attr == "join":
            tracker.fact(module, call, value, way, "list", 1)
        return
    callee = tracker.inference.shape(module, call.func)
    known = [m for m in members(callee) if isinstance(m, (Function, ClassOf, External))]
    if not known:
        value.raw += 1
        value.escapes.append(Escape(module, call, "spread" if spread else "unknown call", depth=way.depth))
        by_method(tracker, module, call, value, way)
        return
    for member in known:
        if isinstance(member, External):
            if spread and member.name == "dataclasses.replace":
                replaced(tracker, module, node, call, keyword, value)
            elif spread:
                value.raw += 1
                value.escapes.append(Escape(module, call, "spread", depth=way.depth))
            else:
                library(tracker, module, node, call, keyword, member.name, value, way)
        elif isinstance(member, ClassOf):
            constructed(tracker, module, node, call, keyword, member, value, way)
        else:
            passed(tracker, module, node, call, keyword, member, value, way)


def by_method(tracker: Tracker, module: Module, call: ast.Call, value: Value, way: Way) -> None:
    """`LIMITS.get(value)`, `seen.add(value)`: what the container says."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("get", "pop", "setdefault"):
        return
    shape = tracker.inference.shape(module, call.func.value)
    kinds = classes_of(container_item(shape)) if isinstance(shape, Mapping) else set()
    if len(kinds) == 1 and (kind := kinds.pop()) in ("str", "int"):
        tracker.fact(module, call, value, way, kind, 1)


def library(
    tracker: Tracker,
    module: Module,
    node: ast.expr,
    call: ast.Call,
    keyword: ast.keyword | None,
    name: str,
    value: Value,
    way: Way,
) -> None:
    plain = name.removeprefix("builtins.")
    is_first = bool(call.args) and call.args[0] is node
    if name in COERCIONS and is_first:
        coerced(tracker, module, call, External(name), value, way, condition_of(tracker, module, call, value).caught)
        return
    if plain == "isinstance" and is_first and len(call.args) == 2:
        instance_test(tracker, module, call, value)
        return
    value.raw += 1
    if name in TAKES_TEXT:
        tracker.fact(module, call, value, way, "str", 3)
    elif plain == "range":
        tracker.fact(module, call, value, way, "int", 3)
    elif plain in ("round", "abs"):
        tracker.fact(module, call, value, way, "number", 3)
    elif plain in ("enumerate", "sorted", "list", "tuple", "reversed", "iter") and is_first:
        value.escapes.append(Escape(module, call, "iterated", depth=way.depth))
        tracker.fact(module, call, value, way, "list", 1)
        items_of(tracker, module, call, plain, value, way)
    elif plain in ("set", "frozenset", "sum", "max", "min", "any", "all", "zip", "map", "filter"):
        value.escapes.append(Escape(module, call, "iterated", depth=way.depth))
        tracker.fact(module, call, value, way, "list", 1)
        if plain == "sum":
            tracker.fact(module, call, value.items(), way, "number", 3)
        if plain == "map" and call.args and call.args[-1] is node:
            coerced(
                tracker, module, call, tracker.inference.shape(module, call.args[0]), value.items(), way, frozenset()
            )
    elif plain == "len":
        value.escapes.append(Escape(module, call, "sized", depth=way.depth))
    elif plain in ("dict",) and is_first:
        value.escapes.append(Escape(module, call, "spread", depth=way.depth))
        tracker.follow(module, call, value, way)
    elif name == "dataclasses.replace":
        replaced(tracker, module, node, call, keyword, value)
    elif name.startswith("numpy.") and name.rpartition(".")[2] in ("array", "asarray"):
        tracker.fact(module, call, value, way, "list", 1)
        value.escapes.append(Escape(module, call, "unknown call", depth=way.depth))
    else:
        kind = "written" if name in WRITING else "unknown call"
        value.escapes.append(Escape(module, call, kind, depth=way.depth))


def items_of(tracker: Tracker, module: Module, call: ast.Call, name: str, value: Value, way: Way) -> None:
    """The loop over `enumerate(value)`, `sorted(value)` and the like."""
    parent = module.parents.get(call)
    if not isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
        if isinstance(parent, ast.Assign) and name in ("list", "sorted", "tuple"):
            tracker.follow(module, call, value, way)
        return
    target = parent.target
    if name == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
        target = target.elts[1]
    tracker.each(module, target, value, way)


def replaced(
    tracker: Tracker, module: Module, node: ast.expr, call: ast.Call, keyword: ast.keyword | None, value: Value
) -> None:
    """`dataclasses.replace(obj, **value)`."""
    if not call.args:
        return
    owner = tracker.inference.shape(module, call.args[0])
    for member in members(owner):
        if isinstance(member, Instance):
            for fact in classes.fields(tracker.inference, ClassOf(member.module, member.name)) or ():
                if keyword is not None and keyword.arg is None:
                    below = value.key(fact.name)
                    below.optional = True
                    tracker.declared(module, call, fact.shape, below, f"becomes {member.name}.{fact.name}")
                elif keyword is not None and keyword.arg == fact.name:
                    tracker.declared(module, call, fact.shape, value, f"becomes {member.name}.{fact.name}")
    if keyword is not None and keyword.arg is None:
        value.forbids_extra = True
        value.escapes.append(Escape(module, call, "spread"))


def coerced(
    tracker: Tracker, module: Module, call: ast.Call, kind: Shape, value: Value, way: Way, caught: frozenset[str]
) -> None:
    if not isinstance(kind, External) or kind.name not in COERCIONS:
        value.raw += 1
        return
    name = kind.name.removeprefix("builtins.")
    caught = frozenset(caught | way.caught)
    value.coercions.append(
        Coercion(
            name,
            tuple(sorted(caught & {"ValueError", "TypeError", "ArithmeticError", "KeyError", "Exception", ""})),
        )
    )
    made = COERCIONS[kind.name]
    if not made:
        return
    condition = condition_of(tracker, module, call, value)
    always = way.always and not condition.is_conditional
    is_caught = bool(caught & {"ValueError", "TypeError", *BROAD}) or tracker.answered(
        module, ("ValueError", "TypeError")
    )
    strength = 3 if always and (not is_caught or made == "bool" or name == "str") else 2
    value.facts.append(Fact(made, strength, text_of(module, call)))


def instance_test(tracker: Tracker, module: Module, call: ast.Call, value: Value) -> None:
    kinds = call.args[1].elts if isinstance(call.args[1], ast.Tuple) else [call.args[1]]
    names = {KIND_OF.get(reference(kind).rpartition(".")[2], "any") for kind in kinds}
    value.kind_tested = True
    if names == {"int", "float"} or names == {"number"}:
        names = {"number"}
    if len(names) == 1 and "any" not in names:
        value.facts.append(Fact(names.pop(), 2, text_of(module, call)))


def constructed(
    tracker: Tracker,
    module: Module,
    node: ast.expr,
    call: ast.Call,
    keyword: ast.keyword | None,
    cls: ClassOf,
    value: Value,
    way: Way,
) -> None:
    """`Class(value)`, `Class(name=value)`, `Class(**value)`."""
    facts = classes.fields(tracker.inference, cls)
    target: FunctionId = cls.module, cls.name
    if keyword is not None and keyword.arg is None:
        value.raw += 1
        value.escapes.append(Escape(module, call, "spread", target, way.depth))
        tracker.fact(module, call, value, way, "dict", 3)
        if facts is None:
            return
        given = {k.arg for k in call.keywords if k.arg}
        given |= {fact.name for fact in facts[: len(call.args)]}
        condition = condition_of(tracker, module, call, value)
        is_caught = bool((condition.caught | way.caught) & {"TypeError", *BROAD})
        value.forbids_extra = not is_caught
        for fact in facts:
            if fact.name in given:
                continue
            below = value.key(fact.name)
            if fact.required and way.always and not condition.is_conditional:
                if not is_caught:
                    below.needed.append(tracker.path(module, call))
                below.missing_caught = below.missing_caught or is_caught
            elif not fact.required:
                below.optional = True
                if fact.default:
                    class_default(tracker, cls, fact.default, below)
            tracker.declared(module, call, fact.shape, below, f"becomes {cls.name}.{fact.name}")
            into_init(tracker, cls, fact.name, below, way)
        return
    name = keyword.arg if keyword is not None else None
    if name is None and facts is not None:
        index = next((i for i, arg in enumerate(call.args) if arg is node), -1)
        name = facts[index].name if 0 <= index < len(facts) else None
    value.escapes.append(Escape(module, call, "passed", target, way.depth))
    value.raw += 1
    for fact in facts or ():
        if fact.name == name:
            tracker.declared(module, call, fact.shape, value, f"becomes {cls.name}.{fact.name}")
            into_init(tracker, cls, fact.name, value, Way(way.depth, False, way.caught))


def class_default(tracker: Tracker, cls: ClassOf, text: str, value: Value) -> None:
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return
    module = tracker.inference.module(cls.module)
    if module is not None and isinstance(node, (ast.Constant, ast.List, ast.Dict)):
        value.defaults.append((module, node))


def into_init(tracker: Tracker, cls: ClassOf, name: str, value: Value, way: Way) -> None:
    init = tracker.inference.method_of(cls, "__init__")
    found = tracker.inference.function_node(init) if init is not None else None
    if init is None and isinstance(made := tracker.inference.instance(cls), Instance):
        tracker.kept(made, name, value, way)
    if found is not None and way.depth < MAX_DEPTH:
        into(tracker, found[0], found[1], name, value, Way(way.depth + 1, way.always, way.caught))


def passed(
    tracker: Tracker,
    module: Module,
    node: ast.expr,
    call: ast.Call,
    keyword: ast.keyword | None,
    function: Function,
    value: Value,
    way: Way,
) -> None:
    """The value goes into a function of the project."""
    found = tracker.inference.callable_node(function)
    if found is None:
        return
    other, callee = found
    condition = condition_of(tracker, module, call, value)
    deeper = Way(way.depth + 1, way.always and not condition.is_conditional, way.caught | condition.caught)
    target: FunctionId = function.module, function.name
    skip = any(scope == function.name for scope, _, _ in function.bound)
    names = parameters(callee, skip=skip)
    if isinstance(callee, ast.Lambda):
        value.raw += 1
        value.escapes.append(Escape(module, call, "unknown call", depth=way.depth))
        return
    annotations = {
        arg.arg: arg.annotation for arg in (*callee.args.posonlyargs, *callee.args.args, *callee.args.kwonlyargs)
    }
    required = len(callee.args.posonlyargs) + len(callee.args.args) - len(callee.args.defaults)
    positional = [arg.arg for arg in (*callee.args.posonlyargs, *callee.args.args)]
    needed = set(positional[:required]) | {
        a.arg for a, d in zip(callee.args.kwonlyargs, callee.args.kw_defaults, strict=True) if d is None
    }
    if keyword is not None and keyword.arg is None:
        value.raw += 1
        value.escapes.append(Escape(module, call, "spread", target, way.depth))
        tracker.fact(module, call, value, way, "dict", 3)
        if callee.args.kwarg is not None:
            return
        given = {k.arg for k in call.keywords if k.arg} | {n.lstrip("*") for n in names[: len(call.args)]}
        value.forbids_extra = True
        for parameter in (n.lstrip("*") for n in names):
            if parameter in given:
                continue
            below = value.key(parameter)
            if parameter in needed and deeper.always and not deeper.caught & {"TypeError", *BROAD}:
                below.needed.append(tracker.path(module, call))
            elif parameter not in needed:
                below.optional = True
            tracker.declared(
                other,
                callee,
                annotated(tracker.inference, other, annotations.get(parameter)),
                below,
                f"is {parameter} of {callee.name}()",
            )
            into(tracker, other, callee, parameter, below, deeper)
        return
    name = keyword.arg if keyword is not None else None
    if keyword is None:
        index = next((i for i, arg in enumerate(call.args) if arg is node), -1)
        plain = [n for n in names if not n.startswith("*")]
        name = (
            plain[index]
            if 0 <= index < len(plain) and not any(isinstance(a, ast.Starred) for a in call.args[:index])
            else None
        )
    value.raw += 1
    value.escapes.append(Escape(module, call, "passed", target, way.depth))
    if name is None or name not in annotations:
        return
    tracker.declared(
        module, call, annotated(tracker.inference, other, annotations[name]), value, f"is {name} of {callee.name}()"
    )
    if way.depth < MAX_DEPTH:
        with tracker.inside(module, call, other, callee, skip, way):
            into(tracker, other, callee, name, value, deeper)


def into(tracker: Tracker, module: Module, callee: FunctionNode, name: str, value: Value, way: Way) -> None:
    scope = module.scopes[callee]
    for binding in scope.bindings.get(name, []):
        if binding.kind == "param":
            before = value.mixed
            tracker.binding(module, binding, name, value, way, start=callee)
            value.mixed = before
