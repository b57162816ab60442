"""`report`: what would be done, and what is left."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.options import Common, FailOn, FailUnder, Paths, command, job


@command
def report(
    common: Common,
    paths: Paths = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="text|json|md|html|sarif|github",
            help="How to print it; text if nothing says otherwise.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write it here; without --format the ending says how."),
    ] = None,
    fail_on: FailOn = None,
    fail_under: FailUnder = None,
) -> int:
    """Tell what would be done and what is left to port by hand. Writes nothing."""
    from migrator.cli import output
    from migrator.report import render

    asked = job(common, paths)
    failing = output.thresholds(asked, fail_on, fail_under)
    if out and str(out) == "-":
        out = None
    wanted = output.known_format(format) if format else output.report_format(out) if out else "text"
    if out:
        output.check_folder(out)
    migration = asked.run()
    if out:
        output.save_report(out, migration, wanted)
    else:
        output.emit(render(migration.report, wanted, output.prefix_of(migration)))
    return failing(migration.report)
