"""Which folders are on the import path, told by how the files in them import each other."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from migrator.source import names_flask

MAKES_APP = re.compile(rb"\bFlask\(")
RELATIVE = re.compile(rb"^[ \t]*from[ \t]+\.", re.MULTILINE)
# where a server is told which module to load
DEPLOYMENT = re.compile(
    r"Procfile|Dockerfile|Makefile|.*\.(?:toml|cfg|ini|ya?ml|sh|service|flaskenv|env)$|\.(?:flaskenv|env)$"
)
TESTS = ("tests", "test", "testing")


def namespaces(root: Path, paths: Sequence[str], packages: set[str]) -> set[str]:
    """The folders without `__init__.py` by whose name the project imports the packages in them, such as `beetsplug`
    for `beetsplug/web`: namespace packages, and no folders on the import path."""
    inside: dict[str, list[str]] = {}
    for package in sorted(packages):
        around = PurePosixPath(package).parent
        if str(around) not in (".", "src", "lib", *packages) and around.name not in ("src", "lib"):
            inside.setdefault(str(around), []).append(PurePosixPath(package).name)
    texts = [(root / path).read_bytes() for path in paths] if inside else []
    found: set[str] = set()
    for folder, names in inside.items():
        parts = PurePosixPath(folder).parts[folder.startswith("src/") :]
        if _imports_below(".".join(parts), names, texts) and not _any(_bare(names), texts):
            found.update(str(place) for place in (PurePosixPath(folder), *PurePosixPath(folder).parents))
    return found - {".", "src"}


def script_folders(root: Path, paths: Sequence[str], packages: set[str]) -> set[str]:
    """The folders without `__init__.py`, such as `backend`, from which programs are started: the files in them import
    each other by their bare names, or one makes an app and nobody imports it by the folder's name.

    No folder whose names are those of the root too is among them: nothing would tell one from the other."""
    around: dict[str, set[str]] = {"": set()}  # by folder: what can be imported if it is on the import path
    direct: dict[str, list[str]] = {}
    for path in paths:
        direct.setdefault(path.rpartition("/")[0], []).append(path)
        folder, name = path, ""
        while folder:
            folder, _, name = folder.rpartition("/")
            around.setdefault(folder, set()).add(name.removesuffix(".py"))
    found: list[str] = []
    for folder in sorted(direct, key=lambda f: (f.count("/"), f)):
        if folder in ("", "src", *packages) or {*TESTS} & {*folder.split("/")}:
            continue
        if any(folder.startswith(f"{outer}/") for outer in found):
            continue
        texts = [(root / path).read_bytes() for path in direct[folder]]
        if any(map(names_flask, texts)) and _starts_programs(root, folder, around[folder], texts, paths):
            found.append(folder)
    tops = around[""] | around.get("src", set())
    return {folder for folder in found if not tops & around[folder]}


def _starts_programs(root: Path, folder: str, names: set[str], direct: list[bytes], paths: Sequence[str]) -> bool:
    below = [(root / path).read_bytes() for path in paths if path.startswith(f"{folder}/")]
    if _any(_bare(names - sys.stdlib_module_names), below):
        return True
    if any(map(RELATIVE.search, direct)) or not any(map(MAKES_APP.search, direct)):
        return False
    dotted = folder.removeprefix("src/").replace("/", ".")
    named = re.compile(rb"\b%s\.\w" % re.escape(dotted).encode())
    texts = [(root / path).read_bytes() for path in paths]
    return not _imports_below(dotted, names, texts) and not any(map(named.search, _deployment(root)))


def _deployment(root: Path) -> Iterator[bytes]:
    for entry in root.iterdir():
        if DEPLOYMENT.match(entry.name) and entry.is_file():
            yield entry.read_bytes()


def imports_one_of(names: Iterable[str], texts: Iterable[bytes]) -> bool:
    """Whether some file imports one of these modules by its bare name."""
    return _any(_bare(names), texts)


def _bare(names: Iterable[str]) -> str:
    return rf"(?:import|from)[ \t]+(?:{_one_of(names)})\b"


def _imports_below(top: str, names: Iterable[str], texts: Iterable[bytes]) -> bool:
    """Whether somebody imports one of the names from the folder `top`."""
    top, one = re.escape(top), _one_of(names)
    below = rf"(?:import|from)[ \t]+{top}\.(?:{one})\b"
    out_of = rf"from[ \t]+{top}[ \t]+import[ \t]+(?:\([^)]*|[^(\n]*)\b(?:{one})\b"
    return _any(f"{below}|{out_of}", texts)


def _one_of(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(names))) or r"(?!)"


def _any(pattern: str, texts: Iterable[bytes]) -> bool:
    line = re.compile(rb"^[ \t]*(?:%s)" % pattern.encode(), re.MULTILINE)
    return any(line.search(text) for text in texts)
