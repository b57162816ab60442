"""Functions of Python, Flask and other libraries."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from migrator.infer import calls, classes, methods, replies, turns
from migrator.infer.annotations import annotated
from migrator.infer.filled import made
from migrator.infer.frame import Frame
from migrator.infer.knowledge import (
    BUILTINS,
    CALLS,
    DIGESTS,
    METHODS,
    REQUESTS,
)
from migrator.infer.narrow import instance_test
from migrator.infer.operators import binary, dict_of, element, truthy, updated
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
    Scalar,
    Shape,
    TupleOf,
    Unknown,
    join,
    members,
    widened,
)
from migrator.infer.shapes import Sequence as SequenceOf
from migrator.syntax import argument

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference


def external(inference: Inference, frame: Frame, name: str, node: ast.Call, *, has_arguments: bool = True) -> Shape:
    """What a call of another library's function gives."""
    args = node.args if has_arguments else []

    def given(position: int, keyword: str = "") -> Shape | None:
        found = argument(node, position, keyword) if has_arguments else None
        return inference.evaluate(frame, found) if found is not None else None

    if name.startswith("builtins."):
        return builtin(inference, frame, name.removeprefix("builtins."), node, args)
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
            values = made(inference, frame, args[0], calls.call_shape(inference, frame, factory, None, node))
        return made(inference, frame, node, Mapping(values=values))
    if name == "collections.Counter":
        keys = element(given(0) or UNKNOWN) if args else NEVER
        return made(inference, frame, node, Mapping(values=INT, keys=keys))
    if name == "collections.OrderedDict":
        return builtin(inference, frame, "dict", node, args)
    if name == "collections.deque":
        return made(inference, frame, node, SequenceOf("deque", element(given(0) or UNKNOWN) if args else NEVER))
    if name in ("queue.Queue", "queue.LifoQueue", "queue.SimpleQueue", "asyncio.Queue"):
        return made(inference, frame, node, SequenceOf("queue"))
    if name == "collections.namedtuple":
        return Foreign("namedtuple")
    if name.startswith("itertools."):
        return itertools_call(inference, frame, last, node)
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
        return methods.selected(inference, frame, args)
    if name in ("sqlalchemy.func.count", "sqlalchemy.func.now", "sqlalchemy.func.lower", "sqlalchemy.func.upper"):
        return Foreign("sqlalchemy.column", {"count": INT, "now": Scalar("datetime")}.get(last, STR))
    if name in ("sqlalchemy.delete", "sqlalchemy.update", "sqlalchemy.insert"):
        return Foreign("sqlalchemy.statement")
    if name in ("sqlalchemy.func.max", "sqlalchemy.func.min", "sqlalchemy.func.coalesce"):
        column = given(0)
        return column if isinstance(column, Foreign) else Foreign("sqlalchemy.column")
    if name.startswith("numpy.") and last in ("mean", "sum", "max", "min", "dot"):
        return Foreign("numpy.number")
    if name in ("flask_sqlalchemy.SQLAlchemy", "flask_sqlalchemy.db"):
        return Foreign("sqlalchemy")
    if name == "flask.session.get" or name == "flask.session.pop":
        return methods.got(inference, frame, inference.item(External("flask.session"), given(0) or UNKNOWN), node)
    if name == "flask.g.get" or name == "flask.g.pop":
        key = given(0)
        held = inference.attribute(frame, External("flask.g"), str(key.value)) if isinstance(key, Scalar) else UNKNOWN
        return join([held, given(1) or NONE]) if not isinstance(held, External) else UNKNOWN
    if name == "sqlite3.connect":  # without converters a row holds numbers, texts and None
        return UNKNOWN if argument(node, 2, "detect_types") is not None else Foreign("sqlite")
    return UNKNOWN


def itertools_call(inference: Inference, frame: Frame, name: str, node: ast.Call) -> Shape:
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
                for n in calls.parameters(node[1], skip=bool([b for b in member.bound if b[0] == member.name]))
                if not n.startswith("*")
            ]
            found.append(calls.result(inference, member, dict(zip(names, arguments, strict=False)), frame.depth))
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
            found.append(copied(inference, member.name.removeprefix("builtins."), arguments[0]))
        else:
            found.append(UNKNOWN)
    return join(found)


def copied(inference: Inference, name: str, source: Shape) -> Shape:
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
    return SequenceOf(name, widened(iterated(inference, source)))


def iterated(inference: Inference, source: Shape) -> Shape:
    found: list[Shape] = []
    for member in members(source):
        if isinstance(member, Instance) and (m := inference.method_of(ClassOf(member.module, member.name), "__iter__")):
            bound = Function(m.module, m.name, inference.receiver(m, member))
            found.append(element(calls.result(inference, bound, {}, 1)))
        elif isinstance(member, ClassOf):
            found.append(inference.instance(member))
        else:
            found.append(element(member))
    return join(found)


def builtin(inference: Inference, frame: Frame, name: str, node: ast.Call, args: Sequence[ast.expr]) -> Shape:
    """Python's own functions."""

    def given(position: int) -> Shape:
        return inference.evaluate(frame, args[position]) if len(args) > position else UNKNOWN

    if name in ("list", "set", "frozenset", "tuple", "reversed", "sorted"):
        kind = {"reversed": "generator", "sorted": "list"}.get(name, name)
        if not args:
            return made(inference, frame, node, SequenceOf(kind))
        return made(inference, frame, node, copied(inference, kind, given(0)))
    if name == "dict":
        pairs = turns.pairs(inference, frame, args[0]) if args else ()
        base = copied(inference, "dict", given(0)) if pairs is None else dict_of(pairs)
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
        return SequenceOf("generator", iterated(inference, given(0)))
    if name == "enumerate":
        return SequenceOf("generator", TupleOf((INT, iterated(inference, given(0)))))
    if name == "zip":
        return SequenceOf("generator", TupleOf(tuple(element(inference.evaluate(frame, arg)) for arg in args)))
    if name == "map" and args:
        items = [iterated(inference, inference.evaluate(frame, arg)) for arg in args[1:]]
        return SequenceOf("generator", applied(inference, frame, given(0), items))
    if name == "filter" and len(args) > 1:
        item = iterated(inference, given(1))
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
