"""The whole story on one page: read, link, plan, rewrite, check.

Writing is left to the command that asked: `run` only computes.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from migrator.errors import CannotRun
from migrator.report.model import Report

DEPTH = 5_000  # a question about a value may wait for many others, each of them some calls deep


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for; rule codes may be prefixes (`FF2`)."""

    select: tuple[str, ...] = ()  # empty: all
    ignore: tuple[str, ...] = ()
    only: tuple[str, ...] = ()  # blueprints, modules or routes
    excluded: tuple[str, ...] = ()
    mount: bool = True
    style: str = "contract"  # or "fastapi"
    jobs: int = 0  # 0: one for each processor
    exclude: tuple[str, ...] = ()  # further file patterns to leave alone, as in .gitignore


@dataclass(frozen=True, slots=True)
class FileChange:
    """The bytes of one file before and after; None where it is not there."""

    path: str  # relative to the project, with forward slashes
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Migration:
    """What a run would write, and what it has to say. Nothing was written yet."""

    root: Path
    changes: tuple[FileChange, ...] = ()  # sorted by path; only files that differ
    report: Report = field(default_factory=Report)


def run(root: Path, paths: Sequence[Path], options: Options) -> Migration:
    """Migrate in memory.

    `root` is the project, all of which is read; only files at or below `paths` are changed.
    Raises `migrator.errors.CannotRun` with a message for the user.
    """
    if options.only or options.excluded:
        raise CannotRun(
            "--only and --except (`only` and `except` in the settings): a project cannot be moved in parts yet; "
            "leave them out to move all of it"
        )
    collects, depth = gc.isenabled(), sys.getrecursionlimit()
    gc.disable()  # millions of nodes that live as long as the run; collecting among them takes half the time of reading
    sys.setrecursionlimit(max(depth, DEPTH))
    try:
        return _run(root, paths, options)
    finally:
        sys.setrecursionlimit(depth)
        if collects:
            gc.enable()


def _run(root: Path, paths: Sequence[Path], options: Options) -> Migration:
    from migrator.engine import assemble, chosen_codemods, plan_all, port_around, prepared, read_project, rewrite_all
    from migrator.staying import left_as_flask, plan_around

    codemods = chosen_codemods(options)
    project, broken = read_project(root, options)
    project = prepared(project, codemods)
    planned = plan_all(project, codemods)
    written = rewrite_all(project, planned, paths, options.jobs)
    if (staying := left_as_flask(project, planned, written, codemods)) is not None:
        project, planned = plan_around(project, planned, staying, codemods)
        written = rewrite_all(project, planned, paths, options.jobs, written)
    around = port_around(project, planned, written, options)
    return assemble(project, planned, written, around, broken)
