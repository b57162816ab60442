"""Which modules are migrated together, and that a part costs the same whatever lies beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import write_tree

from migrator.engine import read_project
from migrator.pipeline import Migration, Options, run
from migrator.project.parts import parts_of
from migrator.project.store import Store

APP = "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef index(): return 'x'\n"
VIEWS = "from flask import Blueprint\nbp = Blueprint('bp', __name__)\n"
TEST = "from flask import url_for\ndef test_it(client): assert client.get('/').status_code\n"
MODEL = "from flask import g\ndef user(): return g.user\n"


def parts(root: Path, files: dict[str, str]) -> list[set[str]]:
    project, _ = read_project(write_tree(root, files), Options())
    return [{*part} for part in parts_of(project)]


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("from b import bp", True),
        ("def later():\n    import b", True),
        ("from werkzeug.utils import import_string\nbp = import_string('b:bp')", True),
        ("import importlib\ndef load(name): return importlib.import_module(name)", True),
        ("NAMES = ['b.bp']", True),
        ("import c", False),
    ],
)
def test_what_names_a_module_belongs_to_it(tmp_path: Path, line: str, needed: bool) -> None:
    beside = "from flask import Flask\nother = Flask(__name__)\n"  # else what has no app belongs to the only one
    found = parts(tmp_path, {"a.py": f"{APP}{line}\n", "b.py": f"{beside}{VIEWS}", "c.py": "from flask import g\n"})
    assert any({"a", "b"} <= part for part in found) is needed


def test_packages(tmp_path: Path) -> None:
    files = {
        "one/__init__.py": "",
        "one/app.py": APP + "from .views import bp\n",
        "one/views.py": VIEWS,
        "two/__init__.py": "from flask import g\n",
        "two/app.py": APP + "from two.views import users\n",
        "two/views/__init__.py": "",
        "two/views/users.py": VIEWS,
        "two/late.py": "from flask import Flask\nimport two.views\napp = Flask('late')\n",
    }
    assert parts(tmp_path, files) == [
        {"one", "one.app", "one.views"},
        {"two", "two.app", "two.late", "two.views", "two.views.users"},
    ]


def test_fixtures(tmp_path: Path) -> None:
    files = {
        "one/app.py": APP,
        "one/tests/conftest.py": "import pytest\nfrom one.app import app\n@pytest.fixture\ndef client(): return app\n",
        "one/tests/unit/test_it.py": TEST,
        "two/app.py": APP,
    }
    assert {"one.app", "one.tests.conftest", "one.tests.unit.test_it"} in parts(tmp_path, files)


def test_what_has_no_app_belongs_to_the_nearest(tmp_path: Path) -> None:
    files = {"one/app.py": APP, "one/models/users.py": MODEL, "two/app.py": APP, "shared/models.py": MODEL}
    files |= {"one/__init__.py": "", "one/models/__init__.py": "", "two/__init__.py": ""}
    found = parts(tmp_path, files)
    assert {"one.app", "one.models.users"} in [one - {"one", "one.models"} for one in found]
    assert {"shared.models"} in found


def test_the_context_is_there_for_what_any_app_may_use(tmp_path: Path) -> None:
    def entry(files: dict[str, str], folder: str) -> bytes:
        migration = run(write_tree(tmp_path / folder, files), [], Options())
        return next(change.after or b"" for change in migration.changes if change.path == "one/app.py")

    apps = {"one/__init__.py": "", "one/app.py": APP, "two/__init__.py": "", "two/app.py": APP}
    alone = entry(apps, "alone")
    assert entry({**apps, "shared/models.py": MODEL}, "shared") != alone
    assert entry({**apps, "two/models.py": MODEL}, "own") == alone


def services(root: Path, count: int) -> Path:
    """A repository of services that do not know each other."""
    files: dict[str, str] = {}
    for number in range(count):
        name = f"service{number}"
        files |= {
            f"{name}/__init__.py": "",
            f"{name}/app.py": f"{APP}from {name}.views import bp\napp.register_blueprint(bp)\n",
            f"{name}/views.py": f"{VIEWS}from {name}.users import user\n@bp.get('/me')\ndef me(): return user().name\n",
            f"{name}/users.py": MODEL,
        }
    return write_tree(root, files)


def of_service(migration: Migration, name: str) -> list[object]:
    """What is said and done of one service."""
    report = migration.report
    return [
        *(change for change in migration.changes if change.path.startswith(f"{name}/")),
        *(finding for finding in report.findings if finding.file.startswith(f"{name}/")),
        *((r.endpoint, r.rule, r.rung) for r in report.routes if r.file.startswith(f"{name}/")),
    ]


def test_a_part_is_migrated_as_if_it_were_alone(tmp_path: Path) -> None:
    many = run(services(tmp_path / "many", 4), [], Options())
    two = run(services(tmp_path / "two", 2), [], Options())
    for name in ("service0", "service1"):
        assert of_service(many, name) == of_service(two, name) != []


def test_processes_change_nothing(tmp_path: Path) -> None:
    root = services(tmp_path, 15)
    assert run(root, [], Options(jobs=1)) == run(root, [], Options(jobs=3))


def test_work_grows_with_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    module = Store.module

    def counted(self: Store, name: str) -> object:
        asked.append(name)
        return module(self, name)

    monkeypatch.setattr(Store, "module", counted)
    counts: list[int] = []
    for count in (4, 8, 16):
        asked.clear()
        run(services(tmp_path / str(count), count), [], Options(jobs=1))
        counts.append(len(asked))
    first, second, third = counts
    assert third - second <= 2 * (second - first) + 16, "each service costs what the others do"
