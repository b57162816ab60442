"""Which names of a file stand for something of Flask, and which only look like it."""

from __future__ import annotations

import textwrap

import pytest

from migrator.module import Module


def meanings(source: str, name: str = "pkg.mod", **options: bool) -> list[str]:
    """What every read name stands for that an import gave, in the order of the file."""
    module = Module("pkg/mod.py", name, textwrap.dedent(source), **options)
    found = sorted(module.names, key=lambda n: (n.node.lineno, n.node.col_offset))
    return [n.target for n in found]


def dotted(source: str, name: str = "pkg.mod", **options: bool) -> str:
    """What the expression in the last line stands for."""
    module = Module("pkg/mod.py", name, textwrap.dedent(source), **options)
    last = module.tree.body[-1]
    return module.dotted(last.value, module.scope)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("import flask\nflask.request.args", "flask.request.args"),
        ("import flask as fl\nfl.g", "flask.g"),
        ("from flask import request\nrequest", "flask.request"),
        ("from flask import request as r\nr.args.get", "flask.request.args.get"),
        ("import flask.json\nflask.json.dumps", "flask.json.dumps"),
        ("import flask.json as fj\nfj.dumps", "flask.json.dumps"),
        ("from flask.views import MethodView\nMethodView", "flask.views.MethodView"),
        ("from . import store\nstore.get", "pkg.store.get"),
        ("from .store import get\nget", "pkg.store.get"),
        ("def f(): ...\nf", "pkg.mod.f"),
        ("X = 1\nX", "pkg.mod.X"),
        ("unknown", ""),
        ("(lambda: 1).x", ""),
        ("a[0].b", ""),
    ],
)
def test_dotted(source: str, wanted: str) -> None:
    assert dotted(source) == wanted


def test_relative_imports_of_a_package() -> None:
    assert dotted("from . import store\nstore", name="pkg", is_package=True) == "pkg.store"
    assert dotted("from .store import x\nx", name="pkg.sub", is_package=True) == "pkg.sub.store.x"
    assert dotted("from ..store import x\nx", name="pkg.sub", is_package=True) == "pkg.store.x"


def test_parameter_shadows_import() -> None:
    assert meanings("from flask import request\ndef f(request):\n    return request.args\nrequest") == ["flask.request"]


@pytest.mark.parametrize(
    "signature", ["*request", "**request", "a, /, request", "*, request", "request=1", "request: int = 1"]
)
def test_every_kind_of_parameter_shadows(signature: str) -> None:
    assert meanings(f"from flask import request\ndef f({signature}):\n    return request") == []


def test_local_name_shadows_in_the_whole_function() -> None:
    source = """
    from flask import g
    def f():
        g.x
        g = 1
    def h():
        return g.x
    """
    assert meanings(source) == ["flask.g"]


@pytest.mark.parametrize(
    "binding",
    [
        "g = 1",
        "g: int = 1",
        "for g in x: pass",
        "with x as g: pass",
        "with x as (a, g): pass",
        "import g",
        "from x import y as g",
        "def g(): pass",
        "class g: pass",
        "[g := 1]",
        "[g := y for y in x]",
        "try: pass\n    except E as g: pass",
        "(a, *g) = x",
        "g += 1",
        "del g",
        "match x:\n        case {**g}: pass",
        "match x:\n        case [*g]: pass",
        "match x:\n        case A() as g: pass",
    ],
)
def test_every_binding_shadows(binding: str) -> None:
    source = f"from flask import g\ndef f(x):\n    {binding}\n    return g.now\n"
    assert "flask.g" not in meanings(source)


def test_global_reaches_the_import() -> None:
    source = """
    from flask import g
    def f():
        global g
        return g.x
    """
    assert meanings(source) == ["flask.g"]


def test_rebinding_by_global_makes_it_doubtful() -> None:
    source = """
    from flask import g
    def f():
        global g
        g = 1
    g.x
    """
    assert meanings(source) == []


def test_rebinding_at_the_top_makes_it_doubtful() -> None:
    assert meanings("from flask import request\nrequest = Fake()\nrequest.args") == []


def test_two_imports_of_one_thing_agree() -> None:
    source = """
    try:
        from flask import json
    except ImportError:
        from flask import json
    json.dumps
    """
    assert meanings(source) == ["flask.json"]


def test_two_imports_of_different_things_do_not() -> None:
    source = """
    try:
        from flask import json
    except ImportError:
        import json
    json.dumps
    """
    assert meanings(source) == []


def test_class_scope_is_not_seen_by_methods() -> None:
    source = """
    from flask import request
    class View:
        request = 1
        own = request
        def get(self):
            return request.args
    """
    assert meanings(source) == ["flask.request"]


def test_import_in_a_class_is_seen_there_alone() -> None:
    source = """
    class View:
        from flask import request
        own = request
        def get(self):
            return request.args
    """
    assert meanings(source) == ["flask.request"]


def test_import_in_a_function() -> None:
    source = """
    def f():
        from flask import request
        def inner():
            return request.args
        return request
    request
    """
    assert meanings(source) == ["flask.request", "flask.request"]


def test_comprehension_has_its_own_scope() -> None:
    source = """
    from flask import g, request
    a = [request for request in request.args]
    b = {g: 1 for g in [g.x for g in y] if g}
    c = [g for x in y]
    """
    # the first iterable is read outside
    assert meanings(source) == ["flask.request", "flask.g"]


def test_walrus_in_a_comprehension_binds_outside() -> None:
    source = """
    from flask import g
    def f(rows):
        [g := row for row in rows]
        return g
    """
    assert meanings(source) == []


def test_lambda_parameters_shadow_and_defaults_do_not() -> None:
    assert meanings("from flask import g\nf = lambda g=g: g") == ["flask.g"]


def test_decorators_defaults_and_annotations_are_read_outside() -> None:
    source = """
    from flask import g, request, session
    @g.x
    def f(request=request, y: session = 1) -> session:
        pass
    """
    assert meanings(source) == ["flask.g", "flask.request", "flask.session", "flask.session"]


def test_stars_are_known() -> None:
    module = Module("m.py", "pkg.m", "from flask import *\nfrom .x import *\n")
    assert module.stars == ["flask", "pkg.x"]


def test_nested_functions_have_qualified_names() -> None:
    source = """
    def make():
        class View:
            def get(self): pass
        def inner(): pass
    """
    assert set(Module("m.py", "m", textwrap.dedent(source)).functions) == {"make", "make.View.get", "make.inner"}


def test_columns_count_characters() -> None:
    module = Module("m.py", "m", 'from flask import g\nx = "äöü", g.x\n')
    (name,) = module.names
    span = module.span(name.node)
    assert (span.line, span.column, span.end_column) == (2, 11, 12)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_columns_with_any_newline(newline: str) -> None:
    text = newline.join(["from flask import g", 'y = "ä"', 'x = "äöü", g.x', ""])
    (name,) = Module("m.py", "m", text).names
    assert name.node.lineno == 3
    module = Module("m.py", "m", text)
    assert module.span(module.names[0].node).column == 11


@pytest.mark.parametrize(
    "source",
    [
        "from flask import g\ndef f[T](x: T) -> g: ...",
        "from flask import g\ntype X = g.x",
        pytest.param(
            "from flask import g\nclass A[T: g]: ...",
            marks=pytest.mark.xfail(strict=True, reason="type parameters of classes are not read"),
        ),
    ],
)
def test_newer_syntax_never_fails(source: str) -> None:
    try:
        compile(source, "m.py", "exec")
    except SyntaxError:
        pytest.skip("this Python does not read it")
    assert meanings(source) == ["flask.g"]
