"""Which of many stretches of a file hold a place, without looking at all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from migrator.location import Span

T = TypeVar("T")


class Nesting(Generic[T]):
    """Stretches with a value each. They lie within each other or apart; where they overlap it only takes longer."""

    def __init__(self, items: Iterable[tuple[Span, T]]) -> None:
        self._items = sorted(
            items, key=lambda item: (item[0].line, item[0].column, -item[0].end_line, -item[0].end_column)
        )
        self._starts = [(span.line, span.column) for span, _ in self._items]
        self._outer: list[int] = []  # for each the one around it, -1 for none
        around: list[int] = []
        for index, (span, _) in enumerate(self._items):
            while around and self._items[around[-1]][0].end < span.start:
                around.pop()
            self._outer.append(around[-1] if around else -1)
            around.append(index)

    def around(self, span: Span) -> Iterator[tuple[Span, T]]:
        """Those that hold a stretch, or are the same, inner ones first."""
        index = bisect_right(self._starts, (span.line, span.column)) - 1
        while index >= 0:
            item = self._items[index]
            if item[0].contains(span):
                yield item
            index = self._outer[index]

    def holds(self, span: Span) -> bool:
        return next(self.around(span), None) is not None
