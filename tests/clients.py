"""Sends requests to an app in a process of its own, and compares answers.

As a program, the other side: `python clients.py flask|asgi APP` loads `module:name` or `module:factory()` from the
current folder, reads requests from standard input and prints the answers.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Request = Mapping[str, Any]  # method, path, and json, form, text or headers
Answer = dict[str, Any]  # status, headers (pairs), body

COMPARED = ("location", "allow", "content-disposition", "cache-control", "www-authenticate", "vary", "set-cookie")


def answers(kind: str, folder: Path, app: str, requests: Sequence[Request]) -> list[Answer]:
    """What the app in `folder` answers, one after the other; cookies are kept, redirects not followed."""
    command = [sys.executable, "-B", str(Path(__file__).resolve()), kind, app]
    env = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=env, input=json.dumps(requests), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{kind} {app}:\n{done.stderr[-3000:]}"
    found: list[Answer] = json.loads(done.stdout)
    return found


def differences(was: Answer, now: Answer) -> list[str]:
    """What a client could notice. Werkzeug's own error pages may become any page."""
    if was["status"] != now["status"]:
        return [f"status {was['status']} -> {now['status']}: {now['body'][:300]}"]
    found = []
    default_page = was["status"] >= 400 and was["body"].startswith("<!doctype html>\n<html lang=en>\n<title>")
    if not default_page and not 300 <= was["status"] < 400 and was["status"] != 204:
        kinds = [_values(one, "content-type") for one in (was, now)]
        if kinds[0] != kinds[1]:
            found.append(f"content type {kinds[0]} -> {kinds[1]}")
        if _content(was) != _content(now):
            found.append(f"body {was['body'][:200]!r} -> {now['body'][:200]!r}")
    own = {name for name, _ in was["headers"] if name.startswith("x-")}
    return found + [
        f"{name} {_values(was, name)} -> {_values(now, name)}"
        for name in sorted({*COMPARED, *own})
        if _values(was, name) != _values(now, name)
    ]


def _values(answer: Answer, name: str) -> list[Any]:
    values = [value for key, value in answer["headers"] if key == name]
    if name in ("allow", "vary"):
        return sorted({word.strip() for value in values for word in value.split(",")})
    if name == "set-cookie":  # signed values differ by the second
        return sorted(value.partition("=")[0] + value.partition(";")[2] for value in values)
    if name == "location":
        return [value.removeprefix("http://localhost") for value in values]
    return [value.lower().replace(" ", "") for value in values]


def _content(answer: Answer) -> object:
    try:
        return json.dumps(json.loads(answer["body"]), sort_keys=True)  # as text, 1, 1.0 and true are three
    except ValueError:
        return answer["body"].rstrip()


def _serve(kind: str, app: str) -> None:
    sys.path.insert(0, os.getcwd())
    module, _, name = app.partition(":")
    thing = getattr(importlib.import_module(module), name.removesuffix("()"))
    loaded = thing() if name.endswith("()") else thing
    requests = json.load(sys.stdin)
    found = _flask(loaded, requests) if kind == "flask" else _asgi(loaded, requests)
    json.dump(found, sys.stdout)


def _flask(app: Any, requests: Sequence[Request]) -> list[Answer]:
    client = app.test_client()
    found = []
    for request in requests:
        body: dict[str, Any] = {}
        if "json" in request:
            body["json"] = request["json"]
        elif "form" in request:
            body["data"] = request["form"]
        elif "text" in request:
            body["data"] = request["text"]
        response = client.open(
            request["path"], method=request.get("method", "GET"), headers=request.get("headers"), **body
        )
        found.append(_answer(response.status_code, response.headers.items(), response.get_data()))
    return found


def _asgi(app: Any, requests: Sequence[Request]) -> list[Answer]:
    from starlette.testclient import TestClient

    found = []
    with TestClient(app, base_url="http://localhost", follow_redirects=False, raise_server_exceptions=False) as client:
        for request in requests:
            body: dict[str, Any] = {}
            if "json" in request:
                body["json"] = request["json"]
            elif "form" in request:
                body["data"] = request["form"]
            elif "text" in request:
                body["content"] = request["text"]
            response = client.request(
                request.get("method", "GET"), request["path"], headers=request.get("headers"), **body
            )
            found.append(_answer(response.status_code, response.headers.multi_items(), response.content))
    return found


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    return {"status": status, "headers": [[k.lower(), v] for k, v in headers], "body": body.decode("latin-1")}


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2])
