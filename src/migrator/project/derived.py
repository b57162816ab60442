"""Apps whose class is the project's own: `class Site(Flask)`, and `site = Site()` somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.module import Module
from migrator.project.facts import Constructed, ModuleFacts
from migrator.project.model import FunctionId
from migrator.project.read import target_of
from migrator.syntax import function_scope, reference

if TYPE_CHECKING:
    from migrator.project.project import Project


def makes_apps(facts: ModuleFacts) -> bool:
    """Whether a file makes an app or blueprint, or has a class for apps."""
    return bool(facts.constructed) or any(
        facts.imports.get(base) == "flask.Flask" or base == "flask.Flask" for one in facts.classes for base in one.bases
    )


def with_derived(project: Project) -> Mapping[str, ModuleFacts]:
    """The facts of all modules, where such apps are apps too."""
    names = project.names
    near = {name for name, one in project.modules.items() if not one.flask_imports.isdisjoint(("flask", "flask.Flask"))}
    first = {key for key in names.classes if key[0] in near and _is_flask(project, key)}
    if not first:
        return project.modules
    classes = {key for key in names.classes if first.intersection(names.lineage(key))}
    facts = dict(project.modules)
    for name, one in project.modules.items():
        module = project.store.module(name)
        known = {made.span for made in one.constructed}
        found = [made for made in _made(project, module, classes) if made.span not in known] if module else []
        facts[name] = replace(one, constructed=(*one.constructed, *found)) if found else one
    return facts


def _is_flask(project: Project, owner: FunctionId) -> bool:
    scope = owner[1].rpartition(".")[0]
    bases = (e for base in project.names.classes[owner].bases for e in project.names.resolve(owner[0], scope, base))
    return any(e.kind == "external" and e.name == "flask.Flask" for e in bases)


def _made(project: Project, module: Module, classes: set[FunctionId]) -> Iterator[Constructed]:
    for call in module.calls:
        scope, target = function_scope(module, call), target_of(module, call)
        if target and reference(call.func):
            entities = project.names.resolve(module.name, scope, reference(call.func))
            if any(e.kind == "class" and e.function_id in classes for e in entities):
                yield Constructed(scope, target, "flask.Flask", module.span(call))
