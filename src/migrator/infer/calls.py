"""What calls give: of the project's functions and classes, of Python's, Flask's and other libraries'."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from migrator.infer import classes, replies
from migrator.infer.annotations import annotated
from migrator.infer.flow import blocks, start, statements
from migrator.infer.frame import Frame, scope_key
from migrator.infer.knowledge import (
    BUILTINS,
    CALLS,
    DIGESTS,
    METHODS,
    QUERY_ONE,
    QUERY_ONE_OR_NONE,
    QUERY_STEPS,
    REQUESTS,
)
from migrator.infer.narrow import instance_test
from migrator.infer.operators import binary, element, falsy, key_of, truthy, updated
from migrator.infer.shapes import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    JSON,
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
    Reply,
    Scalar,
    Shape,
    Site,
    TupleOf,
    Unknown,
    is_vague,
    join,
    members,
    widened,
    without_none,
)
from migrator.infer.shapes import Sequence as SequenceOf
from migrator.module import FunctionNode, Module, all_arguments
from migrator.syntax import argument, reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference
    from migrator.infer.mutations import Mutation

MAX_BOUND = 3
# decorators after which a function is called as before, and gives what it gave
TRANSPARENT = frozenset(
    {"staticmethod", "classmethod", "lru_cache", "cache", "wraps", "override", "abstractmethod", "property",
     "cached_property", "hybrid_property", "overload", "final", "validates", "reconstructor", "setter", "retry",
     "deprecated", "typechecked", "no_type_check"}
)  # fmt: skip


# -- calling -----------------------------------------------------------------------------------------------------------


def call(inference: Inference, frame: Frame, node: ast.Call) -> Shape:
    """The shape of a call expression."""
    func = node.func
    if isinstance(func, ast.Attribute):
        if isinstance(func.value, ast.Call) and reference(func.value.func) == "super":
            return _super_call(inference, frame, func.attr, node)
        owner = inference.evaluate(frame, func.value)
        return join(_method_call(inference, frame, member, func.attr, node) for member in members(owner))
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
        return external(
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
        return _method_call(inference, frame, callee, "__call__", node) if node is not None else UNKNOWN
    return UNKNOWN


def parameters(node: FunctionNode | ast.Lambda, *, skip: bool) -> list[str]:
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    return (names[1:] if skip else names) + [f"*{arg.arg}" for arg in node.args.kwonlyargs]


def matched(inference: Inference, frame: Frame, names: Sequence[str], node: ast.Call) -> dict[str, Shape]:
    """The arguments of a call by the parameters' names; keyword-only ones are written `*name` in `names`."""
    positional = [name for name in names if not name.startswith("*")]
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
    seen = inference.remembered((frame, "result", node), lambda: inference.body_result(frame, node))
    if isinstance(declared, Unknown):
        return seen
    return inference.refined(declared, seen)


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
        if isinstance(callee, Function) and (found := inference.function_node(callee)) is not None:
            if classes.decorators(found[1]) & {"contextmanager", "asynccontextmanager"}:
                return element(call_shape(inference, frame, callee, node, node))
    shape = inference.evaluate(frame, node)
    if isinstance(shape, Instance):
        method = inference.method_of(ClassOf(shape.module, shape.name), "__enter__")
        if method is not None:
            return result(inference, Function(method.module, method.name, inference.receiver(method, shape)), {}, 1)
    return shape


def _super_call(inference: Inference, frame: Frame, name: str, node: ast.Call) -> Shape:
    owner = next((a for a in frame.module.ancestors(node) if isinstance(a, ast.ClassDef)), None)
    if owner is None:
        return UNKNOWN
    cls = ClassOf(frame.module.name, frame.module.scopes[owner].qualname)
    fact = classes.class_fact(inference, cls)
    for module, base in fact.lineage[1:] if fact is not None else ():
        for statement in base.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == name:
                found = Function(module.name, module.scopes[statement].qualname)
                made = inference.instance(cls)
                bound = Function(found.module, found.name, inference.receiver(found, made))
                return call_shape(inference, frame, bound, node, node)
    return UNKNOWN


# -- lists and dicts, with all that fills them -------------------------------------------------------------------------


def made(inference: Inference, frame: Frame, node: ast.expr, shape: Shape) -> Shape:
    """A list or dict that is made at `node`, with what is put into it later."""
    if not isinstance(shape, (Mapping, SequenceOf)):
        return shape
    site = frame.module.name, node.lineno, node.col_offset
    return filled(inference, frame, node, site, shape, inference.effects(site))


def filled(
    inference: Inference,
    frame: Frame | None,
    node: ast.expr | None,
    site: Site,
    shape: Mapping | SequenceOf,
    effects: Iterable[Mutation],
) -> Shape:
    changed: Mapping | SequenceOf = (
        Mapping(shape.fields, shape.values, shape.keys, shape.name, frozenset({site}))
        if isinstance(shape, Mapping)
        else SequenceOf(shape.kind, shape.item, frozenset({site}))
    )
    for mutation in effects:
        here = inference.free(mutation.module)
        if frame is not None and node is not None and frame.module is mutation.module:
            if frame.module.function_of(node) is frame.module.function_of(mutation.node):
                here = frame
        if isinstance(changed, SequenceOf):
            changed = _listed(inference, here, changed, mutation)
        else:
            always = node is not None and _always_follows(mutation, node)
            changed = _keyed(inference, here, changed, mutation, always)
    return changed


def _always_follows(mutation: Mutation, node: ast.expr) -> bool:
    """Whether a dict that is made at `node` gets the key in the same run of statements."""
    module = mutation.module
    if node not in module.parents:
        return False
    maker, filler = module.statement_of(node), module.statement_of(mutation.node)
    parent = module.parents.get(maker)
    if module.parents.get(filler) is not parent or start(filler) <= start(maker):
        return False
    around = blocks(module, filler)
    return bool(around) and any(maker is one for one in statements(around[0][0]))


def _listed(inference: Inference, frame: Frame, shape: SequenceOf, mutation: Mutation) -> SequenceOf:
    node = mutation.node
    added: Shape = NEVER
    if mutation.kind == "extend" or mutation.kind == "update":
        value = mutation.value
        if isinstance(node, ast.Call):
            value = node.args[0] if node.args else None
        added = element(inference.evaluate(frame, value)) if value is not None else NEVER
    elif mutation.kind in ("item", "augmented") or mutation.value is not None:
        added = inference.evaluate(frame, mutation.value) if mutation.value is not None else UNKNOWN
    elif isinstance(node, ast.Call) and mutation.kind in ("append", "appendleft", "add", "insert", "put", "put_nowait"):
        position = 1 if mutation.kind == "insert" else 0
        if len(node.args) > position:
            added = inference.evaluate(frame, node.args[position])
    return (
        SequenceOf(shape.kind, join([shape.item, widened(added)]), shape.sites)
        if not isinstance(added, Never)
        else shape
    )


def _keyed(inference: Inference, frame: Frame, shape: Mapping, mutation: Mutation, always: bool) -> Mapping:
    node = mutation.node
    if mutation.kind in ("item", "augmented"):
        assert mutation.key is not None
        value = inference.evaluate(frame, mutation.value) if mutation.value is not None else UNKNOWN
        if mutation.kind == "augmented" and isinstance(node, ast.AugAssign):
            value = binary(node.op, NEVER, widened(value))
        return _with_key(shape, inference.evaluate(frame, mutation.key), value, always)
    if mutation.kind == "delete":
        assert mutation.key is not None
        return _without_key(shape, inference.evaluate(frame, mutation.key))
    if mutation.kind == "extend" and mutation.value is not None:
        return _maybe_updated(shape, inference.evaluate(frame, mutation.value), always)
    if not isinstance(node, ast.Call):
        return shape
    if mutation.kind in ("setdefault", "insert") and node.args:
        value = inference.evaluate(frame, node.args[1]) if len(node.args) > 1 else NONE
        return _with_key(shape, inference.evaluate(frame, node.args[0]), value, always)
    if mutation.kind == "pop" and node.args:
        return _without_key(shape, inference.evaluate(frame, node.args[0]))
    if mutation.kind in ("update", "from_mapping"):
        for arg in node.args:
            shape = _maybe_updated(shape, inference.evaluate(frame, arg), always)
        for keyword in node.keywords:
            value = inference.evaluate(frame, keyword.value)
            more = Mapping((Field(keyword.arg, value),)) if keyword.arg else value
            shape = _maybe_updated(shape, more, always)
        return shape
    if mutation.kind in ("popitem", "clear"):
        fields = tuple(Field(f.key, f.shape, False) for f in shape.fields)
        return Mapping(fields, shape.values, shape.keys, shape.name, shape.sites)
    return shape


def _with_key(shape: Mapping, key: Shape, value: Shape, always: bool) -> Mapping:
    names = [m.value for m in members(key) if isinstance(m, Scalar) and isinstance(m.value, str)]
    if len(names) == 1 and len(members(key)) == 1:
        old = shape.field(names[0])
        if old is not None:
            new = Field(old.key, join([old.shape, value]), old.always or always)
            fields = tuple(new if field is old else field for field in shape.fields)
        else:
            fields = (*shape.fields, Field(names[0], value, always))
        return Mapping(fields, shape.values, shape.keys, shape.name, shape.sites)
    fields = shape.fields
    if fields:  # any of the known keys may be meant
        fields = tuple(Field(f.key, join([f.shape, value]), f.always) for f in fields)
    return Mapping(
        fields, join([shape.values, widened(value)]), join([shape.keys, widened(key)]), shape.name, shape.sites
    )


def _without_key(shape: Mapping, key: Shape) -> Mapping:
    name = key.value if isinstance(key, Scalar) else None
    fields = tuple(Field(f.key, f.shape, f.always and name is not None and f.key != name) for f in shape.fields)
    return Mapping(fields, shape.values, shape.keys, shape.name, shape.sites)


def _maybe_updated(shape: Mapping, more: Shape, always: bool) -> Mapping:
    for member in members(more):
        if isinstance(member, Mapping):
            for field in member.fields:
                shape = _with_key(shape, Scalar("str", field.key), field.shape, always and field.always)
            if not member.is_closed:
                shape = Mapping(
                    tuple(Field(f.key, join([f.shape, member.values]), f.always) for f in shape.fields),
                    join([shape.values, member.values]), join([shape.keys, member.keys]), shape.name, shape.sites,
                )  # fmt: skip
        elif isinstance(member, (SequenceOf, TupleOf)):
            pair = element(member)
            if isinstance(pair, TupleOf) and len(pair.items) == 2:
                shape = _with_key(shape, pair.items[0], pair.items[1], False)
        elif member != NONE:
            values = JSON if isinstance(member, Json) else UNKNOWN
            fields = tuple(Field(f.key, join([f.shape, values]), f.always) for f in shape.fields)
            shape = Mapping(fields, join([shape.values, values]), join([shape.keys, STR]), shape.name, shape.sites)
    return shape


# -- libraries ---------------------------------------------------------------------------------------------------------


def external(inference: Inference, frame: Frame, name: str, node: ast.Call, *, has_arguments: bool = True) -> Shape:
    """What a call of another library's function gives."""
    args = node.args if has_arguments else []

    def given(position: int, keyword: str = "") -> Shape | None:
        found = argument(node, position, keyword) if has_arguments else None
        return inference.evaluate(frame, found) if found is not None else None

    if name.startswith("builtins."):
        return _builtin(inference, frame, name.removeprefix("builtins."), node, args)
    reply = replies.made_by(inference, frame, name, node)
    if reply is not None:
        return reply
    if name == "flask.request.get_json":
        silent = argument(node, 1, "silent")
        return join([JSON, NONE]) if silent is not None else JSON
    if name == "flask.request.get_data":
        as_text = argument(node, 1, "as_text")
        return STR if isinstance(as_text, ast.Constant) and as_text.value else BYTES
    if name in CALLS:
        return made(inference, frame, node, CALLS[name])
    if name in DIGESTS:
        return Foreign("digest")
    if name in REQUESTS:
        return Foreign("http_response")
    last = name.rpartition(".")[2]
    if name in ("os.environ.get", "os.getenv"):
        default = given(1, "default")
        return join([STR, default if default is not None else NONE])
    if name.startswith("copy."):
        return given(0) or UNKNOWN
    if name in ("dataclasses.asdict", "attr.asdict", "attrs.asdict"):
        return classes.as_mapping(inference, given(0) or UNKNOWN)
    if name == "dataclasses.replace":
        return given(0) or UNKNOWN
    if name == "dataclasses.is_dataclass":
        return BOOL
    if name == "dataclasses.fields":
        return SequenceOf("tuple", Foreign("field"))
    if name == "collections.defaultdict":
        values: Shape = NEVER
        if args:
            factory = inference.evaluate(frame, args[0])
            values = made(inference, frame, args[0], call_shape(inference, frame, factory, None, node))
        return made(inference, frame, node, Mapping(values=values))
    if name == "collections.Counter":
        keys = element(given(0) or UNKNOWN) if args else NEVER
        return made(inference, frame, node, Mapping(values=INT, keys=keys))
    if name == "collections.OrderedDict":
        return _builtin(inference, frame, "dict", node, args)
    if name == "collections.deque":
        return made(inference, frame, node, SequenceOf("deque", element(given(0) or UNKNOWN) if args else NEVER))
    if name in ("queue.Queue", "queue.LifoQueue", "queue.SimpleQueue", "asyncio.Queue"):
        return made(inference, frame, node, SequenceOf("queue"))
    if name == "collections.namedtuple":
        return Foreign("namedtuple")
    if name.startswith("itertools."):
        return _itertools(inference, frame, last, node)
    if name == "functools.reduce":
        return UNKNOWN
    if name in ("statistics.mean", "statistics.median", "statistics.fmean", "statistics.stdev", "statistics.pstdev"):
        items = element(given(0) or UNKNOWN)
        return join(
            FLOAT if isinstance(m, Scalar) and m.kind in ("int", "float", "bool") else m for m in members(items)
        )
    if name in ("random.choice",):
        return element(given(0) or UNKNOWN)
    if name in ("random.sample", "random.choices"):
        return SequenceOf("list", element(given(0) or UNKNOWN))
    if name in ("urllib.parse.urlparse", "urllib.parse.urlsplit"):
        return Foreign("parsed_url")
    if name == "re.findall":
        return SequenceOf("list", JSON)
    if name == "operator.attrgetter":
        return Foreign("returns", UNKNOWN)
    if name in ("typing.cast",):
        return given(1) or UNKNOWN
    if name == "typing.NewType":
        return Foreign("returns", annotated(inference, frame.module, args[1]) if len(args) > 1 else UNKNOWN)
    if name in ("sqlalchemy.select", "sqlalchemy.orm.select", "sqlalchemy.future.select"):
        return _selected(inference, frame, args)
    if name in ("marshmallow.fields.Nested",):
        return UNKNOWN
    if name.startswith("numpy.") and last in ("mean", "sum", "max", "min", "dot"):
        return Foreign("numpy.number")
    if name in ("flask_sqlalchemy.SQLAlchemy", "flask_sqlalchemy.db"):
        return Foreign("sqlalchemy")
    if name == "flask.session.get" or name == "flask.session.pop":
        return _got(inference, frame, inference.item(External("flask.session"), given(0) or UNKNOWN), node)
    if name == "flask.g.get" or name == "flask.g.pop":
        key = given(0)
        held = inference.attribute(frame, External("flask.g"), str(key.value)) if isinstance(key, Scalar) else UNKNOWN
        return join([held, given(1) or NONE]) if not isinstance(held, External) else UNKNOWN
    if name == "sqlite3.connect":  # without converters a row holds numbers, texts and None
        return UNKNOWN if argument(node, 2, "detect_types") is not None else Foreign("sqlite")
    return UNKNOWN


def _itertools(inference: Inference, frame: Frame, name: str, node: ast.Call) -> Shape:
    shapes = [inference.evaluate(frame, arg) for arg in node.args]
    if name in ("islice", "cycle", "accumulate", "takewhile", "dropwhile", "filterfalse") and shapes:
        taken = shapes[0] if name in ("islice", "cycle", "accumulate") else shapes[-1]
        return SequenceOf("generator", element(taken))
    if name == "chain":
        return SequenceOf("generator", join(element(shape) for shape in shapes))
    if name in ("product", "zip_longest"):
        return SequenceOf("generator", TupleOf(tuple(element(shape) for shape in shapes)))
    if name in ("combinations", "permutations") and shapes:
        return SequenceOf("generator", SequenceOf("tuple", element(shapes[0])))
    if name == "groupby" and shapes:
        key = argument(node, 1, "key")
        made_key = (
            applied(inference, frame, inference.evaluate(frame, key), [element(shapes[0])])
            if key is not None
            else element(shapes[0])
        )
        return SequenceOf("generator", TupleOf((made_key, SequenceOf("generator", element(shapes[0])))))
    return UNKNOWN


def applied(inference: Inference, frame: Frame, function: Shape, arguments: Sequence[Shape]) -> Shape:
    """What a function value gives for these arguments (`map`, `key=`)."""
    found: list[Shape] = []
    for member in members(function):
        if isinstance(member, Function) and (node := inference.callable_node(member)) is not None:
            names = [
                n
                for n in parameters(node[1], skip=bool([b for b in member.bound if b[0] == member.name]))
                if not n.startswith("*")
            ]
            found.append(result(inference, member, dict(zip(names, arguments, strict=False)), frame.depth))
        elif isinstance(member, ClassOf):
            found.append(inference.instance(member))
        elif isinstance(member, External) and member.name in CALLS:
            found.append(CALLS[member.name])
        elif isinstance(member, External) and member.name.removeprefix("builtins.") in BUILTINS:
            found.append(BUILTINS[member.name.removeprefix("builtins.")])
        elif isinstance(member, External) and member.name.startswith("builtins.") and member.name.count(".") == 2:
            kind, _, method = member.name.removeprefix("builtins.").partition(".")
            found.append(METHODS.get((kind, method), UNKNOWN))
        elif isinstance(member, External) and member.name == "dataclasses.asdict" and arguments:
            found.append(classes.as_mapping(inference, arguments[0]))
        elif isinstance(member, External) and member.name in ("builtins.dict", "builtins.list") and arguments:
            found.append(_copied(inference, member.name.removeprefix("builtins."), arguments[0]))
        else:
            found.append(UNKNOWN)
    return join(found)


def _copied(inference: Inference, name: str, source: Shape) -> Shape:
    """`dict(source)`, `list(source)`, ..."""
    if name == "dict":
        found: list[Shape] = []
        for member in members(source):
            if isinstance(member, Mapping):
                found.append(Mapping(member.fields, member.values, member.keys, member.name))
            elif isinstance(member, Json) or (isinstance(member, Foreign) and member.kind == "sqlite.row"):
                found.append(Mapping(values=JSON, keys=STR))
            elif isinstance(member, (SequenceOf, TupleOf)):
                pair = element(member)
                if isinstance(pair, TupleOf) and len(pair.items) == 2:
                    found.append(Mapping(values=widened(pair.items[1]), keys=widened(pair.items[0])))
                else:
                    found.append(Mapping(values=element(pair), keys=element(pair)))
            elif isinstance(member, Foreign) and member.kind == "multidict":
                found.append(Mapping(values=SequenceOf("list", member.item), keys=STR))
            else:
                found.append(Mapping(values=UNKNOWN, keys=UNKNOWN))
        return join(found)
    if name == "tuple" and isinstance(source, TupleOf):
        return source
    return SequenceOf(name, widened(_iterated(inference, source)))


def _iterated(inference: Inference, source: Shape) -> Shape:
    found: list[Shape] = []
    for member in members(source):
        if isinstance(member, Instance) and (m := inference.method_of(ClassOf(member.module, member.name), "__iter__")):
            bound = Function(m.module, m.name, inference.receiver(m, member))
            found.append(element(result(inference, bound, {}, 1)))
        elif isinstance(member, ClassOf):
            found.append(inference.instance(member))
        else:
            found.append(element(member))
    return join(found)


def _builtin(inference: Inference, frame: Frame, name: str, node: ast.Call, args: Sequence[ast.expr]) -> Shape:
    """Python's own functions."""

    def given(position: int) -> Shape:
        return inference.evaluate(frame, args[position]) if len(args) > position else UNKNOWN

    if name in ("list", "set", "frozenset", "tuple", "reversed", "sorted"):
        kind = {"reversed": "generator", "sorted": "list"}.get(name, name)
        if not args:
            return made(inference, frame, node, SequenceOf(kind))
        return made(inference, frame, node, _copied(inference, kind, given(0)))
    if name == "dict":
        base = _copied(inference, "dict", given(0)) if args else Mapping()
        for keyword in node.keywords:
            shape = inference.evaluate(frame, keyword.value)
            more: Shape = Mapping((Field(keyword.arg, shape),)) if keyword.arg else shape
            for member in members(more):
                if isinstance(base, Mapping):
                    base = updated(base, member if isinstance(member, Mapping) else Mapping(values=UNKNOWN, keys=STR))
        return made(inference, frame, node, base)
    if name in ("sum",):
        item = element(given(0))
        begin = inference.evaluate(frame, args[1]) if len(args) > 1 else INT
        return widened(join([begin, binary(ast.Add(), item, item)]))
    if name in ("max", "min"):
        default = next((inference.evaluate(frame, k.value) for k in node.keywords if k.arg == "default"), NEVER)
        if len(args) == 1:
            return widened(join([element(given(0)), default]))
        return widened(join([inference.evaluate(frame, arg) for arg in args]))
    if name == "next":
        return join([element(given(0)), inference.evaluate(frame, args[1]) if len(args) > 1 else NEVER])
    if name in ("iter", "aiter"):
        return SequenceOf("generator", _iterated(inference, given(0)))
    if name == "enumerate":
        return SequenceOf("generator", TupleOf((INT, _iterated(inference, given(0)))))
    if name == "zip":
        return SequenceOf("generator", TupleOf(tuple(element(inference.evaluate(frame, arg)) for arg in args)))
    if name == "map" and args:
        items = [_iterated(inference, inference.evaluate(frame, arg)) for arg in args[1:]]
        return SequenceOf("generator", applied(inference, frame, given(0), items))
    if name == "filter" and len(args) > 1:
        item = _iterated(inference, given(1))
        return SequenceOf("generator", truthy(item) if given(0) == NONE else item)
    if name == "round":
        number = given(0)
        has_digits = len(args) > 1 or bool(node.keywords)
        found: list[Shape] = []
        for member in members(number):
            if isinstance(member, Scalar) and member.kind in ("float", "int", "bool"):
                found.append(Scalar("int") if not has_digits or member.kind != "float" else FLOAT)
            elif isinstance(member, Scalar) and member.kind == "decimal":
                found.append(member if has_digits else INT)
            elif isinstance(member, Json):
                found.append(JSON if has_digits else INT)
            else:
                found.append(UNKNOWN if has_digits or isinstance(member, (Unknown, Foreign)) else NEVER)
        return join(found)
    if name == "abs":
        return widened(given(0))
    if name == "divmod":
        whole = binary(ast.FloorDiv(), given(0), given(1))
        return TupleOf((whole, whole))
    if name == "pow":
        return binary(ast.Pow(), given(0), given(1))
    if name == "getattr" and len(args) > 1:
        key = given(1)
        if isinstance(key, Scalar) and isinstance(key.value, str):
            held = inference.attribute(frame, given(0), key.value)
            return join([held, given(2)]) if len(args) > 2 else held
        return UNKNOWN
    if name == "vars" and args:
        return join(inference.object_dict(m) if isinstance(m, Instance) else UNKNOWN for m in members(given(0)))
    if name == "type" and len(args) == 1:
        shape = given(0)
        return ClassOf(shape.module, shape.name) if isinstance(shape, Instance) else External("builtins.type.of")
    if name == "super":
        return UNKNOWN
    if name == "abort":
        return NEVER
    if name == "isinstance" and len(args) == 2:
        kinds = args[1].elts if isinstance(args[1], ast.Tuple) else [args[1]]
        same = instance_test(inference, given(0), [inference.evaluate(frame, kind) for kind in kinds])
        return Scalar("bool", same) if same is not None and frame.bound else BOOL
    if name in ("exit", "quit"):
        return NEVER
    if name in BUILTINS:
        return BUILTINS[name]
    if name.endswith(("Error", "Exception")):
        return Foreign("exception")
    if "." in name:  # str.lower(text)
        kind, _, method = name.partition(".")
        return METHODS.get((kind, method), UNKNOWN)
    return UNKNOWN


def _got(inference: Inference, frame: Frame, value: Shape, node: ast.Call, default_at: int = 1) -> Shape:
    """`.get(key, default)`: the value or the default."""
    default = argument(node, default_at, "default")
    return join([value, inference.evaluate(frame, default) if default is not None else NONE])


def _method_call(inference: Inference, frame: Frame, owner: Shape, name: str, node: ast.Call) -> Shape:
    """`owner.name(...)`."""
    if isinstance(owner, Never) or owner == NONE:
        return NEVER
    if isinstance(owner, Mapping):
        return _mapping_method(inference, frame, owner, name, node)
    if isinstance(owner, (SequenceOf, TupleOf)):
        return _sequence_method(inference, frame, owner, name, node)
    if isinstance(owner, Json):
        return _json_method(inference, frame, name, node)
    if isinstance(owner, Scalar):
        if owner.kind == "decimal" and name in ("as_integer_ratio", "as_tuple"):
            return UNKNOWN
        return METHODS.get((owner.kind, name), UNKNOWN)
    if isinstance(owner, Foreign):
        return _foreign_method(inference, frame, owner, name, node)
    if isinstance(owner, External):
        return external(inference, frame, inference.project.canonical(f"{owner.name}.{name}"), node)
    if isinstance(owner, Reply):
        if name == "get_json":
            return owner.payload
        return {"get_data": BYTES, "set_cookie": NONE, "delete_cookie": NONE}.get(name, UNKNOWN)
    if isinstance(owner, Unknown):
        return _unknown_method(inference, frame, name, node)
    if isinstance(owner, Instance) and name == "__call__":
        found = inference.method_of(ClassOf(owner.module, owner.name), "__call__")
        if found is None:
            return UNKNOWN
        return call_shape(
            inference, frame, Function(found.module, found.name, inference.receiver(found, owner)), node, node
        )
    if isinstance(owner, Instance) and owner.base in ("str", "int", "enum"):
        held = inference.attribute(frame, owner, name)
        if isinstance(held, (Unknown, Never)) and (owner.base, name) in METHODS:
            return METHODS[owner.base, name]
        return call_shape(inference, frame, held, node, node)
    if isinstance(owner, Instance) and name in ("_asdict", "model_dump", "dict"):
        held = inference.attribute(frame, owner, name)
        return call_shape(inference, frame, held, node, node)
    callee = inference.attribute(frame, owner, name)
    return join(call_shape(inference, frame, member, node, node) for member in members(callee))


def _unknown_method(inference: Inference, frame: Frame, name: str, node: ast.Call) -> Shape:
    """Methods whose name says enough, whatever has them: they give text, or a model by its primary key."""
    if name in ("isoformat", "strftime", "hexdigest", "format", "strip", "lower", "upper", "rstrip", "lstrip", "title"):
        return STR
    if name in ("startswith", "endswith", "isdigit"):
        return BOOL
    if (
        name in ("scalars", "execute", "query", "scalar", "get", "get_or_404", "paginate", "one_or_404", "first_or_404")
        and node.args
    ):
        return _session_method(inference, frame, name, node)
    if name in ("predict", "predict_proba", "transform", "fit_transform", "decision_function"):
        return Foreign("ndarray")
    return UNKNOWN


def _session_method(inference: Inference, frame: Frame, name: str, node: ast.Call) -> Shape:
    """`db.session.get(Model, key)`, `db.session.query(Model)`, `db.session.scalars(select(Model))`, `db.get_or_404(...)`."""
    first = inference.evaluate(frame, node.args[0])
    if isinstance(first, ClassOf):
        fact = classes.class_fact(inference, first)
        if fact is None or fact.kind != "orm":
            return UNKNOWN
        item = inference.instance(first)
        if name == "query":
            return _selected(inference, frame, node.args)
        if name in ("get_or_404", "one_or_404", "first_or_404"):
            return item
        return join([item, NONE]) if name == "get" else UNKNOWN
    if isinstance(first, Foreign) and first.kind == "sqlalchemy.query":
        if name in ("first_or_404", "one_or_404"):
            return first.item
        if name == "scalar":
            return join([first.item, NONE])
        if name == "paginate":
            return Foreign("sqlalchemy.page", first.item)
        if name in ("scalars", "query"):
            return first
        return Foreign("sqlalchemy.result", first.item) if name == "execute" else UNKNOWN
    return UNKNOWN


def _selected(inference: Inference, frame: Frame, args: Sequence[ast.expr]) -> Shape:
    shapes = [inference.evaluate(frame, arg) for arg in args]
    items: list[Shape] = []
    for shape in shapes:
        if isinstance(shape, ClassOf):
            items.append(inference.instance(shape))
        elif isinstance(shape, Foreign) and shape.kind == "sqlalchemy.column":
            items.append(shape.item)
        else:
            items.append(UNKNOWN)
    if len(items) == 1:
        return Foreign("sqlalchemy.query", items[0])
    return Foreign("sqlalchemy.query", TupleOf(tuple(items)))


def _foreign_method(inference: Inference, frame: Frame, owner: Foreign, name: str, node: ast.Call) -> Shape:
    if owner.kind == "multidict":
        return _multidict_method(inference, frame, owner, name, node)
    if owner.kind in ("sqlalchemy.query", "sqlalchemy.result"):
        if name == "with_entities" or name == "add_columns":
            return _selected(inference, frame, node.args)
        if name in ("all", "fetchall"):
            item = (
                TupleOf((owner.item,))
                if owner.kind == "sqlalchemy.result" and not isinstance(owner.item, TupleOf)
                else owner.item
            )
            return made(inference, frame, node, SequenceOf("list", item))
        if name == "scalars":
            return Foreign("sqlalchemy.query", owner.item)
        if name in QUERY_STEPS:
            return owner
        if name in QUERY_ONE:
            return owner.item
        if name in QUERY_ONE_OR_NONE:
            return join([owner.item, NONE])
        if name == "paginate":
            return Foreign("sqlalchemy.page", owner.item)
        if name in ("exists",):
            return UNKNOWN
    if owner.kind.startswith("sqlite"):
        return _sqlite_method(owner.kind, name)
    if owner.kind in ("flask.config", "flask.extensions") and name == "get":
        key = inference.evaluate(frame, node.args[0]) if node.args else UNKNOWN
        return _got(inference, frame, inference.item(owner, key), node)
    if owner.kind == "flask.Flask" and name == "response_class":
        return replies.made_by(inference, frame, "flask.Response", node) or UNKNOWN
    if owner.kind == "flask.Flask" and name in ("make_response", "redirect"):
        return replies.made_by(inference, frame, f"flask.{name}", node) or UNKNOWN
    if owner.kind == "sqlalchemy":
        if name in ("get_or_404", "first_or_404", "one_or_404", "paginate"):
            return _session_method(inference, frame, name, node)
        return _selected(inference, frame, node.args) if name == "select" else UNKNOWN
    if owner.kind == "ndarray" and name in ("mean", "sum", "max", "min", "std"):
        return Foreign("numpy.number")
    return METHODS.get((owner.kind, name), UNKNOWN)


def _sqlite_method(kind: str, name: str) -> Shape:
    row = Foreign("sqlite.row")
    if name in ("execute", "executemany", "executescript", "cursor"):
        return Foreign("sqlite.cursor")
    if name == "fetchone":
        return join([row, NONE])
    if name in ("fetchall", "fetchmany"):
        return SequenceOf("list", row)
    if kind == "sqlite.row" and name == "keys":
        return SequenceOf("list", STR)
    return NONE if name in ("commit", "close", "rollback") else UNKNOWN


def _multidict_method(inference: Inference, frame: Frame, owner: Foreign, name: str, node: ast.Call) -> Shape:
    if name in ("get", "pop"):
        kind = argument(node, 2, "type")
        value = owner.item if kind is None else applied(inference, frame, inference.evaluate(frame, kind), [owner.item])
        return _got(inference, frame, value, node)
    if name == "getlist":
        kind = argument(node, 1, "type")
        value = owner.item if kind is None else applied(inference, frame, inference.evaluate(frame, kind), [owner.item])
        return SequenceOf("list", value)
    if name == "to_dict":
        flat = argument(node, 0, "flat")
        many = isinstance(flat, ast.Constant) and not flat.value
        return made(
            inference, frame, node, Mapping(values=SequenceOf("list", owner.item) if many else owner.item, keys=STR)
        )
    if name == "keys":
        return SequenceOf("generator", STR)
    if name == "values":
        return SequenceOf("generator", owner.item)
    if name == "items":
        return SequenceOf("generator", TupleOf((STR, owner.item)))
    if name == "lists":
        return SequenceOf("generator", TupleOf((STR, SequenceOf("list", owner.item))))
    return BOOL if name == "has_key" else UNKNOWN


def _mapping_method(inference: Inference, frame: Frame, owner: Mapping, name: str, node: ast.Call) -> Shape:
    def key() -> Shape:
        return inference.evaluate(frame, node.args[0]) if node.args else UNKNOWN

    if name in ("get", "pop"):
        asked = key()
        field = owner.field(str(asked.value)) if isinstance(asked, Scalar) and isinstance(asked.value, str) else None
        if field is not None and field.always:
            return field.shape
        default = argument(node, 1, "default")
        if name == "pop" and default is None:
            return inference.item(owner, asked)
        if field is None and isinstance(asked, Scalar) and isinstance(asked.value, str) and owner.is_closed:
            return inference.evaluate(frame, default) if default is not None else NONE
        return _got(inference, frame, inference.item(owner, asked), node)
    if name == "setdefault":
        asked = key()
        value = inference.evaluate(frame, node.args[1]) if len(node.args) > 1 else NONE
        known = (
            owner.any_value() if not isinstance(asked, Scalar) or asked.value is None else inference.item(owner, asked)
        )
        return join([known if not isinstance(known, Unknown) or not owner.is_closed else NEVER, value])
    if name in ("keys", "__iter__"):
        return SequenceOf("keys", key_of(owner))
    if name == "values":
        return SequenceOf("generator", owner.any_value())
    if name == "items":
        return SequenceOf("generator", TupleOf((key_of(owner), owner.any_value())))
    if name == "copy":
        return made(inference, frame, node, Mapping(owner.fields, owner.values, owner.keys, owner.name))
    if name == "popitem":
        return TupleOf((key_of(owner), owner.any_value()))
    if name in ("update", "clear"):
        return NONE
    if name == "fromkeys":
        return UNKNOWN
    if name == "most_common":
        return SequenceOf("list", TupleOf((key_of(owner), INT)))
    if name == "getlist":
        return SequenceOf("list", owner.any_value())
    return UNKNOWN


def _sequence_method(
    inference: Inference, frame: Frame, owner: SequenceOf | TupleOf, name: str, node: ast.Call
) -> Shape:
    item = owner.item if isinstance(owner, SequenceOf) else join(owner.items)
    if name in (
        "append",
        "extend",
        "insert",
        "remove",
        "sort",
        "reverse",
        "clear",
        "add",
        "discard",
        "update",
        "appendleft",
    ):
        return NONE
    if name in ("pop", "popleft"):
        return item
    if isinstance(owner, SequenceOf) and owner.kind == "queue":
        return item if name in ("get", "get_nowait") else UNKNOWN
    if name in ("index", "count"):
        return INT
    if name == "copy" and isinstance(owner, SequenceOf):
        return made(inference, frame, node, SequenceOf(owner.kind, item))
    if name in ("union", "symmetric_difference") and isinstance(owner, SequenceOf):
        others = [element(inference.evaluate(frame, arg)) for arg in node.args]
        return SequenceOf(owner.kind, join([item, *others]))
    if name in ("intersection", "difference"):
        return SequenceOf("set", item)
    if name in ("issubset", "issuperset", "isdisjoint"):
        return BOOL
    if name == "_asdict":
        return Mapping(values=item, keys=STR)
    return NEVER if name in ("get", "items", "strip", "split") else UNKNOWN


def _json_method(inference: Inference, frame: Frame, name: str, node: ast.Call) -> Shape:
    """What a value that came out of JSON gives, were it of the kind that has the method."""
    if name in ("get", "pop"):
        return _got(inference, frame, JSON, node)
    if name == "setdefault":
        return JSON
    if name == "items":
        return SequenceOf("generator", TupleOf((STR, JSON)))
    if name == "keys":
        return SequenceOf("keys", STR)
    if name == "values":
        return SequenceOf("generator", JSON)
    if name == "copy":
        return JSON
    if name in ("append", "extend", "update", "sort", "insert", "clear", "remove"):
        return NONE
    if name in ("index", "count"):
        return INT
    return METHODS.get(("str", name), METHODS.get(("float", name), METHODS.get(("int", name), NEVER)))


__all__ = ["Module", "all_arguments", "falsy", "scope_key", "without_none"]
