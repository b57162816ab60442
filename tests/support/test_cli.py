"""Commands of the app, alone and by way of the module that runs them."""

import os
import subprocess
import sys
from pathlib import Path

import click
from click.testing import CliRunner
from fastapi import FastAPI

from flask_to_fastapi.support.cli import AppCommands
from flask_to_fastapi.support.context import current_app, g, has_app_context
from flask_to_fastapi.support.hooks import add_hooks


def shop() -> FastAPI:
    app = FastAPI(title="Shop")
    app.state.cli = AppCommands(app)

    @app.state.cli.command("title")  # type: ignore[untyped-decorator]
    @click.argument("mark")
    def title(mark: str) -> None:
        g.mark = mark
        click.echo(current_app.title + g.mark)

    users = click.Group("users")
    users.command("count")(lambda: click.echo(f"{current_app.title}: 0"))
    app.state.cli.add_command(users)
    return app


def run(commands: click.Group, *args: str) -> str:
    done = CliRunner().invoke(commands, args)
    assert done.exit_code == 0, done.output
    return done.output


def test_commands_run_with_the_app() -> None:
    commands = shop().state.cli
    assert run(commands, "title", "!") == "Shop!\n"
    assert run(commands, "users", "count") == "Shop: 0\n"
    assert not has_app_context()


def test_what_was_opened_is_closed() -> None:
    app = shop()
    closed: list[object] = []
    add_hooks(app, teardown_appcontext=[closed.append])
    run(app.state.cli, "title", "!")
    assert closed == [None]


def test_a_script_has_the_commands_of_the_app_that_it_makes() -> None:
    made: list[FastAPI] = []

    def create_app() -> FastAPI:
        made.append(shop())
        return made[-1]

    script = AppCommands(create_app, help="Manages the shop.")
    script.command("own")(lambda: click.echo(current_app.title))
    assert not made
    assert run(script, "own") == "Shop\n"
    assert run(script, "title", "?") == "Shop?\n"
    shown = run(script, "--help")
    assert all(word in shown for word in ("Manages the shop.", "own", "title", "users", "run"))
    assert len(made) == 1


def test_the_module_runs_the_commands_of_any_app(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "import click\nfrom fastapi import FastAPI\n"
        "from flask_to_fastapi.support.cli import AppCommands\n\n\n"
        "def create_app():\n    app = FastAPI()\n    app.state.cli = AppCommands(app)\n"
        "    app.state.cli.command('hi')(lambda: click.echo('hi'))\n    return app\n"
    )
    command = [sys.executable, "-m", "flask_to_fastapi.support.cli", "shop:create_app", "hi"]
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
    assert (done.stdout, done.returncode) == ("hi\n", 0), done.stderr
