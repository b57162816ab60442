"""What the code of a migrated project imports, as distributions."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from migrator.manifests.versions import IMPORTED
from migrator.module import walk
from migrator.support import FOLDER

_NAMES = re.compile(rb"\b(?:flask\w*|flasgger|" + "|".join(sorted(IMPORTED)).encode() + rb")\b", re.IGNORECASE)
# what FastAPI reads with python-multipart, and the module of the support package that does
_FORM = re.compile(r"fastapi\.(?:Form|File|UploadFile)|.*\bflask_compat\.(?:params\.\w*Form\w*|uploads\..*)")


@dataclass(frozen=True, slots=True)
class Needs:
    """Distributions by who needs them, and what is imported at all: "flask", "flask_cors", ..."""

    runtime: frozenset[str]
    tests: frozenset[str]
    imported: frozenset[str]


def imports(data: bytes) -> frozenset[str]:
    """The absolute dotted names that a file imports, as far as they may matter here."""
    if not _NAMES.search(data):
        return frozenset()
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError):
        # Python 2, or a template: what looks like an import counts as one.
        found = re.findall(rb"^[ \t]*(?:from|import)[ \t]+([\w.]+)", data, re.MULTILINE)
        return frozenset(name.decode(errors="replace") for name in found)
    names: set[str] = set()
    for node in walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level == 0:
                names.add(base)
            names |= {f"{'.' * node.level}{base}.{alias.name}" for alias in node.names}
    return frozenset(names)


def needs(files: Mapping[str, bytes]) -> Needs:
    """What the Python files of the migrated project need, by path."""
    runtime: set[str] = set()
    tests: set[str] = set()
    imported: set[str] = set()
    for path, data in files.items():
        found = imports(data)
        tops = {name.partition(".")[0] for name in found}
        imported |= tops
        wanted = {IMPORTED[top] for top in tops if top in IMPORTED}
        if FOLDER not in path.split("/") and any(map(_FORM.fullmatch, found)):
            wanted.add("python-multipart")
        if any(name.startswith(("fastapi.testclient", "starlette.testclient")) for name in found):
            wanted.add("httpx2")  # TestClient's own
        (tests if is_test(path) else runtime).update(wanted)
    client = {"httpx2"} & (runtime | tests)
    return Needs(frozenset(runtime - client), frozenset((tests - runtime) | client), frozenset(imported - {FOLDER}))


def is_test(path: str) -> bool:
    """Whether a file belongs to the tests."""
    parts = PurePosixPath(path).parts
    return any(p in ("tests", "test", "testing") for p in parts) or parts[-1].startswith(("test_", "conftest"))
