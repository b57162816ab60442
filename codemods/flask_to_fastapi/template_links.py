"""Links in templates to endpoints that no route of the project has.

## What changes

Nothing: templates stay as they are.

## Example

`{{ url_for("debugtoolbar.static", filename="x.css") }}` is reported where no route of the project has that name.

## Safety

The rule only reports.

## What is left to you

The routes that an extension brought: give the app one of that name, or mend the link.
"""

from __future__ import annotations

from migrator.codemod import Codemod, Finding, Module, Plan, Project, Rule, Safety, Severity
from migrator.project.pages import Page
from migrator.syntax import argument, text_of, texts_of

RENDERING = ("flask.render_template", "flask.stream_template")


class TemplateLinks(Codemod):
    """Links that lead nowhere."""

    rule = Rule("FF606", "template-links", "links to endpoints that are not there", Safety.MANUAL)

    def plan(self, module: Module, project: Project) -> Plan:
        if not project.modules[module.name].constructed:
            return
        first = min((app.id[0] for app in project.apps), default="")
        if module.name != first or any("?" in route.endpoint for route in project.routes):
            return
        known = {"static", *(r.endpoint for r in project.routes), *(r.endpoint for r in project.moved_routes)}
        known |= {f"{mount.name}.static" for mount in project.mounted}
        beside = {endpoint.rpartition(".")[2] for endpoint in known}
        for page in project.pages.all:
            for link in page.links:
                endpoint = link.endpoint
                if endpoint in known or (endpoint.startswith(".") and endpoint[1:] in beside) or not page.name:
                    continue
                message = f"no route is called {endpoint}"
                touched = endpoints_showing(project, page)
                yield Finding(
                    self.rule.code, self.rule.name, Severity.MANUAL, page.path, link.span, message, "", touched
                )


def endpoints_showing(project: Project, page: Page) -> tuple[str, ...]:
    """The endpoints whose views render a page, or one that it is part of; a name that is computed may be any."""
    names = project.pages.shown_by(page)
    found: set[str] = set()
    for name, facts in project.modules.items():
        if facts.flask_imports.isdisjoint((*RENDERING, "flask")):
            continue
        module = project.store.module(name)
        for call in module.calls if module is not None else ():
            if module is not None and project.canonical(module.dotted(call.func)) in RENDERING:
                given = argument(call, 0, "template_name_or_list")
                text = text_of(module, given)
                rendered = texts_of(module, given) if text is None else (text,)
                if rendered is None or not names.isdisjoint(rendered):
                    found.update(project.endpoints_at(module, call))
    return tuple(sorted(found))
