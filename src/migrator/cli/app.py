"""The program: its commands, and what happens where one of them cannot go on."""

from __future__ import annotations

import os
import sys

import typer

from migrator.cli.apply import apply
from migrator.cli.check import check
from migrator.cli.diff import diff
from migrator.cli.explain import explain
from migrator.cli.options import Version
from migrator.cli.report import report
from migrator.cli.rules import rules
from migrator.errors import CannotRun

CANNOT_RUN = 2
INTERRUPTED = 130

app = typer.Typer(
    name="flask-to-fastapi",
    help="Moves a Flask codebase to FastAPI.",
    rich_markup_mode=None,  # importing rich would double the time of --help
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for function in (diff, apply, check, report, rules, explain):
    app.command(function.__name__)(function)


@app.callback()
def version(version: Version = False) -> None:
    pass


def main() -> None:
    """Run the command line and end the process."""
    try:
        app(prog_name="flask-to-fastapi")
    except CannotRun as error:
        _fail(str(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:
        _trace()
        _fail(f"{error.filename or 'the system'}: {error.strerror or error}; mend that, and run it again")
    except Exception as error:
        _trace()
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        _fail(
            f"this is a bug in flask-to-fastapi: {type(error).__name__}: {error}{notes}\n"
            "Nothing was written. FLASK_TO_FASTAPI_DEBUG=1 shows where it happened."
        )


def _trace() -> None:
    if os.environ.get("FLASK_TO_FASTAPI_DEBUG") == "1":
        import traceback

        traceback.print_exc()


def _fail(message: str) -> None:
    typer.echo(f"flask-to-fastapi: {message}", err=True)
    sys.exit(CANNOT_RUN)
