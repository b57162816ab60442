"""What users and other programs rely on: names, flags, exit codes, and which stream says what."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import stand_in
from cli_tools import Run, commit, git

from migrator import __version__
from migrator.write import JOURNAL

STAND_IN = [sys.executable, stand_in.__file__]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_patch_is_what_apply_writes(run: Run, project: Path) -> None:
    done = run("diff")
    assert (done.code, done.err) == (0, "")
    assert git(project, "status", "--porcelain") == ""
    subprocess.run(["git", "apply"], cwd=project, input=done.out.encode(), check=True)
    applied = {path: path.read_bytes() for path in project.rglob("*.py")}
    git(project, "reset", "--hard", "-q")
    git(project, "clean", "-fdq")
    assert run("apply").code == 0
    assert {path: path.read_bytes() for path in project.rglob("*.py")} == applied


def test_apply_speaks_on_standard_error_and_can_be_quiet(run: Run, project: Path) -> None:
    done = run("apply")
    assert done.out == ""
    assert "2 of 3 uses of Flask converted" in done.err
    commit(project)
    assert run("apply", "--quiet") == (0, "", "")
    assert git(project, "status", "--porcelain") == ""


def test_diff_exit_code(run: Run, project: Path) -> None:
    assert run("diff", "--exit-code").code == 1
    assert run("diff", "--exit-code", "pkg/plain.py").code == 0
    run("apply", "-q")
    assert run("diff", "--exit-code") == (0, "", "")


def test_only_the_paths_are_written(run: Run, project: Path) -> None:
    assert run("apply", "pkg").code == 0
    assert "flask" in (project / "app.py").read_text()
    assert "fastapi" in (project / "pkg/views.py").read_text()


def test_a_dirty_tree_is_refused(run: Run, project: Path) -> None:
    (project / "app.py").write_text(f"{(project / 'app.py').read_text()}\nx = 1\n")
    done = run("apply")
    assert done.code == 2
    assert "app.py" in done.err
    assert "--allow-dirty" in done.err
    assert "fastapi" not in (project / "app.py").read_text()
    assert run("apply", "--allow-staged").code == 2
    git(project, "add", "app.py")
    done = run("apply")
    assert done.code == 2
    assert "--allow-staged" in done.err
    assert run("apply", "--allow-staged").code == 0


def test_an_untracked_file_makes_a_tree_dirty(run: Run, project: Path) -> None:
    (project / "new.py").write_text("x")
    assert "new.py" in run("apply").err
    assert run("apply", "--allow-dirty").code == 0


def test_a_file_that_git_ignores_is_not_overwritten(run: Run, project: Path) -> None:
    (project / ".gitignore").write_text("local.py\n")
    commit(project)
    (project / "local.py").write_text("from flask import Flask\n")
    done = run("apply")
    assert done.code == 2
    assert "local.py" in done.err
    assert "fastapi" not in (project / "app.py").read_text()
    assert run("apply", "--allow-dirty").code == 0


def test_no_git_is_refused(run: Run, project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "app.py").write_text("from flask import Flask\n")
    done = run("apply", other)
    assert done.code == 2
    assert "--allow-no-vcs" in done.err
    assert run("apply", other, "--allow-no-vcs").code == 0
    assert "fastapi" in (other / "app.py").read_text()


def test_a_read_only_file_is_refused(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "app.py" and access(path, mode))
    done = run("apply", "--allow-dirty")
    assert done.code == 2
    assert "app.py: is read-only" in done.err
    assert "fastapi" not in (project / "pkg/views.py").read_text()


def test_a_killed_run_is_finished(run: Run, project: Path) -> None:
    (project / JOURNAL).write_bytes(b"half a line")
    for command in ("diff", "report", "check"):
        done = run(command)
        assert done.code == 2
        assert "run `flask-to-fastapi apply`" in done.err
    done = run("apply")
    assert done.code == 0
    assert "cleared away" in done.err
    assert not (project / JOURNAL).exists()
    assert "fastapi" in (project / "app.py").read_text()


def test_a_run_killed_in_the_midst_is_finished(run: Run, project: Path) -> None:
    staged = project / ".flask-to-fastapi-0"
    staged.write_text("new\n")
    digests = [hashlib.sha256(text).hexdigest() for text in ((project / "app.py").read_bytes(), b"new\n")]
    step = {"target": "app.py", "staged": staged.name, "before": digests[0], "after": digests[1]}
    (project / JOURNAL).write_text(f"{json.dumps({'steps': [step], 'new_folders': []})}\ncommit\n")
    done = run("apply")
    assert done.code == 0
    assert "finished the run that was killed" in done.err
    assert (project / "app.py").read_text() == "new\n"
    assert not staged.exists()
    assert not (project / JOURNAL).exists()


@pytest.mark.parametrize("name", ["r.json", "r.md", "r.html", "r.sarif", "r.txt", "r.sarif.json", "R.JSON"])
@pytest.mark.parametrize("command", ["diff", "apply"])
def test_report_beside_the_work(run: Run, project: Path, tmp_path: Path, command: str, name: str) -> None:
    file = tmp_path.parent / f"{tmp_path.name}-{name}"
    assert run(command, "--report", file).code == 0
    text = file.read_text()
    assert "FF201" in text
    if name.lower().endswith("json"):
        json.loads(text)


def test_report_to_a_file(run: Run, project: Path, tmp_path: Path) -> None:
    assert run("report", "-o", "out.json") == (0, "", "")
    assert json.loads((project / "out.json").read_text())["summary"]["flask_uses"]["total"] == 3
    assert run("report", "-o", "out.json", "--format", "md").code == 0
    assert (project / "out.json").read_text().startswith("# ")
    assert run("report", "-o", "-", "--format", "json").out.startswith("{")


@pytest.mark.parametrize("format", ["text", "json", "md", "html", "sarif", "github"])
def test_report_formats(run: Run, project: Path, format: str) -> None:
    done = run("report", "--format", format)
    assert done.code == 0
    assert "FF201" in done.out
    assert done.err == ""


@pytest.mark.parametrize("command", ["diff", "apply", "report"])
@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--fail-on", "manual", 1),
        ("--fail-on", "review", 1),
        ("--fail-under", "66", 0),
        ("--fail-under", "67", 1),
        ("--fail-under", "101", 2),
        ("--fail-on", "info", 2),
    ],
)
def test_thresholds(run: Run, project: Path, command: str, option: str, value: str, code: int) -> None:
    assert run(command, option, value).code == code
    written = "fastapi" in (project / "app.py").read_text()
    assert written == (command == "apply" and code != 2)


def test_thresholds_are_met_without_findings(run: Run, project: Path) -> None:
    (project / "pkg/views.py").unlink()
    assert run("report", "--fail-on", "review", "--fail-under", "100").code == 0


def test_check(run: Run, project: Path) -> None:
    done = run("check")
    assert done.code == 1
    assert done.out.splitlines() == [
        "app.py:1:1: FF101 flask.Flask can be migrated",
        "pkg/views.py:1:1: FF101 flask.Flask can be migrated",
        "pkg/views.py:7:5: FF201 abort() is left",
    ]
    assert run("check", "pkg/plain.py") == (0, "", "")
    assert run("check", "-q", "app.py").out.splitlines() == done.out.splitlines()[:1]


def test_check_paths_open_from_the_current_folder(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "pkg/requirements.txt").write_text("flask\n")
    assert run("check", "pkg").out.startswith("pkg/views.py:1:1: ")
    assert "file=pkg/views.py," in run("report", "pkg", "--format", "github").out
    monkeypatch.chdir(project / "pkg")
    assert run("check").out.startswith("views.py:1:1: ")


def test_check_of_files_without_flask_needs_no_engine(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.pipeline.run", None)
    (project / "pkg/plain.py").write_text("from .flask_compat.contract import keep\n")
    assert run("check", "pkg/plain.py").code == 0


def test_check_beyond_a_baseline(run: Run, project: Path) -> None:
    assert run("check", "--baseline", "known.json").code == 2
    assert run("check", "--baseline", "known.json", "--write-baseline").code == 0
    assert run("check", "--baseline", "known.json") == (0, "", "")
    app = project / "app.py"
    app.write_text(f"# moved\n\n{app.read_text()}")
    assert run("check", "--baseline", "known.json").code == 0
    app.write_text(f"{app.read_text()}abort(other())\n")
    done = run("check", "--baseline", "known.json")
    assert done.code == 1
    assert done.out.splitlines() == ["app.py:6:1: FF201 abort() is left"]


def test_the_usual_baseline_is_found(run: Run, project: Path) -> None:
    assert run("check", "--write-baseline").code == 0
    assert run("check").code == 0
    assert run("check", "pkg/views.py").code == 0


def test_a_baseline_of_some_files_keeps_the_others(run: Run, project: Path) -> None:
    run("check", "--write-baseline")
    (project / "app.py").write_text("x = 1\n")
    assert run("check", "--write-baseline", "app.py").code == 0
    assert run("check").code == 0
    (project / "app.py").write_text("from flask import Flask\n")
    assert run("check").code == 1


def test_rules_and_explain(run: Run) -> None:
    assert run("rules").out.splitlines()[0].split() == ["FF101", "app", "safe", "Flask()", "is", "FastAPI()"]
    assert [rule["code"] for rule in json.loads(run("rules", "--format", "json").out)] == ["FF101", "FF201"]
    for name in ("FF101", "ff101", "app"):
        assert "What changes" in run("explain", name).out
    assert json.loads(run("explain", "FF201", "--format", "json").out)["safety"] == "manual"
    done = run("explain", "FF102")
    assert done.code == 2
    assert "FF101" in done.err


@pytest.mark.parametrize("arguments", [["--version"], ["diff", "--version"], ["rules", "--version"]])
def test_version(run: Run, arguments: list[str]) -> None:
    assert run(*arguments) == (0, f"flask-to-fastapi {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (["diff", "nowhere.py"], "nowhere.py"),
        (["diff", "--select", "FF9"], "flask-to-fastapi rules"),
        (["diff", "--ignore", "FF101,NO1"], "NO1"),
        (["diff", "-j", "0"], "from 1 up"),
        (["diff", "-j", "many"], "integer"),
        (["diff", "--style", "django"], "contract, fastapi"),
        (["diff", "--report", "report.doc"], ".json, .md"),
        (["diff", "--report", "no/such/folder/r.json"], "make it first"),
        (["report", "--format", "xml"], "sarif"),
        (["report", "-o", "x.doc"], ".json, .md"),
        (["report", "-o", "no/such/r.md"], "make it first"),
        (["rules", "--format", "html"], "text, json"),
        (["diff", "--config", "none.toml"], "none.toml"),
        (["check", "--baseline", "app.py"], "--write-baseline"),
        (["nonsense"], "nonsense"),
        (["diff", "--nonsense"], "--nonsense"),
    ],
)
def test_what_cannot_run_says_why(run: Run, project: Path, arguments: list[str], cure: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert cure in done.err
    assert done.out == ""


def test_no_arguments_is_help(run: Run) -> None:
    done = run()
    assert done.code == 2
    assert "Usage" in done.out + done.err


def test_the_engine_cannot_run(run: Run, project: Path) -> None:
    (project / "app.py").write_text("# cannot run\n")
    assert run("diff").err == "flask-to-fastapi: app.py:1: cannot run; mend it\n"


def test_a_bug_in_the_engine(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "app.py").write_text("raise KeyError\n")
    done = run("apply", "--allow-dirty")
    assert done.code == 2
    assert "this is a bug in flask-to-fastapi: KeyError: 'boom' (in app.py)" in done.err
    monkeypatch.setenv("FLASK_TO_FASTAPI_DEBUG", "1")
    debugged = subprocess.run(
        [*STAND_IN, "diff"], cwd=project, env={**ENVIRONMENT, "FLASK_TO_FASTAPI_DEBUG": "1"}, capture_output=True
    )
    assert debugged.returncode == 2
    assert b"Traceback" in debugged.stderr


def test_a_file_that_cannot_be_read(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied", "app.py")

    monkeypatch.setattr("migrator.pipeline.run", unreadable)
    done = run("diff")
    assert done == (2, "", "flask-to-fastapi: app.py: Permission denied; mend that, and run it again\n")


def test_a_reader_that_has_seen_enough(project: Path) -> None:
    (project / "long.py").write_text("from flask import Flask\n" + "".join(f"abort({n})\n" for n in range(20_000)))
    command = " ".join([*STAND_IN, "report"])
    done = subprocess.run(["bash", "-c", f"{command} | head -1"], cwd=project, env=ENVIRONMENT, capture_output=True)
    assert done.stdout.startswith(b"long.py:2:1: FF201")
    assert done.stderr == b""


def test_an_interrupt(project: Path) -> None:
    slow = project / "slow.py"
    slow.write_text("")
    os.mkfifo(project / "pipe.py")
    with subprocess.Popen(
        [*STAND_IN, "diff"],
        cwd=project,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        # what runs in the background is deaf to it, and hands that on
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        writer = os.open(project / "pipe.py", os.O_WRONLY)  # opens when the process has opened the other end
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
        os.close(writer)
    assert process.returncode == 130
    assert b"Traceback" not in error


def test_odd_file_names_can_be_printed(project: Path) -> None:
    odd = os.fsdecode(b"odd\xff.py")
    (project / odd).write_text("abort(1)\n")
    for format in ("text", "json", "md", "html", "sarif", "github"):
        environment = {**ENVIRONMENT, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
        done = subprocess.run(
            [*STAND_IN, "report", "--format", format], cwd=project, env=environment, capture_output=True
        )
        assert done.returncode == 0, done.stderr
        assert b"odd" in done.stdout
        if format in ("json", "sarif"):
            json.loads(done.stdout)
