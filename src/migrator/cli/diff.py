"""`diff`: the migration as a patch."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from migrator.cli.options import Common, FailOn, FailUnder, Paths, ReportFile, command, job


@command
def diff(
    common: Common,
    paths: Paths = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 where there is a difference.")] = False,
    report: ReportFile = None,
    fail_on: FailOn = None,
    fail_under: FailUnder = None,
) -> int:
    """Show what would be written, as a patch that `git apply` takes."""
    from migrator.cli import output
    from migrator.diff import coloured, patch

    asked = job(common, paths)
    failing = output.thresholds(asked, fail_on, fail_under)
    format = output.report_format(report) if report else ""
    migration = asked.run()
    text = patch(migration.root, migration.changes)
    if report:
        output.save_report(report, migration, format)
    output.emit(coloured(text) if text and _colourful() else text)
    return failing(migration.report) or int(exit_code and bool(text))


def _colourful() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
