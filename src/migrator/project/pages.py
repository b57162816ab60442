"""The templates of a project: where they lie, and what they read of Flask's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING

from migrator.location import Span

if TYPE_CHECKING:
    from migrator.project.model import Router
    from migrator.project.project import Project

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
NAME = re.compile(r"(?<![\w.'\"])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?")
LINK = re.compile(r"""\burl_for\(\s*(?P<quote>['"])(?P<endpoint>[^'"{}]+)(?P=quote)(?=\s*[,)])""")
OTHER = re.compile(r"""\b(?:extends|include|import|from)\s+['"]([^'"]+)['"]""")
LARGEST = 1_000_000
INLINE = ("flask.render_template_string", "flask.stream_template_string")


@dataclass(frozen=True, slots=True)
class Link:
    """An endpoint that a template links to."""

    endpoint: str
    span: Span


@dataclass(frozen=True, slots=True)
class Page:
    """A template: `names` are all that its tags read, with one attribute ("request", "request.form")."""

    path: str  # relative to the project; of the Python file where it is a text in one
    name: str  # "" for a text
    names: frozenset[str]
    links: tuple[Link, ...]
    others: frozenset[str]  # the templates that it extends, includes or imports


@dataclass(frozen=True, slots=True)
class Pages:
    all: tuple[Page, ...]

    def reads(self, *names: str) -> bool:
        """Whether some template reads one of these names."""
        return any(not page.names.isdisjoint(names) for page in self.all)

    def links_to(self, endpoint: str) -> bool:
        return any(link.endpoint == endpoint for page in self.all for link in page.links)

    def shown_by(self, page: Page) -> frozenset[str]:
        """The names of all templates that a page is part of, itself included."""
        found = {page.name}
        while more := {p.name for p in self.all if not p.others.isdisjoint(found)} - found:
            found |= more
        return frozenset(found)


def read_pages(project: Project) -> Pages:
    """Every template file of the apps and blueprints, and every text with tags in modules that render texts."""
    found: dict[tuple[str, int], Page] = {}
    for router in project.routers.values():
        folder = template_folder(project, router)
        if folder is None or not (root := project.root / folder).is_dir():
            continue
        for path in sorted(root.rglob("*")):
            if path.is_file() and (text := _text(path)) is not None:
                relative = f"{folder}/{path.relative_to(root).as_posix()}"
                found[relative, 0] = _page(relative, path.relative_to(root).as_posix(), text)
    for name, facts in project.modules.items():
        if facts.flask_imports.isdisjoint(INLINE):
            continue
        module = project.store.module(name)
        for node in module.nodes(ast.Constant) if module is not None else ():
            if isinstance(node.value, str) and ("{{" in node.value or "{%" in node.value):
                found[facts.path, node.lineno] = _page(facts.path, "", node.value)
    return Pages(tuple(found.values()))


def template_folder(project: Project, router: Router) -> str | None:
    """The folder of an app's or blueprint's templates, relative to the project; None where none is known."""
    folder = router.fact.template_folder
    if folder == "" and router.is_app:
        folder = "templates"
    if not folder:
        return None
    path = normpath(PurePosixPath(project.modules[router.id[0]].path).parent / folder)
    return None if path.startswith(("/", "..")) else path


def _text(path: Path) -> str | None:
    try:
        return path.read_text() if path.stat().st_size < LARGEST else None
    except (OSError, UnicodeDecodeError):
        return None


def _page(path: str, name: str, text: str) -> Page:
    tags = " ".join(TAG.findall(text))
    names = {found for match in NAME.findall(tags) for found in (match, match.partition(".")[0])}
    return Page(path, name, frozenset(names), tuple(_links(text)), frozenset(OTHER.findall(tags)))


def _links(text: str) -> Iterator[Link]:
    for tag in TAG.finditer(text):
        for match in LINK.finditer(tag[0]):
            start = tag.start() + match.start("endpoint")
            line = text.count("\n", 0, start) + 1
            column = start - text.rfind("\n", 0, start) - 1
            endpoint = match["endpoint"]
            yield Link(endpoint, Span(line, column, line, column + len(endpoint)))
