#!/usr/bin/env python3
"""What the whole `diff` costs, as ratios to a floor that is measured in the same run.

    python tests/bench/bench.py                        a real project and start-up
    python tests/bench/bench.py --wheel FILE.whl       another project than the default one
    python tests/bench/bench.py --monorepo 1000000     and how cost grows with a generated monorepo of so many lines

The floor is the CPU time of bare LibCST, `parse_module(text).code`, over the files that name Flask.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
DEFAULT = "privacyidea==3.14"
LIMIT = 600  # seconds for one run
FLOOR = """
import libcst, pathlib, re, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    data = path.read_bytes()
    if re.search(rb"\\bflask", data, re.I):
        try:
            libcst.parse_module(data).code
        except Exception:
            pass
"""


@dataclass(frozen=True)
class Cost:
    cpu: float  # seconds, child processes too
    wall: float
    peak: float  # MiB, of the largest single process
    code: int


def cost_of(command: list[str]) -> Cost:
    """Runs a program, its output thrown away."""
    done = subprocess.run([sys.executable, "-c", MEASURE, *command], stdout=subprocess.PIPE, text=True, check=True)
    cpu, wall, peak, code = (float(word) for word in done.stdout.split())
    return Cost(cpu, wall, peak / 1024, int(code))


# in a process of its own, so that the figures of its children are those of one run
MEASURE = f"""
import resource, subprocess, sys, time
LIMIT = {LIMIT}
start = time.perf_counter()
try:
    code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LIMIT).returncode
except subprocess.TimeoutExpired:
    code = -1  # the figures are those up to then
wall = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, wall, used.ru_maxrss, code)
"""


def diff_of(folder: Path) -> Cost:
    return cost_of([sys.executable, "-m", "migrator", "diff", str(folder)])


def floor_of(folder: Path) -> Cost:
    return cost_of([sys.executable, "-c", FLOOR, str(folder)])


def lines_of(folder: Path) -> tuple[int, int, int]:
    """Files, lines, and lines of the files that name Flask."""
    files = lines = flask = 0
    for path in folder.rglob("*.py"):
        data = path.read_bytes()
        count = data.count(b"\n")
        files, lines = files + 1, lines + count
        flask += count if b"flask" in data.lower() else 0
    return files, lines, flask


def show(name: str, folder: Path) -> Cost:
    files, lines, flask = lines_of(folder)
    floor, whole = floor_of(folder), diff_of(folder)
    print(
        f"{name:<24} {files:>6} files {lines:>9} lines ({flask} in files with Flask)  floor {floor.cpu:6.2f} s   "
        f"diff {whole.cpu:6.2f} s CPU = {whole.cpu / floor.cpu:4.2f} x floor, "
        f"{whole.wall:6.2f} s wall = {whole.wall / floor.wall:4.2f} x floor, "
        f"{whole.peak:6.0f} MiB"
        + ("   NOT FINISHED" if whole.code < 0 else f"   EXIT {whole.code}" if whole.code > 1 else ""),
        flush=True,
    )
    return whole


def unpacked(wheel: str, scratch: Path) -> Path:
    """The files of a wheel, which pip downloads unless it is a file."""
    file = Path(wheel)
    if not file.exists():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(scratch), wheel]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        file = next(scratch.glob("*.whl"))
    folder = scratch / "project"
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    return folder


def monorepo(folder: Path, lines: int, seed: int = 1) -> Path:
    """Fixtures, each in a package of its own, and plain modules: one file in five names Flask."""
    rng = random.Random(seed)
    constructs, projects = (sorted(FIXTURES.joinpath(kind).rglob("before")) for kind in ("constructs", "projects"))
    plain = _plain_sources()
    written = number = 0
    while written < lines:
        package = folder / f"service{number // 50}" / f"part{number}"
        name = ".".join(package.relative_to(folder).parts)
        package.mkdir(parents=True)
        (package.parent / "__init__.py").touch()
        shutil.copytree(rng.choice(rng.choice((constructs, projects))), package, dirs_exist_ok=True)
        package.joinpath("requirements.txt").unlink(missing_ok=True)
        (package / "__init__.py").touch()
        own = {path.stem if path.is_file() else path.name for path in package.iterdir()}
        with_flask = 0
        for path in package.rglob("*.py"):
            text = _IMPORT.sub(lambda m: m[0] if m[2] not in own else f"{m[1]}{name}.{m[2]}", path.read_text())  # noqa: B023
            path.write_text(text)
            with_flask += "flask" in text.lower()
            written += text.count("\n")
        for index in range(4 * with_flask):
            text = rng.choice(plain)
            (package / f"plain{index}.py").write_text(text)
            written += text.count("\n")
        number += 1
    return folder


_IMPORT = re.compile(r"^(\s*from )(\w+)(?=[\w.]* import)", re.MULTILINE)


def _plain_sources() -> list[str]:
    """Modules of the standard library of 30 to 300 lines, without a word of Flask."""
    texts = [path.read_text("utf-8", "replace") for path in sorted(Path(os.__file__).parent.glob("*.py"))]
    return [text for text in texts if 30 <= text.count("\n") <= 300 and "flask" not in text.lower()]


def startup(repeats: int = 7) -> None:
    base = min(cost_of([sys.executable, "-c", "import typer"]).cpu for _ in range(repeats))
    own = min(cost_of([sys.executable, "-m", "migrator", "--help"]).cpu for _ in range(repeats))
    print(f"{'--help':<24} {own:.3f} s CPU = {own / base:.2f} x `import typer` ({base:.3f} s)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="What the whole diff costs.")
    parser.add_argument("--wheel", default=DEFAULT, help="a wheel, or the requirement that pip downloads")
    parser.add_argument("--monorepo", type=int, default=0, metavar="LINES")
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    startup()
    with tempfile.TemporaryDirectory() as scratch:
        show(options.wheel, unpacked(options.wheel, Path(scratch)))
        first: Cost | None = None
        for share in (0.1, 1.0) if options.monorepo else ():
            folder = monorepo(Path(scratch) / f"monorepo{share}", int(options.monorepo * share))
            whole = show(f"monorepo {share:.2f}", folder)
            first = first or whole
            print(f"{'':<24} CPU {whole.cpu / first.cpu:4.2f} times that of a tenth (linear: {share / 0.1:.0f})")


if __name__ == "__main__":
    start = time.perf_counter()
    main()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"measured in {time.perf_counter() - start:.0f} s ({used:.0f} MiB)")
