"""Uploaded files as Flask gave them: Werkzeug's `FileStorage`, which a `def` view reads and saves.

    file: Annotated[FileStorage, uploaded("file")]                    # request.files["file"]
    file: Annotated[FileStorage | None, uploaded_or_none("file")]     # request.files.get("file")
    photos: Annotated[list[FileStorage], all_uploaded("photos")]      # request.files.getlist("photos")

A form that was sent without choosing a file has a file with an empty name. Text in a file's place is no file.
"""

from typing import Annotated, Any

from fastapi import Depends, File, Request
from fastapi.exceptions import RequestValidationError
from pydantic import WithJsonSchema
from starlette.datastructures import UploadFile
from werkzeug.datastructures import FileStorage, Headers

BINARY = WithJsonSchema({"type": "string", "format": "binary"})
BINARIES = WithJsonSchema({"type": "array", "items": {"type": "string", "format": "binary"}})


async def files_named(request: Request, name: str) -> list[FileStorage]:
    """All files of a field, from the form that FastAPI has read for the parameter which documents them."""
    form = await request.form()
    return [storage(part, name) for part in form.getlist(name) if isinstance(part, UploadFile)]


def storage(part: UploadFile, name: str) -> FileStorage:
    return FileStorage(part.file, part.filename, name, headers=Headers(part.headers.items()))


async def count_empty_files(request: Request) -> None:
    """Let a file that was not chosen be there, with an empty name; FastAPI would take it for missing."""
    for _, part in (await request.form()).multi_items():
        if isinstance(part, UploadFile) and part.size == 0:
            part.size = None


Counted = Annotated[None, Depends(count_empty_files)]


def uploaded(name: str) -> Any:
    """The first file of a field; without one the answer is 400."""

    async def read(request: Request, counted: Counted, part: Annotated[Any, File(alias=name), BINARY]) -> FileStorage:
        files = await files_named(request, name)
        if not files:
            raise RequestValidationError([{"type": "missing", "loc": ("body", name), "msg": "Field required"}])
        return files[0]

    return Depends(read)


def uploaded_or_none(name: str) -> Any:
    """The first file of a field, if there is one."""

    async def read(request: Request, part: Annotated[Any, File(alias=name), BINARY] = None) -> FileStorage | None:
        return next(iter(await files_named(request, name)), None)

    return Depends(read)


def all_uploaded(name: str) -> Any:
    """All files of a field."""

    async def read(request: Request, parts: Annotated[Any, File(alias=name), BINARIES] = None) -> list[FileStorage]:
        return await files_named(request, name)

    return Depends(read)
