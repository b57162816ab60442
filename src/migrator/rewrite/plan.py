"""All changes of one file, sorted by what they touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from migrator.changes import (
    AddDecorator,
    AddDefinition,
    AddParameter,
    AnnotateParameter,
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
from migrator.location import Span
from migrator.rewrite.nesting import Nesting


@dataclass(eq=False)
class Plan:
    """What is to be done in a file. `refused` are changes that two owners wanted differently."""

    replace: dict[Span, Replace] = field(default_factory=dict)
    remove: dict[Span, Remove] = field(default_factory=dict)
    insert: dict[Span, list[Insert]] = field(default_factory=dict)
    signatures: dict[Span, list[AddParameter | AnnotateParameter | RemoveParameter]] = field(default_factory=dict)
    decorators: dict[Span, list[AddDecorator]] = field(default_factory=dict)
    names: dict[Span, RenameFunction] = field(default_factory=dict)
    routes: dict[Span, SetRoute] = field(default_factory=dict)
    options: dict[Span, list[RouteOption]] = field(default_factory=dict)
    definitions: list[AddDefinition] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    aliases: dict[Span, RenameImport] = field(default_factory=dict)
    demands: set[str] = field(default_factory=set)
    refused: list[Change] = field(default_factory=list)

    @property
    def touched(self) -> list[Span]:
        """All places that change, but for imports and definitions."""
        functions = [*self.signatures, *self.decorators, *self.names]
        return [*self.replace, *self.remove, *self.insert, *functions, *self.routes]

    @property
    def needed(self) -> Iterator[Span]:
        """All places whose nodes the rewriter looks for: of a function whose head alone changes, where it begins."""
        yield from (*self.replace, *self.remove, *self.insert)
        yield from (_head(span) if span == route.view else span for span, route in self.routes.items())
        yield from (_head(span) for span in (*self.signatures, *self.decorators, *self.names))
        yield from (part for code in _codes(self) for part in code.parts)

    def keeps(self, span: Span) -> bool:
        """Whether the original code at a place is still there after the change, perhaps at another place."""
        return not self._loses(span) or any(not self._loses(span, part) for part, _ in self._places_moved.around(span))

    def _loses(self, span: Span, within: Span | None = None) -> bool:
        """Whether a change (one of those within a place) leaves the code at a place out."""
        return any(
            (within is None or within.contains(place))
            and not (isinstance(change, SetRoute) and place == change.view)
            and not any(part.contains(span) for part in _all_parts(change))
            for place, (_, change) in self._owners.around(span)
        )

    @cached_property
    def _places_moved(self) -> Nesting[None]:
        return Nesting((part, None) for code in self._moved() for part in code.parts)

    @cached_property
    def _owners(self) -> Nesting[tuple[int, Replace | Remove | SetRoute]]:
        """The changes that name a place and write it anew, each with its rank."""
        owners: list[tuple[Span, Replace | Remove | SetRoute]] = []
        owners += self.replace.items()
        owners += self.remove.items()
        owners += self.routes.items()
        return Nesting((span, (rank, change)) for rank, (span, change) in enumerate(owners))

    def _moved(self) -> Iterator[Code]:
        """The code that takes its parts to another place: to signatures, to the routes of a view, to new statements."""
        yield from (insert.new for inserts in self.insert.values() for insert in inserts)
        yield from (definition.new for definition in self.definitions)
        for signature in self.signatures.values():
            for one in signature:
                for code in (getattr(one, "annotation", None), getattr(one, "default", None)):
                    if code is not None:
                        yield code
        for options in self.options.values():
            yield from (option.value for option in options)

    @property
    def texts(self) -> Iterator[tuple[str, frozenset[str]]]:
        """All new code, as text, and the names in it that it imports itself."""
        for change in self.routes.values():
            for head in change.heads:
                yield head, frozenset()
        for code in _codes(self):
            yield code.text, frozenset(wanted.name for wanted in code.imports)

    def owner_of(self, span: Span) -> str:
        """The code of the rule that changed a place, "" where none did."""
        owners = [owner for _, owner in self._owners.around(span)]
        return min(owners, key=lambda owner: owner[0])[1].rule.code if owners else ""


def _head(function: Span) -> Span:
    return Span(function.line, function.column, function.line, function.column + 1)


def parts_of(new: object) -> tuple[Span, ...]:
    return new.parts if isinstance(new, Code) else ()


def merge(changes: Iterable[Change]) -> Plan:
    """Sort the changes of a file by what they touch. The result does not depend on their order."""
    plan = Plan()
    for change in sorted(dict.fromkeys(changes), key=_order):
        if isinstance(change, Replace):
            if plan.replace.setdefault(change.span, change) is not change:
                plan.refused.append(change)
        elif isinstance(change, Remove):
            plan.remove[change.span] = change
        elif isinstance(change, Insert):
            plan.insert.setdefault(change.span, []).append(change)
        elif isinstance(change, (AddParameter, AnnotateParameter, RemoveParameter)):
            plan.signatures.setdefault(change.function, []).append(change)
        elif isinstance(change, SetRoute):
            if plan.routes.setdefault(change.span, change) is not change:
                plan.refused.append(change)
        elif isinstance(change, AddDecorator):
            plan.decorators.setdefault(change.function, []).append(change)
        elif isinstance(change, RenameFunction):
            plan.names[change.function] = change
        elif isinstance(change, RouteOption):
            plan.options.setdefault(change.view, []).append(change)
        elif isinstance(change, Demand):
            plan.demands.add(change.name)
        elif isinstance(change, RenameImport):
            plan.aliases[change.alias] = change
        elif isinstance(change, NeedImport):
            plan.imports.append(change.wanted)
        elif change not in plan.definitions:
            plan.definitions.append(change)
    for span in plan.remove:
        plan.replace.pop(span, None)
        plan.routes.pop(span, None)
    _drop_covered(plan)
    written = {view for route in plan.routes.values() for view in (route.view, *route.views)}
    plan.options = {view: options for view, options in plan.options.items() if view in written}
    plan.imports = sorted({*plan.imports, *_imports(plan)}, key=lambda wanted: (wanted.module, wanted.name))
    return plan


def _drop_covered(plan: Plan) -> None:
    """Forget changes of code that a wider change leaves out: it has been told of that code, and wrote it anew."""
    routes = [
        (span, route) for span, route in plan.routes.items() if span != route.view
    ]  # the others leave nothing out
    found = [(span, _all_parts(change)) for span, change in plan.replace.items()]
    found += [(span, _all_parts(route)) for span, route in routes]
    found += [(span, ()) for span in plan.remove]
    owners = Nesting(found)
    moved = Nesting((part, None) for code in plan._moved() for part in code.parts)

    def covered(span: Span, within: Span | None = None) -> bool:
        return any(
            owner != span
            and (within is None or within.contains(owner))
            and not any(part.contains(span) for part in parts)
            for owner, parts in owners.around(span)
        )

    for places in (plan.replace, plan.routes, plan.remove, plan.insert, plan.signatures, plan.decorators, plan.names):
        for span in [span for span in places if covered(span)]:
            if not any(not covered(span, part) for part, _ in moved.around(span)):
                del places[span]


def _all_parts(change: Replace | Remove | SetRoute) -> tuple[Span, ...]:
    """The code at the place of a change that stays; of what a builder makes all: it says by `Remove` what goes."""
    if isinstance(change, Remove):
        return ()
    if isinstance(change, Replace):
        return parts_of(change.new) if isinstance(change.new, Code) else (change.span,)
    codes = [*(code for row in change.arguments for code in row), *(code for _, code in change.options)]
    return tuple(part for code in codes for part in code.parts)


def _imports(plan: Plan) -> Iterator[Import]:
    """What all code of a plan is to have imported."""
    for replaced in plan.replace.values():
        yield from replaced.imports
    for route in plan.routes.values():
        yield from route.imports
    for code in _codes(plan):
        yield from code.imports


def _codes(plan: Plan) -> Iterator[Code]:
    """All new code of a plan."""
    for replace in plan.replace.values():
        if isinstance(replace.new, Code):
            yield replace.new
    for inserts in plan.insert.values():
        yield from (insert.new for insert in inserts)
    for signature in plan.signatures.values():
        for one in signature:
            yield from (c for c in (getattr(one, "annotation", None), getattr(one, "default", None)) if c is not None)
    for route in plan.routes.values():
        yield from (code for row in route.arguments for code in row)
        yield from (code for _, code in route.options)
    for options in plan.options.values():
        yield from (option.value for option in options)
    for decorators in plan.decorators.values():
        yield from (decorator.new for decorator in decorators)
    yield from (definition.new for definition in plan.definitions)


def _order(change: Change) -> tuple[object, ...]:
    place = next(
        (
            getattr(change, name)
            for name in ("span", "function", "view", "above", "alias")
            if getattr(change, name, None)
        ),
        None,
    )
    where = (place.line, place.column, place.end_line, place.end_column) if isinstance(place, Span) else (0, 0, 0, 0)
    order = change.order if isinstance(change, (AddParameter, AddDecorator)) else 0
    return (*where, type(change).__name__, order, str(getattr(change, "name", "")), change.rule.code)
