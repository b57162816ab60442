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
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

from fastapi import Depends
from jinja2 import FileSystemLoader, Template

from .context import current_app
from .current import within
from .incoming import FlaskRequest, request_in
from .template_owners import AppTemplates, Owner
from .template_owners import templates_of as templates_of

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])
Names = str | Template | list[str | Template]
# who wants to know when a page is rendered, see `signals`
told_before: list[Callable[[Template, dict[str, Any]], object]] = []
told_after: list[Callable[[Template, dict[str, Any]], object]] = []


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
    return rendered(templates_of(current_app).complete().get_or_select_template(template_name_or_list), context)


def render_template_string(source: str, **context: Any) -> str:
    """The page that a text makes."""
    return rendered(templates_of(current_app).complete().from_string(source), context)


def rendered(template: Template, context: dict[str, Any]) -> str:
    """The page; those who asked for it are told before and after."""
    context = templates_of(current_app).context(context)
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
