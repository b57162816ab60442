#!/usr/bin/env python3
"""Hold the conformance run against the floor in `conformance.json`, area by area.

    python .ci/conformance.py RUN.PY            run all cases, print the table, exit 1 where an area got worse
    python .ci/conformance.py RUN.PY --raise    and write the floor of every area that got better; none is ever lowered
    python .ci/conformance.py --measured FILE   compare what `run.py --json FILE` wrote before

An area is worse if a share (answers equal, expectations typed, own tests passed, routes native) is smaller than it was,
or one of the counts of what must not be (silent, blanket, broken, ...) is greater. Where the floor's app did not start,
its routes were native on paper only, and are not held. Cases that the floor does not know yet are shown and not held
either; `--raise` takes them in.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FLOOR = Path(__file__).with_name("conformance.json")
SHARES = {"equal": "answers", "typed": "expected", "tests": "tests_before", "native": "routes"}
COUNTS = ("silent", "blanket", "broken", "crash", "noise", "lint", "weakened")

Figures = Mapping[str, int]


def figures(case: Mapping[str, Any]) -> dict[str, int]:
    """What `run.py` measured of one case, zeros left out."""
    found: Counter[str] = Counter(verdict["verdict"] for verdict in case["verdicts"])
    found["answers"] = len(case["verdicts"])
    found["expected"] = case["expected"]
    found["typed"] = case["expected"] - len(case["untyped"])
    found["tests_before"], found["tests"] = case["tests"]
    found["native"] = case["rungs"].get("native", 0)
    found["routes"] = sum(case["rungs"].values())
    found["noise"] = len(case["noise"])
    found["lint"] = sum(case["lint"].values())
    found["weakened"] = len(case["weakened"])
    return {name: number for name, number in sorted(found.items()) if number and name != "reported"}


def area_of(case: str) -> str:
    return case.partition("/")[0]


def total(cases: Iterable[Figures]) -> Counter[str]:
    found: Counter[str] = Counter()
    for case in cases:
        found.update(case)
    return found


def share(figures: Figures, name: str) -> float:
    """In percent; nothing to count is all of it."""
    whole = figures.get(SHARES[name], 0)
    return 100 * figures.get(name, 0) / whole if whole else 100.0


def worse(floor: Figures, now: Figures) -> list[str]:
    """What is not as good as it was."""
    found = [
        f"{name} {share(now, name):.1f} % < {share(floor, name):.1f} %"
        for name in SHARES
        if share(now, name) < share(floor, name) - 1e-9
    ]
    return found + [
        f"{name} {now.get(name, 0)} > {floor.get(name, 0)}" for name in COUNTS if now.get(name, 0) > floor.get(name, 0)
    ]


def held(floor: Figures, now: Figures) -> tuple[Figures, Figures]:
    """What is compared of a case: no rungs where the app did not start."""
    if not floor.get("broken"):
        return floor, now
    first, second = ({k: v for k, v in one.items() if k not in ("native", "routes")} for one in (floor, now))
    return first, second


def measured(runner: Path, words: list[str], migrator: str | None) -> dict[str, dict[str, int]]:
    """Runs the cases; figures by case."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "figures.json"
        command = [sys.executable, str(runner), *words, "--json", str(out)]
        if migrator:
            command += ["--migrator", migrator]
        done = subprocess.run(command)
        if not out.exists():
            raise SystemExit(f"the conformance run ended with {done.returncode} and no figures")
        return read(out)


def read(path: Path) -> dict[str, dict[str, int]]:
    return {case["case"]: figures(case) for case in json.loads(path.read_text())["cases"]}


def compare(floor: dict[str, dict[str, int]], now: dict[str, dict[str, int]]) -> dict[str, list[str]]:
    """Prints the table; the areas that got worse, and in what."""
    fallen: dict[str, list[str]] = {}
    print(
        f"\n{'area':<20} {'cases':>5} {'equal':>12} {'typed':>9} {'native':>7} {'tests':>7}  "
        + " ".join(f"{n:>8}" for n in COUNTS)
    )
    for area in [*sorted({area_of(case) for case in now}), ""]:
        cases = [case for case in now if not area or area_of(case) == area]
        known = [case for case in cases if case in floor]
        sums = total(now[case] for case in cases)
        print(
            f"{area or 'all':<20} {len(cases):>5} {sums['equal']:>5}/{sums['answers']:<6} "
            f"{sums['typed']:>4}/{sums['expected']:<4} "
            f"{share(sums, 'native'):>5.0f} % {sums['tests']:>3}/{sums['tests_before']:<3}  "
            + " ".join(f"{sums[n]:>8}" for n in COUNTS)
            + (f"  ({len(cases) - len(known)} new)" if area and len(known) < len(cases) else "")
        )
        pairs = [held(floor[case], now[case]) for case in known]
        if area and (faults := worse(total(was for was, _ in pairs), total(found for _, found in pairs))):
            fallen[area] = faults
    for area, faults in fallen.items():
        print(f"WORSE {area}: {'; '.join(faults)}")
        for case in sorted(now):
            if area_of(case) == area and case in floor and (own := worse(*held(floor[case], now[case]))):
                print(f"      {case}: {'; '.join(own)}")
    return fallen


def raised(
    floor: dict[str, dict[str, int]], now: dict[str, dict[str, int]], fallen: Mapping[str, object]
) -> dict[str, dict[str, int]]:
    """The floor with the figures of every area that is at least as good as it was."""
    areas = {area_of(case) for case in now} - set(fallen)
    kept = {case: numbers for case, numbers in floor.items() if area_of(case) not in areas}
    return {**kept, **{case: numbers for case, numbers in now.items() if area_of(case) in areas}}


def main() -> int:
    parser = argparse.ArgumentParser(description="Hold the conformance run against the floor.")
    parser.add_argument("runner", type=Path, nargs="?", help="the run.py of the conformance cases")
    parser.add_argument("words", nargs="*", help="only cases whose path starts with one of these")
    parser.add_argument("--measured", type=Path, help="figures that run.py --json wrote")
    parser.add_argument("--migrator", help="the command that run.py calls")
    parser.add_argument("--raise", action="store_true", dest="raising", help="write the better floors")
    options = parser.parse_args()
    if (options.runner is None) == (options.measured is None):
        parser.error("name the run.py, or --measured FILE")
    floor = json.loads(FLOOR.read_text()) if FLOOR.exists() else {}
    now = read(options.measured) if options.measured else measured(options.runner, options.words, options.migrator)
    fallen = compare(floor, now)
    if options.raising:
        wanted = raised(floor, now, fallen)
        if options.words or options.measured:  # some areas may be there in part only
            wanted = {**floor, **wanted}
        rows = ",\n".join(f" {json.dumps(case)}: {json.dumps(numbers)}" for case, numbers in sorted(wanted.items()))
        FLOOR.write_text(f"{{\n{rows}\n}}\n")
    return 1 if fallen else 0


if __name__ == "__main__":
    raise SystemExit(main())
