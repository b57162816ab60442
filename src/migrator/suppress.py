"""`# flask-to-fastapi: ignore[FF201] -- reason`: code that is left as it is, on purpose.

A comment at the end of a line covers the statement that the line belongs to (of a compound statement, its head); one
that stands alone covers the statement that follows. Codes may be prefixes (`FF2`); without brackets, all are covered.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from migrator.findings import Finding, Severity
from migrator.location import Span
from migrator.rule import Rule, Safety

RULE = Rule(
    code="FF005",
    name="stale-ignore",
    summary="An ignore comment covers nothing, or cannot be read",
    safety=Safety.MANUAL,
)
MARK = "flask-to-fastapi:"

_COMMENT = re.compile(r"#\s*flask-to-fastapi:\s*(?P<order>.*)")
_ORDER = re.compile(r"ignore(?:\s*\[(?P<codes>[^\]]*)\])?\s*(?:--\s*(?P<reason>.*)|#.*)?$")
_CODE = re.compile(r"[A-Z]{2,}\d*$")
_BLANK = {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment. It covers the lines from `first` to `last`; without `codes`, every rule."""

    span: Span  # of the comment
    first: int
    last: int
    codes: tuple[str, ...] = ()
    reason: str = ""
    problem: str = ""  # why it cannot be read; then it covers nothing

    def covers(self, code: str, span: Span) -> bool:
        """Whether what the rule `code` has for this place is to be left alone."""
        lines = self.first <= span.line <= self.last
        return lines and not self.problem and (not self.codes or code.startswith(self.codes))


def suppressions(text: str) -> tuple[Suppression, ...]:
    """The comments of a file; of one that cannot be split into tokens, those in front of the fault."""
    if MARK not in text:
        return ()
    return tuple(_found(text))


def stale(file: str, comments: Iterable[Suppression], used: Collection[Suppression]) -> Iterator[Finding]:
    """A finding for each comment of `file` that left nothing alone: that is not among the `used` ones."""
    for comment in comments:
        if comment not in used:
            codes = f" of {', '.join(comment.codes)}" if comment.codes else ""
            message = comment.problem or f"this comment covers no use{codes} any more; remove it"
            severity = Severity.REVIEW if comment.problem else Severity.INFO
            yield Finding(RULE.code, RULE.name, severity, file, comment.span, message)


def _found(text: str) -> Iterator[Suppression]:
    waiting: list[tokenize.TokenInfo] = []  # comments of the statement at hand, or in front of the next
    first = 0  # the line on which the statement starts; 0 before its first token
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and _COMMENT.search(token.string):
                waiting.append(token)
            elif token.type == tokenize.NEWLINE:
                yield from (_read(comment, first, token.start[0]) for comment in waiting)
                waiting, first = [], 0
            elif token.type not in _BLANK and not first:
                first = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass
    yield from (_read(comment, comment.start[0], comment.start[0]) for comment in waiting)


def _read(token: tokenize.TokenInfo, first: int, last: int) -> Suppression:
    span = Span(*token.start, *token.end)
    order = _COMMENT.search(token.string)
    parts = _ORDER.match(order["order"].strip()) if order else None
    if parts is None:
        problem = "this comment cannot be read; write `# flask-to-fastapi: ignore[FF201] -- reason`"
        return Suppression(span, first, last, problem=problem)
    codes = tuple(code.strip() for code in (parts["codes"] or "").split(",") if code.strip())
    reason = (parts["reason"] or "").strip()
    wrong = [code for code in codes if not _CODE.match(code)]
    if wrong or (parts["codes"] is not None and not codes):
        named = f"{wrong[0]} is no code" if wrong else "the brackets are empty"
        return Suppression(span, first, last, problem=f"this comment covers nothing: {named}")
    return Suppression(span, first, last, codes, reason)
