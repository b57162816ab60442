"""One requirement, as `Flask[async]>=2.0,<4 ; sys_platform == "win32"`, and how another is written in its style."""

from __future__ import annotations

import re
from dataclasses import dataclass

from migrator.manifests.versions import CURRENT, OLDEST, is_older, normalised

_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*"
    r"(?:@\s*(?P<url>\S+)|\(?(?P<specifier>[^;@()]*)\)?)\s*(?:;\s*(?P<marker>.*))?$"
)
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_CLAUSE = re.compile(r"(===?|~=|[<>!]=?|\^|~|=)?\s*([\d][\w.*+!]*|\*)$")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement; `specifier` as written: ">=2.0,<4", "^3.0" in Poetry's tables, "" for any release."""

    name: str  # normalised
    specifier: str = ""
    marker: str = ""

    @property
    def clauses(self) -> list[tuple[str, str]]:
        """The operators and releases; ("", "") for what cannot be read."""
        found = (_CLAUSE.match(part.strip()) for part in self.specifier.split(",") if part.strip())
        return [(match[1] or "", match[2]) if match else ("", "") for match in found]


def parse(text: str) -> Requirement | None:
    """The requirement in a line; None where there is none (an option, a path, a bare address)."""
    text = text.strip()
    if match := _EGG.search(text):
        return Requirement(normalised(match[1]))
    match = _REQUIREMENT.match(text)
    if match is None or "://" in (match["specifier"] or ""):
        return None
    return Requirement(normalised(match["name"]), (match["specifier"] or "").strip(), (match["marker"] or "").strip())


def specifier_like(name: str, like: Requirement, *, bare: str = "==") -> str:
    """The releases of `name` in the style of another requirement: pinned where that is, open where that is.

    `bare` is what a release without an operator means ("^" for Poetry, where it stays without one).
    """
    current = CURRENT[name]
    operators = [operator for operator, _ in like.clauses]
    if not operators or like.specifier.strip() == "*":
        return like.specifier.strip()
    first, release = like.clauses[0]
    if first in ("==", "===", "=") and not release.endswith("*"):
        return f"{first}{current}"
    if first in ("^", "~", "~="):
        parts = current.split(".")
        return f"{first}{'.'.join(parts[: max(2, min(len(parts), release.count('.') + 1))])}"
    if first == "" and bare == "^":
        return current
    if any(operator in ("<", "<=") for operator in operators) or release.endswith("*"):
        return f">={current},<{int(current.partition('.')[0]) + 1}"
    return f">={current}"


def is_too_old(requirement: Requirement) -> bool:
    """Whether a requirement leaves out every release that migrated code can work with."""
    oldest = OLDEST.get(requirement.name)
    if oldest is None:
        return False
    for operator, release in requirement.clauses:
        exact = operator in ("==", "===", "=") and is_older(release, oldest)
        below = operator in ("<", "<=") and (is_older(release, oldest) or (operator == "<" and release == oldest))
        if exact or below or (operator in ("~=", "^", "~") and _ceiling_is_older(operator, release, oldest)):
            return True
    return False


def _ceiling_is_older(operator: str, release: str, oldest: str) -> bool:
    numbers = [int(n) for n in re.findall(r"\d+", release)]
    kept = 1 if operator == "^" and numbers[0] else len(numbers) - 1 if operator == "~=" else min(2, len(numbers))
    ceiling = [*numbers[: max(kept, 1)]]
    ceiling[-1] += 1
    top = ".".join(map(str, ceiling))
    return is_older(top, oldest) or [int(n) for n in oldest.split(".")][: len(ceiling)] == ceiling
