"""Which files stand around the code, by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

LARGEST = 1_000_000  # bytes; what is larger was not written by hand


class Kind(Enum):
    MANIFEST = "manifest"
    LOCK = "lock"
    SERVER = "server"
    DOCS = "docs"
    PYTHON = "python"


_KINDS = (
    (Kind.LOCK, re.compile(r"(?:poetry|uv|pdm|Pipfile)\.lock|pylock\..*toml|conda-lock\.ya?ml")),
    (
        Kind.MANIFEST,
        re.compile(
            r"[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in|pip)|pyproject\.toml|setup\.(?:cfg|py)|Pipfile"
            r"|environment[\w.-]*\.ya?ml"
        ),
    ),
    (
        Kind.SERVER,
        re.compile(
            r"(?:[\w.-]+\.)?(?:Docker|Container)file(?:[.-][\w.-]+)?|(?:docker-)?compose[\w.-]*\.ya?ml|Procfile[\w.-]*"
            r"|[\w.-]*gunicorn[\w.-]*\.py|[\w.@-]+\.service|tox\.ini|noxfile\.py|(?:GNU)?[Mm]akefile|[\w.-]+\.mk"
            r"|[Jj]ustfile|[\w.-]+\.(?:sh|bash|zsh|bat|ps1)|\.flaskenv|\.env(?:\.[\w-]+)?|[\w.-]*uwsgi[\w.-]*|[\w.-]+\.wsgi"
            r"|[\w.-]+\.(?:ya?ml|conf|ini|toml)|package\.json|entrypoint|run"
        ),
    ),
    (Kind.DOCS, re.compile(r"README[\w.-]*|[\w.-]+\.(?:md|rst)", re.IGNORECASE)),
    (Kind.PYTHON, re.compile(r".+\.pyi?")),
)
_PLAIN = re.compile(r".+\.(?:txt|in)")  # a manifest where the folder says so
_SKIPPED = re.compile(r"(?i)(?:CHANGE|HISTORY|NEWS|RELEASE|LICEN[CS]E|AUTHORS|CONTRIBUTORS)")


@dataclass(frozen=True, slots=True)
class Found:
    """The files around the code, and the Python files, by kind."""

    paths: dict[Kind, tuple[str, ...]]

    def of(self, kind: Kind) -> tuple[str, ...]:
        return self.paths.get(kind, ())


def may_matter(name: str) -> bool:
    """Whether a file may be one of these, by its bare name."""
    return bool(_PLAIN.fullmatch(name)) or any(pattern.fullmatch(name) for _, pattern in _KINDS)


def sorted_out(paths: Iterable[str]) -> Found:
    """Files that may matter, by what they are."""
    found: dict[Kind, list[str]] = {}
    for path in paths:
        if (kind := _kind(PurePosixPath(path))) is not None:
            found.setdefault(kind, []).append(path)
    return Found({kind: tuple(paths) for kind, paths in found.items()})


def _kind(path: PurePosixPath) -> Kind | None:
    for kind, pattern in _KINDS:
        if pattern.fullmatch(path.name):
            return None if kind is Kind.DOCS and _SKIPPED.match(path.name) else kind
    if _PLAIN.fullmatch(path.name) and path.parent.name.startswith("requirements"):
        return Kind.MANIFEST
    return None


def text_of(root: Path, path: str) -> str | None:
    """The text of a file, of which any byte comes back as it was; None for one that is too large, or no text."""
    try:
        if (root / path).stat().st_size > LARGEST:
            return None
        data = (root / path).read_bytes()
    except OSError:
        return None
    return None if b"\0" in data else data.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
