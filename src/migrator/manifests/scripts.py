"""Commands where they stand: in lines of a shell, in arrays of JSON, in lists of YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from migrator.manifests.apps import Apps
from migrator.manifests.commands import Answer, answer, plain
from migrator.manifests.listing import newline_of

_PROGRAM = re.compile(r"\b(?:flask|gunicorn)\b")
_ARRAY = re.compile(r"""\[\s*(?:"(?:[^"\\\r\n]|\\.)*"\s*,?\s*)+\]""")
_BLOCK = re.compile(
    r"^[ \t]*(?:-[ \t]+)?(?:command|entrypoint|args):[ \t]*(?:\r?\n)(?P<items>(?:[ \t]*-[ \t]+[^\r\n]*(?:\r?\n|\Z))+)",
    re.MULTILINE,
)
_LINE = re.compile(r"(?:[^\r\n\\]|\\(?:\r\n|[\s\S])|\\\Z)+")
_FOLDED = re.compile(
    r"^(?P<indent>[ \t]*)(?:-[ \t]+)?[\w.-]+:[ \t]*>[-+]?[ \t]*\r?\n"
    r"(?P<body>(?:(?P=indent)[ \t]+\S[^\r\n]*(?:\r?\n|\Z))+)",
    re.MULTILINE,
)
# what stands before a command in its line: a key of YAML, of a Procfile or systemd, an instruction of a Dockerfile
_PREFIX = re.compile(
    r"""[ \t]*
    (?:(?:-[ \t]+)?["']?[\w.-]+["']?[ \t]*:[ \t]+|-[ \t]+|Exec\w+=[-@:+!]*|(?:commands?|cmd)[ \t]*=[ \t]*|[@+-]+[ \t]*)?
    (?:(?i:HEALTHCHECK)[ \t][^\r\n]*?(?i:CMD)[ \t]+|(?i:RUN|CMD|ENTRYPOINT)[ \t]+(?:--\S+[ \t]+)*)?""",
    re.VERBOSE,
)
_WORD = re.compile(
    r"""(?:[^\s"'\\;&|<>()]|\\(?!\r?\n)[\s\S]|"(?:[^"\\]|\\.)*"|'[^']*'|\$\([^)]*\)|(?<=\w)\([^)\s]*\))+|[;&|<>()]+"""
)
_BEFORE = re.compile(
    r"""\w+=.*|exec|env|sudo|nohup|time|command|poetry|pipenv|uv|pdm|hatch|rye|run|(?:\S*/)?(?:dumb-init|tini)|--|-g|-u|-s|-E"""
)
_PYTHON = re.compile(r"(?:\S*/)?python[\d.]*|\$[({]?PYTHON[)}]?|\{env_?python\}")
_OPERATOR = re.compile(r"[;&|<>()]+")


@dataclass(frozen=True, slots=True)
class Said:
    """A new text for a place, or none, and why."""

    start: int
    end: int
    new: str | None
    answer: Answer


def commands(text: str, apps: Apps, known: Mapping[str, str], configured: bool) -> list[Said]:
    """All commands of a file that start the app, in order."""
    if not _PROGRAM.search(text):
        return []
    found: list[Said] = []
    taken: list[tuple[int, int]] = []

    def is_free(start: int, end: int) -> bool:
        return all(end <= one or other <= start for one, other in taken)

    for match in _ARRAY.finditer(text):
        if _PROGRAM.search(match.group()):
            taken.append(match.span())
            found += _array(match, apps, known, configured)
    for match in _BLOCK.finditer(text):
        if _PROGRAM.search(match["items"]):
            taken.append(match.span())
            found += _block(match, apps, known, configured)
    for match in _FOLDED.finditer(text):
        if is_free(*match.span("body")) and _PROGRAM.search(match["body"]):
            taken.append(match.span("body"))
            found += _shell(text, *match.span("body"), apps, known, configured)
    for match in _LINE.finditer(text):
        if _PROGRAM.search(match.group()) and is_free(*match.span()) and not match.group().lstrip().startswith("#"):
            start, end = match.span()
            if (prefix := _PREFIX.match(text, start, end)) is not None:
                start = prefix.end()
            rest = text[start:end].rstrip()
            if rest[:1] in ("'", '"') and rest[-1:] == rest[:1] and rest.count(rest[0]) == 2:
                start, end = start + 1, start + len(rest) - 1
            found += _shell(text, start, end, apps, known, configured)
    return sorted(found, key=lambda one: one.start)


def _array(match: re.Match[str], apps: Apps, known: Mapping[str, str], configured: bool) -> Iterator[Said]:
    try:
        words = [word for word in json.loads(match.group()) if isinstance(word, str)]
    except ValueError:
        return
    for start, word in enumerate(words):
        if " " in word and _PROGRAM.search(word) and words[:1] != ["gunicorn"]:
            for said in _shell(word, 0, len(word), apps, known, configured):
                new = None
                if said.new is not None:
                    inner = word[: said.start] + said.new + word[said.end :]
                    new = _dumped(match.group(), [*words[:start], inner, *words[start + 1 :]])
                yield Said(match.start(), match.end(), new, said.answer)
                return
    if (first := _program(words)) is not None and (said_ := answer(words[first:], apps, known, configured)):
        new = _dumped(match.group(), [*words[:first], *said_.words]) if said_.words is not None else None
        yield Said(match.start(), match.end(), new, said_)


def _dumped(like: str, words: list[str]) -> str:
    separator = ", " if re.search(r'",\s', like) or "," not in like else ","
    padding = " " if like.startswith("[ ") else ""
    if "\n" in like:
        indent = re.search(r"\n([ \t]*)\"", like)
        newline = newline_of(like)
        inner = f",{newline}{indent[1] if indent else ''}".join(json.dumps(w, ensure_ascii=False) for w in words)
        head = re.match(r"\[\s*", like)
        tail = re.search(r",?\s*\]$", like)
        return (head.group() if head else "[") + inner + (tail.group() if tail else "]")
    return f"[{padding}{separator.join(json.dumps(w, ensure_ascii=False) for w in words)}{padding}]"


def _block(match: re.Match[str], apps: Apps, known: Mapping[str, str], configured: bool) -> Iterator[Said]:
    items = [re.match(r"([ \t]*-[ \t]+)([^\r\n]*)", line) for line in match["items"].splitlines()]
    written = [item[2].rstrip() for item in items if item is not None]
    words = [plain(word) for word in written]
    if (first := _program(words)) is None or (said := answer(words[first:], apps, known, configured)) is None:
        return
    start, end = match.span("items")
    new = None
    if said.words is not None and items[0] is not None:
        quotes = dict(zip(words, written, strict=True))
        newline = newline_of(match["items"])
        ended = newline if match["items"].endswith("\n") else ""
        shown = [quotes.get(word) or _yaml(word) for word in (*words[:first], *said.words)]
        new = newline.join(f"{items[0][1]}{word}" for word in shown) + ended
    yield Said(start, end, new, said)


def _yaml(word: str) -> str:
    return (
        json.dumps(word)
        if re.fullmatch(r"[\d.]+|.*[:#]\s.*|[!&*%@`{\[].*", word) and not word.startswith("--")
        else word
    )


def _program(words: list[str]) -> int | None:
    """Where the command starts that is meant: at `flask`, `gunicorn` or the Python that runs them."""
    for index, word in enumerate(words):
        if re.fullmatch(r"(?:\S*/)?(?:flask|gunicorn)", plain(word)):
            return index
        if _PYTHON.fullmatch(word) and words[index + 1 : index + 2] == ["-m"]:
            return index if words[index + 2 : index + 3] in (["flask"], ["gunicorn"]) else None
        if not _BEFORE.fullmatch(word):
            return None
    return None


def _shell(text: str, start: int, end: int, apps: Apps, known: Mapping[str, str], configured: bool) -> Iterator[Said]:
    """The commands of a stretch of shell."""
    words: list[re.Match[str]] = []
    for match in [*_WORD.finditer(text, start, end), None]:
        if match is not None and not _OPERATOR.fullmatch(match.group()) and not match.group().startswith("#"):
            words.append(match)
            continue
        yield from _simple(text, words, apps, known, configured)
        words = []
        if match is not None and match.group().startswith("#"):
            return


def _simple(
    text: str, words: list[re.Match[str]], apps: Apps, known: Mapping[str, str], configured: bool
) -> Iterator[Said]:
    shown = [word.group() for word in words]
    for word in words:
        inner = word.group()
        if (
            inner[0] in "\"'"
            and " " in inner
            and _PROGRAM.search(inner)
            and shown[0] in ("sh", "bash", "exec", "/bin/sh", "/bin/bash")
        ):
            yield from _shell(text, word.start() + 1, word.end() - 1, apps, known, configured)
            return
    if (first := _program(shown)) is None:
        return
    set_here = dict(one.partition("=")[::2] for one in shown[:first] if "=" in one)
    said = answer(shown[first:], apps, {**known, **{k: plain(v) for k, v in set_here.items()}}, configured)
    if said is None:
        return
    place = words[first].start(), words[-1].end()
    if said.words is None:
        yield Said(*place, None, said)
        return
    begin, stop = words[first].start(), words[-1].end()
    for word in reversed(words[:first]):
        if not re.match(r"FLASK_(?:APP|RUN_\w+)=", word.group()):
            break
        begin = word.start()  # what nothing else reads goes too
    yield Said(begin, stop, _edited(text, words[first:], list(said.words)), said)


def _edited(text: str, words: list[re.Match[str]], new: list[str]) -> str:
    """The words in place of old ones: those that stay keep what stands between them."""
    old = [word.group() for word in words]
    result, position = "", words[0].start()
    for what, start, end, first, last in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        shown = " ".join(new[first:last])
        if what == "insert" and start < len(words):
            result += text[position : words[start].start()] + f"{shown} "
            position = words[start].start()
        elif what == "insert":
            result += text[position : words[-1].end()] + f" {shown}"
            position = words[-1].end()
        elif what == "replace":
            result += text[position : words[start].start()] + shown
            position = words[end - 1].end()
        else:
            result += text[position : words[start - 1].end() if start else words[0].start()]
            position = words[end - 1].end()
    return result + text[position : words[-1].end()]
