"""What kind of answer an expression is, for those who only ask that of the inference."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.infer import Inference, inference_of
from migrator.infer.shapes import Mapping, Reply, Scalar, Sequence, Shape, members
from migrator.module import Module

if TYPE_CHECKING:
    from migrator.project.project import Project

TEXT_CALLS = {"flask.render_template", "flask.render_template_string", "flask.url_for"}


class Kinds:
    """Short questions about expressions."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @property
    def inference(self) -> Inference:
        return inference_of(self.project)

    def kind(self, module: Module, node: ast.expr) -> str:
        """ "json", "text", "response", "int" or "unknown"."""
        if isinstance(node, ast.Call) and self.project.canonical(module.dotted(node.func)) in TEXT_CALLS:
            return "text"
        shape = self.inference.shape(module, node)
        kinds = {kind_of(member) for member in members(shape)}
        return kinds.pop() if len(kinds) == 1 else "unknown"

    def is_json_safe(self, module: Module, node: ast.expr) -> bool:
        """Whether FastAPI writes the same JSON as `flask.jsonify` for a value that a view returns."""
        return self.inference.is_json_safe(self.inference.shape(module, node))


def kind_of(shape: Shape) -> str:
    if isinstance(shape, Mapping) or (isinstance(shape, Sequence) and shape.kind == "list"):
        return "json"
    if isinstance(shape, Scalar):
        return {"str": "text", "int": "int"}.get(shape.kind, "unknown")
    if isinstance(shape, Reply) and shape.body in ("json", "redirect", "file", "stream"):
        return "response"
    return "unknown"
