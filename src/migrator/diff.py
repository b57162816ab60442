"""A migration as a patch that `git apply` takes, byte for byte."""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from migrator.pipeline import FileChange

CONTEXT = 3
REGULAR, EXECUTABLE = 0o100644, 0o100755

# Where two texts differ: a[start:end] becomes b[start:end].
Edit = tuple[int, int, int, int]


def patch(root: Path, changes: Iterable[FileChange]) -> bytes:
    """All the changes as one patch.

    Its paths count from the top of the git repository that the project is in, because `git apply` reads them so
    wherever it is called; without git they count from the project.
    """
    top = repository_top(root) or root
    parts: dict[str, bytes] = {}  # a file and a symbolic link to it are one file
    for change in changes:
        target = Path(os.path.realpath(root / change.path)) if change.after is not None else root / change.path
        shown = target.relative_to(top) if target.is_relative_to(top) else (root / change.path).relative_to(top)
        parts.setdefault(shown.as_posix(), file_patch(shown.as_posix(), change.before, change.after, _mode(target)))
    return b"".join(parts.values())


def repository_top(folder: Path) -> Path | None:
    """The folder at or above `folder` that holds `.git`."""
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)


def file_patch(path: str, before: bytes | None, after: bytes | None, mode: int = REGULAR) -> bytes:
    """The patch of one file; b"" where nothing changes. `mode` is git's number for the kind of file."""
    if before == after:
        return b""
    old, new = _quoted("a/", path), _quoted("b/", path)
    out = [b"diff --git %b %b\n" % (old, new)]
    if before is None:
        out.append(b"new file mode %o\n" % mode)
    elif after is None:
        out.append(b"deleted file mode %o\n" % mode)
    hunks = list(_hunks(_lines(before or b""), _lines(after or b"")))
    if hunks:
        # git ends a name with white space in it by a tab, or it would read the name as a date.
        out.append(b"--- %b\n" % (b"/dev/null" if before is None else _tabbed(old)))
        out.append(b"+++ %b\n" % (b"/dev/null" if after is None else _tabbed(new)))
        out += hunks
    return b"".join(out)


def coloured(text: bytes) -> bytes:
    """The patch with the colours of `git diff`, for a terminal."""
    out: list[bytes] = []
    in_header = True
    for line in text.split(b"\n"):
        if line.startswith(b"diff --git "):
            in_header = True
        elif line.startswith(b"@@ "):
            in_header = False
        if in_header and line:
            out.append(b"\x1b[1m%b\x1b[m" % line)
        elif line.startswith(b"@@ "):
            out.append(b"\x1b[36m%b\x1b[m" % line)
        elif line.startswith((b"-", b"+")):
            out.append(b"\x1b[%dm%b\x1b[m" % (31 if line.startswith(b"-") else 32, line))
        else:
            out.append(line)
    return b"\n".join(out)


def edits(a: Sequence[bytes], b: Sequence[bytes]) -> Iterator[Edit]:
    """Where two lists of lines differ, in order.

    Lines that stand exactly once in both are held together first ("patience"), and difflib only compares what lies
    between: it takes minutes on long repetitive files, and with its `autojunk` makes one giant hunk of them.
    """
    anchors = [*_anchors(a, b), (len(a), len(b))]
    at_a = at_b = 0
    for anchor_a, anchor_b in anchors:
        yield from _edits_between(a, b, at_a, anchor_a, at_b, anchor_b)
        at_a, at_b = anchor_a + 1, anchor_b + 1


def _edits_between(a: Sequence[bytes], b: Sequence[bytes], a0: int, a1: int, b0: int, b1: int) -> Iterator[Edit]:
    while a0 < a1 and b0 < b1 and a[a0] == b[b0]:
        a0, b0 = a0 + 1, b0 + 1
    while a0 < a1 and b0 < b1 and a[a1 - 1] == b[b1 - 1]:
        a1, b1 = a1 - 1, b1 - 1
    if a0 == a1 and b0 == b1:
        return
    matcher = SequenceMatcher(None, a[a0:a1], b[b0:b1], autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            yield a0 + i1, a0 + i2, b0 + j1, b0 + j2


def _anchors(a: Sequence[bytes], b: Sequence[bytes]) -> list[tuple[int, int]]:
    """The longest rising sequence of pairs of equal lines that are unique in both."""
    once_a, once_b = Counter(a), Counter(b)
    place_in_b = {line: index for index, line in enumerate(b) if once_b[line] == 1}
    pairs = [(i, place_in_b[line]) for i, line in enumerate(a) if once_a[line] == 1 and line in place_in_b]
    ends: list[int] = []  # the smallest place in b with which a sequence of length n + 1 ends
    owners: list[int] = []  # which pair that is
    before: list[int] = []  # the pair in front of each pair
    for index, (_, j) in enumerate(pairs):
        at = bisect_left(ends, j)
        ends[at : at + 1] = [j]
        owners[at : at + 1] = [index]
        before.append(owners[at - 1] if at else -1)
    chain: list[tuple[int, int]] = []
    index = owners[-1] if owners else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _hunks(a: list[bytes], b: list[bytes]) -> Iterator[bytes]:
    group: list[Edit] = []
    for edit in edits(a, b):
        if group and edit[0] - group[-1][1] > 2 * CONTEXT:
            yield _hunk(a, b, group)
            group = []
        group.append(edit)
    if group:
        yield _hunk(a, b, group)


def _hunk(a: list[bytes], b: list[bytes], group: list[Edit]) -> bytes:
    first, last = group[0], group[-1]
    lead = min(CONTEXT, first[0])
    start_a, start_b = first[0] - lead, first[2] - lead
    end_a = min(last[1] + CONTEXT, len(a))
    end_b = last[3] + end_a - last[1]
    out = [b"@@ -%b +%b @@\n" % (_range(start_a, end_a), _range(start_b, end_b))]
    at = start_a
    for a1, a2, b1, b2 in group:
        out += [_line(b" ", line) for line in a[at:a1]]
        out += [_line(b"-", line) for line in a[a1:a2]]
        out += [_line(b"+", line) for line in b[b1:b2]]
        at = a2
    out += [_line(b" ", line) for line in a[at:end_a]]
    return b"".join(out)


def _range(start: int, end: int) -> bytes:
    count = end - start
    if count == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if count else start, count)


def _line(mark: bytes, line: bytes) -> bytes:
    return mark + line if line.endswith(b"\n") else mark + line + b"\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[bytes]:
    """Lines as git sees them: only a line feed ends one."""
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _mode(path: Path) -> int:
    try:
        return EXECUTABLE if path.lstat().st_mode & stat.S_IXUSR else REGULAR
    except OSError:
        return REGULAR


def _tabbed(name: bytes) -> bytes:
    return name + b"\t" if b" " in name else name


_ESCAPES = {7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}


def _quoted(prefix: str, path: str) -> bytes:
    """A name as git writes it: in quotes with C's escapes where it has unusual bytes."""
    raw = os.fsencode(prefix + path)
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in raw):
        return raw
    escaped = (_ESCAPES.get(c) or (bytes([c]) if 0x20 <= c < 0x7F else b"\\%03o" % c) for c in raw)
    return b'"%b"' % b"".join(escaped)
