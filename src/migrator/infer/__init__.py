"""Types and shapes of expressions, and how a request's JSON body is used, found out without running anything."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from migrator.infer.evaluate import Inference
from migrator.infer.shapes import Reply, Shape, describe
from migrator.infer.uses import Access, BodyUse, Coercion, Escape, KeyUse
from migrator.infer.wire import Model, ModelField
from migrator.project.store import Store

if TYPE_CHECKING:
    from migrator.project.project import Project

__all__ = [
    "Access",
    "BodyUse",
    "Coercion",
    "Escape",
    "Inference",
    "KeyUse",
    "Model",
    "ModelField",
    "Reply",
    "Shape",
    "describe",
    "inference_of",
]

_known: WeakKeyDictionary[Store, Inference] = WeakKeyDictionary()


def inference_of(project: Project) -> Inference:
    """The inference of a project; one for all `Project` values that read the same files."""
    if project.store not in _known:
        _known[project.store] = Inference(project)
    return _known[project.store]
