"""What version control has to say before files are written: could the user get them back?"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from migrator.errors import CannotRun

SHOWN = 5  # files named in a message


def check_clean(root: Path, *, allow_dirty: bool, allow_staged: bool, allow_no_vcs: bool) -> bool:
    """Refuse to write where the user's own changes would mix with the migration's: `CannotRun` says what to do.

    Returns whether the project is in a git repository.
    """
    if not _in_repository(root):
        if allow_no_vcs:
            return False
        raise CannotRun(
            f"git knows no repository at {root}, so nothing could undo the migration; "
            "make one (`git init`, then commit), or pass --allow-no-vcs"
        )
    if allow_dirty:
        return True
    staged, dirty = _status(root)
    if dirty:
        raise CannotRun(f"there are uncommitted changes ({_names(dirty)}); commit or stash them, or pass --allow-dirty")
    if staged and not allow_staged:
        raise CannotRun(f"there are staged changes ({_names(staged)}); commit them, or pass --allow-staged")
    return True


def check_kept(root: Path, files: Iterable[Path]) -> None:
    """Refuse to overwrite or remove files that git ignores, or that lie outside of its repository."""
    top = Path(_git(root, "rev-parse", "--show-toplevel").decode(errors="surrogateescape").rstrip("\n")).resolve()
    known = {top / name for name in _names_from(_git(top, "ls-files", "-z", "--recurse-submodules"))}
    lost = sorted(str(file) for file in files if file.resolve() not in known)
    if lost:
        raise CannotRun(f"git does not keep {_names(lost)}, so nothing could undo the migration; pass --allow-dirty")


def _in_repository(root: Path) -> bool:
    try:
        _git(root, "rev-parse", "--show-toplevel")
    except FileNotFoundError:  # git is not installed
        return False
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip()
        if "not a git repository" in reason or "must be run in a work tree" in reason:
            return False
        raise CannotRun(f"git cannot read the repository of {root}: {reason}") from None
    return True


def _status(root: Path) -> tuple[list[str], list[str]]:
    """The staged files and the otherwise changed or untracked ones, in the whole repository below `root`."""
    staged: list[str] = []
    dirty: list[str] = []
    entries = iter(_names_from(_git(root, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--", ".")))
    for entry in entries:
        index, tree, name = entry[0], entry[1], entry[3:]
        if index in "RC":
            next(entries)  # the old name
        if tree != " ":
            dirty.append(name)
        else:
            staged.append(name)
    return staged, dirty


def _git(folder: Path, *arguments: str) -> bytes:
    # A fixed language, because "not a git repository" is read above; no locks, because this only looks.
    command = ["git", "--no-optional-locks", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, env={**os.environ, "LC_ALL": "C"}).stdout


def _names_from(output: bytes) -> list[str]:
    return [name.decode(errors="surrogateescape") for name in output.split(b"\0") if name]


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"
