"""Writing a migration: all of its files, or none.

First every new text is staged beside the file that it replaces; then one line in the journal commits the run; then each
staged file is renamed into place. A run killed before that line leaves the old tree, and its leftovers are cleared away
by the next run; one killed after it leaves a half-new tree and a journal from which the next `apply` finishes.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from migrator.errors import CannotRun
from migrator.pipeline import FileChange

JOURNAL = ".flask-to-fastapi-journal"
COMMIT = b"commit\n"
FINISH = "flask-to-fastapi apply"


@dataclass(frozen=True, slots=True)
class Step:
    """One file of a plan; paths are relative to the project, or absolute where a symbolic link leads out of it."""

    target: str
    staged: str  # "" where the file is removed
    before: str  # digest of the bytes, "" where there is no file
    after: str


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    new_folders: tuple[str, ...]  # outermost first


def write(root: Path, changes: Sequence[FileChange]) -> None:
    """Write all the changes; `CannotRun` where that is not possible, and then none is written."""
    if not changes:
        return
    try:
        texts = _targets(root, changes)
        for target, change in texts.items():
            _check(root, target, change)
        plan = _plan(root, texts)
        with _new_journal(root) as journal:
            try:
                _append(journal, json.dumps(asdict(plan)).encode() + b"\n")
                for folder in plan.new_folders:
                    (root / folder).mkdir()
                for step, (target, change) in zip(plan.steps, texts.items(), strict=True):
                    if change.after is not None:
                        _stage(root / step.staged, change.after, target if change.before is not None else None)
                _append(journal, COMMIT)
                _move(root, plan)
            except BaseException:
                _restore(root, plan, texts)
                _unstage(root, plan)
                (root / JOURNAL).unlink()
                raise
            (root / JOURNAL).unlink()
    except OSError as error:
        raise CannotRun(f"{error.filename or root}: {error.strerror}; {_outcome(root)}") from error


def _outcome(root: Path) -> str:
    if unfinished(root):
        return f"the old files could not be put back: mend that and run `{FINISH}` to finish"
    return "nothing was written"


def unfinished(root: Path) -> bool:
    """Whether an earlier run was killed while it wrote here, or another one is writing now."""
    return (root / JOURNAL).exists()


def finish(root: Path) -> int:
    """Bring a killed run to its end: the number of files of which it is made, 0 where it had written none of them.

    `CannotRun` where another run is still writing, or a file was edited since.
    """
    path = root / JOURNAL
    try:
        journal = os.open(path, os.O_RDWR)
        try:
            _lock(journal, path)
            if os.fstat(journal).st_nlink == 0:  # its run came to an end just now
                return 0
            plan, committed = _read(journal)
            if committed:
                _check_unedited(root, plan)
                _move(root, plan)
            else:
                _unstage(root, plan)
            path.unlink()
            return len(plan.steps) if committed else 0
        finally:
            os.close(journal)
    except OSError as error:
        raise CannotRun(f"{error.filename}: {error.strerror}; mend that and run `{FINISH}` to finish") from error


def _check_unedited(root: Path, plan: Plan) -> None:
    for step in plan.steps:
        if _digest(_bytes(root / step.target)) not in (step.before, step.after):
            raise CannotRun(
                f"{root / step.target}: edited since an earlier run was killed; put its old text back and "
                f"run `{FINISH}` to finish, or restore the project and delete {root / JOURNAL}"
            )


def _targets(root: Path, changes: Sequence[FileChange]) -> dict[Path, FileChange]:
    """The files behind the changes: a symbolic link stays, and what it leads to is written."""
    targets: dict[Path, FileChange] = {}
    for change in changes:
        path = root / change.path
        target = path if change.after is None else Path(os.path.realpath(path))
        other = targets.setdefault(target, change)
        if other.after != change.after:
            raise CannotRun(
                f"{change.path} and {other.path} are one file, and would get two texts; leave one of them out"
            )
    return dict(sorted(targets.items(), key=lambda item: item[1].after is None))  # what is lost goes last


def _check(root: Path, target: Path, change: FileChange) -> None:
    if _bytes(target) != change.before:
        raise CannotRun(f"{change.path}: changed while the migration ran; run it again")
    # What this process may do counts, not the permission bits: root writes what nobody else may.
    if change.before is not None and change.after is not None:
        if not os.access(target, os.W_OK):
            raise CannotRun(
                f"{change.path}: is read-only; make it writable (`chmod u+w`) or `--except` it. Nothing was written"
            )
        if hasattr(os, "geteuid") and os.geteuid() not in (0, target.stat().st_uid):
            raise CannotRun(f"{change.path}: belongs to another user, which writing it would change; run as its owner")
    folder = next(parent for parent in target.parents if parent.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        name = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)
        raise CannotRun(
            f"{name}: no files can be written in this folder; make it writable (`chmod u+w`). Nothing was written"
        )


def _plan(root: Path, texts: dict[Path, FileChange]) -> Plan:
    token = secrets.token_hex(4)
    steps: list[Step] = []
    folders: set[Path] = set()
    for index, (target, change) in enumerate(texts.items()):
        staged = target.with_name(f".flask-to-fastapi-{token}-{index}") if change.after is not None else None
        steps.append(
            Step(
                target=_relative(root, target),
                staged=_relative(root, staged) if staged else "",
                before=_digest(change.before),
                after=_digest(change.after),
            )
        )
        if staged:
            folders |= {parent for parent in target.parents if not parent.exists()}
    return Plan(tuple(steps), tuple(_relative(root, folder) for folder in sorted(folders)))


def _stage(staged: Path, text: bytes, like: Path | None) -> None:
    """Write the text, with the owner, mode and attributes of the file that it will replace."""
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with open(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        if like is not None:
            status = like.stat()
            if hasattr(os, "chown"):
                os.chown(staged, status.st_uid, status.st_gid)
            os.chmod(staged, stat.S_IMODE(status.st_mode))
            _copy_attributes(like, staged)
        os.fsync(descriptor)


def _copy_attributes(source: Path, target: Path) -> None:
    """Extended attributes hold access lists and labels; a file system without them has none to lose."""
    if sys.platform == "linux":
        with suppress(OSError):
            for name in os.listxattr(source):
                os.setxattr(target, name, os.getxattr(source, name))


def _move(root: Path, plan: Plan) -> None:
    """Put all staged files in place; those that already are stay."""
    for step in plan.steps:
        target = root / step.target
        if not step.staged:
            target.unlink(missing_ok=True)
        elif (root / step.staged).exists():
            os.replace(root / step.staged, target)
    for folder in {(root / step.target).parent for step in plan.steps}:
        _sync_folder(folder)


def _restore(root: Path, plan: Plan, texts: dict[Path, FileChange]) -> None:
    """Undo what `_move` did of its work."""
    for step, change in zip(plan.steps, texts.values(), strict=True):
        target = root / step.target
        if _digest(_bytes(target)) == step.before:
            continue
        if change.before is None:
            target.unlink()
        else:
            back = target.with_name(f"{Path(step.staged or target).name}-back")
            _stage(back, change.before, target if target.exists() else None)
            os.replace(back, target)


def _unstage(root: Path, plan: Plan) -> None:
    for step in plan.steps:
        if step.staged:
            (root / step.staged).unlink(missing_ok=True)
    for folder in reversed(plan.new_folders):
        with suppress(OSError):
            (root / folder).rmdir()


@contextmanager
def _new_journal(root: Path) -> Generator[int]:
    path = root / JOURNAL
    try:
        journal = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    except FileExistsError:
        raise CannotRun(f"{path}: another run is writing here; wait for its end") from None
    try:
        _lock(journal, path)
        yield journal
    finally:
        os.close(journal)


def _lock(journal: int, path: Path) -> None:
    """Hold the journal until it is closed, which the system does even for a killed process."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotRun(f"{path}: another run is writing here; wait for its end") from None


def _append(journal: int, line: bytes) -> None:
    while line:
        line = line[os.write(journal, line) :]
    os.fsync(journal)


def _read(journal: int) -> tuple[Plan, bool]:
    """The plan, and whether it was committed. Nothing is staged before the plan is complete."""
    with os.fdopen(os.dup(journal), "rb") as file:
        first, rest = file.readline(), file.read()
    if not first.endswith(b"\n"):
        return Plan((), ()), False
    stored = json.loads(first)
    return Plan(tuple(Step(**step) for step in stored["steps"]), tuple(stored["new_folders"])), rest == COMMIT


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _relative(root: Path, path: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _digest(text: bytes | None) -> str:
    return "" if text is None else hashlib.sha256(text).hexdigest()
