"""The one door: all that a codemod may use."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, TypeAlias

from migrator.changes import (
    AddDecorator,
    AddDefinition,
    AddParameter,
    AnnotateParameter,
    Builder,
    Change,
    Code,
    Demand,
    Import,
    Insert,
    NeedImport,
    Remove,
    RemoveParameter,
    RenameFunction,
    RenameImport,
    Replace,
    RouteOption,
    SetRoute,
)
from migrator.findings import Finding, Severity
from migrator.location import Span
from migrator.module import FunctionNode, Module
from migrator.project.project import Project
from migrator.project.store import Prepared
from migrator.rule import Rule, Safety

Plan: TypeAlias = Iterator[Change | Finding]

__all__ = [
    "AddDecorator",
    "AddDefinition",
    "AddParameter",
    "AnnotateParameter",
    "Builder",
    "Change",
    "Code",
    "Codemod",
    "Demand",
    "Finding",
    "FunctionNode",
    "Import",
    "Insert",
    "Module",
    "NeedImport",
    "Plan",
    "Prepared",
    "Project",
    "Remove",
    "RemoveParameter",
    "RenameFunction",
    "RenameImport",
    "Replace",
    "RouteOption",
    "Rule",
    "Safety",
    "SetRoute",
    "Severity",
    "Span",
]


class Codemod(ABC):
    """Owns one Flask construct. `plan` is a pure function of a module and the project."""

    rule: ClassVar[Rule]
    asks_for_support: ClassVar[bool] = False  # reads `Project.support`: it comes after all others
    moves_views: ClassVar[bool] = False  # is asked about views that move while the app around them stays Flask, too
    serves_flask: ClassVar[bool] = False  # is asked about the files of apps that stay Flask, too

    @abstractmethod
    def plan(self, module: Module, project: Project) -> Plan:
        """What is to be changed in a module, and what is to be said about it."""

    def prepare(self, module: Module, project: Project) -> Prepared | None:
        """The source of a file as the author might have written it just as well, before all else; None to leave it."""
        return None

    def finding(
        self,
        module: Module,
        project: Project,
        node: ast.AST,
        severity: Severity,
        message: str,
        hint: str = "",
        endpoints: tuple[str, ...] | None = None,
    ) -> Finding:
        """A remark about a node; its endpoints are those that the place can touch, unless they are given."""
        touched = project.endpoints_at(module, node) if endpoints is None else endpoints
        span = module.span(node)
        return Finding(self.rule.code, self.rule.name, severity, module.path, span, message, hint, touched)
