"""Commands before and after, in each place where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.engine import read_project
from migrator.findings import Severity
from migrator.manifests.apps import Apps
from migrator.manifests.scripts import commands
from migrator.pipeline import Options

SHOP = """
from flask import Flask

app = Flask(__name__)


def create_app(name="x"):
    made = Flask(__name__)
    return made
"""
WORKER = "-k uvicorn_worker.UvicornWorker"
PAIRS = [
    ("flask --app shop run -h 0.0.0.0 -p 8000", "uvicorn shop:app --host 0.0.0.0 --port 8000"),
    ("flask --app shop:create_app run", "uvicorn --factory shop:create_app --port 5000"),
    ("flask --app 'shop:create_app()' run", "uvicorn --factory shop:create_app --port 5000"),
    ("python3 -m flask --app shop.py --debug run", "python3 -m uvicorn shop:app --port 5000 --reload"),
    ("cd /srv && FLASK_APP=shop exec /venv/bin/flask run", "cd /srv && FLASK_APP=shop exec /venv/bin/uvicorn shop:app --port 5000"),
    ("poetry run flask --app shop init-db --all | tee log", "poetry run python -m flask_compat.cli shop:app init-db --all | tee log"),
    ("gunicorn -w 4 -b :8000 shop:app", f"gunicorn -w 4 -b :8000 {WORKER} shop:app"),
    ('gunicorn "shop:create_app()"', f'gunicorn {WORKER} "shop:create_app()"'),
    ("gunicorn --worker-class=gevent shop:app -t 9", "gunicorn --worker-class=uvicorn_worker.UvicornWorker shop:app -t 9"),
    ("gunicorn \\\n  --threads 8 \\\n  -b :80 \\\n  shop:app", f"gunicorn \\\n  -b :80 \\\n  {WORKER} shop:app"),
    ("gunicorn -k uvicorn.workers.UvicornWorker shop:app", "gunicorn -k uvicorn.workers.UvicornWorker shop:app"),
    ('CMD ["flask", "--app", "shop", "run"]', 'CMD ["uvicorn", "shop:app", "--port", "5000"]'),
    ('entrypoint: ["sh","-c","gunicorn shop:app"]', f'entrypoint: ["sh","-c","gunicorn {WORKER} shop:app"]'),
    ('    command: "flask --app shop run"', '    command: "uvicorn shop:app --port 5000"'),
    ("command:\n  - flask\n  - --app=shop\n  - run\n", 'command:\n  - uvicorn\n  - shop:app\n  - --port\n  - "5000"\n'),
    ("command: >\n  gunicorn shop:app\n  -b :80\nother: 1\n", f"command: >\n  gunicorn {WORKER} shop:app\n  -b :80\nother: 1\n"),
    ("ExecStart=/v/bin/gunicorn shop:app", f"ExecStart=/v/bin/gunicorn {WORKER} shop:app"),
    ("\t@flask --app shop run\n", "\t@uvicorn shop:app --port 5000\n"),
    ("# flask --app shop run", "# flask --app shop run"),
    ("pip install flask gunicorn", "pip install flask gunicorn"),
    ("systemctl restart gunicorn", "systemctl restart gunicorn"),
    ("echo 'flask run'; gunicorn other:app", "echo 'flask run'; gunicorn other:app"),
]  # fmt: skip


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Apps:
    root = tmp_path_factory.mktemp("shop")
    (root / "shop.py").write_text(SHOP)
    project, _ = read_project(Path(root), Options())
    return Apps(project, frozenset(project.routers), "flask_compat.cli")


def result(text: str, apps: Apps, **known: str) -> str:
    for one in reversed(commands(text, apps, known, configured=False)):
        if one.new is not None:
            text = text[: one.start] + one.new + text[one.end :]
    return text


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_pair(before: str, after: str, apps: Apps) -> None:
    assert result(before, apps) == after


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_line_ends_stay(before: str, after: str, apps: Apps) -> None:
    assert result(before.replace("\n", "\r\n"), apps) == after.replace("\n", "\r\n")


def test_address_from_the_environment(apps: Apps) -> None:
    known = {"FLASK_APP": "shop", "FLASK_RUN_HOST": "::", "FLASK_RUN_PORT": "80"}
    assert result("flask run", apps, **known) == "uvicorn shop:app --host :: --port 80"


@pytest.mark.parametrize(
    ("command", "severity"),
    [
        ("flask --app 'shop:create_app(1)' run", Severity.MANUAL),
        ("flask --app shop run --cert=adhoc", Severity.MANUAL),
        ("flask --app shop routes", Severity.MANUAL),
        ("flask --app shop db upgrade", Severity.MANUAL),
        ("flask --app other run", Severity.REVIEW),
        ("gunicorn other:app", Severity.REVIEW),
    ],
)
def test_what_stays_is_told(command: str, severity: Severity, apps: Apps) -> None:
    (said,) = commands(command, apps, {}, configured=False)
    assert (said.new, said.answer.severity) == (None, severity)
