"""A list of requirements as it stands in a file; how one is put in, replaced or taken out, and the rest stays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from migrator.manifests.requirement import Requirement


class Form(Enum):
    """How a list writes one requirement."""

    PLAIN = "plain"  # Flask==3.0
    QUOTED = "quoted"  # "Flask==3.0", between commas
    TABLE = "table"  # flask = "^3.0"
    CONDA = "conda"  # flask=3.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One requirement of a list: text[start:end], which may have its lines for itself."""

    start: int
    end: int
    requirement: Requirement
    alone: bool = True  # nothing else stands in its lines but a comma and a comment


@dataclass(frozen=True, slots=True)
class Listing:
    """One list; `key` names it within its file: "project.dependencies", "packages", ""."""

    key: str
    form: Form
    entries: tuple[Entry, ...]
    quote: str = '"'

    def has(self, name: str) -> bool:
        return any(entry.requirement.name == name for entry in self.entries)

    def written(self, name: str, specifier: str, marker: str = "") -> str:
        """A new requirement as this list writes it."""
        if self.form is Form.TABLE:
            return f"{name} = {self.quote}{specifier or '*'}{self.quote}"
        text = f"{name}{specifier}{f'; {marker}' if marker else ''}"
        if self.form is Form.QUOTED:
            quote = self.quote if self.quote not in text else {"'": '"', '"': "'"}[self.quote]
            return f"{quote}{text}{quote}"
        return text


def line_at(text: str, position: int) -> int:
    """The number of the line, from 1."""
    return len(re.findall(r"\r\n|\n|\r", text[:position])) + 1


def line_start(text: str, position: int) -> int:
    """Where the line starts, behind a byte-order mark."""
    start = max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1
    return start + text.startswith("\ufeff", start)


def line_end(text: str, position: int) -> int:
    """Where the next line starts."""
    found = re.compile(r"\r\n|\n|\r").search(text, position)
    return found.end() if found else len(text)


def newline_of(text: str) -> str:
    found = re.search(r"\r\n|\n|\r", text)
    return found.group() if found else "\n"


def replaced(text: str, entry: Entry, new: str) -> str:
    return text[: entry.start] + new + text[entry.end :]


def removed(text: str, listing: Listing, index: int) -> str:
    """The text without an entry: without its lines where it stands alone in them."""
    entry = listing.entries[index]
    if entry.alone:
        return text[: line_start(text, entry.start)] + text[line_end(text, entry.end) :]
    after = re.compile(r"\s*,[ \t]*").match(text, entry.end)
    if after:
        return text[: entry.start] + text[after.end() :]
    before = re.search(r",\s*$", text[: entry.start])
    return text[: before.start() if before else entry.start] + text[entry.end :]


def inserted(text: str, listing: Listing, index: int, new: str) -> str:
    """The text with `new` behind the entry before `index`, or in front of the first."""
    newline = newline_of(text)
    near = listing.entries[max(index - 1, 0)]
    indent = text[line_start(text, near.start) : near.start]
    if listing.form is Form.QUOTED:
        separator = newline + indent if near.alone else " "
        if index == 0:
            return text[: near.start] + f"{new},{separator}" + text[near.start :]
        if not near.alone or not re.compile(r"[ \t]*,").match(text, near.end):
            return text[: near.end] + f",{separator}{new}" + text[near.end :]
        new += ","
    at = line_start(text, near.start) if index == 0 else line_end(text, near.end)
    ended = index == 0 or text[:at].endswith(("\n", "\r"))
    return text[:at] + ("" if ended else newline) + indent + new + (newline if ended else "") + text[at:]


def is_sorted(listing: Listing) -> bool:
    """Whether a list goes by the alphabet, as far as its length tells."""
    names = [entry.requirement.name for entry in listing.entries]
    return len(names) > 3 and names == sorted(names)


def place_of(listing: Listing, name: str, behind: int, by_name: bool) -> int:
    """The index at which a new name stands: by the alphabet, or behind the entry `behind`."""
    if not by_name:
        return behind + 1
    names = [entry.requirement.name for entry in listing.entries]
    return next((index for index, other in enumerate(names) if other > name), len(names))


def entry_of_literal(text: str, start: int, end: int, requirement: Requirement) -> Entry:
    """The entry of a quoted requirement between commas."""
    before = text[line_start(text, start) : start]
    after = re.compile(r"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|$)").match(text, end)
    return Entry(start, end, requirement, alone=not before.strip() and after is not None)


def quoted_listing(text: str, start: int, end: int, key: str) -> Listing:
    """The list between two brackets, in TOML or Python: what is not a plain string is left out of account."""
    from migrator.manifests.requirement import parse

    entries: list[Entry] = []
    quotes: list[str] = []
    for match in re.compile(r"""#[^\r\n]*|\{[^}]*\}|"((?:[^"\\\r\n]|\\.)*)"|'((?:[^'\\\r\n]|\\.)*)'""").finditer(
        text, start, end
    ):
        value = match[1] if match[1] is not None else match[2]
        requirement = parse(value.replace('\\"', '"').replace("\\'", "'")) if value is not None else None
        if requirement is not None:
            entries.append(entry_of_literal(text, match.start(), match.end(), requirement))
            quotes.append(match.group()[0])
    return Listing(key, Form.QUOTED, tuple(entries), max(quotes, key=quotes.count) if quotes else '"')


def closing_bracket(text: str, start: int) -> int:
    """Where the bracket at `start` closes, past strings and comments; -1 where it does not."""
    depth = 0
    for match in re.compile(
        r'''#[^\r\n]*|"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*'|[\[\](){}]'''
    ).finditer(text, start):
        token = match.group()
        if token in "[({":
            depth += 1
        elif token in "])}":
            depth -= 1
            if depth == 0:
                return match.start()
    return -1
