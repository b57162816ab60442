"""The Flask that is left in a tree, as findings: what `check` counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from migrator.findings import Finding, Severity
from migrator.location import Span
from migrator.pipeline import Migration
from migrator.report.model import Outcome
from migrator.rule import Rule, Safety

RULE = Rule(
    code="FF006",
    name="flask-use",
    summary="A use of Flask that can be migrated: `check` names it where no other rule does",
    safety=Safety.SAFE,
)
TOP = Span(1, 0, 1, 0)


def remaining(migration: Migration, paths: Sequence[Path]) -> list[Finding]:
    """Every manual finding, and one for each use of Flask that could be migrated, in files at or below `paths`.

    A file that would change without a use being named counts once.
    """
    report = migration.report
    manual = [finding for finding in report.findings if finding.severity is Severity.MANUAL]
    uses = [
        Finding(use.code or RULE.code, RULE.name, Severity.INFO, use.file, use.span, f"{use.name} can be migrated")
        for use in report.found
        if use.outcome is Outcome.CONVERTED
    ]
    named = {finding.file for finding in uses}
    changed = [
        Finding(RULE.code, RULE.name, Severity.INFO, change.path, TOP, "can be migrated")
        for change in migration.changes
        if change.before is not None and change.path not in named
    ]
    return sorted(_within(migration.root, [*manual, *uses, *changed], paths), key=lambda f: (f.file, f.span, f.code))


def _within(root: Path, findings: Iterable[Finding], paths: Sequence[Path]) -> list[Finding]:
    inside: dict[str, bool] = {}
    for finding in findings:
        if finding.file not in inside:
            place = (root / finding.file).resolve()
            inside[finding.file] = any(place.is_relative_to(path) for path in paths)
    return [finding for finding in findings if inside[finding.file]]
