"""Errors that are the user's to mend: they end the run with exit code 2 and one clear message."""

from __future__ import annotations


class CannotRun(Exception):
    """The run cannot go on; the message names file, line and cure."""
