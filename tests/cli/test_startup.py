"""`--help` is quick because nothing heavy is imported for it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_help_imports_nothing_heavy() -> None:
    program = "import sys, typer; own = set(sys.modules); import migrator.cli.app; print(*set(sys.modules) - own)"
    added = subprocess.run(
        [sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert [name for name in added if name.partition(".")[0] not in ("migrator", "__future__")] == []
    assert not {"migrator.pipeline", "migrator.registry", "migrator.diff", "migrator.write"} & set(added)


def test_help_shows_no_rich() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "migrator", "--help"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert "rich" not in done.stderr
    assert "pydantic" not in done.stderr


def seconds(*arguments: str) -> float:
    """The least CPU time of several runs, so that other work on the machine does not count."""
    times = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


@pytest.mark.skipif(os.environ.get("COV_CORE_SOURCE") is not None, reason="measuring coverage takes time of its own")
def test_help_costs_little_more_than_typer() -> None:
    assert seconds("-m", "migrator", "--help") <= 1.5 * seconds("-c", "import typer")
