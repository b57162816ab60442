"""What starts the server of a migrated project: commands, gunicorn's configuration, Flask's variables, documents."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from migrator.findings import Finding, Severity
from migrator.manifests import commands
from migrator.manifests.apps import Apps
from migrator.manifests.commands import ASGI_WORKERS, WORKER
from migrator.manifests.listing import line_at, line_end, line_start, newline_of
from migrator.manifests.remarks import finding
from migrator.manifests.scripts import commands as commands_of
from migrator.rule import Rule, Safety

COMMANDS = Rule(
    "FF803", "server-command", "Servers and commands start the ASGI app", Safety.SAFE, commands.__doc__ or ""
)
WSGI = Rule("FF804", "wsgi-server", "A server that serves WSGI apps only", Safety.MANUAL)
VARIABLES = Rule("FF805", "flask-variables", "FLASK_APP and its kin, which nothing reads any more", Safety.SAFE)
DOCUMENTS = Rule("FF806", "documents", "Documents that tell how to start Flask", Safety.REVIEW)
RULES = (COMMANDS, WSGI, VARIABLES, DOCUMENTS)

NAMES = re.compile(r"\b(?:flask|gunicorn|uwsgi|waitress|WSGIScriptAlias|FLASK_\w+)\b", re.IGNORECASE)
_VARIABLE = re.compile(
    r"""\b(FLASK_APP|FLASK_RUN_HOST|FLASK_RUN_PORT)["']?[ \t]*(?:[=:]|[ \t])[ \t]*["']?([^\s"',;&|]+)"""
)
_VARIABLE_LINE = re.compile(
    r"""[ \t]*(?:ENV[ \t]+|export[ \t]+|-[ \t]+|Environment=)?["']?FLASK_(?:APP|RUN_HOST|RUN_PORT)["']?
    [ \t]*(?:[=:]|[ \t])[ \t]*["']?[^\s"']+["']?[ \t]*""",
    re.VERBOSE,
)
_OTHER_VARIABLE = re.compile(r"\bFLASK_(?:APP|ENV|DEBUG|RUN_\w+)\b")
_TOLD = re.compile(
    r"\bflask[ \t]+(?:--?\w|run\b|shell\b|routes\b|db\b|[a-z]+-[a-z]+\b)|\bFLASK_(?:APP|ENV|DEBUG)\b|\bgunicorn[ \t]+\S"
    r"|\bpip3?[ \t]+install[ \t][^\r\n]*\bflask\b|\bwaitress-serve\b|\buwsgi[ \t]+-",
    re.IGNORECASE,
)
_CLASS = re.compile(r"""^worker_class[ \t]*=[ \t]*(["'])([^"'\r\n]*)\1""", re.MULTILINE)


def ported(
    texts: Mapping[str, str], documents: Mapping[str, str], apps: Apps, rules: Collection[str], code: str
) -> tuple[dict[str, str], list[Finding]]:
    """The new texts of files that start the server, and what is to be said. `code` is the text of all Python files,
    in which variables may be named."""
    files: dict[str, str] = {}
    said: list[Finding] = []
    configurations = {path for path, text in texts.items() if _is_configuration(path, text)}
    texts = {path: text for path, text in texts.items() if path in configurations or NAMES.search(text)}
    remains = False  # of commands that read Flask's variables
    for path, text in texts.items():
        if _is_environment(path):
            continue
        if path in configurations:
            after, done = _configured(path, text)
            files[path] = after
            said += done
            continue
        known = _known(path, texts, apps)
        configured = _uses(text, configurations)
        found = commands_of(text, apps, known, configured)
        remains |= any(one.new is None and "gunicorn" not in one.answer.hint for one in found)
        after = text
        for one in reversed(found):
            line, what = line_at(text, one.start), one.answer
            if one.new is not None:
                after = after[: one.start] + one.new + after[one.end :]
            said.append(finding(COMMANDS, what.severity, path, line, what.message, what.hint, text))
        files[path] = after
        missed = [*_missed(path, text, {line_at(text, one.start) for one in found})]
        remains |= bool(missed)
        said += missed
        said += _wsgi(path, text)
        said += _installed(path, text) if not apps.flask else ()
    if apps.flask:
        for path, text in texts.items():
            files[path], done = _with_flask(path, files.get(path, text), text, apps)
            said += done
    elif not remains:
        for path, text in texts.items():
            after = files.get(path, text)
            files[path], done = _without_variables(path, after, text, code)
            said += done
    told = [about for path, text in documents.items() if (about := _told(path, text)) is not None]
    changed = {path: after for path, after in files.items() if after != texts[path] and COMMANDS.code in rules}
    return changed, [about for about in (*said, *told) if about.code in rules]


def _is_environment(path: str) -> bool:
    return PurePosixPath(path).name.startswith((".flaskenv", ".env"))


def is_container(path: str) -> bool:
    return re.search(r"Dockerfile|Containerfile|compose", PurePosixPath(path).name) is not None


def _known(path: str, texts: Mapping[str, str], apps: Apps) -> dict[str, str]:
    """Flask's variables for the commands of a file: those that it sets, that `.flaskenv` sets, and in containers those
    of the other files for them. The app may be set anywhere, if it is one."""
    own = [texts[path]]
    shared = [text for other, text in texts.items() if _is_environment(other)]
    if is_container(path):
        shared += [text for other, text in texts.items() if is_container(other)]
    known: dict[str, str] = {}
    everywhere = {"FLASK_APP": _variables([*texts.values()]).get("FLASK_APP", set())}
    for found in (everywhere, _variables(shared), _variables(own)):
        for name, values in found.items():
            if name == "FLASK_APP":
                targets = {str(target): value for value in sorted(values) if (target := apps.target(value))}
                if len(targets) == 1:
                    known[name] = targets.popitem()[1]
            elif len(values) == 1:
                known[name] = min(values)
    return known


def _variables(texts: Sequence[str]) -> dict[str, set[str]]:
    """Flask's variables that texts set, and their values."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for name, value in _VARIABLE.findall(text):
            found.setdefault(name, set()).add(value)
    return found


# -- gunicorn's configuration ------------------------------------------------------------------------------------------


def _is_configuration(path: str, text: str) -> bool:
    name = PurePosixPath(path).name
    return (
        "gunicorn" in name
        and name.endswith(".py")
        and re.search(r"^(?:bind|workers|worker_class|wsgi_app|timeout)[ \t]*=", text, re.MULTILINE) is not None
    )


def _uses(text: str, configurations: Collection[str]) -> bool:
    """Whether gunicorn finds its configuration by itself, or a command names it."""
    named = {PurePosixPath(path).name for path in configurations}
    return "gunicorn.conf.py" in configurations or any(re.search(rf"\b{re.escape(name)}\b", text) for name in named)


def _configured(path: str, text: str) -> tuple[str, list[Finding]]:
    message = "gunicorn serves the app with uvicorn's worker class"
    if match := _CLASS.search(text):
        if any(one in match[2] for one in ASGI_WORKERS):
            return text, []
        after = text[: match.start(2)] + WORKER + text[match.end(2) :]
        return after, [finding(COMMANDS, Severity.INFO, path, line_at(text, match.start()), message, "", text)]
    if re.search(r"^worker_class\b", text, re.MULTILINE):
        line = line_at(text, text.index("worker_class"))
        hint = f'worker_class = "{WORKER}"'
        return text, [finding(COMMANDS, Severity.MANUAL, path, line, "an ASGI app needs an ASGI worker", hint, text)]
    newline = newline_of(text)
    ended = text.endswith(("\n", "\r")) or not text
    after = f'{text}{"" if ended else newline}worker_class = "{WORKER}"{newline if ended else ""}'
    return after, [finding(COMMANDS, Severity.INFO, path, line_at(text, max(len(text) - 1, 0)), message, "", text)]


# -- what is left ------------------------------------------------------------------------------------------------------


def _missed(path: str, text: str, told: Collection[int]) -> Iterator[Finding]:
    """Commands of Flask that stand where they cannot be read."""
    for match in re.finditer(
        r"""^[^#\r\n]*\bflask(?:[ \t]+|["'],[ \t]*["'])(?:run\b|--app\b|-A\b)""", text, re.MULTILINE
    ):
        line = line_at(text, match.start())
        if line not in told:
            message = "this seems to start Flask, and cannot be read"
            yield finding(COMMANDS, Severity.REVIEW, path, line, message, "uvicorn MODULE:APP --port PORT", text)


def _wsgi(path: str, text: str) -> Iterator[Finding]:
    if re.search(r"^\[uwsgi\]", text, re.MULTILINE):
        values = dict(re.findall(r"^([\w-]+)[ \t]*=[ \t]*([^\r\n#]+?)[ \t]*$", text, re.MULTILINE))
        module = values.get("module") or values.get("wsgi-file", "MODULE").removesuffix(".py")
        app = module if ":" in module else f"{module}:{values.get('callable', 'app')}"
        where = values.get("http") or values.get("http-socket") or values.get("socket") or "127.0.0.1:8000"
        bind = f"unix:{where}" if "/" in where else where
        workers = values.get("processes") or values.get("workers") or "1"
        hint = f"gunicorn -w {workers} -b {bind} -k {WORKER} {app}, and HTTP between it and the proxy"
        line = line_at(text, text.index("[uwsgi]"))
        yield finding(WSGI, Severity.MANUAL, path, line, "uWSGI serves WSGI apps, and the app is ASGI now", hint, text)
    for match in re.finditer(r"^[^#\r\n]*\b(WSGIScriptAlias|waitress-serve|uwsgi[ \t]+-)", text, re.MULTILINE):
        server = {"WSGIScriptAlias": "mod_wsgi", "waitress-serve": "waitress"}.get(match[1], "uWSGI")
        hint = (
            "ProxyPass / http://127.0.0.1:8000/ and uvicorn behind it"
            if server == "mod_wsgi"
            else "uvicorn MODULE:APP --host HOST --port PORT --workers N"
        )
        message = f"{server} serves WSGI apps, and the app is ASGI now"
        yield finding(WSGI, Severity.MANUAL, path, line_at(text, match.start(1)), message, hint, text)


def _installed(path: str, text: str) -> Iterator[Finding]:
    for match in re.finditer(r"\b(?:pip3?|uv pip|conda)[ \t]+install\b[^\r\n]*\b(?i:flask)\b", text):
        message = "this installs Flask, which the app does not need any more"
        hint = "fastapi uvicorn, and what the findings on the manifests name"
        yield finding(COMMANDS, Severity.MANUAL, path, line_at(text, match.start()), message, hint, text)


def _with_flask(path: str, text: str, original: str, apps: Apps) -> tuple[str, list[Finding]]:
    """The text in which FLASK_APP names the Flask app that the commands of `flask` are for."""
    said: list[Finding] = []
    for match in reversed([*_VARIABLE.finditer(text)]):
        if match[1] == "FLASK_APP" and (new := apps.as_flask(match[2])) != match[2]:
            text = text[: match.start(2)] + new + text[match.end(2) :]
            line = line_at(original, original.index(match.group())) if match.group() in original else 1
            said.append(
                finding(VARIABLES, Severity.INFO, path, line, f"FLASK_APP is the Flask app {new}", "", original)
            )
    return text, said[::-1]


def _without_variables(path: str, text: str, original: str, code: str) -> tuple[str, list[Finding]]:
    """The text without lines that set what only `flask` reads; a remark where one has to stay."""
    said: list[Finding] = []
    is_plain = not _is_environment(path)
    for match in reversed([*_OTHER_VARIABLE.finditer(text)]):
        if match.group() in code:
            continue
        start, end = line_start(text, match.start()), line_end(text, match.end())
        line = original.splitlines()[: text.count("\n")]
        number = next((i for i, one in enumerate(line, 1) if one == text[start:end].rstrip("\r\n")), None)
        if number is None or text[start:end].lstrip().startswith("#"):
            continue
        if is_plain and _VARIABLE_LINE.fullmatch(text[start:end].rstrip("\r\n")) and not _is_all(text, start, end):
            text = text[:start] + text[end:]
            message = f"{match.group()} went, which only `flask` read"
            said.append(finding(VARIABLES, Severity.INFO, path, number, message, "", original))
        else:
            message = f"nothing reads {match.group()} any more"
            hint = "uvicorn has --host, --port, --reload and --env-file"
            said.append(finding(VARIABLES, Severity.REVIEW, path, number, message, hint, original))
    return text, said[::-1]


def _is_all(text: str, start: int, end: int) -> bool:
    """Whether a line is the only one of a block of YAML, or part of a longer command."""
    before = text[:start].rstrip("\r\n").rpartition("\n")[2].rstrip()
    after = text[end : line_end(text, end)]
    indent = len(text[start:end]) - len(text[start:end].lstrip())
    is_last = len(after) - len(after.lstrip()) < indent or not after.strip()
    return before.endswith("\\") or (before.endswith(":") and is_last)


def _told(path: str, text: str) -> Finding | None:
    lines = sorted({line_at(text, match.start()) for match in _TOLD.finditer(text)})
    if not lines:
        return None
    shown = ", ".join(map(str, lines[:10])) + (" ..." if len(lines) > 10 else "")
    message = f"this tells how Flask is started, in line{'s' if len(lines) > 1 else ''} {shown}"
    return finding(DOCUMENTS, Severity.REVIEW, path, lines[0], message, "name uvicorn, and the new commands", text)
