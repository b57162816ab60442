"""Jinja templates as Flask renders them: the same folders, escaping, names and context.

    use_templates(app, Path(__file__).parent / "templates")

    @template_filter(app)
    def money(value): ...

    @context_processor(app)
    def site():
        return {"site_name": "Notes"}

    def view(render_template: RenderTemplate):
        return render_template("notes.html", notes=notes)

A router may have a folder too, which is searched behind that of the app, and context processors for its own pages. The
Jinja environment is `templates_of(app).env`. Templates see `request`, `session`, `g`, `config`, `url_for` and
`get_flashed_messages`. `render_template` itself is for helpers: it asks the request context.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, wraps
from typing import Annotated, Any, ParamSpec, TypeVar

from fastapi import APIRouter, Depends, FastAPI
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, Template
from starlette.routing import BaseRoute

from . import flashing, json_provider
from .context import current_app, current_context, g, request, session, url_for, within
from .incoming import FlaskRequest, matched, request_in
from .routing import RouteRule, config_of

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])
Owner = FastAPI | APIRouter
Names = str | Template | list[str | Template]

# where an app or router keeps its part
TEMPLATES = "flask_templates"
# who wants to know when a page is rendered, see `signals`
told_before: list[Callable[[Template, dict[str, Any]], object]] = []
told_after: list[Callable[[Template, dict[str, Any]], object]] = []


class OwnTemplates:
    """What a router brings: a folder, and functions for its pages and for all."""

    def __init__(self) -> None:
        self.loader: BaseLoader | None = None
        self.context_processors: list[Callable[[], dict[str, Any]]] = []
        # what is to be done once the app is known
        self.for_app: list[Callable[[AppTemplates], object]] = []

    def tell_app(self, told: "Callable[[AppTemplates], object]") -> None:
        self.for_app.append(told)


class AppTemplates(OwnTemplates):
    """The templates of an app, and of all routers that it includes."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__()
        self.app = app
        # what the Jinja environment is made with; known when a template is first asked for
        self.options: dict[str, Any] = {}
        self.joined: list[OwnTemplates] = []

    def tell_app(self, told: "Callable[[AppTemplates], object]") -> None:
        told(self)

    @cached_property
    def env(self) -> Environment:
        options: dict[str, Any] = {"loader": AllFolders(self), "autoescape": is_escaped, **self.options}
        if "auto_reload" not in options:
            reload = config_of(self.app).get("TEMPLATES_AUTO_RELOAD")
            options["auto_reload"] = self.app.debug if reload is None else reload
        env = Environment(**options)
        env.policies["json.dumps_function"] = json_provider.dumps
        env.globals.update(
            url_for=url_for,
            get_flashed_messages=flashing.get_flashed_messages,
            config=config_of(self.app),
            request=request,
            session=session,
            g=g,
        )
        return env

    def complete(self) -> Environment:
        """The environment, with all that the routers brought for the whole app."""
        for router in routers_in(self.app.routes):
            own = templates_of(router)
            if own not in self.joined:
                self.joined.append(own)
                for told in own.for_app:
                    told(self)
        return self.env

    def context(self, values: dict[str, Any]) -> dict[str, Any]:
        """What a template sees: the app's names, then the router's, then those of the view."""
        found: dict[str, Any] = {"g": current_context().g}
        around: Sequence[Owner] = [self.app]
        if current_context().request is not None:
            found["request"] = current_context().request
            around = [self.app, *routers_around(self.app)]
        for owner in around:
            for names in templates_of(owner).context_processors:
                found.update(names())
        return found | values


class AllFolders(BaseLoader):
    """Looks in the app's folder, then in those of its routers in the order in which they were included."""

    def __init__(self, templates: AppTemplates) -> None:
        self.templates = templates

    @property
    def everywhere(self) -> ChoiceLoader:
        owners: list[OwnTemplates] = [self.templates, *map(templates_of, routers_in(self.templates.app.routes))]
        return ChoiceLoader([own.loader for own in owners if own.loader is not None])

    def get_source(self, environment: Environment, template: str) -> Any:
        return self.everywhere.get_source(environment, template)

    def list_templates(self) -> list[str]:
        return self.everywhere.list_templates()


def templates_of(owner: Owner) -> Any:
    """The templates of an app (`AppTemplates`) or of a router (`OwnTemplates`)."""
    if isinstance(owner, FastAPI):
        if not hasattr(owner.state, TEMPLATES):
            setattr(owner.state, TEMPLATES, AppTemplates(owner))
        return getattr(owner.state, TEMPLATES)
    return vars(owner).setdefault(TEMPLATES, OwnTemplates())


def use_templates(owner: Owner, directory: str | os.PathLike[str]) -> None:
    """Look for templates in a folder."""
    templates_of(owner).loader = FileSystemLoader(directory)


def template_filter(owner: Owner, name: str | None = None) -> Callable[[F], F]:
    """Lets templates use a function as a filter, by its own or another name."""
    return adder(owner, "filters", name)


def template_test(owner: Owner, name: str | None = None) -> Callable[[F], F]:
    """Lets templates ask `is name`."""
    return adder(owner, "tests", name)


def template_global(owner: Owner, name: str | None = None) -> Callable[[F], F]:
    """Lets templates call a function."""
    return adder(owner, "globals", name)


def adder(owner: Owner, kind: str, name: str | None) -> Callable[[F], F]:
    def add(function: F) -> F:
        def told(templates: AppTemplates) -> None:
            getattr(templates.env, kind)[name or function.__name__] = function

        templates_of(owner).tell_app(told)
        return function

    return add


def context_processor(owner: Owner, *, whole_app: bool = False) -> Callable[[F], F]:
    """Lets all templates of an app, or those that the routes of a router render, see the names that a function gives.

    `whole_app` is for a function that stands beside a router and serves the app.
    """

    def add(function: F) -> F:
        if whole_app:
            templates_of(owner).tell_app(lambda templates: templates.context_processors.append(function))
        else:
            templates_of(owner).context_processors.append(function)
        return function

    return add


def render_template(template_name_or_list: Names, **context: Any) -> str:
    """The page; of several templates the first that is there."""
    templates = templates_of(current_app)
    template: Template = templates.complete().get_or_select_template(template_name_or_list)
    return rendered(template, templates.context(context))


def render_template_string(source: str, **context: Any) -> str:
    """The page that a text makes."""
    templates = templates_of(current_app)
    template: Template = templates.complete().from_string(source)
    return rendered(template, templates.context(context))


def rendered(template: Template, context: dict[str, Any]) -> str:
    """The page; those who asked for it are told before and after."""
    for told in told_before:
        told(template, context)
    page = template.render(context)
    for told in told_after:
        told(template, context)
    return page


def stream_template(template_name_or_list: Names, **context: Any) -> Iterator[str]:
    """The page, piece by piece."""
    templates = templates_of(current_app)
    template: Template = templates.complete().get_or_select_template(template_name_or_list)
    return template.generate(templates.context(context))


def stream_template_string(source: str, **context: Any) -> Iterator[str]:
    """The page that a text makes, piece by piece."""
    templates = templates_of(current_app)
    template: Template = templates.complete().from_string(source)
    return template.generate(templates.context(context))


def get_template_attribute(template_name: str, attribute: str) -> Any:
    """A macro or variable of a template, for Python code."""
    return getattr(templates_of(current_app).complete().get_template(template_name).module, attribute)


def is_escaped(name: str | None) -> bool:
    """Is what stands in a template escaped? In one without a name, too."""
    return name is None or name.endswith((".html", ".htm", ".xml", ".xhtml", ".svg"))


def routers_in(routes: Sequence[BaseRoute]) -> Iterator[APIRouter]:
    """The routers that were included, each before those within it."""
    for route in routes:
        router: APIRouter | None = getattr(route, "original_router", None)
        if router is not None:
            yield router
            yield from routers_in(router.routes)


def routers_around(app: FastAPI) -> list[APIRouter]:
    """The routers that lead to the route of this request, the outermost first."""
    rule, *_ = matched(request.scope)
    return path_to(rule.context.original_route, app.routes) or [] if isinstance(rule, RouteRule) else []


def path_to(wanted: BaseRoute, routes: Sequence[BaseRoute]) -> list[APIRouter] | None:
    for route in routes:
        if route is wanted:
            return []
        router: APIRouter | None = getattr(route, "original_router", None)
        if router is not None and (inner := path_to(wanted, router.routes)) is not None:
            return [router, *inner]
    return None


def in_context(function: Callable[P, R], request: FlaskRequest) -> Callable[P, R]:
    """The function, for a view: what templates ask of the request context is this request's."""

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        with within(request):
            return function(*args, **kwargs)

    return called


def renderer(function: Callable[P, R]) -> Any:
    """A dependency that gives the function."""

    async def bound(request: Annotated[FlaskRequest, Depends(request_in)]) -> Callable[P, R]:
        return in_context(function, request)

    return Depends(bound)


RenderTemplate = Annotated[Callable[..., str], renderer(render_template)]
RenderTemplateString = Annotated[Callable[..., str], renderer(render_template_string)]
