"""Flask's runner for commands in tests.

FlaskCliRunner(app).invoke(args=["init-db"]).output
"""

from collections.abc import Sequence
from typing import Any

from click import Command
from click.testing import CliRunner, Result
from fastapi import FastAPI

from .cli import AppCommands
from .context import app_context


class FlaskCliRunner(CliRunner):
    """Runs commands with the app as `current_app`."""

    def __init__(self, app: FastAPI, **options: Any) -> None:
        super().__init__(**options)
        self.app = app

    def invoke(  # type: ignore[override]
        self, cli: Command | None = None, args: str | Sequence[str] | None = None, **options: Any
    ) -> Result:
        """Run a command; by default the one among the app's own that `args` names."""
        with app_context(self.app):
            return super().invoke(cli or AppCommands(self.app), args, **options)
