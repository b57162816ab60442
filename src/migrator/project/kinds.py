"""What kind of answer an expression is: a thin layer over the inference."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.module import Module

if TYPE_CHECKING:
    from migrator.project.project import Project

TEXT_CALLS = {"flask.render_template", "flask.render_template_string", "flask.url_for"}
SAFE_CALLS = {"str", "int", "len", "bool", "round", "sorted", "abs"}
JSON_NODES = (ast.Dict, ast.List, ast.ListComp, ast.DictComp)


class Kinds:
    def __init__(self, project: Project) -> None:
        self.project = project

    def kind(self, module: Module, node: ast.expr) -> str:
        """ "json", "text", "response", "int" or "unknown"."""
        if isinstance(node, JSON_NODES):
            return "json"
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            return "text"
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return "int"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("dict", "list"):
            return "json"
        if isinstance(node, ast.Call) and self.project.canonical(module.dotted(node.func)) in TEXT_CALLS:
            return "text"
        if isinstance(node, ast.BinOp) and "text" in (self.kind(module, node.left), self.kind(module, node.right)):
            return "text"
        return "unknown"

    def is_json_safe(self, module: Module, node: ast.expr) -> bool:
        if isinstance(node, (ast.Constant, ast.JoinedStr)):
            return not isinstance(getattr(node, "value", None), (bytes, complex, float))
        if isinstance(node, ast.Dict):
            return all(k is not None and isinstance(k, (ast.Constant, ast.JoinedStr)) for k in node.keys) and all(
                self.is_json_safe(module, v) for v in node.values
            )
        if isinstance(node, (ast.List, ast.Tuple)):
            return all(self.is_json_safe(module, e) for e in node.elts)
        if isinstance(node, ast.ListComp):
            return self.is_json_safe(module, node.elt)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("str", "int", "len", "bool"):
            return True
        return isinstance(node, (ast.Compare,))
