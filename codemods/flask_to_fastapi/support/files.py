"""Files as Flask sends them: named, marked for caches, in ranges, and not again while the client's copy is good."""

import os
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from fastapi import HTTPException
from starlette.types import Receive, Scope, Send
from werkzeug.exceptions import NotFound, RequestedRangeNotSatisfiable
from werkzeug.utils import send_file as werkzeug_file
from werkzeug.utils import send_from_directory as werkzeug_file_below
from werkzeug.wsgi import FileWrapper

from .answers import FlaskResponse
from .incoming import environ

CHUNK_SIZE = 64 * 1024
# instead of the request, which is known only when the file is sent
NO_REQUEST = {"wsgi.file_wrapper": lambda file, size: FileWrapper(file, CHUNK_SIZE)}


class SentFile(FlaskResponse):
    """A file, or the part of it that the client asks for, or the word that its copy is good."""

    conditional = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        size = self.content_length
        if self.conditional:
            try:
                self.make_conditional(environ(scope, b""), accept_ranges=True, complete_length=size)
            except RequestedRangeNotSatisfiable as error:
                self.close()
                raise HTTPException(416, error.description, {"Content-Range": f"bytes */{size}"}) from error
        await super().__call__(scope, receive, send)


def send_file(
    path_or_file: os.PathLike[str] | str | IO[bytes] | BytesIO,
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | None = None,
) -> SentFile:
    """Flask's `send_file()`; a relative path starts at the current folder, not at the app's."""
    return sent(
        werkzeug_file(
            path_or_file,
            NO_REQUEST,
            mimetype=mimetype,
            as_attachment=as_attachment,
            download_name=download_name,
            conditional=False,
            etag=etag,
            last_modified=last_modified,
            max_age=max_age,
            response_class=SentFile,
        ),
        conditional,
    )


def send_from_directory(
    directory: os.PathLike[str] | str, path: os.PathLike[str] | str, *, conditional: bool = True, **options: Any
) -> SentFile:
    """A file below `directory`; 404 where there is none, or where `path` leads out of it.

    The options are those of `send_file`.
    """
    try:
        file = werkzeug_file_below(directory, path, NO_REQUEST, conditional=False, response_class=SentFile, **options)
    except NotFound as error:
        raise HTTPException(404) from error
    return sent(file, conditional)


def sent(file: Any, conditional: bool) -> SentFile:
    assert isinstance(file, SentFile)
    file.conditional = conditional
    return file
