"""One step of a move in parts: the blueprints that were chosen move, and what is around them stays Flask."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.changes import Change
from migrator.codemod import Codemod
from migrator.errors import CannotRun
from migrator.findings import Finding, Severity
from migrator.project.flask_names import ROUTE_METHODS
from migrator.project.model import ObjectId, Placed, Route
from migrator.project.mounting import is_test
from migrator.project.project import Project
from migrator.staying import STOPS

if TYPE_CHECKING:
    from migrator.engine import Planned, Told

RULE = ("FF123", "router-in-flask")
ROUTES = ROUTE_METHODS | {"add_url_rule"}
SHOWN = 12  # names in a message


def chosen_blueprints(project: Project, only: Sequence[str], excluded: Sequence[str]) -> frozenset[ObjectId] | None:
    """The blueprints that move, by the names of blueprints, modules or routes; None where that is everything. Raises
    `CannotRun` for a name that nothing has, and for a part of a blueprint."""
    if not only and not excluded:
        return None
    routes = set(project.routes)
    named = {route for name in only for route in _named(project, name)}
    left = {route for name in excluded for route in _named(project, name)}
    chosen = (named if only else routes) - left
    if chosen == routes:
        return None
    found: set[ObjectId] = set()
    own_routes = sorted(r.rule for r in named if r.router is not None and project.routers[r.router].is_app)
    for blueprint in {route.router for route in chosen if route.router is not None}:
        own = {route for route in routes if route.router == blueprint}
        if project.routers[blueprint].is_app:
            continue
        if own <= chosen:
            found.add(blueprint)
        elif own & (named | left):
            name = project.routers[blueprint].fact.name or blueprint[2]
            raise CannotRun(f"the routes of the blueprint {name} move together: name the blueprint")
    if own_routes and not found:
        raise CannotRun(f"{own_routes[0]} is a route of the app itself: it moves with the last step, without --only")
    return frozenset(found)


def _named(project: Project, name: str) -> set[Route]:
    """The routes that a name means: an endpoint or rule, all of a blueprint, all that a module registers. None of them
    where they have moved already."""

    def fits(endpoint: str, rule: str, module: str) -> bool:
        return name in (endpoint, rule, module, project.modules[module].path) or endpoint.startswith(f"{name}.")

    found = {route for route in project.routes if fits(route.endpoint, route.rule, route.registration.module)}
    if not found and not any(fits(route.endpoint, route.path, route.module) for route in project.moved_routes):
        known = {*(r.endpoint for r in project.routes), *(r.endpoint for r in project.moved_routes)}
        names = sorted({endpoint.rpartition(".")[0] or endpoint for endpoint in known})
        shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
        raise CannotRun(f"no blueprint, module or route is called {name}; there are: {shown or 'none'}")
    return found


def planned_step(
    project: Project, chosen: frozenset[ObjectId], codemods: Sequence[Codemod]
) -> Generator[Told, Told, tuple[Project, Planned]]:
    """The plan for a step: in the modules of the blueprints the views change, elsewhere what serves them."""
    from migrator.engine import Planned, Told

    reasons = {one: told for one in sorted(chosen) if (told := next(_reasons(project, one, chosen), None)) is not None}
    while True:
        moving = chosen - reasons.keys()
        homes = {name: one for one in sorted(moving) for name in _homes(project, one)}
        staying = frozenset(app.id for app in project.apps) if moving else frozenset()
        whole = project.part(project.modules, staying, moving)
        changes, findings = _asked(whole, codemods, homes)
        stopped = {homes[n]: f for n in homes for f in findings[n] if f.severity is Severity.MANUAL and f.code in STOPS}
        if not stopped:
            break
        reasons |= stopped
    for one, reason in reasons.items():
        findings[one[0]] = (*findings[one[0]], _told(project, one, reason))
    planned = Planned(changes, findings, staying=frozenset(project.modules) - homes.keys())
    yield Told()
    return whole, planned


def _asked(
    project: Project, codemods: Sequence[Codemod], homes: Collection[str]
) -> tuple[dict[str, tuple[Change, ...]], dict[str, tuple[Finding, ...]]]:
    """What is to be changed in each module, and what is to be said."""
    changes: dict[str, tuple[Change, ...]] = {}
    findings: dict[str, tuple[Finding, ...]] = {}
    for name in project.modules:
        module = project.store.module(name)
        asked = [c for c in codemods if (c.moves_views if name in homes else c.serves_flask)]
        told = [one for c in asked if module is not None and project.moving for one in c.plan(module, project)]
        changes[name] = tuple(one for one in told if not isinstance(one, Finding))
        findings[name] = tuple(one for one in told if isinstance(one, Finding))
    return changes, findings


def _homes(project: Project, blueprint: ObjectId) -> set[str]:
    """The modules in which a blueprint is made and gets its routes."""
    return {blueprint[0], *(place.module for place in _on(project, blueprint))}


def _on(project: Project, blueprint: ObjectId) -> Iterator[Placed]:
    return (place for place, routers in project.registrations if blueprint in routers)


def _reasons(project: Project, blueprint: ObjectId, chosen: Collection[ObjectId]) -> Iterator[Finding]:
    """What stands in the way of moving a blueprint by itself."""
    fact = project.routers[blueprint].fact
    path = project.modules[blueprint[0]].path

    def reason(message: str, place: Placed | None = None) -> Finding:
        span = place.fact.span if place is not None else fact.span
        file = project.modules[place.module].path if place is not None else path
        return Finding(*RULE, Severity.MANUAL, file, span, message, "it moves with the last step, without --only")

    if fact.static_folder or fact.template_folder:
        yield reason("it has folders of its own")
    for place in _on(project, blueprint):
        if place.fact.method not in ROUTES:
            yield reason(f"{place.fact.method} is registered on it", place)
    for mount in project.mounts_of(blueprint):
        at = mount.registration
        if mount.app is None or at is None:
            yield reason("the app that it is registered on is not known", at)
        elif mount.prefix is None or at.fact.in_loop or project.is_renamed(blueprint):
            yield reason("its name or prefix there is known only when the app runs", at)
        elif "." in mount.name:
            yield reason("it is registered on another blueprint", at)
    for home in _homes(project, blueprint):
        if is_test(project.modules[home].path):
            yield reason("it is made in a test")
        for place, routers in project.registrations_in(home):
            if not {*routers} <= {*chosen}:
                yield reason("its module registers something else, too", place)
        if any(router.id[0] == home and router.id not in chosen for router in project.routers.values()):
            yield reason("its module makes another app or blueprint, too")


def _told(project: Project, blueprint: ObjectId, reason: Finding) -> Finding:
    name = project.routers[blueprint].fact.name or blueprint[2]
    return replace(reason, message=f"the blueprint {name} stays Flask in this step: {reason.message}", endpoints=())
