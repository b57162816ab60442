"""Every case below `fixtures/` comes out as its `after`; whole projects answer as they did, too."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest
from clients import Answer, answers, differences
from trees import broken_files, migrate, missing_support, own, read_tree, tree_diff

FIXTURES = Path(__file__).parent.parent / "fixtures"
CONSTRUCTS = sorted(path.parent for path in FIXTURES.glob("constructs/*/*/before"))
PROJECTS = sorted(path.parent for path in FIXTURES.glob("projects/*/before"))


def name_of(case: Path) -> str:
    return case.relative_to(FIXTURES).as_posix().partition("/")[2]


def check(case: Path, project: Path) -> None:
    """`project` is where a copy of the case's `before` goes, and the result stays."""
    shutil.copytree(case / "before", project)
    migration = migrate(project)
    tree = read_tree(project)
    if faults := tree_diff(read_tree(case / "after"), own(tree)):
        pytest.fail(f"{name_of(case)} is not as its `after`:\n{faults}", pytrace=False)
    assert not broken_files(tree)
    assert not missing_support(tree)
    if (case / "report.json").exists():
        found = sorted([f.code, f.span.line, f.severity.value] for f in migration.report.findings)
        assert found == sorted(json.loads((case / "report.json").read_text()))
    again = migrate(project)
    if faults := tree_diff(tree, read_tree(project)):
        pytest.fail(f"{name_of(case)} is changed by a second run:\n{faults}", pytrace=False)
    assert not again.changes


@pytest.mark.parametrize("case", CONSTRUCTS, ids=name_of)
def test_construct(case: Path, tmp_path: Path) -> None:
    check(case, tmp_path / "project")


@pytest.mark.parametrize("case", PROJECTS, ids=name_of)
def test_project(case: Path, tmp_path: Path) -> None:
    check(case, tmp_path / "project")


@pytest.mark.slow
@pytest.mark.parametrize("case", PROJECTS, ids=name_of)
def test_project_answers_as_before(case: Path, tmp_path: Path) -> None:
    told = tomllib.loads((case / "requests.toml").read_text())
    requests = told["request"]
    before, after = tmp_path / "before", tmp_path / "project"
    shutil.copytree(case / "before", before)
    shutil.copytree(case / "before", after)
    migrate(after)
    was: list[Answer] = answers("flask", before, told["flask"], requests)
    now: list[Answer] = answers("asgi", after, told.get("fastapi", told["flask"]), requests)
    faults = [
        f"{request.get('method', 'GET')} {request['path']}: {fault}"
        for request, one, two in zip(requests, was, now, strict=True)
        for fault in differences(one, two)
    ]
    assert not faults, "\n".join(faults)
