"""What is put together without LibCST is what LibCST would have written."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from random import Random

import pytest
from edits import RULE, at, edited

from migrator.changes import (
    AddDecorator,
    AddParameter,
    AnnotateParameter,
    Change,
    Code,
    Insert,
    Remove,
    RemoveParameter,
    Replace,
    SetRoute,
)
from migrator.location import Span
from migrator.module import Module
from migrator.rewrite import apply
from migrator.rewrite.nesting import Nesting
from migrator.rewrite.statements import Written
from migrator.source import lines_of

CODES = ("new", "new(__0__)", "__0__", "__0__.new", "[__0__, __0__]", "not __0__", "__0__ or {}", 'new("__0__", "x")')


def by_libcst(source: str, *changes: Change) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apply, "put_together", lambda module, plan, *_: Written({}, lines_of(module.text), plan))
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


VIEW = """\
@app.route("/a")  # first
# between
@guard
def view(a, b=1) -> str:  # why
    # head
    x = request.args["x"]

    # of the check
    if not x:
        log(x)
        return abort(400), x
    return jsonify(x)  # end
"""


def changes_of_view() -> list[Change]:
    view = at(VIEW, VIEW[VIEW.index("def") :].rstrip())
    view = Span(view.line, view.column, view.end_line, view.end_column - len("  # end"))
    return [
        SetRoute(RULE, at(VIEW, 'app.route("/a")'), view, ("app.get",), ((Code("__0__", (at(VIEW, '"/a"'),)),),)),
        AddDecorator(RULE, view, Code("inner()")),
        AddParameter(RULE, view, "x", Code("str | None"), Code("None")),
        AddParameter(RULE, view, "request", Code("Request"), order=-1),
        AnnotateParameter(RULE, view, "a", Code("int")),
        RemoveParameter(RULE, view, "b"),
        Remove(RULE, at(VIEW, 'x = request.args["x"]')),
        Remove(RULE, at(VIEW, "log(x)")),
        Replace(RULE, at(VIEW, "return abort(400), x"), Code("raise HTTPException(__0__)", (at(VIEW, "400"),))),
        Insert(RULE, at(VIEW, "return jsonify(x)"), Code("if x is None:\n    return 1")),
    ]


def test_leaves_no_view_to_libcst(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = changes_of_view()
    wanted = by_libcst(VIEW, *changes)
    monkeypatch.setattr(apply, "_Island", None)
    assert edited(VIEW, *changes) == wanted


def random_edits(module: Module, rng: Random) -> list[Change]:
    """Statements that go, become others or get some beside them, and heads of functions that change."""
    found: list[Change] = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.stmt) or isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        span = module.span(node)
        if isinstance(node, ast.FunctionDef) and not rng.randrange(3):
            found.append(AddParameter(RULE, span, "new", Code("list[int]"), rng.choice((None, Code("[]"))), order=-1))
            found.append(AddDecorator(RULE, span, Code("new(1)")))
            if names := [arg.arg for arg in node.args.args]:
                one = rng.choice(names)
                found.append(
                    rng.choice((RemoveParameter(RULE, span, one), AnnotateParameter(RULE, span, one, Code("int"))))
                )
            found += [Remove(RULE, module.span(d)) for d in node.decorator_list if not rng.randrange(3)]
        if not rng.randrange(6):
            new = Code(rng.choice(("new(x)", "first()\nsecond(2)", "if a:\n    return b", "return {\n    1: 2,\n}")))
            kind = rng.randrange(4)
            if kind < 2:
                found.append(Insert(RULE, span, new, before=bool(kind)))
            else:
                found.append(Remove(RULE, span) if kind == 2 else Replace(RULE, span, new))
    return found


@pytest.mark.parametrize("seed", seeds())
def test_writes_the_statements_that_libcst_writes(seed: int) -> None:
    rng = Random(seed)
    files = [f for f in sorted(Path(os.__file__).parent.glob("*.py")) if f.stat().st_size < 8000]
    source = rng.choice(files).read_text("utf-8")
    for statement in ast.parse(source).body:
        text = ast.get_source_segment(source, statement) or ""
        if isinstance(statement, (ast.Import, ast.ImportFrom)) or not text.strip() or statement.col_offset:
            continue
        text += "\n"
        changes = random_edits(Module("m.py", "m", text), rng)
        try:
            wanted = by_libcst(text, *changes)
            ast.parse(wanted)
        except Exception:
            continue  # an edit that cannot be made
        assert edited(text, *changes) == wanted
