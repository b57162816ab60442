"""The routes that are read from the code are those of Flask's URL map."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import flask_code
import pytest
from layouts import LAYOUTS
from trees import write_tree

from migrator.engine import read_project
from migrator.pipeline import Options
from migrator.project.project import Project

FROM_FLASK = """
import importlib, json, sys
found = {}
for name, app in json.loads(sys.argv[1]):
    before = set(sys.modules)
    sys.path[:0] = [f"{sys.argv[2]}/{name}", f"{sys.argv[2]}/{name}/src"]
    module, _, attribute = app.partition(":")
    thing = getattr(importlib.import_module(module), attribute.removesuffix("()"))
    made = thing() if attribute.endswith("()") else thing
    found[name] = [[r.endpoint, r.rule, sorted(r.methods)] for r in made.url_map.iter_rules() if r.endpoint != "static"]
    del sys.path[:2]
    for other in set(sys.modules) - before:
        if not other.startswith(("flask", "werkzeug", "jinja2")):
            del sys.modules[other]
print(json.dumps(found))
"""
Routes = set[tuple[str, str, tuple[str, ...]]]


def by_flask(root: Path, apps: dict[str, str]) -> dict[str, Routes]:
    """The URL maps of the apps that lie in folders below `root`, as Flask builds them."""
    command = [sys.executable, "-B", "-W", "ignore", "-c", FROM_FLASK, json.dumps(list(apps.items())), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return {
        name: {(endpoint, rule, plain(methods)) for endpoint, rule, methods in rules}
        for name, rules in json.loads(done.stdout).items()
    }


def by_us(root: Path) -> Routes:
    return {(r.endpoint, r.rule, plain(r.methods)) for r in linked(root).routes}


def plain(methods: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Without those that Flask adds by itself."""
    upper = {method.upper() for method in methods} - {"OPTIONS"}
    return tuple(sorted(upper - {"HEAD"} if "GET" in upper else upper))


def linked(root: Path) -> Project:
    project, broken = read_project(root, Options())
    assert not broken
    return project


@pytest.fixture(scope="module")
def url_maps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Routes]]:
    root = tmp_path_factory.mktemp("layouts")
    for name, (_, files) in LAYOUTS.items():
        write_tree(root / name, files)
    return root, by_flask(root, {name: app for name, (app, _) in LAYOUTS.items()})


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout(name: str, url_maps: tuple[Path, dict[str, Routes]]) -> None:
    root, wanted = url_maps
    assert by_us(root / name) == wanted[name]


def test_random_projects(tmp_path: Path) -> None:
    names = [str(seed) for seed in range(25)]
    for name in names:
        write_tree(tmp_path / name, flask_code.project(Random(int(name))))
    wanted = by_flask(tmp_path, dict.fromkeys(names, "app:app"))
    for name in names:
        assert by_us(tmp_path / name) == wanted[name], name


def test_blueprint_of_nobody_keeps_its_own_prefix(tmp_path: Path) -> None:
    source = (
        "from flask import Blueprint\nbp = Blueprint('b', __name__, url_prefix='/p')\n@bp.get('/x')\ndef x(): ...\n"
    )
    assert by_us(write_tree(tmp_path, {"bp.py": source})) == {("b.x", "/p/x", ("GET",))}


@pytest.mark.parametrize(
    "registration",
    [
        "app.register_blueprint(bp, url_prefix=os.environ['P'])",
        "app.register_blueprint(bp, **options)",
    ],
)
def test_a_prefix_that_only_the_run_knows(tmp_path: Path, registration: str) -> None:
    source = f"""import os
from flask import Blueprint, Flask
bp = Blueprint('b', __name__)
@bp.get('/x')
def x(): ...
app = Flask(__name__)
options = dict(url_prefix='/o')
{registration}
"""
    ((_endpoint, rule, _),) = by_us(write_tree(tmp_path, {"app.py": source}))
    assert rule in ("?", "/o/x")


def test_blueprints_that_a_loop_registers_below_prefixes_of_their_own(tmp_path: Path) -> None:
    files = {
        "shop.py": """from flask import Blueprint, Flask
from pages import ALL, about
home = Blueprint('home', __name__)
@home.get('/')
def index(): ...
app = Flask(__name__)
for prefix, bp in {'/h': home}.items():
    app.register_blueprint(bp, url_prefix=prefix)
for bp, prefix in ALL:
    app.register_blueprint(bp, url_prefix=prefix)
for add in (about,):
    add(app)
""",
        "pages.py": """from flask import Blueprint
a = Blueprint('a', __name__)
@a.get('/x')
def x(): ...
ALL = [(a, '/a')]
def about(app):
    @app.get('/about')
    def page(): ...
""",
    }
    wanted = {("home.index", "?", ("GET",)), ("a.x", "?", ("GET",)), ("page", "/about", ("GET",))}
    assert by_us(write_tree(tmp_path, files)) == wanted


@pytest.mark.parametrize(
    "loop",
    ["node = node.parent", "node = node.left\n        node = node.right", "other = node.a\n        node = other.b"],
)
def test_names_that_are_rebound_to_what_hangs_on_them(tmp_path: Path, loop: str) -> None:
    source = f"""from flask import Flask
app = Flask(__name__)
def root(node):
    other = node
    while node is not None:
        {loop}
        node.route("/never")
    return other.name
@app.get("/x")
def x(): return root(app)
"""
    assert by_us(write_tree(tmp_path, {"app.py": source})) >= {("x", "/x", ("GET",))}


def test_functions_that_return_what_they_return(tmp_path: Path) -> None:
    source = """from flask import Flask
def make(again=False):
    return other() if again else Flask(__name__)
def other():
    return make()
app = other()
@app.get("/x")
def x(): return "x"
"""
    assert by_us(write_tree(tmp_path, {"app.py": source})) <= {("x", "/x", ("GET",))}


def test_who_can_be_touched_by_a_helper(tmp_path: Path) -> None:
    files = {
        "app.py": """from flask import Flask
from helpers import outer
app = Flask(__name__)
@app.get('/a')
def a(): return outer()
@app.get('/b')
def b(): return 'x'
""",
        "helpers.py": """from flask import request
def outer(): return [inner() for _ in range(2)]
def inner(): return request.args
def lonely(): return request.form
""",
    }
    project = linked(write_tree(tmp_path, files))
    assert project.endpoints_of(("helpers", "inner")) == ("a",)
    assert project.endpoints_of(("helpers", "lonely")) == ()


def test_what_is_given_to_the_init_of_a_base_by_name(tmp_path: Path) -> None:
    app = """from flask import Flask
class Site(Flask):
    def __init__(self, name):
        Flask.__init__(self, name)
class Kind:
    def __init__(self, options, other=None):
        self.options = options
    def size(self):
        return self.options.get("size")
class Wide(Kind):
    def __init__(self, site):
        Kind.__init__(self, {}, site)
site = Site("site")
Wide(site)
"""
    project = linked(write_tree(tmp_path, {"app.py": app}))
    assert not project.names.routers_at("app", "Kind.size", "self.options")
    assert project.names.routers_at("app", "Kind.__init__", "other")
    assert not project.routes
