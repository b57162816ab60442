"""The options that the commands share, and what they come to.

Nothing heavy is imported here at module level: `--help` has to be quick.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, get_type_hints

import typer

from migrator.errors import CannotRun

if TYPE_CHECKING:
    from migrator.pipeline import Migration, Options
    from migrator.settings import Settings


def show_version(wanted: bool) -> None:
    if wanted:
        from migrator import __version__

        typer.echo(f"flask-to-fastapi {__version__}")
        raise typer.Exit


Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH", show_default=False, help="Files and folders to migrate; the current folder if none."
    ),
]
Version = Annotated[
    bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and end.")
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="FILE", help="Write the report here; the ending (.json, .md, .html, .sarif, .txt) says how."
    ),
]
FailOn = Annotated[
    str | None,
    typer.Option("--fail-on", metavar="review|manual", help="Exit 1 where there are findings as grave as this."),
]
FailUnder = Annotated[
    float | None,
    typer.Option("--fail-under", metavar="PERCENT", help="Exit 1 where fewer of the uses of Flask were converted."),
]
RuleFormat = Annotated[str, typer.Option("--format", metavar="text|json", help="How to print it.")]


@dataclass(frozen=True, slots=True)
class Common:
    """What every command that runs the engine can be told; None where the user said nothing."""

    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="CODES", help="Only these rules (FF201,FF3).")
    ] = None
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="CODES", help="Not these rules.")] = None
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Only this blueprint, module or route.")
    ] = None
    excluded: Annotated[
        list[str] | None, typer.Option("--except", metavar="NAME", help="Not this blueprint, module or route.")
    ] = None
    mount: Annotated[
        bool | None,
        typer.Option(
            "--mount/--no-mount",
            show_default=False,
            help="Serve what stays Flask from a Flask app mounted under FastAPI.",
        ),
    ] = None
    style: Annotated[
        str | None,
        typer.Option("--style", metavar="contract|fastapi", help="Keep Flask's answers, or take FastAPI's own ways."),
    ] = None
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Read the settings from this TOML file.")
    ] = None
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", metavar="N", help="Number of processes; one for each processor by default."),
    ] = None
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No messages, only results and errors.")] = False
    version: Version = False


P = ParamSpec("P")


def command(function: Callable[Concatenate[Common, P], int]) -> Callable[..., None]:
    """A Typer command with the options of `Common` after its own, from a function that returns the exit code."""
    own = list(inspect.signature(function).parameters.values())[1:]
    hints = get_type_hints(function, include_extras=True)
    shared_hints = get_type_hints(Common, include_extras=True)
    shared = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=shared_hints[field.name]
        )
        for field in fields(Common)
    ]

    def run(**values: Any) -> None:
        common = Common(**{parameter.name: values.pop(parameter.name) for parameter in shared})
        raise typer.Exit(function(common, **values))  # type: ignore[call-arg]

    run.__name__, run.__doc__ = function.__name__, function.__doc__
    mine = [parameter.replace(annotation=hints[parameter.name], kind=parameter.KEYWORD_ONLY) for parameter in own]
    run.__signature__ = inspect.Signature([*mine, *shared])  # type: ignore[attr-defined]
    run.__annotations__ = {}
    return run


@dataclass(frozen=True, slots=True)
class Job:
    """One run of the engine, asked for and checked: which project, which of its files, and how."""

    root: Path
    paths: tuple[Path, ...]
    options: Options
    settings: Settings
    quiet: bool

    def run(self) -> Migration:
        from migrator import pipeline, write

        if write.unfinished(self.root):
            raise CannotRun(
                f"an earlier run was killed while it wrote to {self.root}; run `{write.FINISH}` to finish it"
            )
        return pipeline.run(self.root, self.paths, self.options)

    def say(self, *lines: str) -> None:
        """A message for the user, who can turn it off."""
        if not self.quiet:
            for line in lines:
                typer.echo(line, err=True)


def job(common: Common, paths: list[Path] | None) -> Job:
    """What the options, the settings file and the defaults come to; `CannotRun` where they make no sense."""
    from migrator import root as roots
    from migrator import settings as stored
    from migrator.pipeline import Options

    found = roots.existing(paths or [Path()])
    root = roots.project_root(found)
    settings = stored.load(root, common.config)
    if common.jobs is not None and common.jobs < 1:
        raise CannotRun(f"-j {common.jobs}: give a number of processes from 1 up")
    options = Options(
        select=_listed(common.select) or settings.select,
        ignore=_listed(common.ignore) or settings.ignore,
        only=_listed(common.only) or settings.only,
        excluded=_listed(common.excluded) or settings.excluded,
        mount=settings.mount if common.mount is None else common.mount,
        style=one_of(common.style, stored.STYLES, "--style") or settings.style,
        jobs=common.jobs or settings.jobs,
        exclude=settings.exclude,
    )
    return Job(root, tuple(found), options, settings, common.quiet)


def one_of(value: str | None, choices: tuple[str, ...], option: str) -> str | None:
    if value is not None and value not in choices:
        raise CannotRun(f"{option} {value}: choose from {', '.join(choices)}")
    return value


def _listed(values: list[str] | None) -> tuple[str, ...]:
    """Options that can be repeated, and take several values between commas."""
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())
