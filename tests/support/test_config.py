"""`Config` side by side with Flask's."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from flask import Flask
from flask.config import Config as FlaskConfig

from flask_to_fastapi.support.config import AppConfig, Config


class Settings:
    DEBUG = True
    lower = 1
    NAME_2 = "two"


class Base:
    BASE = 1


class Derived(Base):
    OWN = 2


@pytest.fixture
def configs(tmp_path: Path) -> list[Any]:
    (tmp_path / "settings.cfg").write_text("import os\nKEY = 'value'\nlower = 1\nHERE = os.path.basename(__file__)\n")
    (tmp_path / "settings.json").write_text('{"KEY": 1, "lower": 2}')
    (tmp_path / "settings.toml").write_text("KEY = 1\nlower = 2\n")
    (tmp_path / "broken.cfg").write_text("1 +\n")
    (tmp_path / "folder").mkdir()
    return [FlaskConfig(str(tmp_path)), Config(tmp_path, {})]


def outcome(call: Any) -> Any:
    try:
        return call()
    except Exception as error:
        return type(error), getattr(error, "strerror", None)


CALLS: dict[str, Any] = {
    "mapping": lambda c: c.from_mapping({"A": 1, "b": 2, "A_1": 3}, C=4, d=5),
    "object": lambda c: c.from_object(Settings),
    "inherited": lambda c: c.from_object(Derived()),
    "import name": lambda c: c.from_object("logging.handlers"),
    "no such name": lambda c: c.from_object("no.such.name"),
    "python": lambda c: c.from_pyfile("settings.cfg"),
    "python missing": lambda c: c.from_pyfile("missing.cfg"),
    "python silent": lambda c: c.from_pyfile("missing.cfg", silent=True),
    "python folder": lambda c: c.from_pyfile("folder", silent=True),
    "python below file": lambda c: c.from_pyfile("settings.cfg/x", silent=True),
    "python broken": lambda c: c.from_pyfile("broken.cfg", silent=True),
    "json": lambda c: c.from_file("settings.json", json.load),
    "toml": lambda c: c.from_file("settings.toml", tomllib.load, text=False),
    "json missing": lambda c: c.from_file("missing.json", json.load),
    "json silent": lambda c: c.from_file("missing.json", json.load, silent=True),
    "json below file": lambda c: c.from_file("settings.json/x", json.load, silent=True),
    "variable": lambda c: c.from_envvar("SETTINGS_FILE"),
    "variable missing": lambda c: c.from_envvar("NO_SETTINGS_FILE"),
    "variable silent": lambda c: c.from_envvar("NO_SETTINGS_FILE", silent=True),
    "environment": lambda c: c.from_prefixed_env(),
    "environment prefix": lambda c: c.from_prefixed_env("MY", loads=int),
    "namespace": lambda c: (c.from_prefixed_env(), c.get_namespace("DB_")),
    "namespace as it is": lambda c: (c.from_prefixed_env(), c.get_namespace("DB_", False, False)),
}


@pytest.mark.parametrize("call", CALLS)
def test_every_way_to_fill_it(call: str, configs: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "FLASK_A": "5",
        "FLASK_B": "text",
        "FLASK_DB_HOST": "h",
        "FLASK_lower": "true",
        "FLASK_NESTED__A__B": "[1]",
        "FLASK_NESTED__A__C": "{}",
        "MY_X": "1",
        "MY_Y": "y",
        "SETTINGS_FILE": "settings.cfg",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    was, now = configs
    assert outcome(lambda: CALLS[call](now)) == outcome(lambda: CALLS[call](was))
    assert dict(now) == dict(was)


def test_the_defaults_are_those_of_flask() -> None:
    assert Config("") == Flask(__name__).config


def test_a_view_gets_the_config() -> None:
    app = FastAPI()
    app.state.config = Config("", {"SIZE": 5})

    @app.get("/")
    def view(config: AppConfig) -> Any:
        return config["SIZE"]

    assert TestClient(app).get("/").json() == 5
    assert app.openapi()["paths"]["/"]["get"].get("parameters") is None
