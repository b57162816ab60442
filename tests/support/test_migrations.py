"""Migrations by the app's own commands, with an `env.py` as Flask-Migrate makes it."""

import os
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from fastapi import FastAPI

from flask_to_fastapi.support.config import Config
from flask_to_fastapi.support.context import app_context
from flask_to_fastapi.support.database import SQLAlchemy
from flask_to_fastapi.support.migrations import Migrate, current, downgrade, history, migrate, revision, upgrade

TEMPLATE = Path(flask_migrate.__file__).parent / "templates" / "flask"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    for name in ("alembic.ini.mako", "script.py.mako"):
        (folder / name.replace("ini.mako", "ini")).write_text((TEMPLATE / name).read_text())
    env = (TEMPLATE / "env.py").read_text().replace("current_app.extensions", "current_app.state.extensions")
    (folder / "env.py").write_text(env.replace("from flask import", "from flask_to_fastapi.support.context import"))
    app = FastAPI()
    app.state.config = Config(tmp_path)
    app.state.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
    db = SQLAlchemy(app)
    Migrate(app, db, include_schemas=False)

    class Item(db.Model):
        id = db.Column(db.Integer, primary_key=True)

    return app


def run(app: FastAPI, *arguments: str) -> str:
    done = CliRunner().invoke(app.state.cli, ["db", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def tables(app: FastAPI) -> list[str]:
    with app_context(app):
        return sa.inspect(app.state.extensions["sqlalchemy"].engine).get_table_names()


def test_commands(app: FastAPI) -> None:
    run(app, "migrate", "-m", "items")
    (revision,) = os.listdir("migrations/versions")
    assert revision.endswith("_items.py")
    run(app, "upgrade")
    assert tables(app) == ["alembic_version", "item"]
    run(app, "downgrade")
    assert tables(app) == ["alembic_version"]
    run(app, "upgrade", "head")
    run(app, "migrate")  # nothing has changed
    assert [name for name in os.listdir("migrations/versions") if name.endswith(".py")] == [revision]


def test_functions(app: FastAPI) -> None:
    with app_context(app):
        migrate(message="items")
        upgrade()
        assert "item" in tables(app)
        current()
        history()
        revision(message="by hand")
        downgrade(revision="base")
    written = {name[13:] for name in os.listdir("migrations/versions") if name.endswith(".py")}
    assert written == {"items.py", "by_hand.py"}
    assert tables(app) == ["alembic_version"]
