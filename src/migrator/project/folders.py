"""Folders of apps and blueprints, and the code that finds them from a module."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from posixpath import normpath, relpath
from typing import TYPE_CHECKING

from migrator.changes import Code, Import
from migrator.module import Module
from migrator.project.model import Router
from migrator.syntax import argument, reference, text_of

if TYPE_CHECKING:
    from migrator.project.project import Project

PATH = Import("pathlib", "Path")
HERE = "Path(__file__).parent"


def root_folder(module: Module, project: Project, call: ast.Call, router: Router) -> str:
    """The folder that the folders of an app or blueprint are relative to, itself relative to the project."""
    name = argument(call, 0 if router.is_app else 1, "import_name")
    wanted = text_of(module, name)
    if name is not None and _is_top_package(name):
        wanted = module.name.partition(".")[0]
    facts = project.modules.get(wanted or "")
    return str(PurePosixPath(module.path if facts is None else facts.path).parent)


def instance_folder(module: Module, project: Project, call: ast.Call, router: Router) -> str:
    """The folder that Flask calls the app's instance, beside its top package or module; relative to the project."""
    wanted = text_of(module, argument(call, 0, "import_name")) or module.name
    facts = project.modules.get(wanted.partition(".")[0])
    if facts is None:
        return str(PurePosixPath(module.path).parent / "instance")
    home = PurePosixPath(facts.path).parent
    return str((home.parent if facts.is_package else home) / "instance")


def app_folder(module: Module, project: Project, router: Router, kind: str) -> Code | None:
    """Code in `module` for the "root" or "instance" folder of an app that may be made elsewhere; None where only that
    place knows it."""
    home = project.store.module(router.id[0])
    call = home.by_span.get(router.fact.span) if home is not None else None
    if home is None or not isinstance(call, ast.Call):
        return None
    given = argument(call, -1, "root_path" if kind == "root" else "instance_path")
    if given is not None:
        return Code("__0__", (module.span(given),)) if home is module else None
    find = root_folder if kind == "root" else instance_folder
    return Code(path_code(module, find(home, project, call, router)), (), (PATH,))


def _is_top_package(node: ast.expr) -> bool:
    """`__name__.split(".")[0]` and the like."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == 0:
        called = node.value
        if isinstance(called, ast.Call) and reference(called.func) in ("__name__.split", "__name__.partition"):
            return True
    return False


def path_code(module: Module, folder: str) -> str:
    """Code for a folder of the project, as seen from a module: `Path(__file__).parent / "static"`."""
    steps = relpath(folder or ".", PurePosixPath(module.path).parent).split("/")
    ups = steps.count("..")
    rest = "/".join(step for step in steps[ups:] if step != ".")
    return HERE + ".parent" * ups + (f' / "{rest}"' if rest else "")


def folder_code(
    module: Module, project: Project, call: ast.Call, router: Router, given: ast.expr | None, usual: str
) -> Code | None:
    """Code for a folder that an app or blueprint names, or has by default; None where it has none."""
    root = root_folder(module, project, call, router)
    own_root = argument(call, -1, "root_path")
    parts = () if own_root is None else (module.span(own_root),)
    start = path_code(module, root) if own_root is None else "Path(__0__)"
    if given is None:
        text: str | None = usual
    elif isinstance(given, ast.Constant) and given.value is None:
        return None
    else:
        text = text_of(module, given)
    if text == "":
        return None
    if text is not None and own_root is None and not text.startswith("/"):
        return Code(path_code(module, normpath(f"{root}/{text}")), (), (PATH,))
    if text is not None:
        return Code(f'{start} / "{text}"', parts, (PATH,))
    assert given is not None
    return Code(f"{start} / __{len(parts)}__", (*parts, module.span(given)), (PATH,))


def known_folder(
    module: Module, project: Project, call: ast.Call, router: Router, given: ast.expr | None, usual: str
) -> str | None:
    """The folder itself, relative to the project; None where it is not known, or none."""
    if argument(call, -1, "root_path") is not None or (isinstance(given, ast.Constant) and given.value is None):
        return None
    text = usual if given is None else text_of(module, given)
    if not text or text.startswith("/"):
        return None
    return normpath(f"{root_folder(module, project, call, router)}/{text}")


def static_address(module: Module, call: ast.Call, router: Router, folder: ast.expr | None) -> str | None:
    """The address of the static files, below the prefix of a blueprint; None where it is not known."""
    given = argument(call, 1 if router.is_app else 3, "static_url_path")
    if given is not None and not (isinstance(given, ast.Constant) and given.value is None):
        address = text_of(module, given)
        return None if address is None else f"/{address.strip('/')}" if address.strip("/") else ""
    text = "static" if folder is None else text_of(module, folder)
    return None if text is None else f"/{PurePosixPath(text).name}"
