"""What a codemod may ask for. A change names places in the original file and holds no tree.

`Replace` and `Remove` own one node. The others are contributions to places that many codemods write together: a
signature, a route's decorator, the imports, the module's own definitions. One renderer for each such place merges them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import libcst as cst

from migrator.location import Span
from migrator.rule import Rule


@dataclass(frozen=True, slots=True)
class Import:
    """`from module import name`; with an empty name `import module`. A module in the project's support package
    is written `~contract`, one of the project itself by its full dotted name."""

    module: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """New code with holes. `__0__`, `__1__`, ... stand for the original code at `parts`, changed as planned there;
    in statements, a line that is only such a name stands for the statements of that block."""

    text: str
    parts: tuple[Span, ...] = ()
    imports: tuple[Import, ...] = ()


# makes a node of the original (its parts rewritten already) into a new one, or a statement into several
Builder: TypeAlias = Callable[[cst.CSTNode], "cst.CSTNode | list[cst.BaseStatement]"]


@dataclass(frozen=True, slots=True)
class Replace:
    """New code for the node (expression or statement) at `span`."""

    rule: Rule
    span: Span
    new: Code | Builder
    imports: tuple[Import, ...] = ()


@dataclass(frozen=True, slots=True)
class Remove:
    """The statement, decorator or argument at `span` goes; comments above a statement stay."""

    rule: Rule
    span: Span


@dataclass(frozen=True, slots=True)
class Insert:
    """New statements before or behind the statement at `span`."""

    rule: Rule
    span: Span
    new: Code
    before: bool = True


@dataclass(frozen=True, slots=True)
class AddParameter:
    """A parameter of the function at `function`. Lower `order` comes first among those with (or without) default."""

    rule: Rule
    function: Span
    name: str
    annotation: Code | None
    default: Code | None = None
    order: int = 50


@dataclass(frozen=True, slots=True)
class AnnotateParameter:
    """Gives a parameter that the function has an annotation, unless it has one; or another name."""

    rule: Rule
    function: Span
    name: str
    annotation: Code | None = None
    renamed: str = ""


@dataclass(frozen=True, slots=True)
class RemoveParameter:
    """Takes a parameter away."""

    rule: Rule
    function: Span
    name: str


@dataclass(frozen=True, slots=True)
class SetRoute:
    """The route that the decorator or call at `span` registers for `view`; with the span of a `def`, new decorators.

    `heads` are all up to the parenthesis (`bp.get`), `arguments` come first, `options` behind them; `RouteOption`s of
    the view are added. Several heads may replace one decorator or call; `views` are their views, where they differ.
    With `behind`, a decorator becomes calls that stand behind the function.
    """

    rule: Rule
    span: Span
    view: Span | None
    heads: tuple[str, ...]
    arguments: tuple[tuple[Code, ...], ...]  # one tuple for each head
    options: tuple[tuple[str, Code], ...] = ()
    imports: tuple[Import, ...] = ()
    views: tuple[Span | None, ...] = ()
    behind: bool = False


@dataclass(frozen=True, slots=True)
class AddDecorator:
    """A decorator for the function at `function`: outside of its decorator at `outside_of`, else innermost. Of
    several at
    one place that with the lower `order` is the outer one."""

    rule: Rule
    function: Span
    new: Code
    outside_of: Span | None = None
    order: int = 50


@dataclass(frozen=True, slots=True)
class RenameFunction:
    """Another name for the function at `function`, where it is defined."""

    rule: Rule
    function: Span
    name: str


@dataclass(frozen=True, slots=True)
class RouteOption:
    """An argument such as `status_code=201` of every route of the view at `view`."""

    rule: Rule
    view: Span
    name: str
    value: Code


@dataclass(frozen=True, slots=True)
class NeedImport:
    """The module is to have this name."""

    rule: Rule
    wanted: Import


@dataclass(frozen=True, slots=True)
class RenameImport:
    """What stands at `alias` in a `from` import gives way to `names`: `flask_app as app`, or `app, flask_app`."""

    rule: Rule
    alias: Span
    names: str


@dataclass(frozen=True, slots=True)
class Demand:
    """The project's app is to offer something of the support package ("config.Config"), without an import here."""

    rule: Rule
    name: str


@dataclass(frozen=True, slots=True)
class AddDefinition:
    """A class or assignment of the module, above the top-level statement that holds `above`; equal ones are merged."""

    rule: Rule
    above: Span
    name: str
    new: Code


Change: TypeAlias = (
    Replace
    | Remove
    | Insert
    | AddParameter
    | AnnotateParameter
    | RemoveParameter
    | SetRoute
    | AddDecorator
    | RenameFunction
    | RouteOption
    | NeedImport
    | RenameImport
    | Demand
    | AddDefinition
)
