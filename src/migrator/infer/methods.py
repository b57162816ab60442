"""Methods of values that are known: of text, lists, dicts, queries, and what came out of JSON."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from migrator.infer import calls, classes, libraries, replies
from migrator.infer.filled import made
from migrator.infer.frame import Frame
from migrator.infer.knowledge import (
    METHODS,
    QUERY_ONE,
    QUERY_ONE_OR_NONE,
    QUERY_STEPS,
)
from migrator.infer.operators import element, key_of
from migrator.infer.shapes import (
    BOOL,
    BYTES,
    INT,
    JSON,
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    ClassOf,
    External,
    Foreign,
    Function,
    Instance,
    Json,
    Mapping,
    Never,
    Reply,
    Scalar,
    Shape,
    TupleOf,
    Unknown,
    join,
    members,
)
from migrator.infer.shapes import Sequence as SequenceOf
from migrator.syntax import argument

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference


def got(inference: Inference, frame: Frame, value: Shape, node: ast.Call, default_at: int = 1) -> Shape:
    """`.get(key, default)`: the value or the default."""
    default = argument(node, default_at, "default")
    return join([value, inference.evaluate(frame, default) if default is not None else NONE])


def method_call(inference: Inference, frame: Frame, owner: Shape, name: str, node: ast.Call) -> Shape:
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
        return libraries.external(inference, frame, inference.project.canonical(f"{owner.name}.{name}"), node)
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
        return calls.call_shape(
            inference, frame, Function(found.module, found.name, inference.receiver(found, owner)), node, node
        )
    if isinstance(owner, Instance) and owner.base in ("str", "int", "enum"):
        held = inference.attribute(frame, owner, name)
        if isinstance(held, (Unknown, Never)) and (owner.base, name) in METHODS:
            return METHODS[owner.base, name]
        return calls.call_shape(inference, frame, held, node, node)
    if isinstance(owner, Instance) and name in ("_asdict", "model_dump", "dict"):
        held = inference.attribute(frame, owner, name)
        return calls.call_shape(inference, frame, held, node, node)
    callee = inference.attribute(frame, owner, name)
    return join(calls.call_shape(inference, frame, member, node, node) for member in members(callee))


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
    if name == "tolist" and not node.args:
        return SequenceOf("list", JSON)
    return UNKNOWN


def _session_method(inference: Inference, frame: Frame, name: str, node: ast.Call) -> Shape:
    """`db.session.get(Model, key)`, `.query(Model)`, `.scalars(select(Model))`, `db.get_or_404(Model, key)`."""
    first = inference.evaluate(frame, node.args[0])
    if name == "query":
        return selected(inference, frame, node.args) if isinstance(first, (ClassOf, Foreign)) else UNKNOWN
    if isinstance(first, ClassOf):
        fact = classes.class_fact(inference, first)
        if fact is None or fact.kind != "orm":
            return UNKNOWN
        item = inference.instance(first)
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
        if name == "scalars":
            return first
        return Foreign("sqlalchemy.result", first.item) if name == "execute" else UNKNOWN
    if isinstance(first, Foreign) and first.kind == "sqlalchemy.statement" and name == "execute":
        return Foreign("cursor")
    return UNKNOWN


def selected(inference: Inference, frame: Frame, args: Sequence[ast.expr]) -> Shape:
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
            return selected(inference, frame, node.args)
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
        return got(inference, frame, inference.item(owner, key), node)
    if owner.kind == "flask.Flask" and name == "response_class":
        return replies.made_by(inference, frame, "flask.Response", node) or UNKNOWN
    if owner.kind == "flask.Flask" and name in ("make_response", "redirect"):
        return replies.made_by(inference, frame, f"flask.{name}", node) or UNKNOWN
    if owner.kind == "sqlalchemy":
        if name in ("get_or_404", "first_or_404", "one_or_404", "paginate"):
            return _session_method(inference, frame, name, node)
        if name in ("query", "get", "scalars", "scalar", "execute") and node.args:
            return _session_method(inference, frame, name, node)
        if name in ("add", "commit", "delete", "flush", "rollback", "add_all", "create_all", "init_app"):
            return NONE
        return selected(inference, frame, node.args) if name == "select" else UNKNOWN
    if owner.kind == "sqlalchemy.statement":
        return owner
    if owner.kind == "sqlalchemy.column" and name == "label":
        return owner
    if owner.kind == "ndarray" and name in ("mean", "sum", "max", "min", "std"):
        return owner if argument(node, 0, "axis") is not None else Foreign("numpy.number")
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
        value = (
            owner.item
            if kind is None
            else libraries.applied(inference, frame, inference.evaluate(frame, kind), [owner.item])
        )
        return got(inference, frame, value, node)
    if name == "getlist":
        kind = argument(node, 1, "type")
        value = (
            owner.item
            if kind is None
            else libraries.applied(inference, frame, inference.evaluate(frame, kind), [owner.item])
        )
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
        return got(inference, frame, inference.item(owner, asked), node)
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
        return got(inference, frame, JSON, node)
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
