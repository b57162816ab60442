"""What is put together without LibCST is what LibCST would have written."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from random import Random

import pytest
from edits import RULE, at, edited

from migrator.changes import Code, Replace
from migrator.location import Span
from migrator.module import Module
from migrator.rewrite import apply
from migrator.rewrite.nesting import Nesting

CODES = ("new", "new(__0__)", "__0__", "__0__.new", "[__0__, __0__]", "not __0__", "__0__ or {}", 'new("__0__", "x")')


def by_libcst(source: str, *changes: Replace) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apply, "spliced", lambda module, plan, imports, lines: (lines, plan))
        return edited(source, *changes)


def test_leaves_nothing_to_libcst_where_expressions_change(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def f():\n    # why\n    a = request.args[first(\n        1)]  # it\n    return g(here.b)\n"
    changes = [
        Replace(RULE, at(source, "request.args"), Code("query")),
        Replace(RULE, at(source, "here.b"), Code("await __0__.c()", (at(source, "here"),))),
    ]
    monkeypatch.setattr(apply, "_Island", None)
    assert edited(source, *changes) == source.replace("request.args", "query").replace("here.b", "await here.c()")


@pytest.mark.parametrize(
    ("source", "old", "new", "part"),
    [
        ("x = (a + b).c\n", "(a + b).c", "__0__.d", "a + b"),
        ("x = f(a or b)\n", "f(a or b)", "__0__.d", "a or b"),
        ("x = f((a))\n", "f((a))", "g(__0__)", "a"),
        ("x = f((  # one\n  # two\n a  # three\n))\n", "f((  # one\n  # two\n a  # three\n))", "[__0__]", "a"),
        ("x = (\n  # one\n f(a)\n)\n", "f(a)", "g(__0__)", "a"),
        ("x = f('#', (\n a))\n", "f('#', (\n a))", "g(__0__)", "a"),
        ("x = (f\n  .a(1))\n", "f\n  .a(1)", "g(__0__)", "f\n  .a"),
        ("x = f(a,\n  b +\n c)\n", "f(a,\n  b +\n c)", "g = __0__", "b +\n c"),
        ("x = f'{a(1)}'\n", "a(1)", 'b["c"]', "1"),
        ("f(a); g(b)\n", "f(a)", "h(__0__)", "a"),
        ("f(a)\n", "f(a)", "raise h(__0__)", "a"),
        ("if f(a):\n    f(b)\n", "f(a)", "h(__0__)", "a"),
    ],
)
def test_leaves_to_libcst_what_may_need_parentheses(source: str, old: str, new: str, part: str) -> None:
    change = Replace(RULE, at(source, old), Code(new, (at(source, part),)))
    try:
        wanted = by_libcst(source, change)
    except Exception as error:
        with pytest.raises(type(error)):
            edited(source, change)
    else:
        assert edited(source, change) == wanted


def random_changes(module: Module, rng: Random) -> list[Replace]:
    """Expressions of a file with new code, also some within the parts that others keep."""
    found: dict[Span, Replace] = {}
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.expr)
            and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
            and not rng.randrange(9)
        ):
            span = module.span(node)
            inside = [module.span(n) for n in ast.walk(node) if isinstance(n, ast.expr) and n is not node]
            text = rng.choice(CODES if inside else CODES[:1])
            found[span] = Replace(RULE, span, Code(text, (rng.choice(inside),) if "__0__" in text and inside else ()))
    outer = Nesting((span, change) for span, change in found.items())
    return [
        change
        for span, change in found.items()
        if all(o == span or any(p.contains(span) for p in c.new.parts) for o, c in outer.around(span))  # type: ignore[union-attr]
    ]


def seeds() -> range:
    first, _, last = os.environ.get("SPLICE_SEEDS", "0-20").partition("-")
    return range(int(first), int(last))


@pytest.mark.parametrize("seed", seeds())
def test_writes_what_libcst_writes(seed: int) -> None:
    rng = Random(seed)
    files = [f for f in sorted(Path(os.__file__).parent.glob("*.py")) if f.stat().st_size < 8000]
    source = rng.choice(files).read_text("utf-8")
    for statement in ast.parse(source).body:
        text = ast.get_source_segment(source, statement) or ""
        if isinstance(statement, (ast.Import, ast.ImportFrom)) or not text.strip() or statement.col_offset:
            continue
        text += "\n"
        changes = random_changes(Module("m.py", "m", text), rng)
        try:
            wanted = by_libcst(text, *changes)
            ast.parse(wanted)
        except Exception:
            continue  # an expression that cannot stand there
        assert edited(text, *changes) == wanted
