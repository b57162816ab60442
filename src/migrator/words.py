"""English, as far as names of classes need it."""

from __future__ import annotations

import re

IRREGULAR = {
    "movies": "movie", "cookies": "cookie", "series": "series", "species": "species", "news": "news",
    "people": "person", "children": "child", "caches": "cache", "aliases": "alias", "canvases": "canvas",
    "analyses": "analysis", "indices": "index", "matrices": "matrix", "vertices": "vertex", "data": "data",
}  # fmt: skip
# their singular ends in the letters before `es`; of `ses` that is so only behind `s` and `u`
HISSING = ("sses", "uses", "xes", "zzes", "ches", "shes")
SILENT_E = ("houses", "causes", "clauses", "pauses", "spouses", "browses")


def singular(name: str) -> str | None:
    """One of several: `Orders` as `Order`, `order_entries` as `order_entry`. None for what is no plural."""
    start = max((match.start() for match in re.finditer(r"[A-Z]|(?<=_)[^_]", name)), default=0)
    head, last = name[:start], name[start:]
    low = last.lower()
    if low in IRREGULAR:
        one = IRREGULAR[low]
        return head + (one.capitalize() if last[:1].isupper() else one)
    if low.endswith("ies") and len(low) > 4:
        return f"{head}{last[:-3]}y"
    if low.endswith(HISSING) and low not in ("uses", *SILENT_E):
        return head + last[:-2]
    if low.endswith("s") and not low.endswith(("ss", "us", "is")) and len(low) > 1:
        return head + last[:-1]
    return None
