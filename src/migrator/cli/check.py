"""`check`: keeps Flask out, for pre-commit and continuous integration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.options import Common, Paths, command, job

# The sub-package of helpers in a migrated project is not Flask.
NAMES_FLASK = re.compile(rb"\bflask(?!_compat\b)", re.IGNORECASE)


@command
def check(
    common: Common,
    paths: Paths = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Known Flask, which is no error.")
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Take all Flask there is into the baseline.")
    ] = False,
) -> int:
    """Find Flask that could be migrated or must be ported, beyond the baseline. Exits 1 where there is some."""
    from migrator import baseline as known
    from migrator.cli import output
    from migrator.remains import remaining
    from migrator.report.text import line_of
    from migrator.root import shown_prefix

    asked = job(common, paths)
    file = baseline or asked.root / (asked.settings.baseline or known.DEFAULT)
    if write_baseline:
        output.check_folder(file)
    expected_there = baseline is not None or bool(asked.settings.baseline)
    old = known.load(file, required=expected_there and not write_baseline)
    findings = [] if _plainly_free(asked.paths) else remaining(asked.run(), asked.paths)
    entries = known.entries(asked.root, findings)
    if write_baseline:
        merged = known.merged(old, [entry for _, entry in entries], known.checked_files(asked.root, asked.paths))
        known.save(file, merged)
        asked.say(f"{file}: {sum(merged.values())} known uses of Flask")
        return 0
    new = known.beyond(old, entries)
    prefix = shown_prefix(asked.root)
    output.emit("".join(f"{line_of(finding, prefix)}\n" for finding in new))
    if new:
        asked.say(f"{len(new)} uses of Flask; `flask-to-fastapi diff` shows what would be migrated")
    return int(bool(new))


def _plainly_free(paths: tuple[Path, ...]) -> bool:
    """Whether these are files that do not even name Flask, for which nothing needs to be read but them."""
    return all(path.is_file() and not NAMES_FLASK.search(path.read_bytes()) for path in paths)
