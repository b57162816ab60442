"""The project is the nearest folder at or above all paths that holds a manifest or `.git`."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.errors import CannotRun
from migrator.root import MARKERS, existing, project_root, shown_prefix


@pytest.mark.parametrize("marker", MARKERS)
def test_the_nearest_manifest(tmp_path: Path, marker: str) -> None:
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "service/api/routes"
    inner.mkdir(parents=True)
    (tmp_path / "service" / marker).mkdir()
    (inner / "x.py").touch()
    (inner.parent / "y.py").touch()
    for paths in ([inner], [inner / "x.py"], [inner / "x.py", inner.parent / "y.py"], [tmp_path / "service"]):
        assert project_root(paths) == tmp_path / "service"
    assert project_root([inner, tmp_path]) == tmp_path


def test_else_their_common_folder(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/c").mkdir()
    (tmp_path / "a/b/x.py").touch()
    assert project_root([tmp_path / "a/b/x.py"]) == tmp_path / "a/b"
    assert project_root([tmp_path / "a/b/x.py", tmp_path / "a/c"]) == tmp_path / "a"


def test_paths_have_to_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(CannotRun, match="nowhere"):
        existing([tmp_path / "nowhere"])
    with pytest.raises(CannotRun, match="loop"):
        existing([tmp_path / "loop"])
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    assert existing([Path("link"), Path()]) == [tmp_path / "real", tmp_path]


def test_shown_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a")
    assert shown_prefix(tmp_path / "a") == ""
    assert shown_prefix(tmp_path / "a/b") == "b/"
    assert shown_prefix(tmp_path) == ""
