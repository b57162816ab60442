"""`apply`: the migration, written in place."""

from __future__ import annotations

from typing import Annotated

import typer

from migrator.cli.options import Common, FailOn, FailUnder, Paths, ReportFile, command, job


@command
def apply(
    common: Common,
    paths: Paths = None,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Write where there are uncommitted changes.")
    ] = False,
    allow_staged: Annotated[bool, typer.Option("--allow-staged", help="Write where there are staged changes.")] = False,
    allow_no_vcs: Annotated[bool, typer.Option("--allow-no-vcs", help="Write where there is no git.")] = False,
    report: ReportFile = None,
    fail_on: FailOn = None,
    fail_under: FailUnder = None,
) -> int:
    """Migrate in place: all files are written, or none."""
    from migrator import vcs, write
    from migrator.cli import output
    from migrator.report.text import summary_lines

    asked = job(common, paths)
    failing = output.thresholds(asked, fail_on, fail_under)
    format = output.report_format(report) if report else ""
    if write.unfinished(asked.root):
        if files := write.finish(asked.root):
            asked.say(f"finished the run that was killed before: {files} files are as it meant them")
            return 0
        asked.say("cleared away what a killed run had left; it had written nothing")
    kept = vcs.check_clean(asked.root, allow_dirty=allow_dirty, allow_staged=allow_staged, allow_no_vcs=allow_no_vcs)
    migration = asked.run()
    if kept and not allow_dirty:
        vcs.check_kept(
            asked.root, [asked.root / change.path for change in migration.changes if change.before is not None]
        )
    if report:
        output.save_report(report, migration, format)
    write.write(migration.root, migration.changes)
    asked.say(*summary_lines(migration.report))
    return failing(migration.report)
