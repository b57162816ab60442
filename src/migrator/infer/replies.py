"""Flask's answers: what `jsonify`, `make_response`, `redirect` and the like make, and what a returned value means."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.infer.frame import Frame
from migrator.infer.operators import updated
from migrator.infer.shapes import (
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    Field,
    Json,
    Mapping,
    Never,
    Reply,
    Scalar,
    Sequence,
    Shape,
    TupleOf,
    join,
    members,
    settled,
)
from migrator.syntax import argument, reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

RESPONSES = frozenset(
    {
        "flask.Response",
        "werkzeug.Response",
        "werkzeug.wrappers.Response",
        "werkzeug.wrappers.response.Response",
        "flask.current_app.response_class",
    }
)
CHANGING = frozenset(
    {
        "headers", "set_cookie", "delete_cookie", "cache_control", "set_etag", "add_etag", "vary", "last_modified",
        "expires", "call_on_close",
    }
)  # fmt: skip
FILES = frozenset({"flask.send_file", "flask.send_from_directory", "werkzeug.utils.send_file"})


def made_by(inference: Inference, frame: Frame, name: str, node: ast.Call) -> Shape | None:
    """The answer that a call of one of Flask's functions makes; None for other functions."""
    if name == "flask.jsonify":
        return Reply("json", settled(_payload(inference, frame, node)))
    if name == "flask.make_response":
        if not node.args:
            return Reply("html", STR)
        if len(node.args) == 1:
            shape = inference.evaluate(frame, node.args[0])
        else:
            shape = TupleOf(tuple(inference.evaluate(frame, arg) for arg in node.args))
        return answer(shape)
    if name == "flask.redirect":
        code = argument(node, 1, "code")
        return Reply("redirect", status=status_of(inference.evaluate(frame, code)) if code else 302)
    if name in FILES:
        return Reply("file")
    if name in RESPONSES:
        return _response(inference, frame, node)
    if name == "flask.abort":
        return NEVER
    if name == "flask.stream_template":
        return Reply("stream")
    return None


def _payload(inference: Inference, frame: Frame, node: ast.Call) -> Shape:
    """What `jsonify(...)` writes."""
    if node.keywords:
        made = Mapping()
        for keyword in node.keywords:
            shape = inference.evaluate(frame, keyword.value)
            if keyword.arg is not None:
                made = updated(made, Mapping((Field(keyword.arg, shape),)))
                continue
            for member in members(shape):
                if isinstance(member, Mapping):
                    made = updated(made, member)
                elif member != NONE:
                    made = updated(made, Mapping(values=member if isinstance(member, Json) else UNKNOWN, keys=STR))
        return made
    if not node.args:
        return NONE
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        return inference.evaluate(frame, node.args[0])
    return Sequence("list", join(inference.evaluate(frame, arg) for arg in node.args))


def _response(inference: Inference, frame: Frame, node: ast.Call) -> Reply:
    given = argument(node, 0, "response")
    code = argument(node, 1, "status")
    status = status_of(inference.evaluate(frame, code)) if code is not None else 200
    kind = argument(node, 3, "mimetype") or argument(node, 4, "content_type")
    headers = argument(node, 2, "headers") is not None
    media: Shape = inference.evaluate(frame, kind) if kind is not None else Scalar("str", "text/html")
    text = media.value if isinstance(media, Scalar) and isinstance(media.value, str) else ""
    payload: Shape = inference.evaluate(frame, given) if given is not None else STR
    if text.partition(";")[0].endswith("json"):
        dumped: Shape = UNKNOWN
        if isinstance(given, ast.Call) and reference(given.func).rpartition(".")[2] == "dumps" and given.args:
            dumped = inference.evaluate(frame, given.args[0])
        return Reply("json", dumped, status, headers)
    if isinstance(payload, Sequence):
        return Reply("stream", UNKNOWN, status, headers)
    body = (
        "html"
        if text.startswith("text/html")
        else "text"
        if text.startswith("text/")
        else "bytes"
        if text
        else "unknown"
    )
    return Reply(body, payload, status, headers)


def answer(shape: Shape) -> Shape:
    """What Flask answers where a view returns the value: one `Reply`, or a union of several."""
    return join(_answer(member) for member in members(shape))


def _answer(shape: Shape) -> Shape:
    if isinstance(shape, Reply):
        return shape
    if isinstance(shape, Scalar) and shape.kind == "str":
        return Reply("html", STR)
    if isinstance(shape, Scalar) and shape.kind == "bytes":
        return Reply("bytes", shape)
    if isinstance(shape, Mapping) or (isinstance(shape, Sequence) and shape.kind == "list"):
        return Reply("json", settled(shape))
    if isinstance(shape, Sequence) and shape.kind == "generator":
        return Reply("stream")
    if isinstance(shape, TupleOf) and 2 <= len(shape.items) <= 3:
        return _from_tuple(shape)
    if isinstance(shape, (Scalar, Never)) or (isinstance(shape, TupleOf) and shape.items):
        return NEVER  # Flask fails
    return Reply("unknown", shape if isinstance(shape, Json) else UNKNOWN, None)


def _from_tuple(shape: TupleOf) -> Shape:
    body = answer(shape.items[0])
    status: int | None = None
    has_status = headers = False
    for extra in shape.items[1:]:
        kinds = members(extra)
        if kinds and all(isinstance(m, Scalar) and m.kind in ("int", "str") for m in kinds):
            status, has_status = status_of(extra), True
        elif kinds and all(isinstance(m, (Mapping, Sequence, TupleOf)) or m == NONE for m in kinds):
            headers = headers or any(not (isinstance(m, Mapping) and m == Mapping()) and m != NONE for m in kinds)
        elif extra is shape.items[1] and len(shape.items) == 3:
            has_status = True
        else:
            headers, has_status = True, True
    found: list[Shape] = []
    for member in members(body):
        if isinstance(member, Reply):
            new = status if has_status else member.status
            found.append(replace(member, status=new, headers=member.headers or headers))
    return join(found)


def status_of(shape: Shape) -> int | None:
    """The status that a value gives; None where it is not known."""
    if isinstance(shape, Scalar):
        if isinstance(shape.value, int):
            return shape.value
        if isinstance(shape.value, str) and shape.value[:3].isdigit():
            return int(shape.value[:3])
    return None


def changed(inference: Inference, frame: Frame, name: ast.Name, reply: Shape) -> Shape:
    """An answer that got a name, with what is done to it there: `response.headers[...] = ...`, `.set_cookie()`."""
    if not any(isinstance(member, Reply) for member in members(reply)):
        return reply
    module = frame.module
    function = module.function_of(name)
    headers, status = False, False
    code: int | None = None
    for node, _ in inference.loads_of(module, name.id) if function is not None else ():
        used = module.parents.get(node)
        if not isinstance(used, ast.Attribute) or module.function_of(node) is not function:
            continue
        if used.attr == "status_code" and isinstance(used.ctx, ast.Store):
            status = True
            assigned = module.parents.get(used)
            code = status_of(inference.evaluate(frame, assigned.value)) if isinstance(assigned, ast.Assign) else None
        elif isinstance(used.ctx, ast.Store) or used.attr in CHANGING:
            headers = True
    found: list[Shape] = []
    for member in members(reply):
        if isinstance(member, Reply):
            found.append(replace(member, headers=member.headers or headers, status=code if status else member.status))
        else:
            found.append(member)
    return join(found)
