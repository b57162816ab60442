"""Classes of the project: their bases, fields, attributes and methods."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.infer.annotations import annotated, is_class_var
from migrator.infer.knowledge import COLUMNS
from migrator.infer.shapes import (
    INT,
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
    Mapping,
    Scalar,
    Sequence,
    Shape,
    TupleOf,
    is_vague,
    join,
    members,
    widened,
)
from migrator.infer.text import source_of
from migrator.module import FunctionNode, Module, walk
from migrator.syntax import argument, reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

PROPERTIES = ("property", "cached_property", "hybrid_property")
MAPPED = ("Mapped", "DynamicMapped", "WriteOnlyMapped")
COLUMN_CALLS = ("Column", "mapped_column")
RELATIONS = ("relationship", "dynamic_loader")
OTHER_COLUMNS = ("deferred", "column_property", "composite", "synonym", "declared_attr", "Table")
TABLE_BASES = {"Model", "DeclarativeBase", "Base", "object"}
FIELD_HELPERS = ("field", "Field", "PrivateAttr", "attrib", "ib")


@dataclass(frozen=True, slots=True)
class FieldFact:
    """A field of a dataclass, model, schema or typed dict, as `Class(**data)` takes it."""

    name: str
    shape: Shape
    required: bool
    default: str = ""  # as code, where it is a plain expression


@dataclass(frozen=True, slots=True)
class ClassFact:
    """A class with all its bases. `kind`: "dataclass", "enum", "typeddict", "namedtuple", "pydantic", "orm", "schema",
    "exception" or ""."""

    id: ClassOf
    module: Module
    node: ast.ClassDef
    lineage: tuple[tuple[Module, ast.ClassDef], ...]
    outside: frozenset[str]  # dotted names of bases of other libraries, "?" for those not known
    kind: str
    base: str  # of its instances


def class_fact(inference: Inference, cls: ClassOf) -> ClassFact | None:
    """What is known about a class; None where the project has none of that name."""
    key = cls.module, cls.name
    if key not in inference.class_facts:
        inference.class_facts[key] = None  # a class that is its own base
        inference.class_facts[key] = _class_fact(inference, cls)
    return inference.class_facts[key]


def _class_fact(inference: Inference, cls: ClassOf) -> ClassFact | None:
    module = inference.module(cls.module)
    if module is None:
        return None
    node = inference.class_nodes(module).get(cls.name)
    if node is None:
        return None
    mro: list[tuple[Module, ast.ClassDef]] = [(module, node)]
    outside: set[str] = set()
    kinds: set[str] = set()
    bases: set[str] = set()
    for given in node.bases:
        target = given.value if isinstance(given, ast.Subscript) else given
        shape = inference.shape(module, target)
        fact = class_fact(inference, shape) if isinstance(shape, ClassOf) else None
        if fact is not None:
            mro += [pair for pair in fact.lineage if pair not in mro]
            outside |= fact.outside
            kinds.add(fact.kind)
            bases.add(fact.base)
        elif isinstance(shape, External):
            outside.add(shape.name)
        else:
            outside.add(f"?.{reference(target).rpartition('.')[2]}")
    for decorator in node.decorator_list:
        name = reference(decorator.func if isinstance(decorator, ast.Call) else decorator)
        dotted = inference.project.canonical(
            module.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        )
        if name.rpartition(".")[2] in ("dataclass", "dataclass_json") or dotted in (
            "attr.s",
            "attrs.define",
            "attr.define",
        ):
            kinds.add("dataclass")
    kind = _kind(outside, kinds, node)
    base: str
    if "builtins.str" in outside or "enum.StrEnum" in outside:
        base = "str"
    elif outside & {"builtins.int", "enum.IntEnum", "enum.IntFlag"}:
        base = "int"
    elif kind == "enum":
        base = "enum"
    elif kind == "namedtuple" or "builtins.tuple" in outside:
        base = "tuple"
    elif kind == "exception":
        base = "exception"
    else:
        base = next((b for b in sorted(bases) if b), "")
    return ClassFact(cls, module, node, tuple(mro), frozenset(outside), kind, base)


def _kind(outside: set[str], kinds: set[str], node: ast.ClassDef) -> str:
    last = {name.rpartition(".")[2] for name in outside}
    for kind in ("enum", "typeddict", "namedtuple", "pydantic", "dataclass", "orm", "schema", "exception"):
        if kind in kinds:
            return kind
    if last & {"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"}:
        return "enum"
    if "TypedDict" in last:
        return "typeddict"
    if "NamedTuple" in last:
        return "namedtuple"
    if last & {"BaseModel", "BaseSettings", "RootModel"} and any(
        n.startswith(("pydantic", "pydantic_settings")) for n in outside
    ):
        return "pydantic"
    if last & {"Schema", "SQLAlchemySchema", "SQLAlchemyAutoSchema"}:
        return "schema"
    if any(name.endswith(("Exception", "Error", "Warning")) for name in last):
        return "exception"
    if last & {"Model", "DeclarativeBase", "Base", "Document", "MappedAsDataclass"}:
        return "orm"
    calls = [s.value for s in node.body if isinstance(s, (ast.Assign, ast.AnnAssign)) and isinstance(s.value, ast.Call)]
    if any(reference(call.func).rpartition(".")[2] in COLUMN_CALLS for call in calls):
        return "orm"
    return ""


def instance(inference: Inference, cls: ClassOf) -> Shape:
    """An object of the class; for a typed dict the dict."""
    fact = class_fact(inference, cls)
    if fact is None:
        return UNKNOWN
    if fact.kind == "typeddict":
        return typed_dict(inference, fact)
    return Instance(cls.module, cls.name, fact.base)


def typed_dict(inference: Inference, fact: ClassFact) -> Mapping:
    total = not any(
        k.arg == "total" and isinstance(k.value, ast.Constant) and k.value.value is False for k in fact.node.keywords
    )
    fields: dict[str, Field] = {}
    for module, node in reversed(fact.lineage):
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                wrapper = (
                    reference(statement.annotation.value) if isinstance(statement.annotation, ast.Subscript) else ""
                )
                always = (wrapper.endswith("Required") and not wrapper.endswith("NotRequired")) or (
                    total and not wrapper.endswith("NotRequired")
                )
                shape = annotated(inference, module, statement.annotation)
                fields[statement.target.id] = Field(statement.target.id, shape, always)
    return Mapping(tuple(fields.values()), name=fact.node.name)


def fields(inference: Inference, cls: ClassOf) -> tuple[FieldFact, ...] | None:
    """The fields that the constructor of a class takes, in order; None where it takes anything."""
    fact = class_fact(inference, cls)
    if fact is None:
        return None
    if fact.kind == "typeddict":
        return tuple(FieldFact(f.key, f.shape, f.always) for f in typed_dict(inference, fact).fields)
    init = method(inference, cls, "__init__")
    if init is not None and fact.kind != "pydantic":
        return _parameters(inference, init)
    if fact.kind in ("dataclass", "namedtuple", "pydantic"):
        return annotated_fields(inference, fact)
    if fact.kind == "orm":
        columns = _columns(inference, fact)
        if _is_dataclass(fact):
            return columns
        # what a row lacks only the database refuses, at a flush that the code around may have an answer for
        return columns and tuple(replace(column, required=False) for column in columns)
    return None


def _is_dataclass(fact: ClassFact) -> bool:
    """Whether a model asks for its columns by arguments."""
    return any(name.endswith("MappedAsDataclass") for name in fact.outside)


def _parameters(inference: Inference, init: Function) -> tuple[FieldFact, ...] | None:
    found = inference.function_node(init)
    if found is None:
        return None
    module, node = found
    if node.args.kwarg is not None:
        return None
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults: dict[str, ast.expr] = dict(
        zip([a.arg for a in positional][len(positional) - len(node.args.defaults) :], node.args.defaults, strict=True)
    )
    defaults |= {a.arg: d for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d is not None}
    facts: list[FieldFact] = []
    for arg in [*positional[1:], *node.args.kwonlyargs]:
        default = defaults.get(arg.arg)
        shape: Shape = annotated(inference, module, arg.annotation) if arg.annotation is not None else UNKNOWN
        facts.append(FieldFact(arg.arg, shape, default is None, "" if default is None else source_of(module, default)))
    return tuple(facts)


def annotated_fields(inference: Inference, fact: ClassFact, *, every: bool = False) -> tuple[FieldFact, ...]:
    """The fields that the constructor of a dataclass, model or named tuple takes, or every field."""
    found: dict[str, FieldFact] = {}
    for module, node in reversed(fact.lineage):
        for statement in node.body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            if is_class_var(module, statement.annotation):
                continue
            name, value = statement.target.id, statement.value
            required, default = value is None, "" if value is None else source_of(module, value)
            if isinstance(value, ast.Call) and reference(value.func).rpartition(".")[2] in FIELD_HELPERS:
                given = argument(value, 0 if fact.kind == "pydantic" else -1, "default")
                factory = argument(value, -1, "default_factory") or argument(value, -1, "factory")
                init = argument(value, -1, "init")
                if isinstance(init, ast.Constant) and init.value is False and not every:
                    continue
                if isinstance(given, ast.Constant) and given.value is Ellipsis:
                    given = None
                required = given is None and factory is None
                default = source_of(module, given) if given is not None else ""
                if factory is not None and reference(factory) in ("list", "dict", "set"):
                    default = {"list": "[]", "dict": "{}", "set": "set()"}[reference(factory)]
            found[name] = FieldFact(name, annotated(inference, module, statement.annotation), required, default)
    return tuple(found.values())


def column_names(inference: Inference, shape: Instance | ClassOf) -> tuple[str, ...] | None:
    """The columns of a model's table, where all of them are called as the attributes that they are read by."""
    fact = class_fact(inference, ClassOf(shape.module, shape.name))
    if fact is None or fact.kind != "orm" or {name.rpartition(".")[2] for name in fact.outside} - TABLE_BASES:
        return None
    found: dict[str, None] = {}
    for module, node in reversed(fact.lineage):
        for statement in node.body:
            value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
            call = reference(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
            name = _target(statement)
            if name in ("__table__", "__mapper_args__") or call in OTHER_COLUMNS:
                return None
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and "declared_attr" in decorators(
                statement
            ):
                return None
            if name is None or call in RELATIONS or not isinstance(statement, (ast.Assign, ast.AnnAssign)):
                continue
            if column(inference, module, statement) is None:
                continue
            if isinstance(value, ast.Call) and _has_other_name(value, name):
                return None
            found[name] = None
    return tuple(found)


def _has_other_name(call: ast.Call, name: str) -> bool:
    given = [*call.args[:1], *(k.value for k in call.keywords if k.arg in ("name", "key"))]
    return any(isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value != name for one in given)


def _columns(inference: Inference, fact: ClassFact) -> tuple[FieldFact, ...]:
    found: dict[str, FieldFact] = {}
    for module, node in reversed(fact.lineage):
        for statement in node.body:
            target = _target(statement)
            if target is None or not isinstance(statement, (ast.Assign, ast.AnnAssign)):
                continue
            shape = column(inference, module, statement)
            if shape is None:
                continue
            call = statement.value if isinstance(statement.value, ast.Call) else None
            default = argument(call, -1, "default") if call is not None else None
            nullable = any(member == NONE for member in members(shape))
            is_key = call is not None and (key := argument(call, -1, "primary_key")) is not None and bool(key)
            required = not nullable and default is None and not is_key
            text = source_of(module, default) if isinstance(default, ast.Constant) else ""
            found[target] = FieldFact(target, shape, required, text)
    return tuple(found.values())


def _target(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None


def column(inference: Inference, module: Module, statement: ast.Assign | ast.AnnAssign) -> Shape | None:
    """The values of a column or model field that a class body defines; None where it defines none.

    A primary key and a column that may not be null have no None.
    """
    value = statement.value
    declared: Shape | None = None
    annotation = statement.annotation if isinstance(statement, ast.AnnAssign) else None
    if isinstance(annotation, ast.Subscript) and reference(annotation.value).rpartition(".")[2] in MAPPED:
        declared = annotated(inference, module, annotation)
    if not isinstance(value, ast.Call):
        return declared
    name = reference(value.func).rpartition(".")[2]
    if declared is not None and not is_vague(declared):
        return declared
    if name in RELATIONS:
        return _related(inference, module, value)
    if name in COLUMN_CALLS:
        kind = next((shape for arg in value.args if (shape := _column_type(inference, module, arg)) is not None), None)
        if kind is None and (given := argument(value, -1, "type_")) is not None:
            kind = _column_type(inference, module, given)
        if kind is None:
            has_key = any(isinstance(a, ast.Call) and reference(a.func).endswith("ForeignKey") for a in value.args)
            kind = INT if has_key else UNKNOWN
        return _nullable(value, kind, null_by_default=True)
    if name in COLUMNS and name.endswith("Field"):
        shape = Foreign("instance") if name == "ForeignKeyField" else COLUMNS[name]
        return _nullable(value, shape, null_by_default=False)
    return declared


def _column_type(inference: Inference, module: Module, node: ast.expr) -> Shape | None:
    call = node if isinstance(node, ast.Call) else None
    name = reference(call.func if call is not None else node).rpartition(".")[2]
    shape = COLUMNS.get(name)
    if call is not None and shape == Scalar("decimal"):
        as_decimal = argument(call, -1, "asdecimal")
        if isinstance(as_decimal, ast.Constant) and as_decimal.value is False:
            return Scalar("float")
    if name == "Enum" and call is not None and call.args:
        members_of = inference.shape(module, call.args[0])
        return instance(inference, members_of) if isinstance(members_of, ClassOf) else shape
    if name == "PickleType":
        return UNKNOWN
    return shape


def _nullable(call: ast.Call, shape: Shape, *, null_by_default: bool) -> Shape:
    flags = {k.arg: k.value.value for k in call.keywords if k.arg and isinstance(k.value, ast.Constant)}
    if flags.get("primary_key"):
        return shape
    allowed = flags.get("nullable", flags.get("null", null_by_default))
    if (
        allowed
        and null_by_default
        and "nullable" not in flags
        and any(k.arg in ("default", "server_default") for k in call.keywords)
    ):
        allowed = False  # filled where nothing is given
    return join([shape, NONE]) if allowed else shape


def _related(inference: Inference, module: Module, call: ast.Call) -> Shape:
    target = argument(call, 0, "argument")
    cls: Shape = UNKNOWN
    if isinstance(target, ast.Constant) and isinstance(target.value, str):
        cls = inference.class_named(module, target.value.rpartition(".")[2])
    elif target is not None:
        cls = inference.shape(module, target)
    if not isinstance(cls, ClassOf):
        return UNKNOWN
    single = argument(call, -1, "uselist")
    if isinstance(single, ast.Constant) and single.value is False:
        return join([instance(inference, cls), NONE])
    owner = module.parents.get(module.parents[call])
    if isinstance(owner, ast.ClassDef) and _points_to(inference, module, owner, cls):
        return join([instance(inference, cls), NONE])
    return Sequence("list", instance(inference, cls))


def _points_to(inference: Inference, module: Module, owner: ast.ClassDef, cls: ClassOf) -> bool:
    """Whether the class has a foreign key to the table of another one: then the relation leads to one object."""
    fact = class_fact(inference, cls)
    tables = {cls.name.lower()}
    for statement in fact.node.body if fact is not None else ():
        if _target(statement) == "__tablename__" and isinstance(statement, ast.Assign):
            tables = {str(statement.value.value)} if isinstance(statement.value, ast.Constant) else tables
    for node in walk(owner):
        if isinstance(node, ast.Call) and reference(node.func).endswith("ForeignKey") and node.args:
            text = node.args[0].value if isinstance(node.args[0], ast.Constant) else reference(node.args[0])
            if str(text).rpartition(".")[0].rpartition(".")[2].lower() in tables:
                return True
    return False


def method(inference: Inference, cls: ClassOf, name: str) -> Function | None:
    """The function that a method name leads to."""
    fact = class_fact(inference, cls)
    for module, node in fact.lineage if fact is not None else ():
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == name:
                return Function(module.name, module.scopes[statement].qualname)
    return None


def is_property(node: FunctionNode) -> bool:
    return any(reference(d).rpartition(".")[2] in PROPERTIES for d in node.decorator_list)


def decorators(node: FunctionNode) -> set[str]:
    return {reference(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] for d in node.decorator_list}


def instance_attribute(inference: Inference, owner: Instance, name: str) -> Shape:
    """`obj.name` for an object of a class of the project."""
    cls = ClassOf(owner.module, owner.name)
    fact = class_fact(inference, cls)
    if fact is None:
        return UNKNOWN
    if fact.kind == "enum" and name in ("value", "_value_"):
        return _enum_values(inference, fact)
    if fact.kind == "enum" and name in ("name", "_name_"):
        return STR
    if name == "__class__":
        return cls
    if name == "__dict__":
        return inference.object_dict(owner)
    for module, node in fact.lineage:
        for statement in reversed(node.body):
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == name:
                found = Function(module.name, module.scopes[statement].qualname)
                marks = decorators(statement)
                if marks & set(PROPERTIES):
                    bound = Function(found.module, found.name, inference.receiver(found, owner))
                    return inference.result(bound)
                if "staticmethod" in marks:
                    return found
                receiver: Shape = cls if "classmethod" in marks else owner
                return Function(found.module, found.name, inference.receiver(found, receiver))
            if _target(statement) == name:
                return _class_value(inference, fact, module, statement, name, owner)
    stored = inference.stored_attribute(fact, name)
    if stored is not None:
        return stored
    if fact.kind == "exception":
        if name == "args":
            return Sequence("tuple", UNKNOWN)
        if any(n.startswith("werkzeug") or n.endswith("HTTPException") for n in fact.outside):
            return {"code": INT, "description": STR, "name": STR}.get(name, UNKNOWN)
    if fact.kind == "orm" and (backref := _backref(inference, fact, name)) is not None:
        return backref
    if fact.kind == "namedtuple" and name == "_asdict":
        return Foreign("asdict", owner)
    if fact.kind == "pydantic" and name in ("model_dump", "dict"):
        return Foreign("model_dump", owner)
    if fact.kind == "pydantic" and name in ("model_dump_json", "json"):
        return Foreign("returns", STR)
    if "?" in "".join(fact.outside) or fact.outside - {"builtins.object", "abc.ABC", "typing.Protocol"}:
        return UNKNOWN
    return NEVER if inference.method_of(cls, "__getattr__") is None else UNKNOWN


def _backref(inference: Inference, fact: ClassFact, name: str) -> Shape | None:
    """What `relationship("Book", backref="author")` of another model adds to this one."""
    for module, call in inference.calls_named("relationship"):
        back = argument(call, -1, "backref")
        text = back.args[0] if isinstance(back, ast.Call) and back.args else back
        if not isinstance(text, ast.Constant) or text.value != name:
            continue
        owner = next((a for a in module.ancestors(call) if isinstance(a, ast.ClassDef)), None)
        if owner is None:
            continue
        cls = ClassOf(module.name, module.scopes[owner].qualname)
        if _points_to(inference, fact.module, fact.node, cls):
            return join([instance(inference, cls), NONE])
        return Sequence("list", instance(inference, cls))
    return None


def _class_value(
    inference: Inference, fact: ClassFact, module: Module, statement: ast.stmt, name: str, owner: Instance | None
) -> Shape:
    assert isinstance(statement, (ast.Assign, ast.AnnAssign))
    held = column(inference, module, statement)
    if held is not None:
        return held
    value = inference.shape(module, statement.value) if statement.value is not None else NEVER
    if isinstance(statement, ast.AnnAssign):
        if (
            isinstance(statement.value, ast.Call)
            and reference(statement.value.func).rpartition(".")[2] in FIELD_HELPERS
        ):
            value = _factory(inference, module, statement.value)
        declared = annotated(inference, module, statement.annotation)
        seen = value if fact.kind != "namedtuple" or owner is None else NEVER
        if not is_vague(declared):
            return join([declared, NONE]) if seen == NONE else inference.refined(declared, seen)
        if owner is not None:
            stored = inference.stored_attribute(fact, name)
            given = inference.constructed(fact, name) if fact.kind in ("dataclass", "namedtuple") else NEVER
            seen = join([seen, stored if stored is not None else NEVER, given])
        return inference.refined(declared, seen)
    if fact.kind == "enum":
        return Instance(fact.id.module, fact.id.name, fact.base)
    stored = inference.stored_attribute(fact, name) if owner is not None else None
    return join([value, stored if stored is not None else NEVER])


def _factory(inference: Inference, module: Module, call: ast.Call) -> Shape:
    factory = argument(call, -1, "default_factory")
    if factory is not None:
        return inference.called(module, factory, call)
    default = argument(call, -1, "default")
    return inference.shape(module, default) if default is not None else NEVER


def _enum_values(inference: Inference, fact: ClassFact) -> Shape:
    if fact.base in ("str", "int"):
        return Scalar(fact.base)
    values = [
        inference.shape(module, s.value)
        for module, node in fact.lineage
        for s in node.body
        if isinstance(s, ast.Assign) and s.value is not None and not (_target(s) or "_").startswith("_")
    ]
    return widened(join(values))


def class_attribute(inference: Inference, cls: ClassOf, name: str) -> Shape:
    """`Class.name`."""
    fact = class_fact(inference, cls)
    if fact is None:
        return UNKNOWN
    if name == "__name__" or name == "__tablename__":
        return STR
    for module, node in fact.lineage:
        for statement in reversed(node.body):
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == name:
                found = Function(module.name, module.scopes[statement].qualname)
                if "classmethod" in decorators(statement):
                    return Function(found.module, found.name, inference.receiver(found, cls))
                return found
            if isinstance(statement, ast.ClassDef) and statement.name == name:
                return ClassOf(module.name, module.scopes[statement].qualname)
            if _target(statement) == name:
                if fact.kind == "orm" and isinstance(statement, (ast.Assign, ast.AnnAssign)):
                    held = column(inference, module, statement)
                    if held is not None:
                        return Foreign("sqlalchemy.column", held)
                if statement is not None:
                    return _class_value(inference, fact, module, statement, name, None)
    stored = inference.stored_attribute(fact, name)
    if stored is not None:
        return stored
    if name == "query" or (fact.kind == "orm" and name in ("select",)):
        return Foreign("sqlalchemy.query", instance(inference, cls))
    if fact.kind == "orm" and name in ("get_by_id", "get_or_none"):
        return Foreign("returns", join([instance(inference, cls), NONE]))
    if fact.kind == "pydantic" and name in ("model_validate", "parse_obj", "model_validate_json", "construct"):
        return Foreign("returns", instance(inference, cls))
    if fact.kind == "enum" and name == "__members__":
        return Mapping(values=instance(inference, cls), keys=STR)
    return UNKNOWN


def as_mapping(inference: Inference, shape: Shape, depth: int = 0) -> Shape:
    """What `dataclasses.asdict` gives: dicts all the way down."""
    if isinstance(shape, Instance) and depth < 6:
        facts = object_fields(inference, shape)
        if facts is None:
            return UNKNOWN if depth == 0 else shape
        return Mapping(
            tuple(Field(f.name, as_mapping(inference, f.shape, depth + 1)) for f in facts),
            name=shape.name.rpartition(".")[2],
        )
    if isinstance(shape, Sequence):
        return Sequence(shape.kind, as_mapping(inference, shape.item, depth + 1))
    if isinstance(shape, TupleOf):
        return TupleOf(tuple(as_mapping(inference, item, depth + 1) for item in shape.items))
    parts = members(shape)
    if len(parts) > 1:
        return join(as_mapping(inference, member, depth) for member in parts)
    return shape


def object_fields(inference: Inference, shape: Instance) -> tuple[FieldFact, ...] | None:
    """The fields of an object of a dataclass, named tuple or pydantic model, with what they hold; None for others."""
    fact = class_fact(inference, ClassOf(shape.module, shape.name))
    if fact is not None and fact.kind == "orm" and _is_dataclass(fact):
        return _columns(inference, fact)
    if fact is None or fact.kind not in ("dataclass", "namedtuple", "pydantic"):
        return None
    names = annotated_fields(inference, fact, every=True)
    return tuple(
        FieldFact(
            f.name,
            instance_attribute(inference, shape, f.name) if is_vague(f.shape) else _with_default(inference, f),
            f.required,
        )
        for f in names
    )


def _with_default(inference: Inference, field: FieldFact) -> Shape:
    return join([field.shape, NONE]) if field.default == "None" else field.shape
