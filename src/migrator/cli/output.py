"""Results to standard output, or a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.cli.options import Job, one_of
from migrator.errors import CannotRun
from migrator.report import FORMATS, format_of, render
from migrator.root import shown_prefix
from migrator.settings import FAIL_ON

if TYPE_CHECKING:
    from migrator.pipeline import Migration
    from migrator.report.model import Report
    from migrator.rule import Rule

RULE_FORMATS = ("text", "json")


def emit(result: str | bytes) -> None:
    """Print a result as it is; a reader that has seen enough (`| head`) is no error."""
    data = result if isinstance(result, bytes) else encoded(result)
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        # What Python flushes when it ends goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def encoded(text: str) -> bytes:
    """UTF-8 wherever it goes; what is not text, as in odd file names, becomes an escape that JSON reads too."""
    return text.encode("utf-8", "backslashreplace")


def save_report(file: Path, migration: Migration, format: str) -> None:
    try:
        file.write_bytes(encoded(render(migration.report, format, prefix_of(migration))))
    except OSError as error:
        raise CannotRun(f"{file}: the report cannot be written: {error.strerror}; nothing was written") from None


def prefix_of(migration: Migration) -> str:
    """What makes the file names of a report open from here."""
    return shown_prefix(migration.root)


def report_format(file: Path) -> str:
    """The format for `--report FILE`; `CannotRun` for an ending that says none, or a folder that is not there."""
    format = format_of(file)
    if format is None:
        raise CannotRun(f"{file}: the ending says no format; use .json, .md, .html, .sarif or .txt")
    check_folder(file)
    return format


def check_folder(file: Path) -> None:
    if not file.absolute().parent.is_dir():
        raise CannotRun(f"{file}: its folder does not exist; make it first")


def known_format(format: str) -> str:
    return one_of(format, FORMATS, "--format") or format


def thresholds(asked: Job, fail_on: str | None, fail_under: float | None) -> Callable[[Report], int]:
    """What gives a report its exit code, by the options or else the settings."""
    settings = asked.settings
    least = one_of(fail_on, FAIL_ON, "--fail-on") or settings.fail_on
    percent = settings.fail_under if fail_under is None else fail_under
    if not 0 <= percent <= 100:
        raise CannotRun(f"--fail-under {percent:g}: give a number from 0 to 100")
    failing = FAIL_ON[FAIL_ON.index(least) :] if least else ()

    def exit_code(report: Report) -> int:
        uses = report.uses
        grave = any(finding.severity in failing for finding in report.findings)
        return int(grave or uses.converted * 100 < percent * uses.total)

    return exit_code


def rule_data(rule: Rule) -> dict[str, str]:
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "safety": rule.safety.value,
        "documentation": rule.documentation,
    }
