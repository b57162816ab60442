"""The blog of Flask's tutorial as it was released, and what the tool makes of it, each with a database of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers import FASTAPI, FLASK, served
from trees import migrate, read_tree

RELEASE = "flask==3.1.3"  # has the tutorial among its examples
APP = "flaskr:create_app()"


@contextmanager
def flask_and_fastapi(folder: Path) -> Iterator[tuple[str, str]]:
    """The addresses of the blog under Flask and under uvicorn, without posts and users."""
    before, after = folder / "before", folder / "after"
    shutil.copytree(released(folder), before)
    shutil.copytree(before, after)
    migrate(after)
    python = [data.decode() for name, data in read_tree(after / "flaskr").items() if name.endswith(".py")]
    assert not any("import flask\n" in code or "from flask import" in code for code in python)
    command(before, "flask", "--app", "flaskr", "init-db")
    command(after, "flaskr.flask_compat.cli", "flaskr:create_app", "init-db")
    with served(FLASK, before, APP) as flask, served(FASTAPI, after, APP) as fastapi:
        yield f"http://127.0.0.1:{flask}", f"http://127.0.0.1:{fastapi}"


def released(folder: Path) -> Path:
    """The tutorial's project; skips the test where it cannot be had."""
    download = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps"]
    try:
        done = subprocess.run(
            [*download, "--no-binary", ":all:", "-d", str(folder), RELEASE], capture_output=True, text=True, timeout=120
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{RELEASE} cannot be had in time")
    if done.returncode:
        pytest.skip(f"{RELEASE} cannot be had: {done.stderr[-300:]}")
    with tarfile.open(next(folder.glob("flask-*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("flask-*/examples/tutorial"))


def command(project: Path, module: str, *words: str) -> None:
    """Runs `python -m module words` in a project."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words], cwd=project, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "Initialized the database." in done.stdout
