"""What shapes become as JSON: whether FastAPI writes the values that Flask wrote, and models that describe them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.infer import classes
from migrator.infer.shapes import (
    JSON_SCALARS,
    NONE,
    Instance,
    Json,
    Mapping,
    Never,
    Scalar,
    Sequence,
    Shape,
    TupleOf,
    Union,
    both,
    join,
    members,
)
from migrator.words import singular

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

AS_TEXT = frozenset({"str", "datetime", "date", "decimal", "uuid"})  # what Flask writes as a string


def is_json_safe(shape: Shape) -> bool:
    """Whether a value that a FastAPI view returns gives the same JSON as `flask.jsonify` made of it."""
    return _is_safe(shape, JSON_SCALARS | {"uuid"})


def is_json_native(shape: Shape) -> bool:
    """Whether `json.dumps` takes the value as it is, so that `JSONResponse` does."""
    return _is_safe(shape, JSON_SCALARS)


def _is_safe(shape: Shape, scalars: frozenset[str]) -> bool:
    if isinstance(shape, (Json, Never)):
        return True
    if isinstance(shape, Scalar):
        return shape.kind in scalars
    if isinstance(shape, Mapping):
        keys = all(_is_safe(key, JSON_SCALARS) for key in members(shape.keys))
        return (
            keys and all(_is_safe(field.shape, scalars) for field in shape.fields) and _is_safe(shape.values, scalars)
        )
    if isinstance(shape, Sequence):
        return shape.kind in ("list", "tuple") and _is_safe(shape.item, scalars)
    if isinstance(shape, TupleOf):
        return all(_is_safe(item, scalars) for item in shape.items)
    if isinstance(shape, Instance):
        return shape.base in ("str", "int")
    if isinstance(shape, Union):
        return all(_is_safe(member, scalars) for member in shape.members)
    return False


@dataclass(frozen=True, slots=True)
class ModelField:
    """A field of a response model. `type` is as text; the names in it that are no built-in types are keys of `models`
    of the model. `optional`: the key may be missing. `certain`: no other value can be there, as one that a client
    sent; without it the type documents and must not be enforced."""

    name: str
    type: str
    optional: bool = False
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Model:
    """A JSON object as a model: the name that fits it, its fields, and the models that those name."""

    name: str
    fields: tuple[ModelField, ...]
    models: tuple[Model, ...] = ()

    def named(self, name: str) -> Model | None:
        return next((model for model in self.models if model.name == name), None)


def model_of(inference: Inference, shape: Shape, name: str = "Body") -> Model | None:
    """The model of what Flask writes for a dict (or dataclass); None where its keys are not known."""
    parts = [
        one for one in (object_of(inference, member) for member in members(shape) if member != NONE) if one is not None
    ]
    if not parts or len(parts) != len([m for m in members(shape) if m != NONE]):
        return None
    made = join(parts)
    while len(members(made)) > 1:  # dicts with different keys: one model for both
        first, second, *rest = [m for m in members(made) if isinstance(m, Mapping)]
        made = join([both(first, second), *rest])
    if not isinstance(made, Mapping) or not made.is_closed or not made.fields:
        return None
    found: list[Model] = []
    fields = tuple(
        ModelField(
            field.key,
            type_text(inference, field.shape, _titled(field.key), found),
            not field.always,
            is_certain(field.shape),
        )
        for field in made.fields
    )
    return Model(made.name or name, fields, tuple(found))


def model_fields(inference: Inference, shape: Shape) -> tuple[tuple[str, str, bool], ...] | None:
    """Name, type as text and whether it may be missing, of each field; None where the keys are not known."""
    model = model_of(inference, shape)
    return tuple((f.name, f.type, f.optional) for f in model.fields) if model is not None else None


def object_of(inference: Inference, shape: Shape) -> Mapping | None:
    """The dict that is written for a value."""
    if isinstance(shape, Mapping):
        return shape
    if isinstance(shape, Instance):
        made = classes.as_mapping(inference, shape)
        return made if isinstance(made, Mapping) else None
    return None


def type_text(inference: Inference, shape: Shape, name: str, models: list[Model]) -> str:
    """The type on the wire; new models are added to `models`."""
    parts: dict[str, None] = {}
    known = [member for member in members(shape) if not isinstance(member, Json)]
    for member in known:
        parts[_type(inference, member, name, models)] = None
    if "Any" in parts or not parts:
        return "Any"
    if "float" in parts:
        parts.pop("int", None)
    texts = sorted(parts, key=lambda text: (text == "None", list(parts).index(text)))
    return " | ".join(texts) if texts != ["None"] else "Any"


def is_certain(shape: Shape) -> bool:
    """Whether all that a value can be is known."""
    if isinstance(shape, Mapping):
        return all(is_certain(field.shape) for field in shape.fields) and is_certain(shape.values)
    if isinstance(shape, (Sequence, TupleOf)):
        return is_certain(shape.item) if isinstance(shape, Sequence) else all(is_certain(one) for one in shape.items)
    if isinstance(shape, Union):
        return all(is_certain(member) for member in shape.members)
    return isinstance(shape, (Scalar, Never, Instance))


def _type(inference: Inference, shape: Shape, name: str, models: list[Model]) -> str:
    if isinstance(shape, Scalar):
        if shape.kind in AS_TEXT:
            return "str"
        return {"none": "None"}.get(shape.kind, shape.kind) if shape.kind in JSON_SCALARS else "Any"
    if isinstance(shape, (Sequence, TupleOf)):
        if isinstance(shape, Sequence) and shape.kind not in ("list", "tuple", "set"):
            return "Any"
        item = shape.item if isinstance(shape, Sequence) else join(shape.items)
        if isinstance(item, Never):
            return "list[Any]"
        return f"list[{type_text(inference, item, _singular(name), models)}]"
    if isinstance(shape, Instance) and shape.base in ("str", "int"):
        return shape.base
    if isinstance(shape, Instance) and classes.object_fields(inference, shape) is None:
        return "Any"
    if isinstance(shape, (Mapping, Instance)):
        model = model_of(inference, shape, name)
        if model is None:
            values = shape.any_value() if isinstance(shape, Mapping) else Never()
            return f"dict[str, {type_text(inference, values, _singular(name), models)}]"
        model = _placed(model, models)
        return model.name
    return "Any"


def _placed(model: Model, models: list[Model]) -> Model:
    """The model among those there already: the same one, or under a name that is free."""
    for other in model.models:
        if other not in models:
            models.append(other)
    base, number = model.name, 1
    while (same := next((m for m in models if m.name == model.name), None)) is not None:
        if same.fields == model.fields:
            return same
        number += 1
        model = Model(f"{base}{number}", model.fields)
    models.append(Model(model.name, model.fields))
    return model


def _titled(key: str) -> str:
    """A class name for what stands under a key: `order_lines` is `OrderLines`."""
    words = [word for word in "".join(c if c.isalnum() else " " for c in key).split() if word]
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return name if name.isidentifier() else f"Value{name}"


def _singular(name: str) -> str:
    return singular(name) or f"{name}Item"
