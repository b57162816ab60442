"""Which apps cannot do without Flask, and the plan that leaves them what they need: all is decided by what a first plan
would leave of Flask in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from migrator.codemod import Codemod
from migrator.findings import Finding, Severity
from migrator.module import Module, walk
from migrator.project.grouping import grouped
from migrator.project.mounting import Mounting, is_test
from migrator.project.project import Project
from migrator.project.read import read
from migrator.report.model import Outcome, Use
from migrator.support import FOLDER
from migrator.verify.rungs import imported_by

if TYPE_CHECKING:
    from migrator.engine import Planned, Told, Written
    from migrator.project.model import ObjectId

MOUNT = "mount"  # the rule that serves what stays
NAMES_FLASK = re.compile(
    r"(?:^|[._])flask(?:[._]|$)|(?:^|[._])flask(?:parser|rest)|(?:^|\.)(?:apiflask|flasgger|flaskext)\b"
)
# Rules whose manual findings say that the app does not start, or does not serve what it did: always, or where they are
# about all of it.
STOPS = {"FF004", "FF101", "FF103", "FF108", "FF111", "FF112", "FF114"}
STOPS_ALL = {"FF107", "FF501"}


@dataclass(frozen=True, slots=True)
class Staying:
    """The apps that stay Flask with the modules that they need, and what needs Flask: by app, or of a library that
    has none."""

    apps: frozenset[ObjectId]
    modules: frozenset[str]
    reasons: Mapping[ObjectId, Sequence[Finding]]
    library: Sequence[Finding] = ()


def surely_left(project: Project, planned: Planned, codemods: Sequence[Codemod]) -> frozenset[str]:
    """The modules of those apps of which the plan alone tells that they stay Flask: nothing has to be written for
    them to know it."""
    if not project.mount or not project.apps or not any(codemod.rule.name == MOUNT for codemod in codemods):
        return frozenset()
    found = {name for name, said in planned.findings.items() if _is_surely_left(project, name, said)}
    if not found:
        return frozenset()
    graph = _Graph(project, {name for name in project.modules if planned.changes.get(name)} | found)
    apps = {router.id for router in project.apps if graph.needed({router.id}) & found}
    return frozenset(graph.around(apps)[1]) if apps else frozenset()


def _is_surely_left(project: Project, name: str, said: Sequence[Finding]) -> bool:
    """Whether a manual finding stops the app, or is about an import that needs Flask."""
    facts = project.modules[name]
    manual = [f for f in said if f.severity is Severity.MANUAL and f.file == facts.path]
    if not manual or is_test(facts.path):
        return False
    if any(map(_stops, manual)):
        return True
    module = project.store.module(name) if any(map(_needs_flask, (*facts.flask_imports, *facts.stars))) else None
    places = {finding.span for finding in manual}
    return module is not None and any(
        module.span(node) in places and _needs_flask(target) and not project.has_module(target.partition(".")[0])
        for target, node in imported_by(module).items()
        if not _is_tried(module, node)
    )


def left_as_flask(project: Project, planned: Planned, written: Written, codemods: Sequence[Codemod]) -> Staying | None:
    """The apps that a plan would leave without something of Flask that they need; None if there are none."""
    if not project.mount or not any(codemod.rule.name == MOUNT for codemod in codemods):
        return None
    told_of = grouped((one.file, one) for one in written.findings)
    uses_of = grouped((one.file, one) for one in written.found)
    found: dict[str, list[Finding]] = {}
    for name, facts in project.modules.items():
        said = (*planned.findings.get(name, ()), *told_of.get(facts.path, ()))
        if told := [*_left(project, said, uses_of.get(facts.path, ()), written, name)]:
            found[name] = told
    if not (found or project.mounted_apps):
        return None
    if not project.apps:
        if not any(planned.changes.get(name) for name in project.modules if not is_test(project.modules[name].path)):
            return None
        needs = [finding for name in sorted(found) for finding in found[name]]
        return Staying(frozenset(), frozenset(project.modules), {}, needs)
    graph = _Graph(project, {name for name in project.modules if planned.changes.get(name)} | found.keys())
    reasons: dict[ObjectId, list[Finding]] = {app: [] for app in sorted(project.mounted_apps)}
    for router in project.apps:
        needed = graph.needed({router.id})
        if told := [finding for name in sorted(needed & found.keys()) for finding in found[name]]:
            reasons[router.id] = told
    if not reasons:
        return None
    apps, modules = graph.around({*reasons})
    for app in sorted(apps - reasons.keys()):
        reasons[app] = []
    return Staying(frozenset(apps), frozenset(modules), reasons)


def plan_around(
    project: Project, planned: Planned, staying: Staying | None, codemods: Sequence[Codemod]
) -> Generator[Told, Told, tuple[Project, Planned]]:
    """The plan that leaves these apps as they are, but for their mount, and converts what they do not need. The plan
    that was made before where no app stays."""
    from migrator.engine import Planned, Told, known_anew, plan_all

    if staying is None:
        yield Told()
        return project, planned
    facts = dict(project.modules)
    for name in sorted(staying.modules & {*project.store.prepared}):
        facts[name] = read(project.store.forget(name))
    facts = dict(known_anew(project, facts).modules)
    rest = {name: one for name, one in facts.items() if name not in staying.modules}
    again = yield from plan_all(project.part(rest), codemods)
    changes, findings = dict(again.changes), dict(again.findings)
    whole = project.part(facts, staying.apps)
    for name in sorted(staying.modules):
        module = whole.store.module(name)
        asked = [one for c in codemods if c.serves_flask and module is not None for one in c.plan(module, whole)]
        changes[name] = tuple(one for one in asked if not isinstance(one, Finding))
        findings[name] = ()
    for finding in _told(whole, staying):
        home = next(name for name, one in facts.items() if one.path == finding.file)
        findings[home] = (*findings[home], finding)
    return whole, Planned(changes, findings, staying=staying.modules)


def _told(project: Project, staying: Staying) -> Iterator[Finding]:
    """One finding for each app, and its further reasons once each. All answers are Flask's: no endpoint is touched."""
    said: set[tuple[str, str]] = set()
    for app, reasons in sorted(staying.reasons.items(), key=lambda one: is_test(project.modules[one[0][0]].path)):
        facts = project.modules[app[0]]
        if said and is_test(facts.path) and {(one.code, one.message) for one in reasons} <= said:
            continue  # one that tests make stays as the app's own
        mounted = app in project.mounted_apps or bool(project.mounting.mounting)
        ending = "stays a Flask app, mounted under FastAPI" if mounted else "stays a Flask app"
        name = f"the app of {app[1].partition('.')[0]}" if app[1] else app[2]
        if not mounted:
            hint = 'mount it where it is made: `app.mount("/", FlaskMount(flask_app))`'
        else:
            hint = "undo the mount, and run again"
        if not reasons:
            message = f"nothing is known that keeps {name} on Flask but what it shares with other apps; it {ending}"
            yield Finding("FF121", MOUNT, Severity.MANUAL, facts.path, project.routers[app].fact.span, message, hint)
            continue
        first, *others = reasons
        message = f"{first.message}: {name} {ending}"
        hint = first.hint if mounted else f"{hint}; {first.hint}".removesuffix("; ")
        yield replace(first, code="FF121", name=MOUNT, message=message, hint=hint, endpoints=())
        said.add((first.code, first.message))
        for one in others:
            if (one.code, one.message) not in said:
                said.add((one.code, one.message))
                yield replace(one, endpoints=())
    for one in staying.library:
        if (one.code, one.message) not in said:
            said.add((one.code, one.message))
            yield replace(one, message=f"{one.message}: what needs it stays as it is", endpoints=())


# -- what needs Flask --------------------------------------------------------------------------------------------------


def _left(
    project: Project, said: Sequence[Finding], uses: Sequence[Use], written: Written, name: str
) -> Iterator[Finding]:
    """What a module would still need Flask for, after all changes."""
    from migrator.engine import import_block

    facts = project.modules[name]
    if is_test(facts.path):
        return
    manual = [f for f in said if f.severity is Severity.MANUAL and f.file == facts.path]
    yield from filter(_stops, manual)
    for use in uses:
        if use.outcome is Outcome.REPORTED:
            yield from (f for f in manual if f.code == use.code and f.span.contains(use.span))
    if "flask" not in facts.stars and not any(map(_needs_flask, (*facts.flask_imports, *facts.stars))):
        return
    module = project.store.module(name)
    if module is None:
        return
    imported = imported_by(module)
    after = written.after.get(name)
    kept: Collection[str] = imported.keys() if after is None else after.imports
    if name in written.without:
        kept = import_block(module, written.planned.plan(name), project, written.home).kept
    for target in sorted(t for t in imported if t in kept and (_needs_flask(t) or t in facts.stars)):
        top = target.partition(".")[0]
        if not project.has_module(top) and not _is_tried(module, imported[target]):
            span = module.span(imported[target])
            told = next((f for f in manual if f.span == span), None)
            message = f"{top} needs Flask" if top != "flask" else "what comes from Flask is not told apart here"
            hint = "import what is used by name" if top == "flask" else ""
            yield told or Finding("FF121", MOUNT, Severity.MANUAL, facts.path, span, message, hint)


def _stops(finding: Finding) -> bool:
    """Whether a manual finding says that the app does not start, or does not serve what it did."""
    return finding.code in STOPS or (finding.code in STOPS_ALL and finding.endpoints == ("*",))


def _needs_flask(target: str) -> bool:
    """Whether an import that is not Flask's own brings Flask along, judged by its name."""
    parts = target.split(".")
    return parts[0] != "flask" and FOLDER not in parts and NAMES_FLASK.search(target) is not None


def _is_tried(module: Module, statement: ast.Import | ast.ImportFrom) -> bool:
    """Whether the app goes on where an import, and all that is done with it, fails: one `try` holds both."""
    names = {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    node: ast.AST = statement
    while not isinstance(node, ast.Module):
        inner, node = node, module.parents[node]
        if not isinstance(node, ast.Try) or inner not in node.body:
            continue
        catches = {handler.type.id for handler in node.handlers if isinstance(handler.type, ast.Name)}
        if catches & {"Exception", "BaseException"} or any(handler.type is None for handler in node.handlers):
            within = {one for part in node.body for one in walk(part)}
            return all(load in within for load, _ in module.loads if load.id in names)
    return False


# -- what belongs to an app --------------------------------------------------------------------------------------------


class _Graph:
    """Who imports whom. `flasks` are the modules in which there is something to convert."""

    def __init__(self, project: Project, flasks: Collection[str]) -> None:
        self.project, self.flasks = project, frozenset(flasks)
        self.imports = {name: frozenset(self._imported(name)) for name in project.modules}
        self.tests = {name for name, facts in project.modules.items() if is_test(facts.path)}
        self.blueprints: dict[ObjectId, set[ObjectId]] = {}  # by app
        for mounted in project.mounted:
            if mounted.app is not None:
                self.blueprints.setdefault(mounted.app, set()).add(mounted.blueprint)
        self.registering: dict[ObjectId, set[str]] = {}  # the modules that register something, by what they do it on
        for place, routers in project.registrations:
            for router in routers:
                self.registering.setdefault(router, set()).add(place.module)
        apps = frozenset({router.id for router in project.apps} | project.mounted_apps)
        self.holding: dict[ObjectId, set[tuple[str, frozenset[ObjectId]]]] = {}  # modules, and all that one name holds
        for module, name in Mounting(project, apps).holders:
            held = frozenset(e.object_id for e in project.names.resolve(module, "", name)) & apps
            for app in held:
                self.holding.setdefault(app, set()).add((module, held))

    def _imported(self, name: str) -> Iterator[str]:
        """The modules that one imports, and the packages around them."""
        module = self.project.store.module(name)
        for target in imported_by(module) if module is not None else ():
            parts = target.split(".")
            yield from (known for n in range(len(parts)) if (known := ".".join(parts[: n + 1])) in self.project.modules)

    def needed(self, apps: Collection[ObjectId]) -> set[str]:
        """The modules that apps need to run: those that make them or register something on them, with what these
        import."""
        routers = {*apps}.union(*(self.blueprints.get(app, ()) for app in apps))
        found = {router[0] for router in routers}.union(*(self.registering.get(one, ()) for one in routers))
        found |= {module for app in apps for module, held in self.holding.get(app, ()) if held <= {*apps}}
        asked = {name for router in apps if router[0] in self.tests for name in self.imports[router[0]]}
        return self._closed((found | asked) - self.tests)  # what only tests make has its class elsewhere

    def around(self, apps: set[ObjectId]) -> tuple[set[ObjectId], set[str]]:
        """The same with what uses them: the modules that are written for Flask and import one of these, tests
        too. Other apps that live in such modules come with them."""
        while True:
            found = self.needed(apps)
            while more := {n for n in self.flasks - found - self.tests if self.imports[n] & found & self.flasks}:
                found |= self._closed(more)
            others = {app.id for app in self.project.apps if app.id[0] in found - self.tests}
            if others <= apps:
                break
            apps |= others
        if len(apps) == len(self.project.apps):  # what no app needs belongs to these: migrations, scripts
            return apps, {*self.project.modules}
        folders = {
            str(PurePosixPath(self.project.modules[n].path).parent) for n in self.tests if self.imports[n] & found
        }
        for name in sorted(self.tests):
            path = PurePosixPath(self.project.modules[name].path)
            if self.imports[name] & found or any(str(folder) in folders for folder in path.parents):
                found.add(name)
        return apps, found

    def _closed(self, names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = [*names]
        while waiting:
            if (name := waiting.pop()) not in found:
                found.add(name)
                waiting += self.imports[name]
        return found
