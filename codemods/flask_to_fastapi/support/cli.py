"""The commands of the app, which `flask` ran before.

app.state.cli = AppCommands(app)

@app.state.cli.command("add")
@click.argument("title")
def add(title): ...

python -m flask_compat.cli shop:app add Mop     # or shop:create_app
"""

import sys
from collections.abc import Callable
from functools import cached_property
from typing import Any

import click
import uvicorn
from fastapi import FastAPI
from uvicorn.importer import import_from_string

from .context import app_context
from .current import current_context


@click.command()
@click.option("-h", "--host", default="127.0.0.1", show_default=True)
@click.option("-p", "--port", default=5000, show_default=True)
def run(host: str, port: int) -> None:
    """Serve the app."""
    uvicorn.run(current_context().app, host=host, port=port)


class AppCommands(click.Group):
    """Commands that run with the app as `current_app`; its own, and those that the app itself has in `app.state.cli`.

    The app may be given by a function that makes it, which is called when a command is run.
    """

    def __init__(self, app: FastAPI | Callable[[], FastAPI], **options: Any) -> None:
        super().__init__(**options)
        self.given = app
        self.add_command(run)

    @cached_property
    def app(self) -> FastAPI:
        return self.given if isinstance(self.given, FastAPI) else self.given()

    @property
    def commands_of_app(self) -> dict[str, click.Command]:
        group = getattr(self.app.state, "cli", None)
        return group.commands if group is not None else {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({**self.commands, **self.commands_of_app})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self.commands_of_app.get(cmd_name) or self.commands.get(cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        with app_context(self.app):
            return super().invoke(ctx)


if __name__ == "__main__":
    AppCommands(import_from_string(sys.argv[1])).main(
        sys.argv[2:], prog_name=f"python -m {__package__}.cli {sys.argv[1]}"
    )
