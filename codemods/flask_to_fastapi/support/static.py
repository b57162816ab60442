"""Static files as Flask serves them: by a route, so that dependencies, hooks and `url_for` reach them as any other.

serve_static(app, Path(__file__).parent / "static")
serve_static(bp, Path(__file__).parent / "assets", "/assets", "shop.static")

url_for("static", filename="css/site.css")
"""

import os
from datetime import timedelta

from fastapi import APIRouter, FastAPI, Request, Response

from .files import send_from_directory
from .routing import config_of


def serve_static(
    app: FastAPI | APIRouter, directory: str | os.PathLike[str], url_path: str = "/static", name: str = "static"
) -> None:
    """Serve the files below `directory` at `url_path`; how long clients keep them is `SEND_FILE_MAX_AGE_DEFAULT`."""

    def static_file(request: Request, filename: str) -> Response:
        return send_from_directory(directory, filename, max_age=max_age_of(request.app))

    path = f"{url_path.rstrip('/')}/{{filename:path}}"
    app.add_api_route(path, static_file, methods=["GET"], name=name, include_in_schema=False)


def max_age_of(app: FastAPI) -> int | None:
    """The seconds that a client may keep a file without asking again, None if it must ask each time."""
    age: int | timedelta | None = config_of(app).get("SEND_FILE_MAX_AGE_DEFAULT")
    return int(age.total_seconds()) if isinstance(age, timedelta) else age
