"""The requirements of a migrated project.

## What changes

Where a manifest names Flask, it names FastAPI and what the migrated code imports besides, pinned as Flask was: with
`==` where Flask had that, open where it had nothing. Flask and its extensions go where no file imports them any more.
What is declared already stays, except for pins that are too old for FastAPI or the support package. What a Flask app
needs that stays keeps its pins, unless the support package needs newer ones.

Read are requirements files, `pyproject.toml` (PEP 621, PEP 735, Poetry, PDM, uv, Hatch), `setup.cfg`, `setup.py`,
`Pipfile` and conda's `environment.yml`.

## Example

```
Flask==2.3.2
gunicorn==21.2.0
```

becomes

```
fastapi==0.165.0
uvicorn==0.54.0
uvicorn-worker==0.4.0
gunicorn==21.2.0
```

## Safety

Only lists that name Flask or an extension get something new; all other lines keep their bytes.

## What is left to you

Lock files, and what a pinned file of `pip-compile` or hashes holds: lock again.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from migrator.manifests.formats import listings
from migrator.manifests.listing import Form, Listing, inserted, is_sorted, line_at, place_of, removed, replaced
from migrator.manifests.requirement import Requirement, is_too_old, specifier_like
from migrator.manifests.versions import import_name

TESTERS = frozenset({"pytest", "nose", "nose2", "tox", "pytest-cov", "pytest-flask"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the migrated project needs, and what it does not import any more."""

    runtime: tuple[str, ...]  # in the order in which they are written
    tests: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()  # distributions that nothing uses
    kept: frozenset[str] = frozenset({"flask"})  # whose releases a Flask app decides that stays


@dataclass(frozen=True, slots=True)
class Edit:
    """What was done to one list; the line is that of the original."""

    line: int
    out: tuple[str, ...]
    new: tuple[str, ...]
    raised: tuple[str, ...] = ()


def is_flask(name: str) -> bool:
    return name == "flask" or import_name(name) is not None


def ported(
    path: str, text: str, wanted: Wanted, known: Collection[str] = (), *, adds: bool = True
) -> tuple[str, list[Edit]]:
    """The manifest with what is wanted. `known` are names that a file which this one includes declares already;
    without `adds`, nothing comes in (a file of constraints)."""
    original, source = listings(path, text), text
    edits: list[Edit] = []
    has_testers = any(_tests(listing) for listing in original)
    main = {
        e.requirement.name for one in original if not _is_optional(one) for e in one.entries if _holds(e.requirement)
    }
    for before in original:
        flasks = [e for e in before.entries if is_flask(e.requirement.name)]
        out = [e.requirement.name for e in before.entries if e.requirement.name in wanted.gone]
        old = [e.requirement.name for e in before.entries if _holds(e.requirement) and is_too_old(e.requirement)]
        raised = [name for name in old if name not in out and name not in wanted.kept]
        if not any(is_flask(e.requirement.name) for one in original for e in one.entries) and not known:
            raised = []
        names: list[str] = []
        if flasks and adds and not any(map(is_flask, known)):
            names += wanted.runtime
        if adds and (_tests(before) if has_testers else flasks):
            names += wanted.tests
        declared = (
            {e.requirement.name for e in before.entries if _holds(e.requirement)}
            | (main if _is_optional(before) else set())
            | {*known}
        )
        names = [name for name in dict.fromkeys(names) if name not in declared]
        if not (out or names or raised):
            continue
        if not _is_optional(before):
            main |= {*names}
        text = _edited(path, text, before.key, names, out, raised, _style(before, out))
        first = next(
            (e for e in before.entries if e.requirement.name in out or is_flask(e.requirement.name)), before.entries[0]
        )
        edits.append(Edit(line_at(source, first.start), tuple(out), tuple(names), tuple(raised)))
    return text, edits


def _holds(requirement: Requirement) -> bool:
    """Whether a requirement is for the Pythons on which FastAPI runs, and not only for older ones."""
    return re.search(r"python_(?:full_)?version\s*(?:<|==)", requirement.marker) is None


def _tests(listing: Listing) -> bool:
    return any(entry.requirement.name in TESTERS for entry in listing.entries)


def _is_optional(listing: Listing) -> bool:
    """Whether a list comes on top of the main one of its file."""
    return listing.key not in (
        "",
        "project.dependencies",
        "options.install_requires",
        "install_requires",
        "tool.poetry.dependencies",
        "packages",
        "dependencies",
    )


def _style(listing: Listing, out: Collection[str]) -> Requirement:
    """The requirement whose style the new ones take: Flask's, or that of an extension, or the first with releases."""
    by_name = {entry.requirement.name: entry.requirement for entry in listing.entries}
    named = [*(["flask"] if "flask" in by_name else []), *out, *(n for n in by_name if is_flask(n)), *by_name]
    return by_name[named[0]]


def _edited(
    path: str, text: str, key: str, names: list[str], out: list[str], raised: list[str], like: Requirement
) -> str:
    """One change to a list after another; it is found anew for each."""

    def current() -> Listing:
        return next((one for one in listings(path, text) if one.key == key), Listing(key, Form.PLAIN, ()))

    def index_of(name: str) -> int:
        return next(i for i, entry in enumerate(current().entries) if entry.requirement.name == name)

    for name in raised:
        entry = current().entries[index_of(name)]
        newer = _specifier(current(), name, entry.requirement)
        was = text[entry.start : entry.end]
        text = replaced(text, entry, was.replace(entry.requirement.specifier, newer, 1))
    by_name = is_sorted(current())
    leaving, waiting = [*out], [*names]
    if waiting and leaving:  # the first takes the place of what goes
        anchor = "flask" if "flask" in leaving else leaving[0]
        text = replaced(text, current().entries[index_of(anchor)], _written(current(), waiting[0], like))
        leaving.remove(anchor)
        anchor = waiting.pop(0)
    else:
        anchor = next((e.requirement.name for e in current().entries if is_flask(e.requirement.name)), "")
        anchor = anchor or current().entries[-1].requirement.name
    for name in waiting:
        listing = current()
        text = inserted(
            text, listing, place_of(listing, name, index_of(anchor), by_name), _written(listing, name, like)
        )
        anchor = name
    for name in leaving:
        while current().has(name):
            text = removed(text, current(), index_of(name))
    return text


def _written(listing: Listing, name: str, like: Requirement) -> str:
    marker = like.marker if "python_" not in like.marker else ""
    return listing.written(name, _specifier(listing, name, like), marker)


def _specifier(listing: Listing, name: str, like: Requirement) -> str:
    return specifier_like(name, like, bare="^" if listing.key.startswith("tool.poetry") else "==")
