"""Which files are the project's own, and how it imports them."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import migrate, write_tree

from migrator.engine import read_project
from migrator.findings import Severity
from migrator.pipeline import Options, run
from migrator.project.discover import python_files

APP = "from flask import Flask\napp = Flask(__name__)\n"


def names(root: Path, *files: str, exclude: tuple[str, ...] = (), **contents: str) -> dict[str, str]:
    write_tree(root, {**dict.fromkeys(files, "x = 1\n"), **{k.replace("__", "."): v for k, v in contents.items()}})
    return {file.path: file.name for file in python_files(root, exclude)}


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        (["app.py", "lib/__init__.py", "lib/a.py"], {"app.py": "app", "lib/__init__.py": "lib", "lib/a.py": "lib.a"}),
        (["src/shop/__init__.py", "src/shop/a.py"], {"src/shop/__init__.py": "shop", "src/shop/a.py": "shop.a"}),
        (["src/shop/a.py"], {"src/shop/a.py": "shop.a"}),
        (["src/app.py"], {"src/app.py": "app"}),
        (["spaces/web/a.py"], {"spaces/web/a.py": "spaces.web.a"}),
        (
            ["one/two/__init__.py", "one/two/three/__init__.py", "one/two/three/a.py"],
            {
                "one/two/__init__.py": "two",
                "one/two/three/__init__.py": "two.three",
                "one/two/three/a.py": "two.three.a",
            },
        ),
        (
            ["services/api/app/__init__.py", "services/web/app/__init__.py"],
            {"services/api/app/__init__.py": "app", "services/web/app/__init__.py": "app"},
        ),
    ],
    ids=["flat", "src", "src without __init__", "src file", "namespace", "package below a folder", "monorepo"],
)
def test_names(tmp_path: Path, files: list[str], wanted: dict[str, str]) -> None:
    assert names(tmp_path, *files) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("import plug.web\n", "plug.web"),
        ("from plug.web import app\n", "plug.web"),
        ("def f():\n    from plug import (\n        other,\n        web,\n    )\n", "plug.web"),
        ("from plug import other\n", "web"),
        ("from plugs.web import app\n", "web"),
        ("from plug.web import app\nimport web\n", "web"),
    ],
)
def test_namespace_of_packages(tmp_path: Path, text: str, wanted: str) -> None:
    """A folder is a namespace, and not on the import path, where the packages in it are imported from it."""
    write_tree(tmp_path, {"main.py": text})
    found = names(tmp_path, "plug/other.py", "plug/web/__init__.py")
    assert found["plug/other.py"] == "plug.other"
    assert found["plug/web/__init__.py"] == wanted


ROUTES = "from flask import Blueprint\n"


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"back/app.py": f"{APP}import users\n", "back/users.py": ROUTES}, {"app", "users"}),
        ({"back/app.py": f"{APP}from api.users import bp\n", "back/api/users.py": ROUTES}, {"app", "api.users"}),
        (
            {
                "back/app.py": f"{APP}import users\n",
                "back/users.py": ROUTES,
                "back/tests/test_app.py": "from app import app\n",
            },
            {"app", "users", "tests.test_app"},
        ),
        ({"src/web/app.py": f"{APP}import users\n", "src/web/users.py": ROUTES}, {"app", "users"}),
        ({"back/app.py": APP}, {"app"}),
        ({"back/app.py": APP, "Procfile": "web: gunicorn back.app:app\n"}, {"back.app"}),
        ({"back/app.py": APP, "run.py": "from back.app import app\n"}, {"back.app", "run"}),
        ({"back/app.py": APP, "run.py": "from back import app\n"}, {"back.app", "run"}),
        ({"back/app.py": f"{APP}from . import users\n", "back/users.py": ROUTES}, {"back.app", "back.users"}),
        (
            {"back/app.py": f"{APP}import logging\n", "back/logging.py": "", "run.py": "import back.app"},
            {"back.app", "back.logging", "run"},
        ),
        ({"back/app.py": f"{APP}import users\n", "back/users.py": "", "app.py": ""}, {"back.app", "back.users", "app"}),
        ({"tests/test_app.py": f"{APP}import helpers\n", "tests/helpers.py": ""}, {"tests.test_app", "tests.helpers"}),
        ({"jobs/run.py": "import steps\n", "jobs/steps.py": ""}, {"jobs.run", "jobs.steps"}),
    ],
    ids=[
        "siblings",
        "folder below",
        "tests below",
        "below src",
        "script",
        "served by its dotted name",
        "imported by its dotted name",
        "imported from the folder",
        "relative",
        "standard library",
        "name there twice",
        "tests",
        "no Flask",
    ],
)
def test_folders_with_programs(tmp_path: Path, files: dict[str, str], wanted: set[str]) -> None:
    """A folder without `__init__.py` is on the import path where its files import each other by bare names."""
    write_tree(tmp_path, files)
    assert {file.name for file in python_files(tmp_path)} == wanted


@pytest.mark.parametrize(
    "file",
    [
        ".venv/lib/a.py",
        "venv/lib/a.py",
        "node_modules/x/a.py",
        "vendor/a.py",
        "pkg/_vendor/a.py",
        "third_party/a.py",
        "build/lib/a.py",
        "x.egg-info/a.py",
        "__pycache__/a.py",
        ".git/hooks/a.py",
        "env/lib/python3.11/site-packages/flask/app.py",
    ],
)
def test_left_alone(tmp_path: Path, file: str) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/pyvenv.cfg").touch()
    assert names(tmp_path, "app.py", file) == {"app.py": "app"}


def test_gitignore(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            ".gitignore": "/out/\n*_gen.py\n!keep_gen.py\n# out\nlocal.py\n",
            "pkg/.gitignore": "only_here.py\n/sub/\n",
        },
    )
    found = names(
        tmp_path, "out/a.py", "pkg/out/a.py", "a_gen.py", "keep_gen.py", "pkg/local.py", "only_here.py",
        "pkg/only_here.py", "pkg/sub/a.py", "pkg/deep/sub/a.py",
    )  # fmt: skip
    assert set(found) == {"pkg/out/a.py", "keep_gen.py", "only_here.py", "pkg/deep/sub/a.py"}


@pytest.mark.xfail(strict=True, reason="each .gitignore is asked by itself")
def test_a_gitignore_below_may_take_back(tmp_path: Path) -> None:
    write_tree(tmp_path, {".gitignore": "*.gen.py\n", "pkg/.gitignore": "!own.gen.py\n"})
    assert "pkg/own.gen.py" in names(tmp_path, "pkg/own.gen.py", "pkg/other.gen.py")


def test_exclude(tmp_path: Path) -> None:
    assert names(tmp_path, "app.py", "legacy/a.py", exclude=("legacy/",)) == {"app.py": "app"}


def test_links_are_not_followed_round(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/loop").symlink_to(tmp_path, target_is_directory=True)
    assert set(names(tmp_path, "pkg/a.py")) == {"pkg/a.py"}


@pytest.mark.parametrize("mark", ["# @generated", "# Code generated by x. DO NOT EDIT.", "# Autogenerated by x"])
def test_generated_files_are_not_changed(tmp_path: Path, mark: str) -> None:
    write_tree(tmp_path, {"app.py": f"{mark}\n{APP}"})
    assert not run(tmp_path, [], Options()).changes


def test_files_that_do_not_name_flask_are_not_read(tmp_path: Path) -> None:
    write_tree(
        tmp_path, {"app.py": f"import used\n{APP}", "used.py": "import deeper\n", "deeper.py": "", "other.py": "(("}
    )
    project, broken = read_project(tmp_path, Options())
    assert set(project.modules) == {"app", "used", "deeper"}
    assert not broken


def test_a_file_that_runs_the_app_is_read(tmp_path: Path) -> None:
    write_tree(tmp_path, {"shop.py": APP, "wsgi.py": "from shop import app\n\napp.run(port=8000)\n"})
    assert "wsgi.py" in {change.path for change in run(tmp_path, [], Options()).changes}


def test_a_file_that_serves_an_app_of_a_package_is_read(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "from .site import Site\n",
        "shop/site.py": "from flask import Flask\nimport shop.pages\nclass Site(Flask): pass\n",
        "shop/pages.py": "",
        "serve.py": "from werkzeug.serving import run_simple\nfrom shop import Site\nrun_simple('', 80, Site())\n",
    }
    project, _ = read_project(write_tree(tmp_path, files), Options())
    assert "serve" in project.modules


def test_files_that_cannot_be_read_are_findings(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "app.py": APP,
            "old.py": "import flask\nprint 'x'\n",
            "bad.py": b"# -*- coding: no-such -*-\nimport flask\n",
            "raw.py": b"import flask\nx = '\xff'\n",
            "zero.py": b"import flask\n\0\n",
        },
    )
    migration = run(tmp_path, [], Options())
    found = {
        f.file: f.line if hasattr(f, "line") else f.span.line for f in migration.report.findings if f.code == "FF002"
    }
    assert set(found) == {"old.py", "bad.py", "raw.py", "zero.py"}
    assert found["old.py"] == 2
    assert "app.py" in {change.path for change in migration.changes}


def test_the_support_package_is_not_part_of_the_project(tmp_path: Path) -> None:
    write_tree(tmp_path, {"app.py": f"{APP}\n\n@app.route('/')\ndef index():\n    return 'x'\n"})
    assert any("flask_compat" in change.path for change in migrate(tmp_path).changes)
    project, _ = read_project(tmp_path, Options())
    assert not [name for name in project.modules if "flask_compat" in name]


def test_only_paths_are_written(tmp_path: Path) -> None:
    view = (
        "from flask import Blueprint, abort\nbp = Blueprint('{0}', __name__)\n@bp.get('/{0}')\ndef {0}(): abort(404)\n"
    )
    write_tree(tmp_path, {"a.py": view.format("a"), "pkg/b.py": view.format("b")})
    migration = run(tmp_path, [tmp_path / "pkg"], Options())
    written = {change.path for change in migration.changes if "flask_compat" not in change.path}
    assert written == {"pkg/b.py"}
    assert {route.endpoint for route in migration.report.routes} == {"a.a", "b.b"}


def test_support_package_lies_in_the_namespace(tmp_path: Path) -> None:
    app = "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef show(): return 'hello'\n"
    write_tree(tmp_path, {"plug/web/__init__.py": app, "plug/other.py": "", "test_web.py": "from plug import web\n"})
    changes = {change.path for change in run(tmp_path, [tmp_path], Options()).changes}
    assert "plug/flask_compat/contract.py" in changes


def test_services_of_one_repository(tmp_path: Path) -> None:
    more = "from flask import request\nfrom app import app\n@app.get('/')\ndef index(): return request.args['q']\n"
    shop = {"app/__init__.py": f"{APP}\nfrom app import more\n", "app/more.py": more, "requirements.txt": "flask\n"}
    script = {"app.py": f"{APP}\nimport db\n", "db.py": "from flask import request\n", "requirements.txt": "flask\n"}
    write_tree(tmp_path, {f"{one}/{path}": text for one in ("a", "b") for path, text in shop.items()})
    write_tree(tmp_path, {f"{one}/{path}": text for one in ("c", "in/d") for path, text in script.items()})
    migration = migrate(tmp_path)
    assert not [f for f in migration.report.findings if f.code == "FF004"]
    written = {change.path: change.after for change in migration.changes}
    wanted = {"a/app/more.py", "a/app/flask_compat/contract.py", "c/app.py", "c/flask_compat/contract.py"}
    assert wanted | {"a/requirements.txt", "c/requirements.txt"} <= {*written}
    for one, other in (("a", "b"), ("c", "in/d")):
        below = {path.removeprefix(f"{one}/"): text for path, text in written.items() if path.startswith(f"{one}/")}
        assert all(written[f"{other}/{path}"] == text for path, text in below.items())


def test_a_second_module_of_a_name_is_reported(tmp_path: Path) -> None:
    shared = f"import shared\n{APP}"
    files = {"a/app/__init__.py": shared, "b/app/__init__.py": shared, "shared.py": "from flask import g\n"}
    migration = migrate(write_tree(tmp_path, files))
    assert "b/app/__init__.py" not in [change.path for change in migration.changes]
    [finding] = [f for f in migration.report.findings if f.code == "FF004"]
    assert (finding.file, finding.severity) == ("b/app/__init__.py", Severity.MANUAL)
