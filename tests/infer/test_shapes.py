"""Expressions in, shapes out."""

from __future__ import annotations

import pickle

import pytest

from migrator.infer.shapes import (
    INT,
    JSON,
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    Field,
    Mapping,
    Scalar,
    Sequence,
    TupleOf,
    Union,
    describe,
    join,
)


@pytest.mark.parametrize(
    ("expression", "shape"),
    [
        ("1", "int"),
        ("'a'", "str"),
        ("f'{1}'", "str"),
        ("None", "None"),
        ("b'a'", "bytes"),
        ("1 + 2.5", "float"),
        ("7 / 2", "float"),
        ("7 // 2", "int"),
        ("2 ** 8", "int"),
        ("-3", "int"),
        ("'a' + 'b'", "str"),
        ("'%s' % 1", "str"),
        ("'-' * 3", "str"),
        ("[1] + ['a']", "list[int | str]"),
        ("(1,) + ('a',)", "(int, str)"),
        ("{'a': 1} | {'b': 'x'}", "{a: int, b: str}"),
        ("1 < 2", "bool"),
        ("not 1", "bool"),
        ("'a' in 'abc'", "bool"),
        ("1 if len('a') else None", "int | None"),
        ("'' or 'b'", "str"),
        ("None or [1]", "list[int]"),
        ("[x * 2 for x in [1, 2]]", "list[int]"),
        ("{x: str(x) for x in (1, 2)}", "{...: str}"),
        ("{'a': 1, **{'b': None}}", "{a: int, b: None}"),
        ("[*[1], *['a']]", "list[int | str]"),
        ("'a b'.split()", "list[str]"),
        ("'a'.upper().strip()", "str"),
        ("'a'.encode()", "bytes"),
        ("'a-b'.partition('-')", "(str, str, str)"),
        ("{'a': 1}['a']", "int"),
        ("{'a': 1}.get('a')", "int"),
        ("{'a': 1}.get('b')", "None"),
        ("{'a': 1}.get('b', 'x')", "str"),
        ("list({'a': 1}.items())", "list[(str, int)]"),
        ("dict(a=1, b='x')", "{a: int, b: str}"),
        ("dict([('a', 1)])", "{...: int}"),
        ("sorted({3, 1})", "list[int]"),
        ("tuple([1])", "tuple[int]"),
        ("sum([1, 2])", "int"),
        ("sum([1.5])", "float | int"),
        ("max([1, 2], default=None)", "int | None"),
        ("round(1.5)", "int"),
        ("round(1.5, 1)", "float"),
        ("[i for i, name in enumerate('ab')]", "list[int]"),
        ("[pair for pair in zip([1], 'a')]", "list[(int, str)]"),
        ("list(map(lambda x: x + 1, [1]))", "list[int]"),
        ("list(map(str, [1]))", "list[str]"),
        ("list(map(str.upper, 'ab'))", "list[str]"),
        ("next((x for x in [1]), None)", "int | None"),
        ("[1, 2][0]", "int"),
        ("[1, 2][:1]", "list[int]"),
        ("(1, 'a')[1]", "str"),
        ("int('3')", "int"),
        ("isinstance(1, int)", "bool"),
        ("datetime.now()", "datetime"),
        ("datetime.now().isoformat()", "str"),
        ("datetime.now() - datetime.now()", "timedelta"),
        ("datetime.now() + timedelta(days=1)", "datetime"),
        ("datetime.now().year", "int"),
        ("Decimal('1') * 2", "decimal"),
        ("uuid.uuid4()", "uuid"),
        ("uuid.uuid4().hex", "str"),
        ("str(uuid.uuid4())", "str"),
        ("hashlib.sha256(b'').hexdigest()", "str"),
        ("json.loads('1')", "json"),
        ("json.loads('{}')['a'].get('b')", "json | None"),
        ("os.path.join('a', 'b')", "str"),
        ("os.environ.get('A', '')", "str"),
        ("os.environ.get('A')", "str | None"),
        ("time.time()", "float"),
        ("Path('a') / 'b'", "path"),
        ("Path('a').name", "str"),
        ("urlparse('a').hostname", "str | None"),
        ("something.unheard.of()", "unknown"),
        ("HTTPStatus.CREATED", "int"),
        ("request.args.get('a')", "str | None"),
        ("request.args.get('a', 1, type=int)", "int"),
        ("request.args.get('a', type=int)", "int | None"),
        ("request.args.get('a', 'b')", "str"),
        ("request.args.getlist('a', type=float)", "list[float]"),
        ("request.args.to_dict()", "{...: str}"),
        ("request.form['a']", "str"),
        ("request.json['a']", "json"),
        ("request.get_json()", "json"),
        ("request.headers.get('A')", "str | None"),
        ("request.cookies.get('a', '')", "str"),
        ("request.files['a'].filename", "str | None"),
        ("request.method", "str"),
        ("request.get_data(as_text=True)", "str"),
        ("url_for('a')", "str"),
    ],
)
def test_expressions(find, expression, shape):
    imports = """
        import hashlib, json, os, time, uuid
        from datetime import datetime, timedelta
        from decimal import Decimal
        from http import HTTPStatus
        from pathlib import Path
        from urllib.parse import urlparse
        from flask import request, url_for
    """
    assert find(f"{imports}\n        found = {expression}\n").text() == shape


@pytest.mark.parametrize(
    ("shapes", "joined"),
    [
        ([], "never"),
        ([INT, INT], "int"),
        ([Scalar("int", 1), Scalar("int", 2)], "int"),
        ([STR, NONE], "str | None"),
        ([STR, UNKNOWN], "unknown"),
        ([STR, NEVER], "str"),
        ([JSON, STR], "json | str"),
        ([Mapping((Field("a", INT),)), Mapping((Field("a", STR),))], "{a: int | str}"),
        ([Mapping((Field("a", INT),)), Mapping()], "{a?: int}"),
        ([Mapping((Field("a", INT),)), Mapping((Field("b", INT),))], "{a: int} | {b: int}"),
        ([Sequence("list"), Sequence("list", INT)], "list[int]"),
        ([TupleOf((INT, STR)), TupleOf((STR, STR))], "(int | str, str)"),
        ([Mapping((Field(f"a{n}", INT),)) for n in range(9)], None),
    ],
)
def test_join(shapes, joined):
    found = join(shapes)
    if joined is None:
        assert describe(found).count("?") == len(shapes)  # many different dicts become one with optional keys
    else:
        assert describe(found) == joined
    assert join(reversed(shapes)) == found or describe(join(reversed(shapes))) != ""


def test_unions_do_not_depend_on_the_order():
    assert join([STR, NONE, INT]) == join([INT, STR, NONE])
    assert isinstance(join([STR, NONE]), Union)


def test_shapes_can_be_pickled_and_hashed():
    shape = join([Mapping((Field("a", Sequence("list", INT)),), name="A"), NONE])
    assert pickle.loads(pickle.dumps(shape)) == shape
    assert hash(shape) == hash(pickle.loads(pickle.dumps(shape)))


def test_local_names_flow(find):
    found = find(
        """
        def f(text, flag):
            value = text
            value = int(value)
            if flag:
                value = 1.5
            return value

        def early(flag):
            kept = None
            if flag:
                kept = "a"
                return kept
            return kept

        def loop(rows):
            total = 0
            for row in rows:
                total += row * 0.5
            return total

        def narrow(a: str | None, b: dict | list, c: int | None = None):
            if a is None:
                return [0]
            if not isinstance(b, dict):
                raise TypeError
            if c:
                return a, c
            return a, b

        def unpack():
            (a, b), *rest = [(1, "x"), (2, "y")]
            return a, rest

        def walrus(text):
            if (n := len(text)) > 3:
                return n

        def caught():
            try:
                value = int("3")
            except ValueError:
                value = None
            return value
        """
    )
    assert found.returned("f") == "float | int"
    assert found.returned("early") == "str | None"
    assert found.returned("loop") == "unknown"
    assert found.returned("narrow") == "(str, int | {...: unknown}) | list[int]"
    assert found.returned("walrus") == "int | None"
    assert found.returned("caught") == "int | None"


def test_lists_and_dicts_are_followed_to_where_they_are_filled(find):
    found = find(
        """
        import store
        rows = []
        by_name = {}
        counts = {}

        def add(name: str):
            row = {"id": len(rows), "name": name}
            rows.append(row)
            by_name[name] = row
            counts[name] = counts.get(name, 0) + 1
            return row

        def finish(name):
            row = by_name[name]
            row["done"] = True
            row["tags"] = []
            row["tags"].append("x")

        def local(flag):
            links = {"self": "a"}
            links["first"] = "b"
            if flag:
                links["next"] = "c"
            return links

        def drop(name):
            del by_name[name]["name"]

        def grouped():
            groups = {}
            for row in rows:
                groups.setdefault(row["name"], []).append(row["id"])
            return groups

        every = list(by_name.values())
        """,
        store="""
        import app
        app.counts["all"] = 1.5
        """,
    )
    assert found.text("every") == "list[{id: int, name?: str, done?: bool, tags?: list[str]}]"
    assert found.returned("local") == "{self: str, first: str, next?: str}"
    assert found.returned("grouped") == "{...: list[int]}"
    assert "float" in found.returned("add") or found.returned("add").startswith("{id: int")


def test_functions_see_their_arguments(find):
    found = find(
        """
        from functools import wraps
        from helpers import envelope, first

        def identity(value):
            return value

        def shout(view):
            @wraps(view)
            def inner(*args, **kwargs):
                return view(*args, **kwargs)
            return inner

        @shout
        def greeting(name):
            return {"name": name}

        def optional(deep=False):
            data = {"a": 1}
            if deep:
                data["b"] = 2
                return data
            return {"c": 3}

        def count_down(n):
            return [n] if n < 1 else count_down(n - 1)

        one = identity(1)
        two = identity("a")
        three = envelope([1], page=2)
        four = first([1.5], None)
        five = greeting("x")
        six = optional()
        seven = count_down(3)
        eight = optional(deep=True)
        """,
        helpers="""
        def envelope(items, **meta):
            return {"items": items, "count": len(items), "meta": meta}

        def first(items, default):
            for item in items:
                return item
            return default
        """,
    )
    assert found.text("one") == "int"
    assert found.text("two") == "str"
    assert found.text("three") == "{items: list[int], count: int, meta: {page: int}}"
    assert found.text("four") == "float | None"
    assert found.text("five") == "{name: str}"
    assert found.text("six") == "{c: int}"
    assert found.text("seven") == "list[int]"
    assert found.text("eight").startswith("{a: int, b")


def test_parameters_are_what_callers_give(find):
    found = find(
        """
        def area(width, height=1):
            return width

        def hidden(value):
            return value

        def annotated(value: float, rows: "list[int]"):
            return value, rows

        area(1)
        area(width=2.5, height=3)
        handlers = [hidden]
        hidden(1)
        """
    )
    assert found.returned("area") == "float | int"
    assert found.returned("hidden") == "unknown"  # somebody else may call it
    assert found.returned("annotated") == "(float, list[int])"


def test_a_type_alias_that_holds_itself(find):
    found = find(
        """
        Tree = "dict[str, Tree] | list[Tree] | str"

        def parse() -> Tree:
            return other()
        """
    )
    assert "str" in found.returned("parse")


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        ("np.asarray(x).tolist()", "list[json]"),
        ("np.asarray(x).mean(axis=0).tolist()", "list[json]"),
        ("np.asarray(x).mean().item()", "json"),
        ("model.scores(x).tolist()", "list[json]"),
    ],
)
def test_arrays(find, code, shape):
    assert find(f"import numpy as np\nfrom models import model\nx = [[1]]\nfound = {code}\n").text() == shape
