"""What the tool has to say about a place in the code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.location import Span


class Severity(StrEnum):
    """How much a reader has to do: nothing, look, or write code."""

    INFO = "info"  # done, nothing to do
    REVIEW = "review"  # done, and a client could notice
    MANUAL = "manual"  # not done


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark. `endpoints` are Flask endpoint names; `("*",)` only for what touches every address."""

    code: str
    name: str
    severity: Severity
    file: str  # relative to the project, with forward slashes
    span: Span
    message: str
    hint: str = ""
    endpoints: tuple[str, ...] = ()
