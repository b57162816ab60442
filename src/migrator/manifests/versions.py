"""The distributions that migrated code may need: how they are imported, and the releases that this was tried with."""

from __future__ import annotations

import re

PYTHON = (3, 11)  # the oldest that FastAPI runs on

# The releases with which the tests of this tool run. A requirement that leaves these out gets one that does not.
TRIED = {
    "a2wsgi": "1.10.10",
    "anyio": "4.16.0",
    "blinker": "1.9.0",
    "click": "8.5.1",
    "fastapi": "0.165.0",
    "httpx": "0.28.1",
    "httpx2": "2.16.2",
    "itsdangerous": "2.2.0",
    "jinja2": "3.1.6",
    "markupsafe": "3.0.4",
    "pydantic": "2.14.3",
    "python-multipart": "0.0.34",
    "starlette": "1.10.0",
    "uvicorn": "0.54.0",
    "uvicorn-worker": "0.4.0",
    "werkzeug": "3.1.9",
}
# What FastAPI, its server and the support package ask for at least; an older pin beside them cannot be installed, or
# lacks what migrated code uses.
OLDEST = {
    "anyio": "4.1.0",
    "click": "8.1",
    "flask": "2.3",
    "gunicorn": "20.1.0",
    "itsdangerous": "2.0",
    "jinja2": "3.0",
    "markupsafe": "2.1",
    "pydantic": "2.9.0",
    "starlette": "1.6.0",
    "typing-extensions": "4.10.0",
    "werkzeug": "3.0",
}
CURRENT = {**TRIED, "flask": "3.1.3", "gunicorn": "27.0.1", "typing-extensions": "4.16.0"}
# import name -> distribution, where migrated code may import it
IMPORTED = {
    "a2wsgi": "a2wsgi",
    "anyio": "anyio",
    "blinker": "blinker",
    "click": "click",
    "fastapi": "fastapi",
    "itsdangerous": "itsdangerous",
    "jinja2": "jinja2",
    "markupsafe": "markupsafe",
    "pydantic": "pydantic",
    "starlette": "starlette",
    "uvicorn": "uvicorn",
    "werkzeug": "werkzeug",
}
SERVERS = frozenset({"uvicorn", "hypercorn", "daphne", "granian", "gunicorn"})  # that can serve ASGI
WSGI_SERVERS = frozenset({"waitress", "uwsgi", "mod-wsgi", "bjoern", "meinheld"})


def normalised(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def import_name(distribution: str) -> str | None:
    """What a Flask extension is imported as; None for what is no extension."""
    name = normalised(distribution)
    if name == "flasgger" or name.startswith("flask-"):
        return name.replace("-", "_")
    return None


def is_older(version: str, other: str) -> bool:
    """Whether a release comes before another one, as far as their numbers tell."""
    one, two = ([int(n) for n in re.findall(r"\d+", v.partition("+")[0])] for v in (version, other))
    width = max(len(one), len(two))
    return one + [0] * (width - len(one)) < two + [0] * (width - len(two))
