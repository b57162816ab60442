"""The whole story on one page: read, link, plan, rewrite, check.

Writing is left to the command that asked: `run` only computes.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.errors import CannotRun
from migrator.report.model import Report

if TYPE_CHECKING:
    from migrator.codemod import Codemod
    from migrator.engine import Moved, Told
    from migrator.project.discover import Service
    from migrator.project.facts import ModuleFacts
    from migrator.project.model import ObjectId
    from migrator.project.project import Project

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
    from migrator.engine import joined
    from migrator.project.discover import python_files, services

    found = services(root, python_files(root, options.exclude))
    if len(found) > 1 and (options.only or options.excluded):
        places = ", ".join(sorted(service.folder or "." for service in found))
        raise CannotRun(f"--only and --except are for one service; run in the folder of one: {places}")
    return joined([_served(root, one, paths, options) for one in found])


def _served(root: Path, service: Service, paths: Sequence[Path], options: Options) -> Migration:
    """What becomes of one service of a repository, by itself."""
    from migrator.engine import (
        assemble,
        chosen_codemods,
        left_over,
        port_around,
        read_project,
        support_home,
        told_to_all,
    )
    from migrator.parallel import FEW, in_step, processes
    from migrator.project.parts import parts_of, work_in
    from migrator.step import chosen_blueprints

    codemods = chosen_codemods(options)
    project, broken = read_project(root, options, service.files)
    parts = parts_of(project)
    chosen = chosen_blueprints(project, options.only, options.excluded)
    jobs, weights = processes(options.jobs), [work_in(part) for part in parts]
    is_one = max(weights, default=0) * 2 > sum(weights)  # one part is most of it: its files are shared out instead
    together = 1 if is_one or len(project.modules) < FEW else jobs
    moved = in_step(
        lambda part: _moved(project, part, chosen, codemods, paths, jobs if is_one else 1),
        parts,
        weights,
        together,
        partial(told_to_all, project),
    )
    home = support_home(project, {user for part in moved for user in part.users})
    dropped = left_over(project, moved, home[1], paths)
    around = port_around(project, moved, home, options, dropped, service)
    return assemble(project, moved, home, dropped, around, broken)


def _moved(
    whole: Project,
    modules: Mapping[str, ModuleFacts],
    chosen: frozenset[ObjectId] | None,
    codemods: Sequence[Codemod],
    paths: Sequence[Path],
    jobs: int,
) -> Generator[Told, Told, Moved]:
    """What becomes of a part of the project, step by step; it hears of the other parts what it has to know of them.
    Only the blueprints that were `chosen` move, or all."""
    from migrator.engine import Told, moved, plan_all, prepared, rewrite_all
    from migrator.staying import left_as_flask, plan_around, surely_left
    from migrator.step import planned_step

    if chosen is not None:
        project, planned = yield from planned_step(
            whole.part(modules), chosen & whole.part(modules).routers.keys(), codemods
        )
        yield Told(users=planned.users)
        yield Told()
        told = yield Told(users=planned.users)
        return moved(project, planned, rewrite_all(project, planned, told.home, paths, jobs))
    project = prepared(whole.part(modules), codemods)
    planned = yield from plan_all(project, codemods)
    told = yield Told(users=planned.users)
    written = rewrite_all(project, planned, told.home, paths, jobs, without=surely_left(project, planned, codemods))
    staying = left_as_flask(project, planned, written, codemods)
    project, planned = yield from plan_around(project, planned, staying, codemods)
    told = yield Told(users=planned.users)
    written = rewrite_all(project, planned, told.home, paths, jobs, earlier=written)
    return moved(project, planned, written)
