from __future__ import annotations

import sys
from pathlib import Path

import pytest
import stand_in
from cli_tools import APP, Done, Run, commit, git

from migrator import pipeline, registry
from migrator.cli.app import main


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """The command line with the stand-in for the engine."""
    monkeypatch.setattr(pipeline, "run", stand_in.run)
    monkeypatch.setattr(registry, "rules", lambda: stand_in.RULES)

    def invoke(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["flask-to-fastapi", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsysbinary.readouterr()
        code = end.value.code or 0
        assert isinstance(code, int)
        done = Done(code, captured.out.decode(), captured.err.decode())
        assert "Traceback" not in done.err
        if code == 2:
            assert done.err
        return done

    return invoke


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in git, all committed, as the current folder."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "pkg/views.py").write_text(f"{APP}\n\ndef view():\n    abort(make())\n")
    (tmp_path / "pkg/plain.py").write_text("x = 1\n")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path
