"""Real projects, installed after the migration from the manifests that it wrote, and started: one request is answered.

Each of them makes an environment of its own and downloads what the project needs, so this runs only if it is asked
for: `FRESH_ENVIRONMENTS=1 python -m pytest tests/corpus/test_fresh_environments.py`.
"""

from __future__ import annotations

import http.client
import os
import shlex
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from servers import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("FRESH_ENVIRONMENTS" not in os.environ, reason="FRESH_ENVIRONMENTS is not set"),
]
UVICORN = "uvicorn --host 127.0.0.1 --port {port}"


@dataclass(frozen=True)
class Released:
    """A project as pip serves it, where its manifest lies, and what starts it: in a folder with these files."""

    release: str
    start: str
    path: str = "/"
    root: str = "."
    install: Sequence[str] = (".",)
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


SITE = {"site.lektorproject": "[project]\nname = Site\n", "content/contents.lr": "_model: page\n---\ntitle: Home\n"}
PAGE = {"models/page.ini": "[fields.title]\ntype = string\n", "templates/page.html": "{{ this.title }}"}
MUSIC = "plugins: [web]\nlibrary: library.db\n"
FUNCTION = "def hello(request):\n    return 'hello'\n"
INSPECTOR = """\
from ironic_inspector.main import CONF, _app as app
from oslo_log import log

log.register_options(CONF)
CONF([])
"""
PROJECTS = {
    "flaskr": Released("flask==3.1.3", f"{UVICORN} --factory flaskr:create_app", "/hello", root="examples/tutorial"),
    "javascript": Released("flask==3.1.3", f"{UVICORN} js_example:app", root="examples/javascript"),
    "httpbin": Released("httpbin==0.10.4", f"{UVICORN} httpbin:app", "/get"),
    "bepasty": Released("bepasty==1.2.2", "bepasty-server --host 127.0.0.1 --port {port}"),
    "beets": Released(
        "beets==2.14.1",
        "beet web 127.0.0.1 {port}",
        install=(".[web]",),
        files={"config.yaml": MUSIC},
        environment={"BEETSDIR": "."},
    ),
    "functions-framework": Released(
        "functions-framework==3.10.2",
        "functions-framework --target hello --port {port}",
        files={"main.py": FUNCTION},
    ),
    "lektor": Released("lektor==3.3.14", "lektor server --host 127.0.0.1 --port {port}", files={**SITE, **PAGE}),
    "ironic-inspector": Released("ironic-inspector==12.5.0", f"{UVICORN} start:app", files={"start.py": INSPECTOR}),
    "rq-dashboard": Released(
        "rq-dashboard==0.9.0",
        "rq-dashboard -b 127.0.0.1 -p {port}",
        "/static/css/main.css",
        install=(".", "six"),  # its own manifest lacks it
    ),
}


@pytest.mark.parametrize("name", PROJECTS)
def test_a_fresh_environment(name: str, tmp_path: Path) -> None:
    project = PROJECTS[name]
    root = unpacked(project.release, tmp_path) / project.root
    run(sys.executable, "-m", "migrator", "apply", "--allow-no-vcs", str(root))
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", str(environment))
    run(str(environment / "bin/pip"), "install", "-q", *project.install, cwd=root)
    run(str(environment / "bin/pip"), "check")
    assert answers(project, environment, tmp_path / "started") == 200


def unpacked(release: str, folder: Path) -> Path:
    """The source of a release."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", "."]
    done = subprocess.run([*command, release], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"pip cannot download {release}")
    with tarfile.open(next(folder.glob("*.tar.*"))) as archive:
        archive.extractall(folder / "source", filter="data")
    return next((folder / "source").iterdir())


def run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert not done.returncode, f"{shlex.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def answers(project: Released, environment: Path, folder: Path) -> int:
    """The status that the project answers, started in a folder of its own: it cannot import what is not installed."""
    for name, text in project.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    folder.mkdir(exist_ok=True)
    port = free_port()
    command = shlex.split(project.start.format(port=port))
    command[0] = str(environment / "bin" / command[0])
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env |= {"HOME": str(folder), **project.environment}
    log = folder.parent / "log"
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and server.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                connection.request("GET", project.path)
                return connection.getresponse().status
            except OSError:
                time.sleep(0.2)
            finally:
                connection.close()
    finally:
        server.terminate()
        server.wait(10)
    pytest.fail(f"{shlex.join(command)} does not serve:\n{log.read_text()[-4000:]}")
