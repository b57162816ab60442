"""Settings of a project: `[tool.flask-to-fastapi]` in its `pyproject.toml`, or a file of their own."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from migrator.errors import CannotRun

TABLE = "flask-to-fastapi"
STYLES = ("contract", "fastapi")
FAIL_ON = ("review", "manual")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, or their defaults. An option of the same name on the command line goes first."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()  # "except", which is a word of Python
    exclude: tuple[str, ...] = ()  # file patterns
    mount: bool = True
    style: str = "contract"
    jobs: int = 0
    baseline: str = ""  # relative to the project
    fail_on: str = ""
    fail_under: float = 0.0


def key_of(name: str) -> str:
    """A field of `Settings` as it is written in the file."""
    return "except" if name == "excluded" else name.replace("_", "-")


def load(root: Path, config: Path | None = None) -> Settings:
    """The settings of the project at `root`, from `config` where it is given; `CannotRun` names the line to mend."""
    path = config or root / "pyproject.toml"
    if config is None and not path.exists():
        return Settings()
    try:
        text = path.read_bytes().decode()
        data = tomllib.loads(text)
    except OSError as error:
        raise CannotRun(f"{path}: the settings cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CannotRun(f"{path}: is not UTF-8 ({error.reason}), as TOML has to be") from None
    except tomllib.TOMLDecodeError as error:
        raise CannotRun(f"{path}: is not TOML: {error}") from None
    # A file of its own needs no table; a pyproject.toml without one has no settings.
    otherwise = {} if path.name == "pyproject.toml" else data
    tool: object = data.get("tool")
    table = cast("dict[str, object]", tool).get(TABLE, otherwise) if isinstance(tool, dict) else otherwise
    return _checked(path, text, table)


def _checked(path: Path, text: str, table: object) -> Settings:
    if not isinstance(table, dict):
        raise CannotRun(f"{path}: tool.{TABLE} has to be a table: [tool.{TABLE}]")
    names = {key_of(field.name): field.name for field in fields(Settings)}
    values: dict[str, Any] = {}
    for key, value in cast("dict[str, object]", table).items():
        where = f"{path}:{_line_of(text, key)}"
        if key not in names:
            near = get_close_matches(key, names, n=1)
            cure = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(names))}"
            raise CannotRun(f"{where}: unknown setting {key}; {cure}")
        values[names[key]] = _typed(where, key, value)
    return Settings(**values)


def _typed(where: str, key: str, value: object) -> object:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    listed = cast("list[object]", value) if isinstance(value, list) else []
    match key:
        case "mount":
            fits = isinstance(value, bool)
        case "style":
            fits = value in STYLES
        case "fail-on":
            fits = value in FAIL_ON
        case "baseline":
            fits = isinstance(value, str)
        case "jobs":
            fits = isinstance(number, int) and number > 0
        case "fail-under":
            fits = number is not None and 0 <= number <= 100
        case _:
            fits = isinstance(value, list) and all(isinstance(part, str) for part in listed)
    if not fits:
        raise CannotRun(f"{where}: {key} has to be {_EXPECTED.get(key, _LIST)}")
    return tuple(listed) if isinstance(value, list) else value


_LIST = 'a list of strings, as in ["a", "b"]'
_EXPECTED = {
    "mount": "true or false",
    "style": 'one of "contract" and "fastapi"',
    "jobs": "a whole number from 1 up",
    "baseline": "the name of a file, as a string",
    "fail-on": 'one of "review" and "manual"',
    "fail-under": "a number from 0 to 100",
}


def _line_of(text: str, key: str) -> int:
    """The line on which a key of our table is set; TOML's reader does not tell."""
    in_table, header = False, 1
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(r"\s*\[", line):
            in_table = TABLE in line
            header = number if in_table else header
        if (in_table or TABLE in line or f"[tool.{TABLE}" not in text) and re.search(
            rf"""(^|[\s.{{,"']){re.escape(key)}["']?\s*=""", line
        ):
            return number
    return header
