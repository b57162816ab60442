"""The commands that start the app.

## What changes

`flask run` becomes uvicorn, with the same address and port; gunicorn gets uvicorn's worker class; the app's own
commands are started by the module that was copied for them. This is done in Dockerfiles and compose files, Procfiles,
systemd units, Makefiles, tox.ini, workflows and shell scripts, and in gunicorn's configuration.

## Example

```
CMD ["flask", "--app", "shop", "run", "--host", "0.0.0.0"]
```

becomes

```
CMD ["uvicorn", "shop:app", "--host", "0.0.0.0", "--port", "5000"]
```

## Safety

Only commands whose app is known, and was migrated, are changed; each is named in the report.

## What is left to you

uWSGI, mod_wsgi and waitress serve no ASGI app: the report says what to write. Commands in documents are listed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from migrator.findings import Severity
from migrator.manifests.apps import Apps, Target

WORKER = "uvicorn_worker.UvicornWorker"
ASGI_WORKERS = ("uvicorn", "asgi")
# options of `flask` and `flask run`: the name, and whether a value follows
_VALUES = {
    "-A": "app",
    "--app": "app",
    "-e": "env-file",
    "--env-file": "env-file",
    "-h": "host",
    "--host": "host",
    "-p": "port",
    "--port": "port",
    "--cert": "ssl-certfile",
    "--key": "ssl-keyfile",
    "--extra-files": "",
    "--exclude-patterns": "",
}
_FLAGS = {
    "--debug": "debug",
    "--no-debug": "",
    "--reload": "reload",
    "--no-reload": "no-reload",
    "--debugger": "",
    "--no-debugger": "",
    "--with-threads": "",
    "--without-threads": "",
}
# options of gunicorn without a value
_ALONE = frozenset(
    {"-D", "-R", "-v", "-h", "--daemon", "--preload", "--reload", "--capture-output", "--check-config"}
) | {
    "--print-config",
    "--no-sendfile",
    "--enable-stdio-inheritance",
    "--proxy-protocol",
    "--reuse-port",
    "--spew",
    "--initgroups",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a command: its new words, and what is said of it. None: it stays."""

    words: tuple[str, ...] | None
    severity: Severity
    message: str
    hint: str = ""


def plain(word: str) -> str:
    """A word of a shell without its quotes."""
    try:
        return shlex.split(word)[0] if word[:1] in "\"'" and word[-1:] == word[:1] else word
    except (ValueError, IndexError):
        return word


def answer(
    words: Sequence[str], apps: Apps, known: Mapping[str, str], configured: bool, quote: bool = True
) -> Answer | None:
    """What becomes of the command `words`, as written; its first is the program, or `python -m` and the program.

    `known` are variables that are set around it; `configured` says that gunicorn has its worker class from a file.
    """
    start = 2 if plain(words[1] if len(words) > 1 else "") == "-m" else 0
    program = PurePosixPath(plain(words[start]))
    if program.name == "flask":
        return _flask(words, start, apps, known, quote)
    if program.name == "gunicorn":
        return _gunicorn(words, start + 1, apps, configured)
    return None


# -- flask -------------------------------------------------------------------------------------------------------------


def _flask(words: Sequence[str], start: int, apps: Apps, known: Mapping[str, str], quote: bool) -> Answer | None:
    given, flags, rest, unknown = _options(words[start + 1 :])
    if unknown:
        message = f"this command has {unknown}, which has no counterpart in uvicorn"
        return Answer(None, Severity.MANUAL, message, "uvicorn MODULE:APP --host HOST --port PORT")
    command = plain(rest[0]) if rest else ""
    if not command:
        return None
    written = plain(given["app"]) if "app" in given else known.get("FLASK_APP", "")
    candidates = [written] if written else ["wsgi", "app"]
    target = next((found for one in candidates if (found := apps.target(one)) is not None), None)
    target = target or (apps.only if not written else None)  # what FLASK_APP says where the project is deployed
    if target is None or "${" in written:
        message = f"this starts {command!r} of an app that is not known here"
        return Answer(None, Severity.REVIEW, message, "uvicorn MODULE:APP, or --factory MODULE:FUNCTION")
    if target.arguments:
        message = f"uvicorn calls {target.attribute} without arguments"
        hint = f"make `app = {target.attribute}({target.arguments})` in a module, and give uvicorn that"
        return Answer(None, Severity.MANUAL, message, hint)
    if command == "run":
        return _run(words[:start], plain(words[start]), target, given, flags, known)
    if apps.stays(target):
        new = tuple(_with_app(word, written, apps.as_flask(written)) for word in words) if "app" in given else words
        if tuple(new) == tuple(words):
            return None
        return Answer(tuple(new), Severity.INFO, "`flask` runs its commands with the Flask app")
    if command in ("shell", "routes"):
        hint = f'python -c "from {target.module} import {target.attribute}; ..."'
        return Answer(None, Severity.MANUAL, f"`flask {command}` has no counterpart", hint)
    if command == "db":
        message = "`flask db` is Flask-Migrate's"
        return Answer(None, Severity.MANUAL, message, "alembic upgrade head, once the migrations have an alembic.ini")
    if not apps.commands:
        message = f"`flask {command}` is no command of the migrated app"
        return Answer(None, Severity.MANUAL, message, f"a function that is run with `python -m {target.module}`")
    folder = str(PurePosixPath(plain(words[start])).parent)
    python = words[:start] or [_beside(folder, "python"), "-m"]
    new = (*python, apps.commands, str(target), *rest)
    return Answer(new, Severity.INFO, f"`flask {command}` is run by the copied module {apps.commands}")


def _with_app(word: str, written: str, new: str) -> str:
    """An option that names the app, with its new name."""
    name, equals, value = word.partition("=")
    if plain(word) == written:
        return word.replace(written, new)
    if name == "--app" and equals and plain(value) == written:
        return f"{name}={value.replace(written, new)}"
    return f"-A{new}" if word == f"-A{written}" else word


def _beside(folder: str, program: str) -> str:
    return program if folder == "." else f"{folder}/{program}"


def _run(
    python: Sequence[str],
    program: str,
    target: Target,
    given: Mapping[str, str],
    flags: frozenset[str],
    known: Mapping[str, str],
) -> Answer:
    host = given.get("host") or known.get("FLASK_RUN_HOST")
    port = given.get("port") or known.get("FLASK_RUN_PORT") or "5000"
    new = [*python, "uvicorn" if python else _beside(str(PurePosixPath(program).parent), "uvicorn")]
    if target.folder:
        new += ["--app-dir", target.folder]
    if target.is_factory:
        new += ["--factory"]
    new += [str(target)]
    if host:
        new += ["--host", host]
    new += ["--port", port]
    if flags & {"debug", "reload"} and "no-reload" not in flags:
        new += ["--reload"]
    for name in ("env-file", "ssl-certfile", "ssl-keyfile"):
        if name in given:
            new += [f"--{name}", given[name]]
    if plain(given.get("ssl-certfile", "")) == "adhoc":
        return Answer(None, Severity.MANUAL, "uvicorn makes no certificate", "--ssl-certfile FILE --ssl-keyfile FILE")
    return Answer(tuple(new), Severity.INFO, "`flask run` is uvicorn, at the same address")


def _options(words: Sequence[str]) -> tuple[dict[str, str], frozenset[str], list[str], str]:
    """The options of `flask` and of `run`, the words from the command on, and an option that is not known."""
    given: dict[str, str] = {}
    flags: set[str] = set()
    rest: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        name, equals, value = word.partition("=")
        if rest and plain(rest[0]) != "run":
            rest.append(word)
        elif name in _VALUES and name.startswith("--") and equals:
            given[_VALUES[name]] = value
        elif word in _VALUES and position < len(words):
            given[_VALUES[word]] = words[position]
            position += 1
        elif word[:2] in _VALUES and len(word) > 2 and not word.startswith("--"):
            given[_VALUES[word[:2]]] = word[2:]
        elif word in _FLAGS:
            flags.add(_FLAGS[word])
        elif word.startswith("-"):
            return {}, frozenset(), [], word
        else:
            rest.append(word)
    return given, frozenset(flags), rest, ""


# -- gunicorn ----------------------------------------------------------------------------------------------------------


def _gunicorn(words: Sequence[str], start: int, apps: Apps, configured: bool) -> Answer | None:
    new = list(words)
    position, app, worker, threads = start, -1, -1, ""
    while position < len(new):
        word = new[position]
        name, equals, value = word.partition("=")
        if word == "--threads" or name == "--threads":
            threads = value if equals else plain(new[position + 1]) if position + 1 < len(new) else ""
            del new[position : position + (1 if equals else 2)]
            continue
        if name in ("-k", "--worker-class") and word != "-k" and equals:
            worker = position
        elif word in ("-k", "--worker-class"):
            worker = position + 1
        if word.startswith("-"):
            takes = not equals and word not in _ALONE and (word.startswith("--") or len(word) == 2)
            position += 2 if takes else 1
            continue
        if apps.target(plain(word), ("application",)) is not None:
            app = position
        position += 1
    if app < 0:
        if any(re.fullmatch(r"[\w.]+:[\w.]+(\(.*\))?", plain(w)) for w in words[start:]):
            message = "this serves an app that is not known here; if it is a migrated one, it needs an ASGI worker"
            return Answer(None, Severity.REVIEW, message, f"-k {WORKER}")
        return None
    if worker >= len(new):
        return None
    if worker >= 0:
        name, equals, value = new[worker].rpartition("=")
        if any(one in value for one in ASGI_WORKERS):
            return None
        new[worker] = f"{name}{equals}{WORKER}"
    elif not configured:
        new[app:app] = ["-k", WORKER]
    if new == list(words):
        return None
    message = "gunicorn serves the app with uvicorn's worker class"
    if threads:
        message += f"; --threads {threads} went, for that runs plain functions on 40 threads"
    return Answer(tuple(new), Severity.REVIEW if threads else Severity.INFO, message)
