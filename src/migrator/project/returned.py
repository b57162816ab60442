"""What a function returns as an answer, taken apart, and FastAPI's response for it: for views and error handlers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from migrator.changes import Code, Import
from migrator.infer.shapes import Scalar, members
from migrator.location import Span
from migrator.module import FunctionNode, Module, children, walk
from migrator.syntax import reference

if TYPE_CHECKING:
    from migrator.project.project import Project

HTML = Import("fastapi.responses", "HTMLResponse")
JSON = Import("fastapi.responses", "JSONResponse")
FLASK_JSON = Import("~json_provider", "FlaskJSON")
ANSWER = Import("~answers", "answer")
RESPONSE = Import("fastapi", "Response")
ABORTS = {"flask.abort"}
STREAMS = {"flask.stream_template", "flask.stream_template_string"}
RESPONSES = {
    "flask.Response",
    "flask.make_response",
    "flask.redirect",
    "flask.send_file",
    "flask.send_from_directory",
}


@dataclass(frozen=True, slots=True)
class Returned:
    """One `return` (or the value of a lambda), taken apart.

    `kind`: "json", "html", "empty", "response", "raise", "none", "unknown".
    """

    node: ast.Return | ast.expr
    kind: str
    body: Code
    safe: bool = False  # FastAPI writes the same JSON of a plain value
    status: int | None = 200  # None: an expression
    status_part: Span | None = None
    headers: Span | None = None
    is_number: bool = True  # the status is no text
    plain_headers: bool = True  # a dict display of texts, not a name or a list of pairs
    media_type: str | None = None  # what the headers say; "" where only they can say it
    other_headers: tuple[tuple[Span, Span], ...] = ()

    @property
    def value(self) -> ast.expr | None:
        return self.node.value if isinstance(self.node, ast.Return) else self.node


def response(returned: Returned) -> tuple[Code, tuple[Import, ...]]:
    """The response object for an answer that the decorator does not describe."""
    parts = list(returned.body.parts)
    arguments = [returned.body.text]
    if returned.status is None and returned.status_part is not None:
        arguments.append(f"__{len(parts)}__")
        parts.append(returned.status_part)
    elif returned.status not in (200, None):
        arguments.append(str(returned.status))
    if returned.kind == "html" and returned.media_type:
        if returned.other_headers:
            pairs = range(len(parts), len(parts) + 2 * len(returned.other_headers), 2)
            arguments.append(f"headers={{{', '.join(f'__{at}__: __{at + 1}__' for at in pairs)}}}")
            parts += [span for pair in returned.other_headers for span in pair]
        arguments.append(f'media_type="{returned.media_type}"')
    elif returned.headers is not None:
        arguments.append(f"headers=__{len(parts)}__")
        parts.append(returned.headers)
    is_int = returned.is_number and returned.plain_headers
    if returned.kind == "json" and is_int:
        made = JSON if returned.safe else FLASK_JSON
    elif returned.kind == "html" and is_int:
        made = HTML if returned.media_type is None else RESPONSE
    elif returned.kind == "empty" and is_int and returned.headers is None:
        if returned.status is None and returned.status_part is not None:
            return Code("HTMLResponse(status_code=__0__)", (returned.status_part,)), (HTML,)
        status = f"status_code={returned.status}" if returned.status != 200 else ""
        if returned.status == 204:
            return Code(f"Response({status})"), (RESPONSE,)
        made, arguments = HTML, [a for a in (status,) if a]
    else:
        made = ANSWER
    return Code(f"{made.name}({', '.join(arguments)})", tuple(parts), returned.body.imports), (made,)


def own_returns(function: FunctionNode) -> Iterator[ast.Return]:
    """The `return` statements of a function itself, in order."""
    stack: list[ast.AST] = list(reversed(function.body))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend(reversed(children(node)))


def taken_apart(module: Module, project: Project, node: ast.Return | ast.expr) -> Returned:
    """The body, status and headers of a returned value, as far as they can be seen."""
    value = node.value if isinstance(node, ast.Return) else node
    if value is None or (isinstance(value, ast.Constant) and value.value is None):
        return Returned(node, "none", Code("None"))
    starred = isinstance(value, ast.Tuple) and any(isinstance(e, ast.Starred) for e in value.elts)
    if isinstance(value, ast.Tuple) and 2 <= len(value.elts) <= 3 and not starred:
        body, *rest = value.elts
        status: int | None = 200
        status_part = headers = None
        is_number = True
        for item in rest:
            if isinstance(item, (ast.Dict, ast.List)) or is_mapping(module, project, item):
                headers = module.span(item)
            elif (code := status_of(module, project, item)) is not None:
                status, status_part = code, module.span(item)
            elif (item is rest[0] and len(rest) == 2) or is_status(module, project, item):
                status, status_part = None, module.span(item)
                is_number = is_status(module, project, item)
            else:
                return Returned(node, "unknown", Code("__0__", (module.span(value),)))
        kind, code_, safe = body_of(module, project, body)
        if kind == "response":
            kind = "unknown"
        plain = not any(module.span(item) == headers and not isinstance(item, ast.Dict) for item in rest)
        given = next((item for item in rest if isinstance(item, ast.Dict) and module.span(item) == headers), None)
        plain = plain and (given is None or all(is_text(module, project, one) for one in given.values))
        media_type, others = content_type(module, given) if given is not None else (None, ())
        return Returned(node, kind, code_, safe, status, status_part, headers, is_number, plain, media_type, others)
    kind, code_, safe = body_of(module, project, value)
    return Returned(node, kind, code_, safe)


def content_type(module: Module, headers: ast.Dict) -> tuple[str | None, tuple[tuple[Span, Span], ...]]:
    """The type that headers name, "" where FastAPI would not write it so, None where they name none; and the others."""
    found, others = None, []
    for key, value in zip(headers.keys, headers.values, strict=True):
        if key is None or not isinstance(key, ast.Constant):
            return None, ()
        if str(key.value).lower() != "content-type":
            others.append((module.span(key), module.span(value)))
        elif isinstance(value, ast.Constant) and isinstance(value.value, str) and found is None:
            is_whole = not value.value.startswith("text/") or "charset=" in value.value
            found = value.value if is_whole and '"' not in value.value else ""
        else:
            return None, ()
    return found, tuple(others)


def built(module: Module, project: Project, node: ast.Return) -> tuple[Returned, tuple[ast.stmt, ...]] | None:
    """`response = jsonify(...); response.status_code = 404; return response` as one answer, and the statements that it
    makes superfluous."""
    block = next((b for b in _blocks(module.parents[node]) if node in b), [])
    at = block.index(node) if node in block else 0
    if at < 2 or not isinstance(node.value, ast.Name):
        return None
    made, status = block[at - 2 : at]
    name = node.value.id
    if not (isinstance(made, ast.Assign) and [reference(t) for t in made.targets] == [name]):
        return None
    if not (isinstance(status, ast.Assign) and [reference(t) for t in status.targets] == [f"{name}.status_code"]):
        return None
    kind, body, safe = body_of(module, project, made.value)
    reads = [n for n in walk(module.scope_of(node).node) if isinstance(n, ast.Name) and n.id == name]
    if kind != "json" or len(reads) != 3:
        return None
    code = status_of(module, project, status.value)
    is_number = code is not None or is_status(module, project, status.value)
    return Returned(node, kind, body, safe, code, module.span(status.value), None, is_number), (made, status)


def _blocks(parent: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        if isinstance(block := getattr(parent, name, None), list):
            yield block


def body_of(module: Module, project: Project, node: ast.expr) -> tuple[str, Code, bool]:
    """The kind of a body, the code for it, and whether it is plain JSON."""
    whole = Code("__0__", (module.span(node),))
    if isinstance(node, ast.Call):
        target = project.canonical(module.dotted(node.func))
        if target == "flask.jsonify" and (payload := payload_of(module, node)) is not None:
            values = [*node.args, *(k.value for k in node.keywords)]
            return "json", payload, all(project.infer.is_json_safe(module, v) for v in values)
        if target in RESPONSES:
            return "response", whole, False
        if target in ABORTS:
            return "raise", whole, False
        if target in STREAMS:
            return "unknown", whole, False
    if isinstance(node, ast.Constant) and node.value == "":
        return "empty", whole, False
    kind = project.infer.kind(module, node)
    if kind == "json":
        return "json", whole, project.infer.is_json_safe(module, node)
    return {"text": "html", "response": "response"}.get(kind, "unknown"), whole, False


def payload_of(module: Module, call: ast.Call) -> Code | None:
    """What `jsonify(...)` makes JSON of."""
    if any(isinstance(a, ast.Starred) for a in call.args):
        return None
    if call.args and call.keywords:
        return None
    if len(call.args) == 1:
        return Code("__0__", (module.span(call.args[0]),))
    if call.args:
        parts = tuple(module.span(a) for a in call.args)
        return Code(f"[{', '.join(f'__{i}__' for i in range(len(parts)))}]", parts)
    items = [f'"{k.arg}": __{i}__' if k.arg else f"**__{i}__" for i, k in enumerate(call.keywords)]
    text = "{" + ", ".join(items) + "}"
    if not items:
        return Code("None")
    if call.end_lineno != call.lineno and len(items) > 1:
        text = "{\n" + "".join(f"    {item},\n" for item in items) + "}"
    return Code(text, tuple(module.span(k.value) for k in call.keywords))


def status_of(module: Module, project: Project, node: ast.expr) -> int | None:
    """The number of a status that is known here."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            return node.value
        if isinstance(node.value, str) and node.value.split(" ")[0].isdigit():
            return int(node.value.split(" ")[0])
    dotted = project.canonical(module.dotted(node))
    if dotted.startswith("http.HTTPStatus."):
        name = dotted.removeprefix("http.HTTPStatus.").removesuffix(".value")
        return HTTPStatus[name].value if name in HTTPStatus.__members__ else None
    return None


def is_status(module: Module, project: Project, node: ast.expr) -> bool:
    return project.infer.kind(module, node) == "int" or project.errors.gives_number(module, node)


def is_text(module: Module, project: Project, value: ast.expr) -> bool:
    """Whether a header has a value that Starlette takes as it is; Werkzeug took numbers too."""
    shape = project.infer.inference.shape(module, value)
    return all(not isinstance(one, Scalar) or one.kind == "str" for one in members(shape))


def is_mapping(module: Module, project: Project, node: ast.expr) -> bool:
    return project.infer.kind(module, node) == "json"
