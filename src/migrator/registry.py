"""Finds the codemods: installed packages name theirs as entry points, and each file of such a package may hold one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from migrator.codemod import Codemod
from migrator.rule import Rule

GROUP = "migrator.codemods"


@cache
def codemods() -> tuple[Codemod, ...]:
    """All codemods, sorted by the code of their rule. Raises `ValueError` where two have the same code."""
    found: dict[str, Codemod] = {}
    for point in sorted(entry_points(group=GROUP)):
        for module in _modules(importlib.import_module(point.value)):
            for kind in vars(module).values():
                if inspect.isclass(kind) and issubclass(kind, Codemod) and kind.__module__ == module.__name__:
                    if not inspect.isabstract(kind):
                        codemod = kind()
                        other = found.setdefault(codemod.rule.code, codemod)
                        if type(other) is not kind:
                            raise ValueError(f"{codemod.rule.code} is the code of both {type(other)} and {kind}")
    return tuple(codemod for _, codemod in sorted(found.items()))


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of all codemods; the documentation of each is that of the module it stands in."""
    return tuple(sorted((*_own_rules(), *_codemod_rules()), key=lambda rule: rule.code))


def _own_rules() -> tuple[Rule, ...]:
    """The rules of the engine itself."""
    from migrator import engine, remains, suppress
    from migrator.manifests import port
    from migrator.rewrite import imports

    return (
        imports.RULE,
        engine.UNREADABLE,
        engine.UNPORTED,
        engine.REFUSED,
        suppress.RULE,
        *port.RULES,
        *getattr(remains, "RULES", ()),
        *([remains.RULE] if hasattr(remains, "RULE") else []),
    )


def _codemod_rules() -> tuple[Rule, ...]:
    return tuple(
        replace(codemod.rule, documentation=inspect.getdoc(importlib.import_module(type(codemod).__module__)) or "")
        for codemod in codemods()
    )


def _modules(package: ModuleType) -> list[ModuleType]:
    """The files of a package that hold codemods, those of its sub-packages too; `support` is for the users'
    projects."""
    found = [package]
    for info in pkgutil.walk_packages(getattr(package, "__path__", []), f"{package.__name__}."):
        if ".support" not in info.name:
            found.append(importlib.import_module(info.name))
    return found
