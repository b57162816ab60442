"""`python -m migrator` is `flask-to-fastapi`."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from migrator.cli import app


def main() -> NoReturn:
    """Run the command line, and end the process without taking apart what it knows: a fifth of the time otherwise."""
    gc.disable()
    code: int | str | None = 0
    try:
        app.main()
    except SystemExit as end:
        code = end.code
    try:
        if isinstance(code, str):
            print(code, file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads what was printed
        code = code or 1
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    main()
