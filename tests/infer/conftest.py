"""Small projects from text, and what is found out about them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from migrator.infer import Inference, inference_of
from migrator.infer.shapes import Shape, describe
from migrator.infer.uses import BodyUse
from migrator.module import Module
from migrator.project.project import Project
from migrator.project.read import read
from migrator.project.store import Store


class Found:
    """The inference of a project that was written as text."""

    def __init__(self, root: Path, files: dict[str, str]) -> None:
        store, facts = Store(root), {}
        for name, text in files.items():
            path = root / f"{name.replace('.', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
            module = Module(str(path.relative_to(root)), name, dedent(text))
            facts[name] = read(store.keep(module))
        store.knows(facts)
        self.project = Project(root, facts, store)
        self.inference: Inference = inference_of(self.project)

    def module(self, name: str = "app") -> Module:
        module = self.inference.module(name)
        assert module is not None
        return module

    def shape(self, name: str = "found", module: str = "app") -> Shape:
        """The shape of the value that a module assigns to a name."""
        for node in self.module(module).tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
                return self.inference.shape(self.module(module), node.value)
        raise AssertionError(name)

    def text(self, name: str = "found", module: str = "app") -> str:
        return describe(self.shape(name, module))

    def returned(self, function: str, module: str = "app") -> str:
        """What a function returns, as text."""
        owner = self.module(module)
        return describe(self.inference.returned(owner, owner.functions[function]))

    def answers(self, function: str, module: str = "app") -> list[str]:
        """What Flask answers for a view, as text, sorted."""
        owner = self.module(module)
        return sorted(describe(reply) for reply in self.inference.answers(owner, owner.functions[function]))

    def body(self, function: str = "view", what: str = "data", module: str = "app") -> BodyUse:
        """How a local name of a function is used."""
        owner = self.module(module)
        return self.inference.body_uses(owner, owner.functions[function], what)


@pytest.fixture
def find(tmp_path: Path) -> Callable[..., Found]:
    """`find(text, other=text)`: a project with the module `app` and others."""

    def make(app: str, **others: str) -> Found:
        return Found(tmp_path, {"app": app, **others})

    return make
