"""The report: one value, and a renderer for each format."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import PurePath

    from migrator.report.model import Report

FORMATS = ("text", "json", "md", "html", "sarif", "github")
_MODULES = {"md": "markdown"}
_ENDINGS = {
    ".txt": "text",
    ".json": "json",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".sarif": "sarif",
}


def render(report: Report, format: str, prefix: str = "") -> str:
    """The report in one of `FORMATS`.

    `prefix` ("sub/folder/") goes before file names in the formats whose readers open them from where they are.
    """
    renderer = import_module(f"migrator.report.{_MODULES.get(format, format)}")
    text: str = renderer.render(report, prefix)
    return text


def format_of(file: PurePath) -> str | None:
    """The format that a file's ending asks for."""
    if file.name.lower().endswith(".sarif.json"):
        return "sarif"
    return _ENDINGS.get(file.suffix.lower())
