"""Alembic with the settings of the app, where Flask-Migrate was.

    migrate = Migrate(app, db)  # or migrate.init_app(app, db)

    python -m flask_compat.cli shop:app db upgrade
    python -m flask_compat.cli shop:app db migrate -m "add prices"

`db` takes Alembic's own commands and options. They run within `app_context`, so `migrations/env.py` finds the database
and the options of `Migrate` in `current_app.state.extensions["migrate"]`.
"""

from argparse import Namespace
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import click
from alembic import command
from alembic.config import CommandLine, Config
from fastapi import FastAPI

from .cli import AppCommands
from .current import current_context
from .database import SQLAlchemy

SHORT = {"migrate": ["revision", "--autogenerate"]}
USUAL = {"upgrade": ["head"], "downgrade": ["-1"], "stamp": ["head"]}


class Migrate:
    """The migrations of an app's database; further options are those of Alembic's `context.configure`."""

    def __init__(
        self,
        app: FastAPI | None = None,
        db: SQLAlchemy | None = None,
        directory: str | PathLike[str] = "migrations",
        command: str = "db",
        compare_type: bool = True,
        render_as_batch: bool = True,
        **options: Any,
    ) -> None:
        self.db = db
        self.directory = Path(directory)
        self.command = command
        self.configure_args = {**options, "compare_type": compare_type, "render_as_batch": render_as_batch}
        if app is not None and db is not None:
            self.init_app(app, db)

    def init_app(
        self,
        app: FastAPI,
        db: SQLAlchemy | None = None,
        directory: str | PathLike[str] | None = None,
        command: str | None = None,
        **options: Any,
    ) -> None:
        """Make the database known to `env.py`, and give the app the commands."""
        self.db = db or self.db
        self.directory = Path(directory or self.directory)
        self.command = command or self.command
        self.configure_args |= {name: value for name, value in options.items() if value is not None}
        for name, value in (("extensions", {}), ("cli", AppCommands(app))):
            if not hasattr(app.state, name):
                setattr(app.state, name, value)
        app.state.extensions["migrate"] = self
        app.state.cli.add_command(alembic_command, name=self.command)

    def config(self, directory: str | PathLike[str] | None = None, options: Namespace | None = None) -> Config:
        folder = Path(directory or self.directory)
        config = Config(folder / "alembic.ini", cmd_opts=options or Namespace(x=[]))
        config.set_main_option("script_location", str(folder))
        return config


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def alembic_command(arguments: Sequence[str]) -> None:
    """Alembic's commands; `migrate` is `revision --autogenerate`."""
    name, *rest = arguments or ["--help"]
    if all(argument.startswith("-") for argument in rest):
        rest += USUAL.get(name, [])
    alembic = CommandLine(prog="db")
    options = alembic.parser.parse_args([*SHORT.get(name, [name]), *rest])
    alembic.run_cmd(current_migrate().config(options=options), options)


def current_migrate() -> Migrate:
    migrate: Migrate = current_context().app.state.extensions["migrate"]
    return migrate


def upgrade(
    directory: str | PathLike[str] | None = None, revision: str = "head", sql: bool = False, tag: str | None = None
) -> None:
    """Bring the database of the current app up to a revision."""
    command.upgrade(current_migrate().config(directory), revision, sql=sql, tag=tag)


def downgrade(
    directory: str | PathLike[str] | None = None, revision: str = "-1", sql: bool = False, tag: str | None = None
) -> None:
    command.downgrade(current_migrate().config(directory), revision, sql=sql, tag=tag)


def stamp(
    directory: str | PathLike[str] | None = None, revision: str = "head", sql: bool = False, tag: str | None = None
) -> None:
    """Say that the database of the current app is at a revision, and change nothing else."""
    command.stamp(current_migrate().config(directory), revision, sql=sql, tag=tag)


def current(directory: str | PathLike[str] | None = None, verbose: bool = False) -> None:
    """Print the revision that the database of the current app is at."""
    command.current(current_migrate().config(directory), verbose=verbose)


def heads(
    directory: str | PathLike[str] | None = None, verbose: bool = False, resolve_dependencies: bool = False
) -> None:
    command.heads(current_migrate().config(directory), verbose=verbose, resolve_dependencies=resolve_dependencies)


def history(directory: str | PathLike[str] | None = None, rev_range: str | None = None, **options: bool) -> None:
    command.history(current_migrate().config(directory), rev_range, **options)


def revision(directory: str | PathLike[str] | None = None, message: str | None = None, **options: Any) -> None:
    """Write a new revision; further options are those of `alembic.command.revision`."""
    command.revision(current_migrate().config(directory), message, **options)


def migrate(directory: str | PathLike[str] | None = None, message: str | None = None, **options: Any) -> None:
    """Write what has to be done that the database is like the models, as a new revision."""
    config = current_migrate().config(directory, Namespace(x=[], autogenerate=True))
    command.revision(config, message, autogenerate=True, **options)
