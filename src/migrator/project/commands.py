"""The commands of an app, once it is migrated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.project.model import Router

if TYPE_CHECKING:
    from migrator.project.project import Project


def started(project: Project, app: Router, command: str) -> str:
    """How a command of the app is run."""
    home, scope, name = app.id
    package = home.partition(".")[0] if "." in home or project.modules[home].is_package else ""
    support = ".".join(part for part in (package, "flask_compat.cli") if part)
    return f"python -m {support} {home}:{scope.partition('.')[0] or name} {command}"
