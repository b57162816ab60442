"""The Flask that a project knows of and lives with for now.

An entry is a file, a code and the text of the line, so that it holds when lines move, and how often that occurs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from migrator.errors import CannotRun
from migrator.findings import Finding

DEFAULT = ".flask-to-fastapi-baseline.json"  # used where it is there


class Entry(NamedTuple):
    file: str
    code: str
    text: str


def load(path: Path, *, required: bool) -> Counter[Entry]:
    """The entries of a baseline and how often each occurs; none where there is no file and none is required."""
    try:
        stored = json.loads(path.read_bytes())
        if stored["version"] != 1:
            raise CannotRun(f"{path}: was written by a newer release; update flask-to-fastapi or write it again")
        return Counter({Entry(e["file"], e["code"], e["text"]): int(e["count"]) for e in stored["known"]})
    except FileNotFoundError:
        if required:
            raise CannotRun(f"{path}: there is no such baseline; make it with --write-baseline") from None
        return Counter()
    except OSError as error:
        raise CannotRun(f"{path}: the baseline cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise CannotRun(f"{path}: is not a baseline; make it again with --write-baseline") from None


def save(path: Path, known: Mapping[Entry, int]) -> None:
    rows = [{**entry._asdict(), "count": count} for entry, count in sorted(known.items())]
    try:
        path.write_text(json.dumps({"version": 1, "known": rows}, indent=2) + "\n")
    except OSError as error:
        raise CannotRun(f"{path}: the baseline cannot be written: {error.strerror}") from None


def entries(root: Path, findings: Iterable[Finding]) -> list[tuple[Finding, Entry]]:
    """Each finding with the entry that stands for it."""
    lines: dict[str, list[str]] = {}
    paired: list[tuple[Finding, Entry]] = []
    for finding in findings:
        if finding.file not in lines:
            lines[finding.file] = _lines(root / finding.file)
        of_file, line = lines[finding.file], finding.span.line
        # Where a finding is about a whole file, or its line is empty, its message has to do.
        text = of_file[line - 1].strip() if 0 < line <= len(of_file) and finding.span.start != finding.span.end else ""
        paired.append((finding, Entry(finding.file, finding.code, text or finding.message)))
    return paired


def beyond(known: Counter[Entry], found: Sequence[tuple[Finding, Entry]]) -> list[Finding]:
    """The findings that the baseline does not know, or knows fewer times."""
    left = Counter(known)
    new: list[Finding] = []
    for finding, entry in found:
        if left[entry] > 0:
            left[entry] -= 1
        else:
            new.append(finding)
    return new


def merged(known: Counter[Entry], found: Iterable[Entry], checked: Sequence[str]) -> Counter[Entry]:
    """A new baseline: what was found, and what was known of files that were not looked at.

    `checked` are files and folders, relative to the project, "" for all of it.
    """
    kept = {
        entry: count for entry, count in known.items() if not any(_at_or_below(entry.file, path) for path in checked)
    }
    return Counter(found) + Counter(kept)


def checked_files(root: Path, paths: Iterable[Path]) -> list[str]:
    return ["" if path == root else path.relative_to(root).as_posix() for path in paths]


def _at_or_below(file: str, path: str) -> bool:
    return not path or file == path or file.startswith(f"{path}/")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
