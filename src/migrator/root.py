"""Which folder is the project."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from migrator.errors import CannotRun

MARKERS = (
    ".git",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "requirements.in",
    "Pipfile",
    "environment.yml",
)


def existing(paths: Sequence[Path]) -> list[Path]:
    """The paths, absolute and with symbolic links followed; `CannotRun` for one that is not there or not readable."""
    found: list[Path] = []
    for path in paths:
        try:
            resolved = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or "it goes round in a circle of symbolic links"
            raise CannotRun(f"{path}: {reason}; give a file or folder that exists") from None
        if not os.access(resolved, os.R_OK | os.X_OK if resolved.is_dir() else os.R_OK):
            raise CannotRun(f"{path}: cannot be read; change its permissions")
        found.append(resolved)
    return found


def project_root(paths: Sequence[Path]) -> Path:
    """The nearest folder at or above all (absolute) paths that holds a manifest or `.git`, else their common folder."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    try:
        common = Path(os.path.commonpath(folders))
    except ValueError:  # two drives
        raise CannotRun("the paths have no folder in common; migrate them one by one") from None
    for folder in (common, *common.parents):
        if any((folder / marker).exists() for marker in MARKERS):
            return folder
    return common


def shown_prefix(root: Path) -> str:
    """What to put before a report path, so that it can be opened from the current folder: "" or "sub/folder/".

    Where the project is not below the current folder, its paths stay relative to it.
    """
    try:
        relative = root.relative_to(Path.cwd().resolve()).as_posix()
    except (ValueError, OSError):
        return ""
    return "" if relative == "." else f"{relative}/"
