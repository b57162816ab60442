"""The patch is one that git takes, and gives the very bytes."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from migrator.diff import coloured, edits, file_patch, patch
from migrator.pipeline import FileChange

NAMES = [
    "plain.py",
    "with space.py",
    "ünï/cödé.py",
    'quo"te.py',
    "back\\slash.py",
    "tab\there.py",
    "deep/er/x.py",
    "-dash.py",
]

lines = st.lists(
    st.sampled_from(
        [b"\n", b"a\n", b"b\n", b"a\r\n", b"  return x\n", b"\xff\xfe\n", b"-- x\n", b"++ y\n", b"\r", b"c"]
    )
)
texts = lines.map(b"".join)


def apply(folder: Path, text: bytes) -> None:
    done = subprocess.run(["git", "apply", "-"], cwd=folder, input=text, capture_output=True)
    assert done.returncode == 0, done.stderr.decode() + text.decode(errors="replace")


def put(folder: Path, name: str, data: bytes | None) -> None:
    if data is not None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def check(changes: list[FileChange]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for change in changes:
            put(root, change.path, change.before)
        apply(root, patch(root, changes))
        for change in changes:
            if change.after is None:
                assert not (root / change.path).exists()
            else:
                assert (root / change.path).read_bytes() == change.after


@settings(max_examples=150, deadline=None)
@given(texts, texts)
@example(b"", b"a\n")
@example(b"a", b"")
@example(b"a", b"a\n")
@example(b"a\n", b"a")
@example(b"a\r\nb\r\n", b"a\nb\n")
def test_applying_the_patch_gives_the_bytes(before: bytes, after: bytes) -> None:
    if before != after:
        check([FileChange("x.py", before, after)])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=40), st.lists(st.integers(0, 3), max_size=40))
def test_edits_turn_one_list_into_the_other(a: list[int], b: list[int]) -> None:
    old, new = [b"%d" % n for n in a], [b"%d" % n for n in b]
    out, at = [], 0
    for a1, a2, b1, b2 in edits(old, new):
        assert at <= a1
        out += old[at:a1] + new[b1:b2]
        at = a2
    assert out + old[at:] == new


@pytest.mark.parametrize("name", NAMES)
def test_any_name_and_kind_of_change(name: str) -> None:
    check([FileChange(name, b"a\nb\n", b"a\nc\n")])
    check([FileChange(name, None, b"a\nb")])
    check([FileChange(name, None, b"")])
    check([FileChange(name, b"a\nb\n", None)])
    check([FileChange(name, b"", None)])


def test_several_files_make_one_patch() -> None:
    check([FileChange(name, b"a\n", b"b\n") for name in NAMES] + [FileChange("gone.py", b"x", None)])


def test_equal_files_make_no_patch() -> None:
    assert file_patch("x.py", b"a", b"a") == b""


def test_modes_are_kept(tmp_path: Path) -> None:
    run, gone = tmp_path / "run.py", tmp_path / "gone.py"
    for file in (run, gone):
        file.write_bytes(b"a\n")
        file.chmod(0o755)
    apply(tmp_path, patch(tmp_path, [FileChange("run.py", b"a\n", b"b\n"), FileChange("gone.py", b"a\n", None)]))
    assert run.read_bytes() == b"b\n"
    assert run.stat().st_mode & 0o100
    assert not gone.exists()


@pytest.mark.parametrize("place", [".", "service", "service/api"])
def test_a_project_below_the_top_of_its_repository(tmp_path: Path, place: str) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    root = tmp_path / "service"
    put(root, "api/x.py", b"a\n")
    apply(tmp_path / place, patch(root, [FileChange("api/x.py", b"a\n", b"b\n")]))
    assert (root / "api/x.py").read_bytes() == b"b\n"


def test_a_symbolic_link_and_its_file_are_one(tmp_path: Path) -> None:
    put(tmp_path, "real.py", b"a\n")
    (tmp_path / "link.py").symlink_to("real.py")
    changes = [FileChange(name, b"a\n", b"b\n") for name in ("link.py", "real.py")]
    apply(tmp_path, patch(tmp_path, changes))
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "real.py").read_bytes() == b"b\n"


def test_a_long_repetitive_file_has_small_hunks_soon() -> None:
    block = [b"@app.route('/x')\n", b"def view():\n", b"    return jsonify({})\n", b"\n", b"\n"]
    old = [line for n in range(3000) for line in [*block, b"# %d\n" % n]]
    new = [line.replace(b"jsonify({})", b"{}") if i % 300 < 6 else line for i, line in enumerate(old)]
    started = time.process_time()
    text = file_patch("x.py", b"".join(old), b"".join(new))
    assert time.process_time() - started < 2
    changed = [line for line in text.splitlines() if line[:1] in b"-+" and line[:3] not in (b"---", b"+++")]
    assert len(changed) == 2 * 60
    assert text.count(b"\n@@ ") == 60


def test_colours_add_nothing_but_colours() -> None:
    text = file_patch("x.py", b"a = [bold]\n--- b\n", b"a = [red]\nb\n")
    shown = coloured(text)
    assert b"\x1b[31m-a = [bold]\x1b[m\n\x1b[31m---- b\x1b[m" in shown
    for code in (b"1", b"31", b"32", b"36", b""):
        shown = shown.replace(b"\x1b[%bm" % code, b"")
    assert shown == text
