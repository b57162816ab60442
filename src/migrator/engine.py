"""The steps of a run, one function each; `pipeline` tells their order."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from migrator import support
from migrator.changes import Change
from migrator.codemod import Codemod
from migrator.errors import CannotRun
from migrator.findings import Finding, Severity
from migrator.location import Span
from migrator.manifests import port as manifests
from migrator.manifests.apps import Apps
from migrator.manifests.files import may_matter
from migrator.module import Module
from migrator.parallel import mapped, processes
from migrator.pipeline import FileChange, Migration, Options
from migrator.project.derived import makes_apps, with_derived
from migrator.project.discover import File, Service, is_generated, other_files, python_files
from migrator.project.facts import ModuleFacts
from migrator.project.model import ObjectId
from migrator.project.mounting import is_test
from migrator.project.project import Project
from migrator.project.read import read
from migrator.project.store import Store
from migrator.registry import codemods
from migrator.report.model import FlaskUses, Outcome, Report, RouteReport, Use
from migrator.rewrite.apply import line_width, rewrite
from migrator.rewrite.imports import ImportBlock
from migrator.rewrite.plan import Plan, merge
from migrator.rule import Rule, Safety
from migrator.source import Undecodable, asks_app, decode, names_flask
from migrator.suppress import Suppression, stale, suppressions
from migrator.verify.check import checked
from migrator.verify.rungs import After, after_of, route_reports

UNREADABLE = Rule("FF002", "unreadable-file", "a file that cannot be parsed", Safety.MANUAL)
UNPORTED = Rule("FF003", "unported-use", "a use of Flask that no rule converts", Safety.MANUAL)
REFUSED = Rule("FF004", "left-unchanged", "a file that was left as it was", Safety.MANUAL)

IMPORT = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|[\r\n;])[ \t]*(?:from|import)[ \t]+([.\w]+)[ \t]*(?:import\b([^\r\n]*))?")
TAKES_APP = re.compile(rb"\bdef[ \t]+\w+\((?:[^()]*[\s,])?(?:app|application|flask_app)\b")


@dataclass(frozen=True, slots=True)
class Planned:
    """What all codemods want, by module."""

    changes: dict[str, tuple[Change, ...]] = field(default_factory=dict)
    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict, compare=False)
    staying: frozenset[str] = frozenset()  # modules of apps that stay Flask
    used: dict[str, set[Suppression]] = field(default_factory=dict, compare=False)  # comments that forbade something

    def plan(self, name: str) -> Plan:
        """The changes of a module, sorted."""
        if name not in self.plans:
            self.plans[name] = merge(self.changes.get(name, ()))
        return self.plans[name]

    @property
    def support(self) -> frozenset[str]:
        """What migrated code takes from the support package: "contract.keep_flask_contract", ..."""
        found: set[str] = set()
        for name in self.changes:
            plan = self.plan(name)
            found |= plan.demands
            wanted = {f"{w.module.removeprefix('~')}.{w.name}" for w in plan.imports if w.module.startswith("~")}
            if is_test(name.replace(".", "/")):  # it asks from outside of a request, or for one that the app has
                wanted = {one for one in wanted if not one.startswith("context.")}
            found |= wanted
        return frozenset(found)

    @property
    def users(self) -> frozenset[str]:
        """The modules that import from the support package."""
        return frozenset(n for n in self.changes if any(w.module.startswith("~") for w in self.plan(n).imports))


@dataclass(frozen=True, slots=True)
class Told:
    """What the parts of a project have to know of each other: what is taken from the support package by code that leads
    to no app, and so may serve any; all modules that import from that package; and where it has to lie for these."""

    support: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    home: tuple[str, str] = ("", "")


def told_to_all(project: Project, parts: Sequence[Told]) -> Told:
    """What each part hears of all."""
    users = frozenset(user for part in parts for user in part.users)
    return Told(frozenset(one for part in parts for one in part.support), users, support_home(project, users))


@dataclass(frozen=True, slots=True)
class Moved:
    """What becomes of a part of a project."""

    files: tuple[FileChange, ...]
    findings: tuple[Finding, ...]
    found: tuple[Use, ...]
    routes: tuple[RouteReport, ...]  # their findings counted among those of the part, from 1
    support: frozenset[str]  # the modules of the support package that it needs
    users: frozenset[str]  # its modules that import from there
    apps: frozenset[ObjectId]  # that are served by FastAPI
    flask: Mapping[tuple[str, str], str]  # apps that stay Flask: module and public name, and the name of the Flask app


@dataclass(frozen=True, slots=True)
class Written:
    """The new text of the modules that change, and what was found out on the way."""

    planned: Planned
    home: tuple[str, str]
    without: Collection[str]  # modules that were only looked at
    made: dict[str, _File]  # by module, in the order of the project
    files: dict[str, FileChange] = field(default_factory=dict)  # by module
    findings: tuple[Finding, ...] = ()
    found: tuple[Use, ...] = ()
    after: dict[str, After] = field(default_factory=dict)  # by module


def chosen_codemods(options: Options) -> tuple[Codemod, ...]:
    """The codemods whose rules are selected. Raises `CannotRun` for a code that no rule has."""
    known = codemods()
    for code in (*options.select, *options.ignore):
        if not any(rule.code.startswith(code) for rule in (*(c.rule for c in known), *manifests.RULES)):
            raise CannotRun(f"there is no rule {code}; `flask-to-fastapi rules` lists them")
    return tuple(codemod for codemod in known if is_chosen(codemod.rule, options))


def is_chosen(rule: Rule, options: Options) -> bool:
    """Whether a rule is selected, and not ignored."""
    selected = not options.select or rule.code.startswith(options.select)
    return selected and not (options.ignore and rule.code.startswith(options.ignore))


# -- read and link -----------------------------------------------------------------------------------------------------


def read_project(root: Path, options: Options, files: Sequence[File] | None = None) -> tuple[Project, list[Finding]]:
    """The project that lies in `root`, all of it or these files, and a finding for each file that cannot be read."""
    found: dict[str, File] = {}
    store = Store(root)
    facts: dict[str, ModuleFacts] = {}
    broken: list[Finding] = []
    waiting: list[File] = []
    asking: list[File] = []  # files that do not name Flask, but may ask something of an app
    for file in python_files(root, options.exclude) if files is None else files:
        data = _bytes(root, file)
        is_ours = not is_generated(data) and names_flask(data)
        if found.setdefault(file.name, file) is not file:
            if is_ours:
                broken.append(_of_that_name(file, found[file.name]))
            continue
        if not is_generated(data):
            if is_ours:
                waiting.append(file)
            elif asks_app(data) or file.name.endswith("conftest"):
                asking.append(file)
    seen = {file.name for file in waiting}
    while waiting or (waiting := _taking(root, [f for f in asking if f.name not in seen], facts, found)):
        seen.update(file.name for file in waiting)
        file = waiting.pop()
        try:
            module = Module(file.path, file.name, decode(_bytes(root, file)).text, is_package=file.is_package)
        except (SyntaxError, Undecodable, RecursionError, ValueError) as error:
            broken.append(_unreadable(file, error))
            continue
        facts[file.name] = read(store.keep(module))
        for name in _imported(facts[file.name], found):
            if name not in seen:
                seen.add(name)
                waiting.append(found[name])
    store.knows(facts)
    project = Project(root, dict(sorted(facts.items())), store, mount=options.mount, style=options.style)
    return known_anew(project, project.modules), broken


def known_anew(project: Project, facts: Mapping[str, ModuleFacts]) -> Project:
    """The project with other facts."""
    found = project.part(facts)
    derived = with_derived(found)
    return found if derived is facts else project.part(derived)


def _bytes(root: Path, file: File) -> bytes:
    try:
        return (root / file.path).read_bytes()
    except OSError as error:
        raise CannotRun(f"{file.path} cannot be read: {error.strerror}") from error


def _taking(root: Path, files: list[File], facts: Mapping[str, ModuleFacts], known: dict[str, File]) -> list[File]:
    """The files that may get an app which is made in modules that are read, or that these import it from."""
    imports = {name: {*_imported(one, known)} for name, one in facts.items()} if files else {}
    makers = {name for name in imports if makes_apps(facts[name])}
    while more := {name for name, imported in imports.items() if name not in makers and imported & makers}:
        makers |= more
    return [file for file in files if _takes(root, file, makers)] if makers else []


def _takes(root: Path, file: File, makers: set[str]) -> bool:
    """Whether a file that does not name Flask may get an app: it imports one that makes it, asks for a fixture, or has
    a function with a parameter of that name, as far as a look at its lines tells."""
    parts = file.name.split(".")
    if is_test(file.path) and any(".".join([*parts[:n], "conftest"]) in makers for n in range(len(parts))):
        return True
    data = _bytes(root, file)
    if TAKES_APP.search(data):
        return True
    for found in IMPORT.finditer(data):
        base, names = found[1].decode(errors="ignore"), (found[2] or b"").decode(errors="ignore")
        if base.startswith("."):
            level = len(base) - len(base.lstrip("."))
            around = file.name.split(".") + [""] * file.is_package
            base = ".".join([*around[: len(around) - level], base.lstrip(".")]).strip(".")
        if base in makers or any(f"{base}.{name}".strip(".") in makers for name in re.findall(r"\w+", names)):
            return True
    return False


def _unreadable(file: File, error: Exception) -> Finding:
    line = getattr(error, "lineno", None) or 1
    reason = getattr(error, "msg", None) or str(error)
    message = f"this file cannot be parsed ({reason}); it was left alone"
    hint = "mend the syntax (Python 2 code: port it first), then run again"
    return Finding(UNREADABLE.code, UNREADABLE.name, Severity.MANUAL, file.path, Span(line, 0, line, 1), message, hint)


def _of_that_name(file: File, first: File) -> Finding:
    """A second module of the same dotted name, such as that of another service in one repository."""
    message = f"this is `{file.name}`, and so is {first.path}; it was left alone"
    hint = "give its service a manifest of its own (pyproject.toml, requirements.txt), and run in that folder"
    return Finding(REFUSED.code, REFUSED.name, Severity.MANUAL, file.path, Span(1, 0, 1, 1), message, hint)


def _imported(facts: ModuleFacts, known: dict[str, File]) -> Iterator[str]:
    """The modules of the project that a file imports, and the packages around them."""
    targets = {b.removeprefix("import:") for bs in facts.bindings.values() for b in bs if b.startswith("import:")}
    for target in sorted(targets | set(facts.stars)):
        parts = target.split(".")
        for length in range(1, len(parts) + 1):
            if (name := ".".join(parts[:length])) in known:
                yield name


def prepared(project: Project, chosen: Sequence[Codemod]) -> Project:
    """The project as codemods wish to find it: some files in a form that the author might have chosen too."""
    for codemod in chosen:
        wanted = [(module, made) for _, module in _modules(project) if (made := codemod.prepare(module, project))]
        if wanted:
            facts = {**project.modules, **{m.name: read(project.store.prepare(m, made)) for m, made in wanted}}
            project = known_anew(project, facts)
    return project


# -- plan --------------------------------------------------------------------------------------------------------------


def plan_all(project: Project, chosen: Sequence[Codemod]) -> Generator[Told, Told, Planned]:
    """Ask every codemod about every file. Those that ask what the support package is wanted for come last, and hear of
    the other parts of the project."""
    comments = {name: suppressions(module.text) for name, module in _modules(project)}
    first = [codemod for codemod in chosen if not codemod.asks_for_support]
    last = [codemod for codemod in chosen if codemod.asks_for_support]
    planned = _planned(project, first, comments)
    support = planned.support
    told = yield Told(support=frozenset() if project.apps else support)
    later = _planned(project.supported_by(support | told.support), last, comments)
    changes, findings = dict(planned.changes), dict(planned.findings)
    for name, module in _modules(project):
        changes[name] += later.changes[name]
        unused = stale(module.path, comments[name], planned.used[name] | later.used[name])
        findings[name] = tuple(dict.fromkeys((*findings[name], *later.findings[name], *unused)))
    plans = {name: plan for name, plan in planned.plans.items() if not later.changes[name]}
    return Planned(changes, findings, plans)


def _modules(project: Project) -> Iterator[tuple[str, Module]]:
    for name in project.modules:
        if (module := project.store.module(name)) is not None:
            yield name, module


def _planned(
    project: Project,
    chosen: Sequence[Codemod],
    comments: Mapping[str, Sequence[Suppression]],
) -> Planned:
    """What some codemods want."""
    planned = Planned()
    for name, module in _modules(project):
        wanted: list[Change] = []
        said: list[Finding] = []
        used = planned.used[name] = set()
        for codemod in chosen:
            for one in _asked(codemod, module, project):
                code, place = (one.code, one.span) if isinstance(one, Finding) else (one.rule.code, place_of(one))
                covering = [c for c in comments[name] if place is not None and c.covers(code, place)]
                used.update(covering)
                if covering:
                    continue
                if isinstance(one, Finding):
                    said.append(one)
                else:
                    wanted.append(one)
        planned.changes[name], planned.findings[name] = tuple(wanted), tuple(said)
    return planned


def _asked(codemod: Codemod, module: Module, project: Project) -> list[Change | Finding]:
    """What a codemod plans; where it fails, nothing but a remark about that."""
    try:
        return list(codemod.plan(module, project))
    except Exception as error:
        if os.environ.get("FLASK_TO_FASTAPI_DEBUG"):
            raise
        message = f"the rule {codemod.rule.code} failed on this file ({type(error).__name__}: {error})"
        hint = "port what it is about by hand, and report this as a bug of flask-to-fastapi"
        place = Span(1, 0, 1, 1)
        endpoints = _endpoints_in(project, module.name)
        return [Finding(REFUSED.code, REFUSED.name, Severity.MANUAL, module.path, place, message, hint, endpoints)]


def place_of(change: Change) -> Span | None:
    """The place in the original that a change is about."""
    for name in ("span", "function", "view", "above", "alias"):
        if isinstance(place := getattr(change, name, None), Span):
            return place
    return None


# -- rewrite and check -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _File:
    """What became of one file."""

    change: FileChange | None
    after: After | None
    findings: tuple[Finding, ...]
    found: tuple[Use, ...]


def rewrite_all(
    project: Project,
    planned: Planned,
    home: tuple[str, str],
    paths: Sequence[Path],
    jobs: int = 1,
    *,
    without: Collection[str] = (),
    earlier: Written | None = None,
) -> Written:
    """The new text of every file at or below `paths` that changes, checked; what was written earlier of the same plan
    is taken from there. `home` is that of the support package. Of modules that the run will do `without` no text is
    made."""
    names = [name for name, facts in project.modules.items() if is_below(project.root / facts.path, paths)]

    def written(name: str) -> _File:
        module = project.store.module(name)
        try:
            if module is None:
                return _File(None, None, (), ())
            return _file(module, project, planned, home, is_written=name not in without)
        except Exception as error:
            error.add_note(f"in {project.modules[name].path}")
            raise

    made: dict[str, _File] = {}
    if earlier is not None and earlier.home == home:
        made = {name: earlier.made[name] for name in names if _is_written_alike(planned, earlier, name)}
    missing = [name for name in names if name not in made]
    weights = [len(planned.changes.get(name, ())) for name in missing]
    made |= zip(missing, mapped(written, missing, weights, processes(jobs)), strict=True)
    made = {name: made[name] for name in names}
    return Written(
        planned,
        home,
        without,
        made,
        {name: one.change for name, one in made.items() if one.change is not None},
        tuple(finding for one in made.values() for finding in one.findings),
        tuple(use for one in made.values() for use in one.found),
        {name: one.after for name, one in made.items() if one.after is not None},
    )


def _is_written_alike(planned: Planned, earlier: Written, name: str) -> bool:
    """Whether a plan says the same of a module as the one that was written earlier."""
    before = earlier.planned
    if name in earlier.without or name in planned.staying or planned.findings.get(name) != before.findings.get(name):
        return False
    return planned.changes.get(name) == before.changes.get(name)


def _file(module: Module, project: Project, planned: Planned, home: tuple[str, str], *, is_written: bool) -> _File:
    """The new text of a file, what it has of Flask, and what is to be said about it."""
    findings: list[Finding] = []
    found: list[Use] = []
    plan = planned.plan(module.name)
    said = planned.findings.get(module.name, ())
    names = [*module.names, *module.ambiguous]
    uses = [n for n in names if project.canonical(n.target).partition(".")[0] == "flask"]
    left = {n for n in uses if plan.keeps(module.span(n.node))}
    stays = module.name in planned.staying
    text, after, fault = None, None, ""
    if is_written and not (stays and not planned.changes.get(module.name)):
        text, after, fault = _rewritten(module, plan, project, home, stays)
    if fault:
        left = set(uses)
        findings.append(_refused(module, project, fault))
    comments = suppressions(module.text)
    for use in uses:
        span, what = module.span(use.node), project.canonical(use.target)
        if use not in left:
            found.append(Use(what, module.path, span, Outcome.CONVERTED, plan.owner_of(span)))
            continue
        if module.name in planned.staying or project.moving:
            found.append(Use(what, module.path, span, Outcome.KEPT, "FF121"))
            continue
        if any(c.covers(UNPORTED.code, span) for c in comments):
            found.append(Use(what, module.path, span, Outcome.KEPT))
            continue
        told = next((f for f in said if f.severity is Severity.MANUAL and f.span.contains(span)), None)
        if told is None:
            endpoints = project.endpoints_at(module, use.node) or _endpoints_in(project, module.name)
            message = f"{what} is not ported"
            told = Finding(UNPORTED.code, UNPORTED.name, Severity.MANUAL, module.path, span, message, "", endpoints)
            findings.append(told)
        found.append(Use(what, module.path, span, Outcome.REPORTED, told.code))
    change: FileChange | None = None
    if text is not None and text != module.text:
        before = (project.root / module.path).read_bytes()
        try:
            change = FileChange(module.path, before, decode(before).encode(text))
        except UnicodeEncodeError as error:
            message = f"the encoding of this file has no {text[error.start]!r}; it was left as it was"
            findings.append(_refused(module, project, message))
    return _File(change, after if change is not None else None, tuple(findings), tuple(found))


def _refused(module: Module, project: Project, message: str) -> Finding:
    """The finding for a file that is left alone."""
    place, endpoints = Span(1, 0, 1, 1), _endpoints_in(project, module.name)
    return Finding(REFUSED.code, REFUSED.name, Severity.MANUAL, module.path, place, message, "", endpoints)


def _merged_away(project: Project, seen: Iterable[Use]) -> Iterator[Use]:
    """The uses of Flask that went when a file was prepared: `request.method` of a view that was split."""
    counted = {(use.file, use.span) for use in seen}
    for name in sorted(project.modules.keys() & {*project.store.prepared}):
        module = project.store.unprepared(name)
        for read_name in module.names:
            what, span = project.canonical(read_name.target), module.span(read_name.node)
            if what.partition(".")[0] == "flask" and (module.path, span) not in counted:
                yield Use(what, module.path, span, Outcome.CONVERTED, "FF117")


def _rewritten(
    module: Module, plan: Plan, project: Project, home: tuple[str, str], stays: bool
) -> tuple[str | None, After | None, str]:
    """The new text and what it holds, or why there is none."""
    imports = import_block(module, plan, project, home, stays)
    try:
        text = rewrite(module, plan, imports)
    except Exception as error:
        if os.environ.get("FLASK_TO_FASTAPI_DEBUG"):
            raise
        reason = f"could not be written ({type(error).__name__}: {error})"
        return None, None, f"the changes to this file {reason}; it was left as it was"
    if text == module.text:
        return text, None, ""
    after, found = checked(module, text)
    if after is None or found:
        return None, None, f"the changes to this file would not work ({found[0]}); it was left as it was"
    return text, after_of(after), ""


def import_block(
    module: Module, plan: Plan, project: Project, home: tuple[str, str], stays: bool = False
) -> ImportBlock:
    """What becomes of a file's imports. In one that stays Flask, those of Flask are like any others."""

    def place(wanted: str) -> str:
        return (
            support.imported_as(wanted[1:], module.name, module.is_package, home[0])
            if wanted.startswith("~")
            else wanted
        )

    return ImportBlock(
        module,
        plan,
        (lambda name: name.removeprefix("flask")) if stays else project.canonical,
        place,
        lambda top: project.has_module(top) or top == support.FOLDER,
        lambda name: project.is_imported(module.name, name),
        line_width(module.text),
    )


def _endpoints_in(project: Project, name: str) -> tuple[str, ...]:
    """The endpoints of all views of a module."""
    return tuple(sorted({r.endpoint for view in project.views_in(name) for r in project.views[name, view]}))


def is_below(path: Path, paths: Sequence[Path]) -> bool:
    return not paths or any(path == p or p in path.parents for p in paths)


def support_home(project: Project, names: Collection[str]) -> tuple[str, str]:
    """The package that holds the support package (its dotted name, its folder), for the modules that import from it."""
    users = [facts for name, facts in project.modules.items() if name in names]
    serious = [f for f in users if not is_test(f.path)] or users
    tops = {f.name.partition(".")[0] if f.is_package or "." in f.name else "" for f in serious}
    folders = {_folder(f) for f in serious}
    if len(tops) == 1 and (top := tops.pop()):
        root = next(iter(folders)) if len(folders) == 1 else ""
        facts = next((f for f in project.modules.values() if f.name == top and f.is_package), None)
        if facts is not None:
            return top, str(PurePosixPath(facts.path).parent)
        if any(f.is_package and f.name.startswith(f"{top}.") for f in project.modules.values()):  # a namespace
            return top, str(PurePosixPath(root, top))
        return "", root
    return "", folders.pop() if len(folders) == 1 else ""


def _folder(facts: ModuleFacts) -> str:
    """The folder on the import path in which a module lies."""
    parts = PurePosixPath(facts.path).with_suffix("").parts
    depth = len(facts.name.split(".")) if facts.name else 0
    kept = parts[: len(parts) - depth - (1 if facts.is_package else 0)]
    return str(PurePosixPath(*kept)) if kept else ""


# -- put together ------------------------------------------------------------------------------------------------------


def moved(project: Project, planned: Planned, written: Written) -> Moved:
    """What becomes of a part of a project, without what it took to find that out."""
    said = {*written.findings, *(finding for found in planned.findings.values() for finding in found)}
    placed = {replace(f, span=project.store.original(f.file, f.span)) for f in said}
    findings = tuple(sorted(placed, key=_order))
    seen = tuple(replace(use, span=project.store.original(use.file, use.span)) for use in written.found)
    seen = tuple(dict.fromkeys((*seen, *_merged_away(project, seen))))
    wanted = {w.module[1:] for name in written.files for w in planned.plan(name).imports if w.module.startswith("~")}
    apps, flask = _served(project, written)
    return Moved(
        tuple(written.files.values()),
        findings,
        seen,
        route_reports(project, written.after, findings),
        frozenset(wanted),
        planned.users,
        apps,
        flask,
    )


def _order(finding: Finding) -> tuple[str, Span, str, str]:
    return finding.file, finding.span, finding.code, finding.message


def _served(project: Project, written: Written) -> tuple[frozenset[ObjectId], Mapping[tuple[str, str], str]]:
    """The apps that FastAPI serves now, and the names of those that stay Flask."""
    left = [use for use in written.found if use.name == "flask.Flask" and use.outcome is not Outcome.CONVERTED]
    apps = {
        router.id
        for router in project.routers.values()
        if router.is_app and router.id[0] in written.files
        if not any(u.file == project.modules[router.id[0]].path and router.fact.span.contains(u.span) for u in left)
    }
    if not project.staying:
        return frozenset(apps), {}
    mounting = project.mounting
    names = (*mounting.split.items(), *mounting.renamed.items())
    flask = {place: new for place, new in names if place[0] in written.files}
    return frozenset(apps | (project.staying - project.mounted_apps if flask else set())), flask


def supplied(parts: Iterable[Moved], folder: str) -> dict[str, bytes]:
    """The files of the support package, by path, if it lies in a folder."""
    return support.package({name for part in parts for name in part.support}, folder)


def left_over(project: Project, parts: Sequence[Moved], folder: str, paths: Sequence[Path]) -> list[FileChange]:
    """The files of the support package that an earlier step has brought, and that nothing needs any more."""
    base = project.root / folder / support.FOLDER
    if not base.is_dir() or not is_below(base, paths):
        return []
    new = {change.path: change.after for part in parts for change in part.files}
    texts: list[str] = []
    for name, facts in project.modules.items():
        module = project.store.module(name) if facts.path not in new else None
        if PurePosixPath(facts.path).parent != PurePosixPath(folder, support.FOLDER):
            texts.append(module.text if module is not None else (new.get(facts.path) or b"").decode(errors="replace"))
    texts += [f"{support.FOLDER}.{name}" for part in parts for name in part.support]
    files = support.unused(texts, {path.name for path in base.glob("*.py")}, folder)
    found = [FileChange(path, (project.root / path).read_bytes(), None) for path in files]
    return [change for change in found if change.before == support.source(PurePosixPath(change.path).stem)]


def port_around(
    project: Project,
    parts: Sequence[Moved],
    home: tuple[str, str],
    options: Options,
    dropped: Sequence[FileChange],
    service: Service,
) -> manifests.Ported:
    """The manifests and what starts the server, where an app was migrated."""
    apps = frozenset(app for part in parts for app in part.apps)
    rules = {rule.code for rule in manifests.RULES if is_chosen(rule, options)}
    if not apps or not rules:
        return manifests.Ported({}, ())
    new = {one.path: one.after for part in parts for one in part.files if one.after is not None}
    helpers = supplied(parts, home[1])
    has_commands = any(path.endswith("/cli.py") for path in helpers)
    commands = ".".join(filter(None, (home[0], support.FOLDER, "cli"))) if has_commands else ""
    flask = {place: name for part in parts for place, name in part.flask.items()}
    gone = {change.path: b"" for change in dropped}
    found = filter(service.holds, other_files(project.root, options.exclude, may_matter))
    after = {**new, **helpers, **gone}
    return manifests.port(Apps(project, apps, commands, flask), after, found, rules)


def assemble(
    project: Project,
    parts: Sequence[Moved],
    home: tuple[str, str],
    dropped: Sequence[FileChange],
    around: manifests.Ported,
    broken: Iterable[Finding],
) -> Migration:
    """Everything that the run would write and has to say."""
    changes = [*(change for part in parts for change in part.files), *dropped]
    for path, data in supplied(parts, home[1]).items():
        there = project.root / path
        before = there.read_bytes() if there.exists() else None
        if before != data:
            changes.append(FileChange(path, before, data))
    changes += [FileChange(path, before, after) for path, (before, after) in around.files.items()]
    said = {*broken, *around.findings, *(finding for part in parts for finding in part.findings)}
    findings = tuple(sorted(said, key=_order))
    numbers = {finding: number for number, finding in enumerate(findings, 1)}
    routes = [
        replace(route, findings=tuple(sorted(numbers[part.findings[number - 1]] for number in route.findings)))
        for part in parts
        for route in part.routes
    ]
    seen = tuple(dict.fromkeys(use for part in parts for use in part.found))
    report = Report(len(project.modules), len(changes), uses_of(seen), tuple(routes), findings, seen)
    return Migration(project.root, tuple(sorted(changes, key=lambda c: c.path)), report)


def joined(found: Sequence[Migration]) -> Migration:
    """What the run would write in all services of a repository, and has to say of them."""
    if len(found) == 1:
        return found[0]
    reports = [one.report for one in found]
    findings = tuple(sorted({finding for report in reports for finding in report.findings}, key=_order))
    numbers = {finding: number for number, finding in enumerate(findings, 1)}
    routes = [
        replace(route, findings=tuple(sorted(numbers[report.findings[number - 1]] for number in route.findings)))
        for report in reports
        for route in report.routes
    ]
    seen = tuple(use for report in reports for use in report.found)
    changes = sorted((change for one in found for change in one.changes), key=lambda c: c.path)
    files = sum(report.files for report in reports)
    return Migration(
        found[0].root, tuple(changes), Report(files, len(changes), uses_of(seen), tuple(routes), findings, seen)
    )


def uses_of(seen: Collection[Use]) -> FlaskUses:
    """How many uses of Flask there are, by what became of them."""
    counts = Counter(use.outcome for use in seen)
    return FlaskUses(len(seen), counts[Outcome.CONVERTED], counts[Outcome.REPORTED], counts[Outcome.KEPT])
