"""What holds for every project: order does not matter, a second run has nothing to do, nothing is lost on the way."""

from __future__ import annotations

import ast
import codecs
import os
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from random import Random

import flask_code
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trees import Tree, broken_files, migrate, own, read_tree, tree_diff, write_tree

from migrator import engine
from migrator.changes import Change
from migrator.findings import Severity
from migrator.location import Span
from migrator.module import Module
from migrator.parallel import in_step
from migrator.pipeline import Migration, Options, run
from migrator.project.discover import File
from migrator.project.facts import ModuleFacts
from migrator.project.parts import parts_of
from migrator.project.project import Project
from migrator.registry import codemods
from migrator.report.model import Outcome
from migrator.source import decode
from migrator.staying import left_as_flask, plan_around

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted([*FIXTURES.glob("projects/*/before"), *FIXTURES.glob("constructs/*/*/before")])

random_projects = st.integers(0, 5000).map(
    lambda seed: {k: v.encode() for k, v in flask_code.project(Random(seed)).items()}
)
projects = st.one_of([random_projects, *([st.sampled_from(CASES).map(read_tree)] if CASES else [])])
laws = settings(
    max_examples=15,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),  # a run says the same twice
    suppress_health_check=list(HealthCheck),
)
pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")


@contextmanager
def written(tree: Tree) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as scratch:
        yield write_tree(Path(scratch) / "project", tree)


def result(tree: Tree, options: Options | None = None) -> tuple[dict[str, bytes], Migration]:
    """The tree after the migration, and what the migration said."""
    with written(tree) as root:
        migration = migrate(root, options)
        return read_tree(root), migration


def told(migration: Migration) -> object:
    return migration.report, [(c.path, c.before, c.after) for c in migration.changes]


@laws
@given(projects, st.randoms(use_true_random=False))
def test_order_of_codemods(tree: Tree, rng: Random) -> None:
    _, wanted = result(tree)
    shuffled = [*codemods()]
    rng.shuffle(shuffled)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "chosen_codemods", lambda options: tuple(shuffled))
        _, found = result(tree)
    assert told(found) == told(wanted)


@laws
@given(projects, st.randoms(use_true_random=False))
def test_order_of_files(tree: Tree, rng: Random) -> None:
    _, wanted = result(tree)
    plain = engine.python_files

    def shuffled(root: Path, exclude: Sequence[str] = ()) -> list[File]:
        files = plain(root, exclude)
        rng.shuffle(files)
        return files

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "python_files", shuffled)
        _, found = result(tree)
    assert told(found) == told(wanted)


@laws
@given(projects)
def test_second_run(tree: Tree) -> None:
    with written(tree) as root:
        migrate(root)
        again = run(root, [], Options())
    assert not again.changes


@laws
@given(projects, st.sets(st.sampled_from([codemod.rule.code for codemod in codemods()])), st.booleans())
def test_some_codemods(tree: Tree, codes: set[str], picks: bool) -> None:
    chosen = tuple(sorted(codes))
    tree, migration = result(tree, Options(select=chosen) if picks else Options(ignore=chosen))
    assert not broken_files(tree)
    adds_up(migration)


# -- text ----------------------------------------------------------------------------------------------------------


def changed(tree: Tree, how: object) -> dict[str, bytes]:
    return {name: how(data) if name.endswith(".py") else data for name, data in tree.items()}  # type: ignore[operator]


def crlf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def with_bom(data: bytes) -> bytes:
    return codecs.BOM_UTF8 + data


def with_cookie(encoding: str, data: bytes) -> bytes:
    """In another encoding, with a letter that is more than ASCII."""
    text = f"# -*- coding: {encoding} -*-\n# é\n" + data.decode()
    return text.encode(encoding, "ignore")


@laws
@given(projects)
def test_newlines_stay(tree: Tree) -> None:
    wanted, _ = result(tree)
    found, _ = result(changed(tree, crlf))
    assert not tree_diff(changed(own(wanted), crlf), own(changed(found, _only_lone)))


def _only_lone(data: bytes) -> bytes:
    """A bare newline shows as a fault; files that did not change at all have none either."""
    return data.replace(b"\r\n", b"\0").replace(b"\n", b"<bare newline>").replace(b"\0", b"\r\n")


@laws
@given(projects)
def test_byte_order_mark_stays(tree: Tree) -> None:
    wanted, _ = result(tree)
    found, _ = result(changed(tree, with_bom))
    assert not tree_diff(changed(own(wanted), with_bom), own(found))


@laws
@given(random_projects, st.sampled_from(["latin-1", "utf-8", "cp1252"]))
def test_encoding_stays(tree: Tree, encoding: str) -> None:
    tree = {name: data.decode().encode("latin-1", "ignore").decode("latin-1").encode() for name, data in tree.items()}
    tree = {name: data.replace(b'"""A module."""\n', b"") for name, data in tree.items()}
    found, _ = result(changed(tree, lambda data: with_cookie(encoding, data)))
    assert not broken_files(found)
    for name, data in own(found).items():
        if name.endswith(".py"):
            assert data.startswith(f"# -*- coding: {encoding} -*-\n# é\n".encode(encoding)), data[:200]
            assert decode(data).encoding.lower() == decode(with_cookie(encoding, b"")).encoding


@laws
@given(projects)
def test_missing_last_newline_stays(tree: Tree) -> None:
    stripped = changed(tree, lambda data: data.rstrip(b"\n"))
    found, _migration = result(stripped)
    assert not broken_files(found)
    wanted, _ = result(tree)
    assert {name: data.rstrip(b"\n") for name, data in own(wanted).items()} == {
        name: data.rstrip(b"\n") for name, data in own(found).items()
    }


@laws
@given(projects, st.sampled_from("\u2028\x85\x1c\v"))
def test_characters_that_only_look_like_newlines_stay(tree: Tree, character: str) -> None:
    remark = f"# one{character}two\n".encode()
    found, migration = result(changed(tree, lambda data: remark + data + remark))
    assert not broken_files(found)
    refused(migration)
    for name, data in own(found).items():
        if name.endswith(".py") and name in tree:
            assert data.startswith(remark)
            assert data.count(remark) == 2


@laws
@given(random_projects)
def test_tabs_and_form_feeds_stay(tree: Tree) -> None:
    tabs = changed(
        tree, lambda data: data.replace(b"    ", b"\t").replace(b"\n\n@", b"\n\f\n@").replace(b"\n\ndef", b"\n\f\ndef")
    )
    found, migration = result(tabs)
    assert not broken_files(found)
    refused(migration)
    for name, data in own(found).items():
        if name in tabs:
            assert data.count(b"\f") == tabs[name].count(b"\f")


# -- nothing is lost -----------------------------------------------------------------------------------------------


def refused(migration: Migration) -> None:
    assert not [f.message for f in migration.report.findings if f.code == "FF004" and f.severity is Severity.MANUAL]


def adds_up(migration: Migration) -> None:
    report = migration.report
    uses = report.uses
    assert uses.total == uses.converted + uses.reported + uses.kept == len(report.found)
    reported = [use for use in report.found if use.outcome is Outcome.REPORTED]
    for use in reported:  # each has its finding
        assert any(f.file == use.file and f.code == use.code and f.span.contains(use.span) for f in report.findings), (
            use
        )


@laws
@given(projects)
def test_every_use_is_accounted_for(tree: Tree) -> None:
    with written(tree) as root:
        migration = run(root, [], Options())
        adds_up(migration)
        found = {(use.file, use.span) for use in migration.report.found}
        for file in engine.python_files(root):
            module = Module(
                file.path, file.name, decode((root / file.path).read_bytes()).text, is_package=file.is_package
            )
            for name in module.names:  # each place where an imported name of Flask is read
                if name.target.partition(".")[0] == "flask":
                    assert (file.path, module.span(name.node)) in found


@laws
@given(projects)
def test_what_nobody_touches_stays(tree: Tree) -> None:
    """A top-level statement in which no change was planned is in the result, to the byte and in order."""
    with written(tree) as root:
        whole, _ = engine.read_project(root, Options())
        plans = in_step(partial(planned, whole), parts_of(whole), [], 1, partial(engine.told_to_all, whole))
        migration = run(root, [], Options())
    after = {change.path: change.after for change in migration.changes}
    for module, changes in chain.from_iterable(plans):
        new = after.get(module.path)
        if new is None:
            continue
        text = decode(new).text
        places = [place for place in map(engine.place_of, changes) if place is not None]
        start = 0
        for node in module.tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)) or touched(module, node, places):
                continue
            source = module.source(node)
            at = text.find(source, start)
            assert at >= 0, f"{module.path}:{node.lineno} changed, or moved:\n{source}\n---\n{text}"
            start = at + len(source)


def planned(
    whole: Project, modules: Mapping[str, ModuleFacts]
) -> Generator[engine.Told, engine.Told, list[tuple[Module, tuple[Change, ...]]]]:
    """The modules of a part of a project, and what is planned for them in the end."""
    project = engine.prepared(whole.part(modules), codemods())
    plan = yield from engine.plan_all(project, codemods())
    told = yield engine.Told(users=plan.users)
    written = engine.rewrite_all(project, plan, told.home, [])
    staying = left_as_flask(project, plan, written, codemods())
    project, plan = yield from plan_around(project, plan, staying, codemods())
    return [(m, changes) for name, changes in plan.changes.items() if (m := project.store.module(name)) is not None]


def touched(module: Module, node: ast.stmt, places: list[Span]) -> bool:
    span = module.span(node)
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    whole = Span(first, 0, span.end_line, span.end_column)
    imports = any(isinstance(n, (ast.Import, ast.ImportFrom)) for n in ast.walk(node))
    return imports or any(whole.contains(place) or place.contains(whole) for place in places)
