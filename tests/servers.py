"""Apps on real sockets, each in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

FLASK = """
import importlib, sys
from werkzeug.serving import run_simple
module, _, name = sys.argv[2].partition(":")
app = getattr(importlib.import_module(module), name.removesuffix("()"))
run_simple("127.0.0.1", int(sys.argv[1]), app() if name.endswith("()") else app, threaded=True)
"""
FASTAPI = """
import importlib, sys, uvicorn
module, _, name = sys.argv[2].partition(":")
app = getattr(importlib.import_module(module), name.removesuffix("()"))
app = app() if name.endswith("()") else app
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


@contextmanager
def served(code: str, folder: Path, app: str, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """The port at which an app (`module:name` or `module:factory()`) answers; `code` is `FLASK` or `FASTAPI`."""
    port = free_port()
    log = folder.parent / f"{folder.name}.log"
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
    with log.open("w") as output:
        command = [sys.executable, "-c", code, str(port), app]
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output)
        try:
            wait_for(port, server, log)
            yield port
        finally:
            server.terminate()
            server.wait(10)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once the server answers."""
    end = time.monotonic() + 30
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the app does not start:\n{log.read_text()[-3000:]}")
