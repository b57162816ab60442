"""A stand-in for the engine, so that the command line can be tried without it.

It turns `from flask import Flask` into `from fastapi import FastAPI`, reports each line with `abort`, fails where a
file says so, and adds a support module.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from migrator import pipeline, registry
from migrator.errors import CannotRun
from migrator.findings import Finding, Severity
from migrator.location import Span
from migrator.pipeline import FileChange, Migration, Options
from migrator.report.model import FlaskUses, Outcome, Report, RouteReport, Rung, Use
from migrator.rule import Rule, Safety

OLD, NEW = b"from flask import Flask", b"from fastapi import FastAPI"
RULES = (
    Rule("FF101", "app", "Flask() is FastAPI()", Safety.SAFE, "What changes\n------------\nThe app."),
    Rule("FF201", "abort-call", "abort() raises HTTPException", Safety.MANUAL),
)


def run(root: Path, paths: Sequence[Path], options: Options) -> Migration:
    changes, findings, uses, routes = [], [], [], []
    for code in (*options.select, *options.ignore):
        if not any(rule.code.startswith(code) for rule in RULES):
            raise CannotRun(f"there is no rule {code}; `flask-to-fastapi rules` lists them")
    files = sorted(root.rglob("*.py"))
    for file in files:
        before, name = file.read_bytes(), file.relative_to(root).as_posix()
        if b"raise KeyError" in before:
            error = KeyError("boom")
            error.add_note(f"in {name}")
            raise error
        if b"cannot run" in before:
            raise CannotRun(f"{name}:1: cannot run; mend it")
        for number, line in enumerate(before.splitlines(), start=1):
            if b"abort(" in line:
                span = Span(number, line.index(b"abort("), number, len(line))
                findings.append(
                    Finding(
                        "FF201",
                        "abort-call",
                        Severity.MANUAL,
                        name,
                        span,
                        "abort() is left",
                        "raise 1\nraise 2",
                        ("x",),
                    )
                )
                uses.append(Use("flask.abort", name, span, Outcome.REPORTED, "FF201"))
                routes.append(RouteReport("x", "/x", ("GET",), name, number, Rung.MANUAL, (len(findings),)))
            if line.startswith(OLD):
                uses.append(Use("flask.Flask", name, Span(number, 0, number, len(line)), Outcome.CONVERTED, "FF101"))
        if OLD in before and any(file.is_relative_to(path) for path in paths):
            changes.append(FileChange(name, before, before.replace(OLD, NEW)))
    if changes:
        changes.append(FileChange("flask_compat/__init__.py", None, b'"""Support."""\n'))
    converted = sum(use.outcome is Outcome.CONVERTED for use in uses)
    report = Report(
        files=len(files),
        changed=len(changes),
        uses=FlaskUses(len(uses), converted, len(uses) - converted, 0),
        routes=tuple(routes),
        findings=tuple(findings),
        found=tuple(uses),
    )
    return Migration(root, tuple(sorted(changes, key=lambda change: change.path)), report)


def install() -> None:
    pipeline.run = run
    registry.rules = lambda: RULES  # type: ignore[assignment]


if __name__ == "__main__":
    install()
    from migrator.cli.app import main

    main()
