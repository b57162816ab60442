"""Random Flask projects: a run never fails, never writes what does not compile, and its figures add up.

`FUZZ_SEEDS=1000-9000` tries these instead of the few of the suite. A failure shows the smallest project that has it.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import flask_code
import pytest
from trees import broken_files, migrate, missing_support, read_tree, write_tree

from migrator.findings import Severity

first, _, last = os.environ.get("FUZZ_SEEDS", "0-39").partition("-")
SEEDS = range(int(first), int(last or first) + 1)
CHUNKS = 8  # tests, so that several processes share the work


def fault(files: dict[str, str], root: Path) -> str:
    """What is wrong with the migration of a project; empty where nothing is."""
    write_tree(root, files)
    try:
        migration = migrate(root)
    except Exception:
        return "it failed: " + " <- ".join(traceback.format_exc().strip().splitlines()[:-8:-1])
    tree, report = read_tree(root), migration.report
    if faults := broken_files(tree):
        return f"does not compile: {faults[0]}"
    if faults := missing_support(tree):
        return f"not in the support package: {faults[0]}"
    refused = [f for f in report.findings if f.code in ("FF002", "FF004") and f.severity is Severity.MANUAL]
    if refused:
        return f"refused: {refused[0].message}"
    uses = report.uses
    if uses.total != uses.converted + uses.reported + uses.kept or uses.total != len(report.found):
        return f"the figures do not add up: {uses}"
    if len({(r.endpoint, r.rule, r.methods, r.line, r.file) for r in report.routes}) < len(report.routes):
        return "a route is reported twice"
    again = migrate(root)
    if again.changes:
        return f"a second run changes {again.changes[0].path}"
    return ""


def smallest(files: dict[str, str], is_bad: Callable[[dict[str, str]], bool], seconds: float = 60) -> dict[str, str]:
    """The project with as many lines left out as can be in some time, blocks first, then single lines."""
    end = time.monotonic() + seconds
    for size in (24, 12, 6, 3, 2, 1):
        for name in list(files):
            start = 0
            while start < len(lines := files[name].splitlines(keepends=True)) and time.monotonic() < end:
                less = {**files, name: "".join(lines[:start] + lines[start + size :])}
                if _compiles(less) and is_bad(less):
                    files = less
                else:
                    start += size
    return {name: text for name, text in files.items() if text.strip()}


def _compiles(files: dict[str, str]) -> bool:
    try:
        for name, text in files.items():
            compile(text, name, "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_any_project(chunk: int, tmp_path: Path) -> None:
    for seed in SEEDS[chunk::CHUNKS]:
        files = flask_code.project(Random(seed))
        if found := fault(files, tmp_path / str(seed)):
            tries = iter(range(10_000))
            same = found.partition(":")[0]

            def is_bad(less: dict[str, str], seed: int = seed, same: str = same, tries: Iterator[int] = tries) -> bool:
                return fault(less, tmp_path / f"{seed}-{next(tries)}").startswith(same)

            least = smallest(files, is_bad, seconds=20)
            shown = "\n".join(f"--- {name}\n{text}" for name, text in least.items())
            pytest.fail(f"seed {seed}: {found}\n{shown}", pytrace=False)
