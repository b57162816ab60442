"""What apps and routers have of templates: folders, names and functions, joined to one Jinja environment per app."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

from fastapi import APIRouter, FastAPI
from jinja2 import BaseLoader, ChoiceLoader, Environment
from starlette.routing import BaseRoute

from . import flashing, json_provider
from .context import g, request, session, url_for
from .current import current_context
from .incoming import matched
from .route_rules import RouteRule
from .routing import config_of

Owner = FastAPI | APIRouter

# where an app or router keeps its part
TEMPLATES = "flask_templates"


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
