"""The name, number and documentation of what a codemod does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Safety(StrEnum):
    """What a client can notice of a change made by the rule."""

    SAFE = "safe"  # nothing
    REVIEW = "review"  # something: each place gets a finding
    MANUAL = "manual"  # the rule only reports


@dataclass(frozen=True, slots=True)
class Rule:
    """Identity of a codemod. The documentation is the docstring of its module, with the headings
    `What changes`, `Example`, `Safety` and `What is left to you`."""

    code: str  # "FF201"
    name: str  # "abort-call"
    summary: str
    safety: Safety
    documentation: str = ""
