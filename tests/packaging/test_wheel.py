"""The wheel holds all that a user needs, and nothing else."""

from __future__ import annotations

import email
import os
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from trees import write_tree

APP = """from flask import Flask

app = Flask(__name__)


@app.route("/")
def index():
    return "x"
"""
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def sources(folder: Path, top: str) -> set[str]:
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {
        f"{top}/{name}" for name in names if "__pycache__" not in name and not name.startswith(".") and "/." not in name
    }


@pytest.mark.slow
def test_everything_is_in_it(names: set[str]) -> None:
    assert sources(ROOT / "src/migrator", "migrator") <= names
    assert sources(ROOT / "codemods/flask_to_fastapi", "flask_to_fastapi") <= names
    assert "migrator/report/schema.json" in names
    assert {name for name in names if name.endswith(".html")}
    assert "flask_to_fastapi/support/contract.py" in names


@pytest.mark.slow
def test_nothing_else_is_in_it(names: set[str]) -> None:
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"migrator", "flask_to_fastapi"}
    assert not [name for name in names if "__pycache__" in name or "test" in name.partition("/")[2].split("/")]


@pytest.mark.slow
def test_metadata(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (info,) = {name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name}
    metadata = email.message_from_bytes(archive.read(f"{info}/METADATA"))
    assert metadata["License-Expression"] == "MIT"
    assert any("licenses/LICENSE" in name for name in archive.namelist())
    assert metadata["Description-Content-Type"] == "text/markdown"
    needs = {word.partition(">")[0].strip() for word in metadata.get_all("Requires-Dist", [])}
    assert "flask" not in needs
    assert {"libcst", "typer"} <= needs
    points = archive.read(f"{info}/entry_points.txt").decode()
    assert "flask-to-fastapi = migrator.__main__:main" in points


def needed_files() -> set[Path]:
    """What the project's dependencies, and theirs, have in this environment's site-packages."""
    waiting, seen = ["flask-to-fastapi"], set()
    found: set[Path] = set()
    while waiting:
        if (name := waiting.pop()) in seen:
            continue
        seen.add(name)
        try:
            there = distribution(name)
        except PackageNotFoundError:
            continue  # for another platform
        needs = [Requirement(text) for text in there.requires or []]
        waiting += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
        if name != "flask-to-fastapi":
            tops = {file.parts[0] for file in there.files or [] if file.parts[0] not in ("..", "__pycache__")}
            found |= {Path(str(there.locate_file(top))) for top in tops}
    return found


@pytest.mark.slow
def test_it_runs_in_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    """With this environment's dependencies behind it, so that nothing is downloaded."""
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    site = next((home / "lib").glob("python3.*")) / "site-packages"
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(home / "bin/python"),
        "install",
        "-q",
        "--no-deps",
        str(wheel),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for file in sorted(needed_files()):  # everything but the project itself
        if not (site / file.name).exists():
            (site / file.name).symlink_to(file)
    project = write_tree(
        tmp_path / "project",
        {"app.py": APP},
    )
    env = {**os.environ, "PYTHONPATH": "", "PYTHONNOUSERSITE": "1"}
    command = [str(home / "bin/flask-to-fastapi"), "diff", str(project)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert "+from fastapi import FastAPI" in done.stdout
    assert "flask_compat/contract.py" in done.stdout
    done = subprocess.run([str(home / "bin/flask-to-fastapi"), "rules"], capture_output=True, text=True, env=env)
    assert "FF201" in done.stdout
