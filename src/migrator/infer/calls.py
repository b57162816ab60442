"""What calls give: of the project's functions and classes, of Python's, Flask's and other libraries'."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from migrator.infer import classes, libraries, methods
from migrator.infer.annotations import annotated
from migrator.infer.frame import Frame
from migrator.infer.operators import element, updated
from migrator.infer.shapes import (
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    ClassOf,
    External,
    Field,
    Foreign,
    Function,
    Instance,
    Json,
    Mapping,
    Never,
    Shape,
    TupleOf,
    Unknown,
    is_vague,
    join,
    members,
)
from migrator.infer.shapes import Sequence as SequenceOf
from migrator.module import FunctionNode, Module
from migrator.syntax import reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

MAX_BOUND = 3
SERIALIZERS = frozenset({"to_dict", "as_dict", "asdict", "to_json", "as_json", "serialize", "serialized", "json"})
# decorators after which a function is called as before, and gives what it gave
TRANSPARENT = frozenset(
    {"staticmethod", "classmethod", "lru_cache", "cache", "wraps", "override", "abstractmethod", "property",
     "cached_property", "hybrid_property", "overload", "final", "validates", "reconstructor", "setter", "retry",
     "deprecated", "typechecked", "no_type_check"}
)  # fmt: skip


def call(inference: Inference, frame: Frame, node: ast.Call) -> Shape:
    """The shape of a call expression."""
    func = node.func
    if isinstance(func, ast.Attribute):
        if isinstance(func.value, ast.Call) and reference(func.value.func) == "super":
            return _super_call(inference, frame, func.attr, node)
        owner = inference.evaluate(frame, func.value)
        return join(methods.method_call(inference, frame, member, func.attr, node) for member in members(owner))
    callee = inference.evaluate(frame, func)
    return join(call_shape(inference, frame, member, node, node) for member in members(callee))


def call_shape(inference: Inference, frame: Frame, callee: Shape, node: ast.Call | None, place: ast.Call) -> Shape:
    """What calling a value gives; `node` has the arguments (None: there are none)."""
    if isinstance(callee, Function):
        found = inference.callable_node(callee)
        if found is None:
            return UNKNOWN
        names = parameters(found[1], skip=len([b for b in callee.bound if b[0] == callee.name]) > 0)
        given = matched(inference, frame, names, node) if node is not None else {}
        return result(inference, callee, given, frame.depth, variadic(inference, frame, found[1], names, node))
    if isinstance(callee, ClassOf):
        return inference.instance(callee)
    if isinstance(callee, External):
        return libraries.external(
            inference, frame, callee.name, node if node is not None else place, has_arguments=node is not None
        )
    if isinstance(callee, Foreign):
        if callee.kind == "returns":
            return callee.item
        if callee.kind in ("asdict", "model_dump"):
            return classes.as_mapping(inference, callee.item)
        if callee.kind == "namedtuple" and node is not None:
            return TupleOf(
                tuple(inference.evaluate(frame, arg) for arg in node.args if not isinstance(arg, ast.Starred))
            )
        if callee.kind == "getter" and node is not None and node.args:
            return element(inference.evaluate(frame, node.args[0]))
    if isinstance(callee, Instance):
        return methods.method_call(inference, frame, callee, "__call__", node) if node is not None else UNKNOWN
    return UNKNOWN


def parameters(node: FunctionNode | ast.Lambda, *, skip: bool) -> list[str]:
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    return (names[1:] if skip else names) + [f"*{arg.arg}" for arg in node.args.kwonlyargs]


def arguments(call: ast.Call, node: FunctionNode | ast.Lambda, *, skip: bool) -> Iterator[tuple[str, ast.expr]]:
    """The parameters that a call names an argument for; those for `*args` as one tuple."""
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)][1 if skip else 0 :]
    plain = list(takewhile(lambda arg: not isinstance(arg, ast.Starred), call.args))
    yield from zip(names, plain, strict=False)
    if node.args.vararg is not None and len(plain) == len(call.args):
        yield node.args.vararg.arg, ast.Tuple(plain[len(names) :], ast.Load())
    yield from ((k.arg, k.value) for k in call.keywords if k.arg is not None)


def matched(
    inference: Inference, frame: Frame, names: Sequence[str], node: ast.Call, only: str = ""
) -> dict[str, Shape]:
    """The arguments of a call by the parameters' names; keyword-only ones are written `*name` in `names`. `only`: the
    one that is asked for, where that can be told without the others."""
    positional = [name for name in names if not name.startswith("*")]
    if only and not any(isinstance(a, ast.Starred) for a in node.args) and all(k.arg for k in node.keywords):
        index = positional.index(only) if only in positional else len(node.args)
        given = node.args[index] if index < len(node.args) else None
        given = next((k.value for k in node.keywords if k.arg == only), given)
        return {only: inference.evaluate(frame, given)} if given is not None else {}
    every = {name.lstrip("*") for name in names}
    found: dict[str, Shape] = {}
    index = 0
    rest: Shape = NEVER  # for all that is left
    for arg in node.args:
        shape = inference.evaluate(frame, arg.value if isinstance(arg, ast.Starred) else arg)
        if not isinstance(arg, ast.Starred):
            if index < len(positional):
                found[positional[index]] = shape
            index += 1
        elif isinstance(shape, TupleOf):
            for item in shape.items:
                if index < len(positional):
                    found[positional[index]] = item
                index += 1
        else:
            rest = join([rest, element(shape) if not isinstance(shape, Unknown) else UNKNOWN])
    for keyword in node.keywords:
        shape = inference.evaluate(frame, keyword.value)
        if keyword.arg is not None:
            if keyword.arg in every:
                found[keyword.arg] = shape
            continue
        for member in members(shape):
            if isinstance(member, Mapping):
                for field in member.fields:
                    if field.key in every and field.key not in found:
                        found[field.key] = field.shape
                rest = join([rest, member.values])
            else:
                rest = join([rest, member if isinstance(member, (Json, Unknown)) else UNKNOWN])
    if not isinstance(rest, Never):
        for name in every:
            if name not in found:
                found[name] = rest
    return found


def variadic(
    inference: Inference, frame: Frame, callee: FunctionNode | ast.Lambda, names: Sequence[str], node: ast.Call | None
) -> dict[str, Shape]:
    """What `*args` and `**kwargs` of a function get."""
    found: dict[str, Shape] = {}
    if callee.args.vararg is None and callee.args.kwarg is None:
        return found
    positional = [name for name in names if not name.startswith("*")]
    every = {name.lstrip("*") for name in names}
    args: list[Shape] = []
    loose: Shape = NEVER
    extra = Mapping()
    for arg in node.args if node is not None else ():
        shape = inference.evaluate(frame, arg.value if isinstance(arg, ast.Starred) else arg)
        if not isinstance(arg, ast.Starred):
            args.append(shape)
        elif isinstance(shape, TupleOf):
            args += shape.items
        else:
            loose = join([loose, element(shape)])
    for keyword in node.keywords if node is not None else ():
        shape = inference.evaluate(frame, keyword.value)
        if keyword.arg is not None:
            if keyword.arg not in every:
                extra = updated(extra, Mapping((Field(keyword.arg, shape),)))
            continue
        for member in members(shape):
            if isinstance(member, Mapping):
                kept = tuple(field for field in member.fields if field.key not in every)
                extra = updated(extra, Mapping(kept, member.values, member.keys))
            elif member != NONE:
                values = member if isinstance(member, Json) else UNKNOWN
                extra = updated(extra, Mapping(values=values, keys=STR))
    if callee.args.vararg is not None:
        left = args[len(positional) :]
        found[callee.args.vararg.arg] = (
            TupleOf(tuple(left)) if isinstance(loose, Never) else SequenceOf("tuple", join([*left, loose]))
        )
    if callee.args.kwarg is not None:
        found[callee.args.kwarg.arg] = extra
    return found


def result(
    inference: Inference,
    function: Function,
    given: dict[str, Shape],
    depth: int,
    extra: dict[str, Shape] | None = None,
) -> Shape:
    """What a function returns, called with these arguments."""
    found = inference.callable_node(function)
    if found is None:
        return UNKNOWN
    module, node = found
    if isinstance(node, ast.Lambda):
        declared: Shape = UNKNOWN
    else:
        declared = annotated(inference, module, node.returns) if node.returns is not None else UNKNOWN
        if not is_vague(declared) and not isinstance(declared, Never) and not _holds_mapping(declared):
            return declared
        if _is_stub(node):
            return declared
    bound: dict[tuple[str, str], Shape] = {}
    for scope, name, shape in function.bound:
        bound[scope, name] = shape
    if depth < MAX_BOUND:
        bound |= {(function.name, name): shape for name, shape in {**given, **(extra or {})}.items()}
        if given or extra is not None or isinstance(node, ast.Lambda):
            for name, default in _defaults(node):
                if (function.name, name) not in bound:
                    bound[function.name, name] = inference.evaluate(inference.free(module), default)
    else:
        bound = {key: shape for key, shape in bound.items() if key[0] == function.name}
    if bound:
        frame = inference.frame(function, bound, function.name, depth + 1)
        if frame is None:
            return UNKNOWN
    else:
        frame = inference.free(module)
    seen = _named(function, inference.remembered((frame, "result", node), lambda: inference.body_result(frame, node)))
    if isinstance(declared, Unknown):
        return seen
    return inference.refined(declared, seen)


def _named(function: Function, shape: Shape) -> Shape:
    """What `to_dict()` of an object gives is called as its class."""
    if not isinstance(shape, Mapping) or shape.name or function.name.rpartition(".")[2] not in SERIALIZERS:
        return shape
    owner = next((held for _, name, held in function.bound if name == "self" and isinstance(held, Instance)), None)
    return replace(shape, name=owner.name.rpartition(".")[2]) if owner is not None else shape


def _holds_mapping(shape: Shape) -> bool:
    """Whether a declared shape leaves the keys of a dict open."""
    return any(isinstance(member, Mapping) and not member.fields for member in members(shape))


def _defaults(node: FunctionNode | ast.Lambda) -> Iterable[tuple[str, ast.expr]]:
    positional = [*node.args.posonlyargs, *node.args.args]
    for arg, default in zip(positional[len(positional) - len(node.args.defaults) :], node.args.defaults, strict=True):
        yield arg.arg, default
    for arg, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if value is not None:
            yield arg.arg, value


def _is_stub(node: FunctionNode) -> bool:
    """Whether the body only stands there (a protocol, an abstract method)."""
    body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if not body or all(isinstance(s, ast.Pass) for s in body):
        return True
    return len(body) == 1 and isinstance(body[0], ast.Raise) and "NotImplemented" in ast.dump(body[0])


def decorated(inference: Inference, frame: Frame, node: FunctionNode) -> Shape:
    """The value of a function's name: the function, or what its decorators made of it."""
    module = frame.module
    qualname = module.scopes[node].qualname
    bound = tuple((scope, name, shape) for (scope, name), shape in sorted(frame.bound.items(), key=lambda i: i[0]))
    made: Shape = Function(module.name, qualname, bound)
    for decorator in reversed(node.decorator_list):
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = reference(target).rpartition(".")[2]
        if name in TRANSPARENT or name in ("contextmanager", "asynccontextmanager"):
            continue
        callee = inference.evaluate(inference.free(module), decorator)
        if isinstance(callee, Function) and (found := inference.callable_node(callee)) is not None:
            taken = parameters(found[1], skip=False)
            if taken:
                made = result(inference, callee, {taken[0].lstrip("*"): made}, frame.depth)
        elif name in ("marshal_with",):
            made = Foreign("returns", UNKNOWN)
    return made


def entered(inference: Inference, frame: Frame, node: ast.expr) -> Shape:
    """What `with node as name` gives."""
    if isinstance(node, ast.Call):
        callee = inference.evaluate(frame, node.func)
        found = inference.function_node(callee) if isinstance(callee, Function) else None
        if found is not None and classes.decorators(found[1]) & {"contextmanager", "asynccontextmanager"}:
            return element(call_shape(inference, frame, callee, node, node))
    shape = inference.evaluate(frame, node)
    if isinstance(shape, Instance):
        method = inference.method_of(ClassOf(shape.module, shape.name), "__enter__")
        if method is not None:
            return result(inference, Function(method.module, method.name, inference.receiver(method, shape)), {}, 1)
    return shape


def _super_call(inference: Inference, frame: Frame, name: str, node: ast.Call) -> Shape:
    found = above(inference, frame.module, node, name)
    if found is None:
        return UNKNOWN
    owner = next(a for a in frame.module.ancestors(node) if isinstance(a, ast.ClassDef))
    made = inference.instance(ClassOf(frame.module.name, frame.module.scopes[owner].qualname))
    bound = Function(found.module, found.name, inference.receiver(found, made))
    return call_shape(inference, frame, bound, node, node)


def above(inference: Inference, module: Module, node: ast.AST, name: str) -> Function | None:
    """The method that `super().name` leads to in the class around a place; None where it is not the project's."""
    owner = next((a for a in module.ancestors(node) if isinstance(a, ast.ClassDef)), None)
    if owner is None:
        return None
    fact = classes.class_fact(inference, ClassOf(module.name, module.scopes[owner].qualname))
    for other, base in fact.lineage[1:] if fact is not None else ():
        for statement in base.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == name:
                return Function(other.name, other.scopes[statement].qualname)
    return None
