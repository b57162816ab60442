"""A project moves in two steps: each is applied, tested and served while the other half is still Flask."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from servers import FASTAPI, FLASK, served
from trees import migrate, own, read_tree, tree_diff, write_tree

from migrator.errors import CannotRun
from migrator.findings import Severity
from migrator.pipeline import Options, run
from migrator.report.model import Rung

PORTAL = Path(__file__).parent.parent / "fixtures" / "steps" / "portal"
SHOP = Options(only=("shop",))
APP = """from flask import Flask
import shop, admin
app = Flask(__name__)
app.register_blueprint(shop.bp, url_prefix="/shop")
app.register_blueprint(admin.bp)
@app.get("/")
def index(): return "x"
"""
BLUEPRINT = """from flask import Blueprint
bp = Blueprint("{0}", __name__)
@bp.get("/{0}")
def show(): return "{0}"
@bp.get("/{0}/all")
def every(): return "{0}"
"""
FILES = {"app.py": APP, "shop.py": BLUEPRINT.format("shop"), "admin.py": BLUEPRINT.format("admin")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PORTAL / "before", tmp_path / "portal"))


def stands_as(project: Path, name: str) -> None:
    assert not tree_diff(own(read_tree(PORTAL / name)), own(read_tree(project)))


def pass_tests(project: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(project)}
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def test_each_step_passes_its_tests(project: Path) -> None:
    first = migrate(project, SHOP)
    stands_as(project, "first")
    pass_tests(project)
    rungs = {route.endpoint: route.rung for route in first.report.routes}
    assert rungs["shop.items"] is Rung.NATIVE
    assert rungs["account.me"] is rungs["index"] is Rung.FLASK
    assert not run(project, [], SHOP).changes
    last = migrate(project, Options())
    stands_as(project, "last")
    pass_tests(project)
    assert {route.endpoint for route in last.report.routes} >= {"shop.items", "account.me", "index"}
    assert all(route.rung in (Rung.NATIVE, Rung.AMBIENT) for route in last.report.routes)
    assert not any(b"import flask\n" in text or b"from flask " in text for text in read_tree(project).values())
    assert "a2wsgi" not in (project / "requirements.txt").read_text()
    assert not run(project, [], Options()).changes


def test_the_other_half_may_go_first(project: Path) -> None:
    migrate(project, Options(excluded=("shop",)))
    pass_tests(project)
    migrate(project, SHOP)
    pass_tests(project)
    assert not run(project, [], SHOP).changes
    migrate(project, Options())
    pass_tests(project)


class Browser:
    """Keeps cookies, and follows no redirects."""

    def __init__(self) -> None:
        self.jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))

    def at(self, port: int) -> Callable[..., tuple[int, str]]:
        def ask(path: str, data: bytes | None = None, kind: str = "") -> tuple[int, str]:
            headers = {"Content-Type": kind} if kind else {}
            try:
                with self.opener.open(Request(f"http://127.0.0.1:{port}{path}", data, headers)) as answer:
                    return answer.status, answer.read().decode()
            except HTTPError as error:
                return error.code, error.read().decode()

        return ask


@pytest.mark.slow
def test_a_login_lasts_over_all_steps(project: Path, tmp_path: Path) -> None:
    first = Path(shutil.copytree(project, tmp_path / "first"))
    migrate(first, SHOP)
    last = Path(shutil.copytree(first, tmp_path / "last"))
    migrate(last, Options())
    browser = Browser()
    with served(FLASK, project, "wsgi:app") as port:
        assert browser.at(port)("/account/login", urlencode({"name": "ada"}).encode())[0] == 200
    for number, folder in enumerate((first, last), 1):
        with served(FASTAPI, folder, "wsgi:app") as port:
            ask = browser.at(port)
            status, text = ask("/shop/cart", b'{"title": "Lamp"}', "application/json")
            assert (status, text.count("Lamp")) == (201, number)  # moved, of a user who has logged in under Flask
            status, text = ask("/account/me")  # still Flask in the first step
            assert (status, text.count("<li>Lamp</li>")) == (200, number)
            status, text = ask("/shop/items/9")
            assert (status, json.loads(text)) == (404, {"error": "no item 9"})
            assert ask("/shop/items/2")[0] == ask("/")[0] == 200
            assert ask("/nowhere")[0] == ask("/shop/items/x")[0] == 404
            assert ask("/shop/cart", b"{", "application/json")[0] == 400
    with served(FASTAPI, last, "wsgi:app") as port:
        assert browser.at(port)("/account/logout", b"")[0] == 204
        assert browser.at(port)("/shop/cart", b'{"title": "Lamp"}', "application/json")[0] == 401


@pytest.mark.parametrize("names", [("shop",), ("shop.py",), ("/shop/shop", "shop.every")])
def test_names(tmp_path: Path, names: tuple[str, ...]) -> None:
    migration = run(write_tree(tmp_path, FILES), [], Options(only=names))
    moved = {route.endpoint for route in migration.report.routes if route.rung is not Rung.FLASK}
    assert moved == {"shop.show", "shop.every"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(only=("nix",)), "called nix; there are: admin, index, shop"),
        (Options(excluded=("nix",)), "called nix"),
        (Options(only=("/",)), "a route of the app itself"),
        (Options(only=("shop.show",)), "the routes of the blueprint shop move together"),
        (Options(excluded=("shop.show",)), "the routes of the blueprint shop move together"),
    ],
)
def test_what_cannot_be_chosen(tmp_path: Path, options: Options, message: str) -> None:
    with pytest.raises(CannotRun, match=message):
        run(write_tree(tmp_path, FILES), [], options)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("@bp.before_request\ndef check(): pass\n", "before_request is registered on it"),
        ("from flask import Flask\nother = Flask('other')\n", "its module makes another app"),
    ],
)
def test_a_blueprint_that_cannot_move_by_itself_stays(tmp_path: Path, more: str, reason: str) -> None:
    files = {**FILES, "shop.py": FILES["shop.py"] + more}
    migration = run(write_tree(tmp_path, files), [], Options(only=("shop", "admin")))
    (finding,) = [one for one in migration.report.findings if one.code == "FF123"]
    assert finding.severity is Severity.MANUAL
    assert f"the blueprint shop stays Flask in this step: {reason}" in finding.message
    moved = {route.endpoint for route in migration.report.routes if route.rung is not Rung.FLASK}
    assert moved == {"admin.show", "admin.every"}


def test_all_blueprints_are_all_but_the_last_step(tmp_path: Path) -> None:
    root = write_tree(tmp_path, FILES)
    migrate(root, Options(only=("shop", "admin")))
    done = migrate(root, Options())
    assert [replace(route, line=0).rung for route in done.report.routes] == [Rung.NATIVE] * 5
