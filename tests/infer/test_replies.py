"""What Flask answers, seen through helpers, and whether FastAPI would write the same JSON."""

from __future__ import annotations

import pytest

APP = """
    from datetime import date, datetime
    from decimal import Decimal
    from enum import Enum, IntEnum
    from functools import wraps
    from http import HTTPStatus
    import json, uuid
    from flask import Flask, Response, abort, jsonify, make_response, redirect, render_template, request
    from flask import send_file, url_for

    app = Flask(__name__)
    ITEMS = {1: {"id": 1, "name": "a"}}

    class Plain(Enum):
        A = 1

    class Level(IntEnum):
        LOW = 1

    def ok(data=None, status=HTTPStatus.OK, **meta):
        body = {"ok": True, "data": data}
        if meta:
            body["meta"] = meta
        return jsonify(body), status

    def fail(message, code=400):
        return jsonify(error=message), code

    def find(key):
        if key not in ITEMS:
            abort(404)
        return ITEMS[key]
"""


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        ("return 'hi'", ["reply(200 html)"]),
        ("return '', 204", ["reply(204 html)"]),
        ("return {'a': 1}", ["reply(200 json {a: int})"]),
        ("return [1, 'a'], 201", ["reply(201 json list[int | str])"]),
        ("return {'a': 1}, 201, {'X-A': 'b'}", ["reply(201 json {a: int} +headers)"]),
        ("return jsonify(a=1)", ["reply(200 json {a: int})"]),
        ("return jsonify(1, 2)", ["reply(200 json list[int])"]),
        ("return fail('x')", ["reply(400 json {error: str})"]),
        ("return fail('x', 404)", ["reply(404 json {error: str})"]),
        ("return ok(find(1))", ["reply(200 json {ok: bool, data: {id: int, name: str}, meta?: {}})"]),
        ("return ok([1], HTTPStatus.CREATED, n=2)", ["reply(201 json {ok: bool, data: list[int], meta?: {n: int}})"]),
        ("return ok(1) if request.args else fail('x')",
         ["reply(200 json {ok: bool, data: int, meta?: {}})", "reply(400 json {error: str})"]),
        ("return redirect(url_for('x'))", ["reply(302 redirect)"]),
        ("return redirect('x', code=303)", ["reply(303 redirect)"]),
        ("return render_template('x')", ["reply(200 html)"]),
        ("return send_file('x')", ["reply(200 file)"]),
        ("return Response('x', 201, mimetype='text/plain')", ["reply(201 text)"]),
        ("return Response(json.dumps({'a': 1}), mimetype='application/json')", ["reply(200 json {a: int})"]),
        ("return Response((c for c in 'ab'))", ["reply(200 stream)"]),
        ("r = make_response({'a': 1}, 202)\n    r.headers['X'] = 'y'\n    return r",
         ["reply(202 json {a: int} +headers)"]),
        ("r = jsonify(a=1)\n    r.status_code = 418\n    return r", ["reply(418 json {a: int})"]),
        ("if request.args:\n        return {'a': 1}\n    return 'x', 400",
         ["reply(200 json {a: int})", "reply(400 html)"]),
        ("abort(404)", []),
        ("return 5", []),
    ],
)  # fmt: skip
def test_answers(find, body, answers):
    found = find(f"{APP}\n    def view():\n        {body.replace(chr(10), chr(10) + '    ')}\n")
    assert found.answers("view") == answers


@pytest.mark.parametrize(
    ("expression", "is_safe", "is_native"),
    [
        ("{'a': [1, 2.5, None, True, 'x', (1, 2)]}", True, True),
        ("{1: 'a'}", True, True),
        ("{'a': request.get_json()}", True, True),
        ("{'a': uuid.uuid4()}", True, False),
        ("{'a': datetime.now()}", False, False),
        ("{'a': date.today()}", False, False),
        ("{'a': Decimal('1')}", False, False),
        ("{'a': {1, 2}}", False, False),
        ("{'a': b'x'}", False, False),
        ("{'a': Plain.A}", False, False),
        ("{'a': Level.LOW}", True, True),
        ("{'a': unheard_of()}", False, False),
        ("{'a': app}", False, False),
        ("{'a': Plain.A.value}", True, True),
        ("find(1)", True, True),
        ("[str(d) for d in [date.today()]]", True, True),
    ],
)
def test_json_safety(find, expression, is_safe, is_native):
    found = find(f"{APP}\n    found = {expression}\n")
    shape = found.shape()
    assert found.inference.is_json_safe(shape) is is_safe
    assert found.inference.is_json_native(shape) is is_native


def test_what_is_stored_later_makes_a_dict_unsafe(find):
    found = find(
        """
        from datetime import datetime
        tasks = {}

        def add(title):
            tasks[title] = {"title": title}

        def finish(title):
            task = tasks.get(title)
            if task:
                task["done_at"] = datetime.now()

        found = list(tasks.values())
        """
    )
    assert not found.inference.is_json_safe(found.shape())


def test_views(find):
    found = find(
        """
        import sqlite3
        from flask import Flask, g, session, current_app
        app = Flask(__name__)
        app.config["SIZE"] = 20
        app.config.update(NAME="x")

        @app.route("/<int:number>/<name>/<uuid:key>/<float:n>/<path:rest>")
        def view(number, name, key, n, rest):
            session["last"] = number
            g.who = name
            return {"number": number, "name": name, "key": key, "n": n, "rest": rest}

        @app.route("/later")
        def later():
            return {"last": session.get("last"), "who": g.who, "size": current_app.config["SIZE"], "rows": rows()}

        def db():
            if "db" not in g:
                g.db = sqlite3.connect("x")
            return g.db

        def rows():
            return [dict(row) for row in db().execute("select 1").fetchall()]
        """
    )
    assert found.answers("view") == ["reply(200 json {number: int, name: str, key: uuid, n: float, rest: str})"]
    later = "reply(200 json {last: int | None, who: str, size: int, rows: list[{...: json}]})"
    assert found.answers("later") == [later]
