"""What a run has to tell, as one frozen value that every renderer prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from migrator.findings import Finding
from migrator.location import Span


class Rung(StrEnum):
    """How far a route got on the ladder, highest first."""

    NATIVE = "native"
    REQUEST = "request"
    AMBIENT = "ambient"
    FLASK = "flask"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class RouteReport:
    """One rule of Flask's URL map and the rung that its view reached; `findings` are ids of findings."""

    endpoint: str
    rule: str
    methods: tuple[str, ...]
    file: str
    line: int
    rung: Rung
    findings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FlaskUses:
    """How many uses of Flask the tree has, and what became of them."""

    total: int = 0
    converted: int = 0
    reported: int = 0
    kept: int = 0


class Outcome(StrEnum):
    """What became of one use of Flask."""

    CONVERTED = "converted"
    REPORTED = "reported"
    KEPT = "kept"  # on purpose


@dataclass(frozen=True, slots=True)
class Use:
    """One use of Flask in the tree; `code` is the rule that converted it, or of the finding that reports it."""

    name: str  # "flask.abort"
    file: str
    span: Span
    outcome: Outcome
    code: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run found and did. Finding ids are their index + 1; `found` lists what `uses` counts."""

    files: int = 0
    changed: int = 0
    uses: FlaskUses = field(default_factory=FlaskUses)
    routes: tuple[RouteReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    found: tuple[Use, ...] = ()
