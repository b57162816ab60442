"""Where the lists of requirements stand, in each kind of manifest. Each function takes the text and finds its lists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from migrator.manifests.listing import (
    Entry,
    Form,
    Listing,
    closing_bracket,
    entry_of_literal,
    line_end,
    quoted_listing,
)
from migrator.manifests.requirement import Requirement, parse
from migrator.manifests.versions import normalised
from migrator.module import walk

_LINE = re.compile(r"[^\r\n]+")
_COMMENT = re.compile(r"(?:^|\s)#.*$")


def listings(path: str, text: str) -> list[Listing]:
    """The lists of requirements of a manifest."""
    name = PurePosixPath(path).name
    if name == "pyproject.toml":
        return list(pyproject(text))
    if name == "setup.cfg":
        return list(setup_cfg(text))
    if name == "setup.py":
        return list(setup_py(text))
    if name == "Pipfile":
        return list(pipfile(text))
    if name.endswith((".yml", ".yaml")):
        return list(environment(text))
    return [requirements(text)]


def requirements(text: str) -> Listing:
    """A requirements file. Options (`-r base.txt`, `--hash=...`) belong to no entry, or to the one before them."""
    entries: list[Entry] = []
    continued = False
    for match in _LINE.finditer(text):
        line = match.group()
        if not continued:
            entries += _plain(text, match.start(), line)
        continued = line.rstrip().endswith("\\")
    return Listing("", Form.PLAIN, tuple(entries))


def _plain(text: str, at: int, line: str) -> Iterator[Entry]:
    """The entry of one line, without its comment and its options."""
    value = _COMMENT.sub("", line)
    value = re.split(r"\s+--?[a-z]|\s*\\$", value)[0].rstrip()
    stripped = value.lstrip("\ufeff \t")
    start = at + len(value) - len(stripped)
    if stripped and not stripped.startswith(("-", "#", ".", "/")):
        if (requirement := parse(stripped)) is not None:
            yield Entry(start, start + len(stripped), requirement)


# -- TOML --------------------------------------------------------------------------------------------------------------

_HEADER = re.compile(r"[ \t]*\[(?P<name>[^\[\]\r\n]+)\][ \t]*(?:#.*)?$")
_KEY = re.compile(r"""[ \t]*(?P<key>[\w.\-]+|"[^"]*"|'[^']*')[ \t]*=[ \t]*""")
_ARRAYS = re.compile(
    r"project\.dependencies|project\.optional-dependencies\.[^.]+|dependency-groups\.[^.]+|tool\.uv\.dev-dependencies"
    r"|tool\.pdm\.dev-dependencies\.[^.]+|tool\.hatch\.envs\.[^.]+\.(?:extra-)?dependencies"
)
_TABLES = re.compile(r"tool\.poetry\.(?:dev-)?dependencies|tool\.poetry\.group\.[^.]+\.dependencies")


def pyproject(text: str) -> Iterator[Listing]:
    """PEP 621 and PEP 735, uv, PDM and Hatch write arrays; Poetry writes tables."""
    for table, key, _, value in _keys(text):
        path = f"{table}.{key}".strip(".").replace('"', "").replace("'", "")
        if _ARRAYS.fullmatch(path) and text[value : value + 1] == "[":
            end = closing_bracket(text, value)
            if end > 0:
                yield quoted_listing(text, value + 1, end, path)
    yield from _tables(text, _TABLES)


def pipfile(text: str) -> Iterator[Listing]:
    """`[packages]` and `[dev-packages]`."""
    yield from _tables(text, re.compile(r"packages|dev-packages"))


def _tables(text: str, wanted: re.Pattern[str]) -> Iterator[Listing]:
    """The tables whose keys are distributions."""
    found: dict[str, list[Entry]] = {}
    quotes: list[str] = []
    for table, key, start, value in _keys(text):
        if not wanted.fullmatch(table) or key.lower() == "python":
            continue
        end = _value_end(text, value)
        written = text[value:end]
        if plain := re.fullmatch(r"""(["'])(.*)\1""", written):
            quotes.append(plain[1])
        specifier = plain[2] if plain else _version_in(written)
        requirement = Requirement(normalised(key.strip("\"'")), specifier)
        found.setdefault(table, []).append(Entry(start, end, requirement))
    for table, entries in found.items():
        quote = max(quotes, key=quotes.count) if quotes else '"'
        yield Listing(table, Form.TABLE, tuple(entries), quote)


def _version_in(table: str) -> str:
    found = re.search(r"""\bversion\s*=\s*(["'])(.*?)\1""", table)
    return found[2] if found else "*"


def _value_end(text: str, value: int) -> int:
    if text[value : value + 1] in ("[", "{") and (end := closing_bracket(text, value)) > 0:
        return end + 1
    found = re.compile(r"""(?:"(?:[^"\\\r\n]|\\.)*"|'[^'\r\n]*'|[^#\r\n"'])*""").match(text, value)
    return value + len(found.group().rstrip()) if found else value


def _keys(text: str) -> Iterator[tuple[str, str, int, int]]:
    """The keys of a TOML file: their table, name, and where they and their values start."""
    table, position = "", 0
    while position < len(text):
        end = line_end(text, position)
        line = text[position:end].lstrip("\ufeff").rstrip("\r\n")
        if match := _HEADER.match(line):
            table = ".".join(part.strip(" \t\"'") for part in match["name"].split("."))
        elif line.lstrip().startswith("[["):
            table = "?"
        elif match := _KEY.match(text, position):
            value = match.end()
            yield table, match["key"], match.start("key"), value
            if text.startswith(('"""', "'''"), value):
                closing = text.find(text[value : value + 3], value + 3)
                end = line_end(text, closing) if closing > 0 else len(text)
            elif text[value : value + 1] in ("[", "{"):
                closing = closing_bracket(text, value)
                end = line_end(text, closing) if closing > 0 else end
        position = end


# -- setuptools --------------------------------------------------------------------------------------------------------


def setup_cfg(text: str) -> Iterator[Listing]:
    """`install_requires` and the extras, one requirement a line."""
    section, key, entries = "", "", list[Entry]()
    for match in re.finditer(r"[^\r\n]*(?:\r\n|\n|\r|$)", text):
        line = match.group().rstrip("\r\n")
        head = re.match(r"\[([^\]]+)\]", line)
        named = re.match(r"([\w.-]+)[ \t]*[=:]", line)
        if head or named:
            if entries:
                yield Listing(key, Form.PLAIN, tuple(entries))
            entries = []
            section, key = (head[1], "") if head else (section, f"{section}.{named[1]}" if named else "")
        elif line[:1] in (" ", "\t") and re.fullmatch(
            r"options\.(?:install_requires|tests_require)|options\.extras_require\.[\w.-]+", key
        ):
            entries += _plain(text, match.start(), line)
    if entries:
        yield Listing(key, Form.PLAIN, tuple(entries))


def setup_py(text: str) -> Iterator[Listing]:
    """The lists that `setup()` is given, in the call or by the name of a list of the module."""
    try:
        tree = ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError):
        return
    lists: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            lists[node.targets[0].id] = node.value
    starts = _line_starts(text)
    for call in walk(tree):
        if not isinstance(call, ast.Call) or ast.unparse(call.func).rpartition(".")[2] != "setup":
            continue
        for keyword in call.keywords:
            value = lists.get(keyword.value.id) if isinstance(keyword.value, ast.Name) else keyword.value
            if keyword.arg in ("install_requires", "tests_require"):
                yield from _python_list(text, starts, value, keyword.arg, lists)
            elif keyword.arg == "extras_require" and isinstance(value, ast.Dict):
                for name, extra in zip(value.keys, value.values, strict=True):
                    title = str(name.value) if isinstance(name, ast.Constant) else "?"
                    yield from _python_list(text, starts, extra, f"extras_require.{title}", lists)


def _python_list(
    text: str, starts: list[int], value: ast.expr | None, key: str, lists: dict[str, ast.expr]
) -> Iterator[Listing]:
    if isinstance(value, ast.Name):
        value = lists.get(value.id)
    if not isinstance(value, (ast.List, ast.Tuple)):
        return
    entries: list[Entry] = []
    quotes: list[str] = []
    for node in value.elts:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            start, end = (
                _offset(text, starts, node.lineno, node.col_offset),
                _offset(text, starts, node.end_lineno or 0, node.end_col_offset or 0),
            )
            if (requirement := parse(node.value)) is not None and text[start] in "\"'":
                entries.append(entry_of_literal(text, start, end, requirement))
                quotes.append(text[start])
    yield Listing(key, Form.QUOTED, tuple(entries), max(quotes, key=quotes.count) if quotes else '"')


def _line_starts(text: str) -> list[int]:
    first = 1 if text.startswith("\ufeff") else 0
    return [first, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]


def _offset(text: str, starts: list[int], line: int, column: int) -> int:
    """`ast` counts the bytes of UTF-8."""
    start = starts[line - 1]
    return start + len(text[start : start + column].encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))


# -- conda -------------------------------------------------------------------------------------------------------------


def environment(text: str) -> Iterator[Listing]:
    """`dependencies:` of a conda environment, and the `pip:` list within."""
    conda: list[Entry] = []
    pip: list[Entry] = []
    inside, pip_indent = False, -1
    for match in _LINE.finditer(text):
        line = match.group()
        if re.match(r"\w", line):
            inside = line.startswith("dependencies:")
            continue
        item = re.match(r"""(\s*)-\s+(["']?)([^"'#\r\n]+)\2""", line)
        if not inside or item is None:
            continue
        indent = len(item[1])
        if re.match(r"pip:\s*$", item[3].strip()):
            pip_indent = indent
            continue
        value = item[3].rstrip()
        start = match.start() + item.start(3)
        entry = parse(value) or parse(re.sub(r"(?<![=<>!~])=(?!=)", "==", value))
        if entry is None:
            continue
        if 0 <= pip_indent < indent:
            pip.append(Entry(start, start + len(value), entry))
        else:
            pip_indent = -1
            conda.append(Entry(start, start + len(value), _conda(value, entry)))
    if conda:
        yield Listing("dependencies", Form.CONDA, tuple(conda))
    if pip:
        yield Listing("dependencies.pip", Form.PLAIN, tuple(pip))


def _conda(value: str, entry: Requirement) -> Requirement:
    single = re.fullmatch(r"[\w.-]+\s*(=)\s*([\w.*]+)(?:=\S+)?", value)
    return Requirement(entry.name, f"={single[2]}") if single else entry
