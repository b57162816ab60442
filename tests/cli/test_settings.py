"""Settings come from `[tool.flask-to-fastapi]`; what is wrong there is named with its line and a cure."""

from __future__ import annotations

from pathlib import Path

import pytest
import stand_in
from cli_tools import Run

from migrator import pipeline
from migrator.errors import CannotRun
from migrator.pipeline import Migration, Options
from migrator.settings import Settings, load

ALL = """\
[tool.other]
select = 3

[tool.flask-to-fastapi]
select = ["FF1"]
ignore = ["FF2"]
only = ["auth"]
except = ["admin"]
exclude = ["legacy/"]
mount = false
style = "fastapi"
jobs = 2
baseline = "known.json"
fail-on = "manual"
fail-under = 90
"""


def test_all_settings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(ALL)
    assert load(tmp_path) == Settings(
        select=("FF1",),
        ignore=("FF2",),
        only=("auth",),
        excluded=("admin",),
        exclude=("legacy/",),
        mount=False,
        style="fastapi",
        jobs=2,
        baseline="known.json",
        fail_on="manual",
        fail_under=90.0,
    )


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.flask-to-fastapi]\n"])
def test_no_settings(tmp_path: Path, text: str) -> None:
    assert load(tmp_path) == Settings()
    (tmp_path / "pyproject.toml").write_text(text)
    assert load(tmp_path) == Settings()


def test_a_file_of_its_own_needs_no_table(tmp_path: Path) -> None:
    file = tmp_path / "migration.toml"
    file.write_text("jobs = 3\n")
    assert load(tmp_path, file).jobs == 3
    file.write_text("[tool.flask-to-fastapi]\njobs = 4\n")
    assert load(tmp_path, file).jobs == 4


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("selct = []", "unknown setting selct; did you mean select?"),
        ("colour = 1", "unknown setting colour; there are baseline, except"),
        ('select = "FF1"', r"select has to be a list of strings"),
        ("ignore = [1]", "ignore has to be a list of strings"),
        ("mount = 1", "mount has to be true or false"),
        ('style = "flask"', 'style has to be one of "contract"'),
        ("jobs = 0", "jobs has to be a whole number from 1 up"),
        ("jobs = true", "jobs has to be a whole number"),
        ("fail-under = 101", "fail-under has to be a number from 0 to 100"),
        ('fail-on = "info"', 'fail-on has to be one of "review"'),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, line: str, complaint: str) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(f"[tool.other]\n{line}\n\n[tool.flask-to-fastapi]\n# a comment\n{line}\n")
    with pytest.raises(CannotRun) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(f"{file}:6: ")
    assert complaint in str(caught.value)


def test_other_ways_to_write_the_table(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    for text, line in [
        ("[tool]\nflask-to-fastapi = {jobs = 0}\n", 2),
        ("[tool]\nflask-to-fastapi.jobs = 0\n", 2),
        ("\ntool.flask-to-fastapi.jobs = 0\n", 2),
        ('[tool."flask-to-fastapi"]\n"jobs" = 0\n', 2),
    ]:
        file.write_text(text)
        with pytest.raises(CannotRun, match=rf":{line}: jobs has to be"):
            load(tmp_path)


@pytest.mark.parametrize("text", [b"[tool", b"\xff", b'[tool]\nflask-to-fastapi = "x"\n'])
def test_what_is_no_settings_file(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text)
    with pytest.raises(CannotRun, match=r"pyproject\.toml: "):
        load(tmp_path)


def test_options_go_before_settings(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Options] = []

    def engine(root: Path, paths: list[Path], options: Options) -> Migration:
        seen.append(options)
        return stand_in.run(root, paths, options)

    monkeypatch.setattr(pipeline, "run", engine)
    (project / "pyproject.toml").write_text(ALL)
    assert run("report").code == 1  # by its fail-on
    assert (
        run(
            "report", "--select", "FF101,FF2", "--mount", "--style", "contract", "--except", "a", "--except", "b,c"
        ).code
        == 1
    )
    assert run("check", "--no-mount", "-j", "5").code == 2  # its baseline is not there
    assert seen == [
        Options(("FF1",), ("FF2",), ("auth",), ("admin",), False, "fastapi", 2, ("legacy/",)),
        Options(("FF101", "FF2"), ("FF2",), ("auth",), ("a", "b", "c"), True, "contract", 2, ("legacy/",)),
    ]
