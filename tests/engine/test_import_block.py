"""Imports follow the code: where they go, what they are called, and which go away."""

from __future__ import annotations

import pytest
from edits import dedented, edited, need, remove, replace

from migrator.changes import Import

HTTP_EXCEPTION = Import("fastapi", "HTTPException")


def test_flask_import_becomes_another_in_place() -> None:
    source = "import os\n\nfrom flask import abort\n\nos.x\nabort(404)\n"
    found = edited(source, replace(source, "abort(404)", "raise HTTPException(404)", imports=[HTTP_EXCEPTION]))
    assert found == "import os\n\nfrom fastapi import HTTPException\n\nos.x\nraise HTTPException(404)\n"


def test_only_unread_names_go() -> None:
    source = "from flask import abort, g, request\n\nabort(404)\ng.x\nrequest.y\n"
    found = edited(source, replace(source, "abort(404)", "raise HTTPException(404)", imports=[HTTP_EXCEPTION]))
    assert "from flask import g, request\n" in found


def test_unused_import_of_flask_goes_and_others_stay() -> None:
    source = "import os  # kept for its effect\nfrom flask import abort, jsonify\n\nabort(1)\n"
    found = edited(source, remove(source, "abort(1)"))
    assert "flask" not in found
    assert "import os  # kept for its effect" in found


def test_imports_behind_the_names_that_are_exported() -> None:
    source = "__all__ = ['x']\n\nimport os\n\nfrom flask import abort\n\nx = os.x\nabort(1)\n"
    assert edited(source, remove(source, "abort(1)")) == "__all__ = ['x']\n\nimport os\n\nx = os.x\n"


def test_exported_names_stay() -> None:
    source = "from flask import jsonify\nfrom json import dumps\n\n__all__ = ['dumps']\nx = dumps(1)\n"
    found = edited(source, replace(source, "dumps(1)", "1"))
    assert "from json import dumps" in found


def test_names_that_other_files_take_stay() -> None:
    source = "from json import dumps\n\nx = dumps(1)\n"
    assert "import dumps" in edited(source, replace(source, "dumps(1)", "1"), used_elsewhere=["dumps"])
    assert "import dumps" not in edited(source, replace(source, "dumps(1)", "1"))


def test_new_name_joins_an_import_in_order() -> None:
    source = "from fastapi import APIRouter, Request\n\nAPIRouter, Request\n"
    assert edited(source, need("fastapi", "HTTPException")).startswith(
        "from fastapi import APIRouter, HTTPException, Request\n"
    )


def test_name_that_is_there_is_not_imported_again() -> None:
    source = "from fastapi import HTTPException as Refused\n\nold()\n"
    found = edited(source, replace(source, "old()", "raise HTTPException(404)", imports=[HTTP_EXCEPTION]))
    assert found == "from fastapi import HTTPException as Refused\n\nraise Refused(404)\n"


def test_collision_gets_an_alias() -> None:
    source = "class HTTPException(Exception): ...\n\n\nold()\n"
    found = edited(source, replace(source, "old()", "raise HTTPException(404)", imports=[HTTP_EXCEPTION]))
    line = next(line for line in found.splitlines() if line.startswith("from fastapi"))
    alias = line.rpartition(" ")[2]
    assert alias != "HTTPException"
    assert f"raise {alias}(404)" in found


def test_groups_are_kept_apart() -> None:
    source = "import os\n\nimport yaml\n\nfrom .store import x\n\nos, yaml, x\n"
    found = edited(source, need("typing", "Any"), need("fastapi", "Request"), need("~contract", "keep"))
    assert found == dedented("""
        import os
        from typing import Any

        import yaml
        from fastapi import Request

        from .flask_compat.contract import keep
        from .store import x

        os, yaml, x
    """)


@pytest.mark.parametrize(
    ("head", "first"),
    [
        ("", 0),
        ('"""What it is."""\n', 1),
        ("#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n", 2),
        ("# a licence\n# of two lines\n\n", 2),
        ('"""What\nit is."""\n\n__version__ = "1"\n', 2),
    ],
)
def test_file_without_imports(head: str, first: int) -> None:
    source = f"{head}x = old(1)\n"
    found = edited(source, replace(source, "old(1)", "new(1)", imports=[Import("lib", "new")]))
    compile(found, "m.py", "exec")
    assert "from lib import new" in found
    assert found.startswith("".join(head.splitlines(keepends=True)[:first]))
    assert found.index("from lib import new") < found.index("x = new(1)")


def test_after_future() -> None:
    source = "from __future__ import annotations\n\nx = 1\n"
    found = edited(source, need("fastapi", "Request"))
    assert found == "from __future__ import annotations\n\nfrom fastapi import Request\n\nx = 1\n"


def test_docstring_and_future() -> None:
    source = '"""Doc."""\nfrom __future__ import annotations\n\nx = 1\n'
    found = edited(source, need("typing", "Any"))
    compile(found, "m.py", "exec")
    assert found.index("__future__") < found.index("typing")


def test_long_import_goes_over_lines() -> None:
    names = [f"a_rather_long_name_{number}" for number in range(6)]
    found = edited("x = 1\n", *(need("lib", name) for name in names))
    assert "from lib import (\n" in found
    assert max(map(len, found.splitlines())) <= 88


def test_parenthesised_import_is_rewritten_well() -> None:
    source = "from flask import (\n    abort,\n    g,  # the context\n)\n\nabort(1)\ng.x\n"
    found = edited(source, remove(source, "abort(1)"))
    compile(found, "m.py", "exec")
    assert "abort" not in found
    assert "g" in found


def test_import_in_a_function() -> None:
    source = "def f():\n    from flask import abort\n    abort(404)\n"
    found = edited(source, replace(source, "abort(404)", "raise HTTPException(404)", imports=[HTTP_EXCEPTION]))
    compile(found, "m.py", "exec")
    assert "flask" not in found


def test_only_import_of_a_block() -> None:
    source = "try:\n    from flask import abort\nexcept ImportError:\n    abort = None\n\nx = 1\n"
    found = edited(source, need("typing", "Any"))
    compile(found, "m.py", "exec")


def test_type_checking_block_is_left_alone() -> None:
    source = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from fastapi import Request\n\nold()\n"
    found = edited(source, replace(source, "old()", "Request()", imports=[Import("fastapi", "Request")]))
    top = found[: found.index("if TYPE_CHECKING")]
    assert "from fastapi import Request" in top or "Request as" in top


def test_statements_that_share_a_line() -> None:
    source = "import os; from flask import abort\n\nos.x\nabort(404)\n"
    found = edited(source, replace(source, "abort(404)", "raise HTTPException(404)", imports=[HTTP_EXCEPTION]))
    compile(found, "m.py", "exec")
    assert "import os" in found
    assert "HTTPException" in found.partition("raise")[0]


def test_windows_newlines() -> None:
    source = "import os\r\n\r\nos.x\r\n"
    assert edited(source, need("typing", "Any")) == "import os\r\nfrom typing import Any\r\n\r\nos.x\r\n"
