"""Where something stands in a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a file: lines count from 1, columns from 0, in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def start(self) -> tuple[int, int]:
        return self.line, self.column

    @property
    def end(self) -> tuple[int, int]:
        return self.end_line, self.end_column

    def contains(self, other: Span) -> bool:
        """Whether `other` lies within this stretch, or is the same."""
        if self.line > other.line or self.end_line < other.end_line:
            return False
        return (self.line < other.line or self.column <= other.column) and (
            other.end_line < self.end_line or other.end_column <= self.end_column
        )
