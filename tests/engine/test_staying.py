"""Which apps stay Flask, and what else stays with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import migrate, write_tree

from migrator.findings import Severity
from migrator.pipeline import Migration, Options, run

APP = "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef index(): return 'x'\n"
LOGIN = "from flask_login import LoginManager\nlogin = LoginManager()\n"


def migrated(folder: Path, files: dict[str, str], options: Options | None = None) -> Migration:
    write_tree(folder, {name: text.encode() for name, text in files.items()})
    return run(folder, [], options or Options())


def rungs(migration: Migration) -> dict[str, str]:
    return {route.endpoint: route.rung.value for route in migration.report.routes}


def text(migration: Migration, path: str) -> str:
    found = {change.path: change.after or b"" for change in migration.changes}
    return found.get(path, b"").decode()


@pytest.mark.parametrize(
    "needs",
    [
        "from flask_login import LoginManager",
        "import flask_restful.reqparse as r",
        "from webargs.flaskparser import use_args",
        "from authlib.integrations.flask_client import OAuth",
        "from prometheus_flask_exporter import PrometheusMetrics",
        "from flask_wtf import *",
        "def late():\n    import flask_caching",
        "from flask.sessions import SecureCookieSessionInterface\nx = SecureCookieSessionInterface()",
    ],
)
def test_what_brings_flask_keeps_it(needs: str, tmp_path: Path) -> None:
    assert rungs(migrated(tmp_path, {"app.py": f"{needs}\n{APP}"}))["index"] == "flask"


@pytest.mark.parametrize(
    "plain",
    [
        "from flask_helpers import x",  # the project's own
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from flask_login import LoginManager",
        "import flaskless",
        "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()",
        "from flask import jsonify, request",
    ],
)
def test_what_does_not_bring_it_does_not(plain: str, tmp_path: Path) -> None:
    files = {"app.py": f"{plain}\n{APP}", "flask_helpers.py": "from flask import request\nx = 1\n"}
    assert rungs(migrated(tmp_path, files)) == {"index": "native"}


@pytest.mark.parametrize(
    ("caught", "used", "rung"),
    [
        ("except Exception", "    ", "native"),
        ("except", "    ", "native"),
        ("except ImportError", "    ", "flask"),
        ("except", "", "flask"),
    ],
)
def test_what_the_app_tries_does_not(tmp_path: Path, caught: str, used: str, rung: str) -> None:
    """An app that goes on without what it tried needs none of it; one that uses it elsewhere does."""
    use = "tracker.flask.handle(app)\n"
    inside, outside = (use, "") if used else ("print(1)\n", use)
    files = {"app.py": f"{APP}try:\n    import tracker.flask\n    {inside}{caught}:\n    print(2)\n{outside}"}
    assert rungs(migrated(tmp_path, files))["index"] == rung


def test_what_only_tests_need_does_not(tmp_path: Path) -> None:
    test = "from flask_testing import TestCase\nfrom app import app\n"
    assert rungs(migrated(tmp_path, {"app.py": APP, "tests/test_app.py": test})) == {"index": "native"}


def test_what_nothing_imports_does_not(tmp_path: Path) -> None:
    assert rungs(migrated(tmp_path, {"app.py": APP, "old.py": LOGIN})) == {"index": "native"}


def test_the_reason_is_told_once(tmp_path: Path) -> None:
    files = {"ext.py": LOGIN, "app.py": f"from ext import login\nfrom flask_wtf.csrf import CSRFProtect\n{APP}"}
    found = migrated(tmp_path, files).report.findings
    assert [(f.file, f.span.line, f.code, f.severity) for f in found] == [
        ("app.py", 2, "FF121", Severity.MANUAL),
        ("ext.py", 1, "FF901", Severity.MANUAL),
    ]
    assert "mounted under FastAPI" in found[0].message
    assert not any(f.endpoints for f in found)


def test_without_a_mount_all_is_converted_that_can_be(tmp_path: Path) -> None:
    migration = migrated(tmp_path, {"app.py": f"{LOGIN}{APP}"}, Options(mount=False))
    assert rungs(migration) == {"index": "native"}
    assert "FlaskMount" not in text(migration, "app.py")


def test_what_the_app_does_not_need_is_converted(tmp_path: Path) -> None:
    other = APP.replace("index", "other").replace("app =", "web =").replace("@app", "@web")
    migration = migrated(tmp_path, {"app.py": f"{LOGIN}{APP}", "web.py": other})
    assert {k: v for k, v in rungs(migration).items() if k != "static"} == {"index": "flask", "other": "native"}


def test_apps_that_share_what_changes_stay_together(tmp_path: Path) -> None:
    files = {
        "views.py": "from flask import Blueprint\nbp = Blueprint('b', __name__)\n@bp.get('/b')\ndef b(): return 'b'\n",
        "one.py": f"{LOGIN}from views import bp\n{APP}app.register_blueprint(bp)\n",
        "two.py": f"from views import bp\n{APP}app.register_blueprint(bp)\n",
    }
    migration = migrated(tmp_path, files)
    assert {*rungs(migration).values()} == {"flask"}
    assert "FlaskMount(flask_app)" in text(migration, "one.py")
    assert "FlaskMount(flask_app)" in text(migration, "two.py")
    assert not text(migration, "views.py")


def test_an_app_that_nobody_can_reach_stays_as_it_is(tmp_path: Path) -> None:
    app = "class Server:\n    def __init__(self):\n        self.app = Flask('x')\n        self.app.get('/')(x)\n"
    migration = migrated(tmp_path, {"app.py": f"{LOGIN}from flask import Flask\ndef x(): return 'x'\n{app}"})
    assert not migration.changes
    assert ["app.mount" in f.hint for f in migration.report.findings] == [True]


def test_uses_are_counted_as_kept(tmp_path: Path) -> None:
    uses = migrated(tmp_path, {"app.py": f"{LOGIN}{APP}"}).report.uses
    assert (uses.total, uses.kept) == (1, 1)


def test_routes_of_extensions_are_flasks(tmp_path: Path) -> None:
    app = """from flask import Flask, Blueprint
from flask_restful import Api, Resource
from flask_restx import Namespace, Api as Documented
bp = Blueprint("v1", __name__)
api = Api(bp, prefix="/things")
class ThingList(Resource):
    def get(self): return []
    def post(self): return []
api.add_resource(ThingList, "/", "/all")
docs = Documented(prefix="/docs")
cats = Namespace("cats")
@cats.route("/<int:number>")
class OneCat(Resource):
    def get(self, number): return number
docs.add_namespace(cats)
app = Flask(__name__, static_folder=None)
docs.init_app(app)
app.register_blueprint(bp, url_prefix="/v1")
"""
    found = {(r.endpoint, r.rule, r.methods) for r in migrated(tmp_path, {"app.py": app}).report.routes}
    assert ("v1.thinglist", "/v1/things/all", ("GET", "POST")) in found
    assert ("cats_one_cat", "/docs/cats/<int:number>", ("GET",)) in found


def test_a_second_run_has_nothing_to_do(tmp_path: Path) -> None:
    write_tree(tmp_path, {"app.py": f"{LOGIN}{APP}".encode()})
    first, second = migrate(tmp_path), migrate(tmp_path)
    assert first.changes
    assert not second.changes
    assert rungs(first) == rungs(second)
    assert [f.code for f in first.report.findings] == [f.code for f in second.report.findings]


def test_a_library_without_an_app(tmp_path: Path) -> None:
    pages = "from flask import Blueprint\nbp = Blueprint('bp', __name__)\n@bp.get('/')\ndef index(): return 'x'\n"
    assert rungs(migrated(tmp_path / "free", {"pages.py": pages})) == {"bp.index": "native"}
    needs = migrated(tmp_path / "bound", {"pages.py": pages, "users.py": "from flask_login import x\nimport pages\n"})
    assert not needs.changes
    assert set(rungs(needs).values()) == {"manual"}
