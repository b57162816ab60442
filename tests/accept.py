#!/usr/bin/env python3
"""Takes what the tool makes of a fixture's `before` as its `after`. Read the diff first: would you merge it?

python tests/accept.py fixtures/constructs/abort/plain ...
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from trees import migrate, own, read_tree, write_tree


def accept(case: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "project"
        shutil.copytree(case / "before", project)
        migrate(project)
        tree = own(read_tree(project))
    shutil.rmtree(case / "after", ignore_errors=True)
    write_tree(case / "after", tree)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        accept(Path(name))
