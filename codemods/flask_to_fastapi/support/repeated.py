"""Of a repeated query key or cookie Flask took the first, FastAPI takes the last."""

import types
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Annotated, Any, Union, get_args, get_origin
from urllib.parse import unquote_plus

from fastapi.dependencies.models import Dependant
from pydantic import BaseModel
from starlette.types import Scope

# the key of the scope that keeps the query string as it came
ORIGINAL_QUERY = "flask.query_string"


def first_counts(scope: Scope, dependant: Dependant) -> None:
    """Put the first of repeated values last, for what the route declares as a single value."""
    query: bytes = scope["query_string"]
    pairs = first_to_the_end(query.split(b"&"), query_key, dependant, "query_params")
    if pairs:
        scope[ORIGINAL_QUERY] = query
        scope["query_string"] = b"&".join(pairs)
    for at, (name, value) in enumerate(scope["headers"]):
        if name == b"cookie":
            pairs = first_to_the_end(value.split(b";"), cookie_name, dependant, "cookie_params")
            if pairs:
                scope["headers"] = [*scope["headers"][:at], (name, b";".join(pairs)), *scope["headers"][at + 1 :]]


def first_to_the_end(
    pairs: list[bytes], key_of: Callable[[bytes], str], dependant: Dependant, kind: str
) -> list[bytes] | None:
    """The pairs in their new order, or None where nothing that matters is repeated."""
    if len(pairs) < 2:
        return None
    first: dict[str, int] = {}
    repeated = {key for at, key in enumerate(map(key_of, pairs)) if first.setdefault(key, at) != at}
    if not repeated or not (repeated := repeated.intersection(single_values(dependant, kind))):
        return None
    moved = {first[key] for key in repeated}
    return [*(pair for at, pair in enumerate(pairs) if at not in moved), *(pairs[at] for at in moved)]


def query_key(pair: bytes) -> str:
    return unquote_plus(pair.partition(b"=")[0].decode("latin-1"))


def cookie_name(pair: bytes) -> str:
    return pair.partition(b"=")[0].strip().decode("latin-1")


def single_values(dependant: Dependant, kind: str) -> Iterator[str]:
    """The names of all parameters of the kind that are no lists, those of dependencies and of models included."""
    for field in getattr(dependant, kind):
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for name, inner in annotation.model_fields.items():
                if not is_many(inner.annotation):
                    yield inner.alias or name
        elif not is_many(annotation):
            yield field.alias
    for dependency in dependant.dependencies:
        yield from single_values(dependency, kind)


def is_many(annotation: Any) -> bool:
    """Does the annotation take a list of values, or else a single one?"""
    origin = get_origin(annotation) or annotation
    if origin is Annotated or origin is Union or origin is types.UnionType:
        return any(is_many(each) for each in get_args(annotation))
    return isinstance(origin, type) and issubclass(origin, Sequence | Set) and not issubclass(origin, str | bytes)
