"""How a view uses the JSON body: which keys, of which type, needed or not, and what needs a real dict."""

from __future__ import annotations

import ast

import pytest

VIEW = """
    import re
    from datetime import date, datetime
    from decimal import Decimal
    from flask import Flask, jsonify, request
    app = Flask(__name__)
    PRICES = {"a": 1.5}
    REQUIRED = ("x", "y")

    @app.post("/")
    def view():
        data = request.get_json()
"""


def key(find, body, name="x"):
    text = VIEW + "\n".join(f"        {line}" for line in body.split("\n")) + "\n        return {}\n"
    found = find(text).body().key(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("body", "kind", "strict", "required"),
    [
        ("data['x']", "any", False, True),
        ("data['x'].strip()", "str", True, True),
        ("data.get('x').strip()", "str", True, False),
        ("data.get('x', '').strip()", "str", True, False),
        ("data.get('x', [])", "list", False, False),
        ("int(data['x'])", "int", True, True),
        ("int(data.get('x', 1))", "int", True, False),
        ("float(data['x'])", "float", True, True),
        ("bool(data.get('x'))", "bool", True, False),
        ("str(data['x'])", "str", True, True),
        ("data['x'] / 2", "number", True, True),
        ("data['x'] > 5", "number", True, True),
        ("data['x'] * 2", "number", False, True),
        ("data['x'] + 'a'", "str", True, True),
        ("range(data['x'])", "int", True, True),
        ("for i in data['x']: pass", "list", False, True),
        ("data['x'].append(1)", "list", True, True),
        ("sum(data['x'])", "list", False, True),
        ("data['x'] in ('a', 'b')", "str", False, True),
        ("data['x'] == 'a'", "str", False, True),
        ("'@' in data['x']", "str", False, True),
        ("PRICES[data['x']]", "str", False, True),
        ("re.match('a', data['x'])", "str", True, True),
        ("if not isinstance(data['x'], int):\n    return 'bad', 400", "int", False, True),
        ("if isinstance(data.get('x'), (int, float)):\n    pass", "number", False, False),
        ("if 'x' in data:\n    data['x'].strip()", "str", True, False),
        ("if 'x' not in data:\n    return 'bad', 400\ndata['x'].strip()", "str", True, False),
        ("if not data.get('x'):\n    return 'bad', 400\ndata['x'].strip()", "str", True, False),
        ("if data.get('y'):\n    data['x'].strip()", "str", False, False),
        ("if data.get('x') is not None:\n    data['x'].strip()", "str", True, False),
        ("x = data.get('x')\nif x:\n    x.strip()", "str", False, False),
        ("try:\n    data['x'].strip()\nexcept KeyError:\n    return 'bad', 400", "str", True, False),
        ("try:\n    int(data['x'])\nexcept ValueError:\n    return 'bad', 400", "int", False, True),
        ("try:\n    data['x'].strip()\nexcept Exception:\n    return 'bad', 400", "str", False, False),
        ("if not all(k in data for k in REQUIRED):\n    return 'bad', 400\ndata['x'].strip()", "str", True, False),
        ("for k in REQUIRED:\n    if k not in data:\n        return 'bad', 400\ndata['x'].strip()", "str", True, False),
        ("missing = [k for k in REQUIRED if k not in data]\ndata['x']", "any", False, False),
        ("x, y = data['x'], data['y']\nx.strip()", "str", True, True),
        ("if (x := data.get('x')) is None:\n    return 'bad', 400\nx.strip()", "str", True, False),
        ("datetime.fromisoformat(data['x'])", "str", True, True),
        ("Decimal(data['x'])", "any", False, True),
        ("date.fromisoformat(data['x'])", "str", True, True),
        ("data['x']['y'].strip()", "dict", True, True),
        ("data['x'][0].strip()", "list", False, True),
    ],
)
def test_types(find, body, kind, strict, required):
    found = key(find, body)
    assert (found.type, found.strict, found.required) == (kind, strict, required), found.evidence


@pytest.mark.parametrize(
    ("body", "required", "late"),
    [
        ("if set(REQUIRED) - set(data):\n    return {}, 400\ndata['x']", False, False),
        ("missing = sorted(k for k in data.keys())\nif missing:\n    raise KeyError\ndata['x']", False, False),
        (
            "bad = []\nif not data.get('y'):\n    bad.append('y')\nif bad:\n    return {}, 400\ndata['x']",
            True,
            True,
        ),
        ("try:\n    check(**data)\nexcept ValueError:\n    return {}, 400\ndata['x']", False, False),
        ("match data:\n    case {'y': 1}:\n        return {}, 400\ndata['x']", True, True),
        ("if 'y' in data:\n    print('y')\ndata['x']", True, False),
        ("data['x']\nif 'y' not in data:\n    return {}, 400", True, False),
        ("count = len(data)\nif count > data['x']:\n    return {}, 400", True, False),
        ("count = len(data)\nreturn {'n': count, 'x': data['x']}", True, False),
        ("if data['y'] > 1:\n    return {}, 400\ndata['x']", True, False),
    ],
)
def test_what_the_app_says_of_other_keys_comes_first(find, body, required, late):
    found = key(find, body)
    assert (found.required, found.is_late) == (required, late)


def test_defaults(find):
    found = key(find, "int(data.get('x', 1))")
    assert (found.default_text, found.is_constant_default) == ("1", True)
    found = key(find, "data.get('x', app.name)")
    assert (found.default_text, found.is_constant_default) == ("app.name", False)
    found = key(find, "data.get('x', 1), data.get('x')")
    assert found.default_text is None
    found = key(find, "x = data.get('x') or 'none'")
    assert isinstance(found.fallback, ast.Constant)
    assert found.nullable


def test_coercions(find):
    found = key(find, "try:\n    n = int(data['x'])\nexcept (ValueError, TypeError):\n    return 'bad', 400")
    assert found.coercion is not None
    assert (found.coercion.name, found.coercion.caught) == ("int", ("TypeError", "ValueError"))
    assert found.coercion.is_only_use
    found = key(find, "n = int(data['x'])\nreturn jsonify(got=data['x'])")
    assert found.coercion is not None
    assert not found.coercion.is_only_use
    found = key(find, "try:\n    n = int(data['x'])\nexcept KeyError:\n    return 'bad', 400")
    assert found.missing_caught
    assert not found.required


def test_evidence_is_told(find):
    assert key(find, "data['x'].strip()").evidence == ("line 13: data['x'].strip()",)


def test_nested(find):
    found = key(
        find,
        "for line in data['x']:\n    line['sku'].upper()\n    line.get('count', 1)\n    line['at']['city'].strip()",
    )
    assert found.type == "list"
    assert found.item is not None
    line = found.item.body
    assert line is not None
    assert [(k.name, k.type, k.required) for k in line.keys] == [
        ("sku", "str", True),
        ("count", "int", False),
        ("at", "dict", True),
    ]
    at = line.key("at")
    assert at is not None
    assert at.body is not None
    assert [(k.name, k.type) for k in at.body.keys] == [("city", "str")]


def test_accesses(find):
    use = find(
        VIEW
        + """
        if "a" not in data or "b" in data:
            return {}
        data["a"], data.get("b", 1), data.pop("c", None)
        del data["e"]
        data["d"] = 1
        return {}
    """
    ).body()
    assert [(a.key, a.kind) for a in use.accesses] == [
        ("a", "not in"),
        ("b", "in"),
        ("a", "subscript"),
        ("b", "get"),
        ("c", "pop"),
        ("e", "delete"),
        ("d", "store"),
    ]
    assert {e.kind for e in use.escapes} == {"changed"}


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("return jsonify(data)", {"written"}),
        ("return data", {"returned"}),
        ("store(data)", {"unknown call"}),
        ("keep(data)", {"passed"}),
        ("print({**data})", {"spread"}),
        ("keep(**data)", {"spread"}),
        ("for k in data: pass", {"iterated"}),
        ("data.items()", {"method"}),
        ("data[request.method]", {"dynamic"}),
        ("data.keys()", {"keys"}),
        ("app.last = data", {"stored"}),
        ("len(data)", {"sized"}),
        ("data['x']", set()),
    ],
)
def test_escapes(find, body, kinds):
    text = VIEW + "\n".join(f"        {line}" for line in body.split("\n")) + "\n        return {}\n"
    use = find(text + "\n    def keep(data=None, **more):\n        pass\n").body()
    assert {escape.kind for escape in use.escapes} == kinds


def test_keys_that_a_function_is_given(find):
    use = find(
        VIEW
        + """
        name = required(data, "name").strip()
        check(data, "city", "zip")
        return {"name": name, "count": 2 * number(data, key="count")}

    def required(data, key):
        if not data.get(key):
            abort(400)
        return data[key]

    def check(data, *keys):
        for key in keys:
            if key not in data:
                abort(400)

    def number(data, default=0, key="n"):
        return int(data.get(key, default))

    def again(data, key):
        return again(data, key)
    """
    ).body()
    assert [(k.name, k.type, k.is_tested) for k in use.keys] == [
        ("name", "str", True),
        ("city", "any", True),
        ("zip", "any", True),
        ("count", "int", False),
    ]
    assert not {"dynamic"} & {escape.kind for escape in use.escapes}


def test_other_bodies(find):
    use = find(VIEW + "        if not isinstance(data, dict):\n            return {}\n        return data['x']").body()
    assert use.may_be_other
    use = find(VIEW + "        data = data or {}\n        return data['x']").body()
    assert use.may_be_none
    assert not use.is_mixed
    assert use.key("x") is not None
    use = find(VIEW + "        if not data:\n            data = request.form\n        return data['x']").body()
    assert use.is_mixed


def test_through_the_project(find):
    text = (
        VIEW
        + """
        order = place(data, note=data.get("note"))
        Line(**data["line"])
        Product(name=data["name"], stock=data.get("stock", 0))
        return {}

    from shop import Line, Product, place
    """
    )
    use = find(
        text,
        shop="""
        from dataclasses import dataclass
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()

        @dataclass
        class Line:
            sku: str
            count: int = 1

        class Product(db.Model):
            name = db.Column(db.String, nullable=False)
            stock = db.Column(db.Integer)

        def place(order, note):
            if note is not None:
                note = note.strip()
            return check(order["customer"], order.get("express", False))

        def check(name, express: bool):
            return name.lower()
        """,
    ).body()
    kinds = {k.name: (k.type, k.strict, k.required) for k in use.keys}
    assert kinds == {
        "customer": ("str", True, True),
        "express": ("bool", False, False),
        "note": ("str", True, False),
        "line": ("dict", True, True),
        "name": ("str", False, True),
        "stock": ("int", False, False),
    }
    line = use.key("line")
    assert line is not None
    assert line.body is not None
    assert line.body.forbids_extra
    assert [(k.name, k.type, k.required, k.default_text) for k in line.body.keys] == [
        ("sku", "str", True, None),
        ("count", "int", False, "1"),
    ]
    assert [(e.kind, e.function) for e in use.escapes] == [("passed", ("shop", "place"))]
    assert {a.depth for a in use.accesses} == {0, 1}


def test_expressions_as_body(find):
    found = find(
        """
        from flask import request
        def view():
            return {"a": request.json["a"].strip(), "b": request.json.get("b")}
        """
    )
    module = found.module()
    reads = [node for node in module.nodes(ast.Attribute) if module.dotted(node) == "flask.request.json"]
    use = found.inference.body_uses(module, module.functions["view"], reads)
    assert [(k.name, k.type, k.required) for k in use.keys] == [("a", "str", True), ("b", "any", False)]


def test_error_handlers_answer_too(find):
    handler = """
    @app.errorhandler(KeyError)
    def missing(error):
        return {"error": "missing"}, 400
    """
    use = find(VIEW + "        return data['x']\n" + handler).body()
    found = use.key("x")
    assert found is not None
    assert not found.required
    assert found.missing_caught


def test_forms_and_queries(find):
    found = find(
        """
        from flask import request
        def view():
            if "nick" in request.form:
                request.form["nick"].strip()
            number = request.form.get("c", 1, type=int)
            return {"a": int(request.form["age"]), "b": request.form.get("b", "x"), "c": number}
        """
    )
    module = found.module()
    reads = [node for node in module.nodes(ast.Attribute) if module.dotted(node) == "flask.request.form"]
    use = found.inference.body_uses(module, module.functions["view"], reads)
    assert {(k.name, k.type, k.required, k.default_text) for k in use.keys} == {
        ("nick", "str", False, None),
        ("age", "int", True, None),
        ("b", "str", False, '"x"'),
        ("c", "int", False, "1"),
    }


def test_odd_code_is_no_problem(find):
    text = """
        from flask import request
        def view(data):
            data = data[data] = data(data)
            (a, *b), c = data, [data]
            del data
            async def inner():
                async for x in data:
                    yield (await x)[data]
            while data:
                data = view(data)
            match data:
                case {"a": x, **rest}:
                    return x
                case [*rest] | data:
                    return rest
            return lambda data=data: (data := 1)
        x = x = x + x
        class A(A): a = a
        def f(): return f()
        def g(n): return [g(n)]
        def h(*args, **kwargs): return h(*args, *args, **kwargs, **kwargs)
        rows = rows = [rows]
        rows.append(rows)
    """
    found = find(text)
    module = found.module()
    for node in module.nodes(ast.expr):
        if not isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
            found.inference.shape(module, node)
    for function in module.functions.values():
        found.inference.answers(module, function)
        for argument in function.args.args:
            found.inference.body_uses(module, function, argument.arg)
