"""All files are written or none, whenever the process dies."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from migrator import write as writing
from migrator.errors import CannotRun
from migrator.pipeline import FileChange
from migrator.write import JOURNAL, finish, unfinished, write

CHANGES = [
    FileChange("app/a.py", b"a\n", b"A\r\n"),
    FileChange("app/compat/__init__.py", None, b""),
    FileChange("app/compat/deep/x.py", None, b"x"),
    FileChange("b.py", b"b\n", b"B\n"),
    FileChange("gone.py", b"g\n", None),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for change in CHANGES:
        if change.before is not None:
            (tmp_path / change.path).parent.mkdir(exist_ok=True)
            (tmp_path / change.path).write_bytes(change.before)
    return tmp_path


def snapshot(root: Path) -> dict[str, bytes | None]:
    return {p.relative_to(root).as_posix(): p.read_bytes() if p.is_file() else None for p in sorted(root.rglob("*"))}


def expected(root: Path) -> dict[str, bytes | None]:
    tree = {change.path: change.after for change in CHANGES if change.after is not None}
    folders = {parent.as_posix() for path in tree for parent in Path(path).parents if parent.name}
    return dict(sorted({**tree, **dict.fromkeys(folders)}.items()))


def test_all_is_written(tree: Path) -> None:
    write(tree, CHANGES)
    assert snapshot(tree) == expected(tree)


def test_mode_and_owner_are_kept_and_new_files_follow_the_umask(tree: Path) -> None:
    (tree / "b.py").chmod(0o751)
    if os.geteuid() == 0:
        os.chown(tree / "b.py", 1234, 4321)
    before = (tree / "b.py").stat()
    old = os.umask(0o027)
    try:
        write(tree, CHANGES)
    finally:
        os.umask(old)
    after = (tree / "b.py").stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert (tree / "app/compat/deep/x.py").stat().st_mode & 0o777 == 0o640


def test_symbolic_links_stay(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "c.py"
    outside.write_bytes(b"c\n")
    (tree / "c.py").symlink_to(outside)
    (tree / "link.py").symlink_to("b.py")
    write(tree, [FileChange("c.py", b"c\n", b"C\n"), FileChange("link.py", b"b\n", b"B\n"), CHANGES[3]])
    assert (tree / "c.py").is_symlink()
    assert (tree / "link.py").is_symlink()
    assert (outside.read_bytes(), (tree / "b.py").read_bytes()) == (b"C\n", b"B\n")


def refused(tree: Path, changes: list[FileChange], message: str) -> None:
    before = snapshot(tree)
    with pytest.raises(CannotRun, match=message):
        write(tree, changes)
    assert snapshot(tree) == before


def test_one_file_cannot_get_two_texts(tree: Path) -> None:
    (tree / "link.py").symlink_to("b.py")
    refused(tree, [CHANGES[3], FileChange("link.py", b"b\n", b"other")], "one file")


def test_a_file_edited_meanwhile(tree: Path) -> None:
    (tree / "b.py").write_bytes(b"edited")
    refused(tree, CHANGES, "b.py: changed while")


def test_a_new_file_that_is_there(tree: Path) -> None:
    (tree / "app/compat").mkdir()
    (tree / "app/compat/__init__.py").write_bytes(b"mine")
    refused(tree, CHANGES, "app/compat/__init__.py: changed while")


@pytest.fixture
def no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission bits count, as for anybody but root."""

    def access(path: str | Path, mode: int) -> bool:
        return mode & (Path(path).stat().st_mode >> 6) & 7 == mode & 7

    monkeypatch.setattr(os, "access", access)


@pytest.mark.usefixtures("no_root")
def test_a_read_only_file(tree: Path) -> None:
    (tree / "b.py").chmod(0o444)
    refused(tree, CHANGES, r"b\.py: is read-only.*chmod.*Nothing was written")


@pytest.mark.usefixtures("no_root")
def test_a_read_only_folder(tree: Path) -> None:
    (tree / "app").chmod(0o555)
    refused(tree, CHANGES, "app: no files can be written.*Nothing was written")
    (tree / "app").chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may write read-only files")
def test_root_may_write_read_only_files_which_stay_so(tree: Path) -> None:
    (tree / "b.py").chmod(0o444)
    (tree / "app").chmod(0o555)
    write(tree, CHANGES)
    assert (tree / "b.py").read_bytes() == b"B\n"
    assert (tree / "b.py").stat().st_mode & 0o777 == 0o444
    (tree / "app").chmod(0o755)


def test_a_file_where_a_folder_should_be(tree: Path) -> None:
    refused(tree, [CHANGES[0], FileChange("b.py/x.py", None, b"x")], "b.py")


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize(
    ("place", "number"),
    [("_stage", 1), ("_stage", 4), ("_append", 1), ("_append", 2), ("replace", 1), ("replace", 3), ("_sync_folder", 1)],
)
def test_a_fault_at_any_step_leaves_the_old_tree(
    tree: Path, monkeypatch: pytest.MonkeyPatch, place: str, number: int, fault: BaseException
) -> None:
    before = snapshot(tree)
    owner = os if place == "replace" else writing
    real, calls = getattr(owner, place), 0

    def failing(*arguments: object) -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            raise fault
        real(*arguments)

    monkeypatch.setattr(owner, place, failing)
    with pytest.raises((CannotRun, KeyboardInterrupt)):
        write(tree, CHANGES)
    assert snapshot(tree) == before


KILLED = """
import json, os, sys
from pathlib import Path
from migrator import write as writing
from migrator.pipeline import FileChange
root, stop = Path(sys.argv[1]), int(sys.argv[2])
calls = 0
def watch(event, arguments):  # every operation on files is an audit event: die in front of the one with this number
    global calls
    if event.startswith(("os.", "open", "fcntl.")) and armed:
        calls += 1
        if calls == stop:
            os.kill(os.getpid(), 9)
armed = False
sys.addaudithook(watch)
import fcntl
armed = True
text = lambda value: None if value is None else bytes.fromhex(value)
changes = [FileChange(path, text(before), text(after)) for path, before, after in json.loads(sys.argv[3])]
writing.write(root, changes)
armed = False
"""


def hexed(data: bytes | None) -> str | None:
    return None if data is None else data.hex()


def test_killed_in_front_of_any_operation(tree: Path) -> None:
    old, new = snapshot(tree), expected(tree)
    changes = json.dumps([(c.path, hexed(c.before), hexed(c.after)) for c in CHANGES])
    seen = set()
    for stop in range(1, 200):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(tree), str(stop), changes],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
        )
        if done.returncode == 0:
            assert snapshot(tree) == new
            break
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        left = snapshot(tree)
        if unfinished(tree):
            files = finish(tree)
            seen.add("finished" if files else "cleared")
        else:
            seen.add("nothing")
        after = snapshot(tree)
        assert after in (old, new), f"{stop}: {left} became {after}"
        if after == new:
            for change in CHANGES:  # back to the start
                path = tree / change.path
                if change.before is None:
                    path.unlink()
                else:
                    path.write_bytes(change.before)
            (tree / "app/compat/deep").rmdir()
            (tree / "app/compat").rmdir()
    else:
        pytest.fail("it never came to its end")
    assert seen == {"nothing", "cleared", "finished"}


def test_killed_at_random_moments(tree: Path) -> None:
    """A process that writes one state and then the other for ever is killed; each time all files agree."""
    files = [f"f{n}.py" for n in range(30)]
    for name in files:
        (tree / name).write_bytes(b"0")
    program = """
import sys
from pathlib import Path
from migrator.pipeline import FileChange
from migrator.write import write
root, files = Path(sys.argv[1]), sys.argv[2:]
state = (root / files[0]).read_bytes()
print("ready", flush=True)
while True:
    new = b"1" if state == b"0" else b"0"
    write(root, [FileChange(f, state, new) for f in files])
    state = new
"""
    chance = random.Random(7)
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(tree), *files],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.08))
            process.kill()
        if unfinished(tree):
            finish(tree)
        assert len({(tree / name).read_bytes() for name in files}) == 1
        assert not [path for path in tree.iterdir() if path.name.startswith(".flask-to-fastapi")]


def test_a_file_edited_after_the_kill_is_not_lost(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_move", lambda root, plan: os._exit(9))
    child = os.fork()
    if not child:
        write(tree, CHANGES)
    os.waitpid(child, 0)
    monkeypatch.undo()
    assert unfinished(tree)
    (tree / "b.py").write_bytes(b"mine")
    with pytest.raises(CannotRun, match=r"b.py: edited since.*put its old text back"):
        finish(tree)
    assert (tree / "b.py").read_bytes() == b"mine"
    (tree / "b.py").write_bytes(b"b\n")
    assert finish(tree) == len(CHANGES)
    assert snapshot(tree) == expected(tree)


def test_two_runs_at_once(tree: Path) -> None:
    with writing._new_journal(tree):
        before = snapshot(tree)
        with pytest.raises(CannotRun, match="another run is writing"):
            write(tree, CHANGES)
        with pytest.raises(CannotRun, match="another run is writing"):
            finish(tree)
        assert snapshot(tree) == before
    (tree / JOURNAL).unlink()


def test_nothing_to_write_touches_nothing(tree: Path) -> None:
    write(tree, [])
    assert not unfinished(tree)
