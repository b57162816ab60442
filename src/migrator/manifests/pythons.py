"""Places that ask for a Python on which FastAPI does not run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.findings import Finding, Severity
from migrator.manifests.listing import line_at
from migrator.manifests.remarks import finding
from migrator.manifests.versions import PYTHON
from migrator.rule import Rule, Safety

OLD = Rule("FF807", "old-python", "A Python that is too old for FastAPI is asked for", Safety.MANUAL)

_ASKED = re.compile(
    r"""^[ \t]*(?:FROM[ \t]+(?:--\S+[ \t]+)?(?:\S+/)?python:|requires-python[ \t]*=[ \t]*|python_requires[ \t]*=[ \t]*
    |python[ \t]*=[ \t]*|python_version[ \t]*=[ \t]*|-[ \t]+python[ \t]*(?==))
    ["']?[ \t]*[\^~>=]*[ \t]*(?P<major>[23])(?:\.(?P<minor>\d+))?\b""",
    re.MULTILINE | re.VERBOSE,
)


def too_old(path: str, text: str) -> Iterator[Finding]:
    """A remark on each line that asks for, or allows, a Python that is too old."""
    for match in _ASKED.finditer(text):
        if (int(match["major"]), int(match["minor"] or (0 if match["major"] == "2" else PYTHON[1]))) < PYTHON:
            message = f"FastAPI needs Python {PYTHON[0]}.{PYTHON[1]}"
            yield finding(OLD, Severity.MANUAL, path, line_at(text, match.start()), message, "ask for that here", text)
