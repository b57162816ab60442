"""What the tests of the command line share."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

APP = "from flask import Flask\n\napp = Flask(__name__)\n"


class Done(NamedTuple):
    """How a run ended, and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def commit(folder: Path) -> None:
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "-qm", "state")
