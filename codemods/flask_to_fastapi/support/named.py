"""One router that is included more than once: under a name of its own each time, with values for its views.

app.include_router(named(prices, "eu", region="eu"), prefix="/eu")
app.include_router(named(prices, "us", region="us"), prefix="/us")
"""

from inspect import signature
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from .defaults import with_defaults


def named(router: APIRouter, name: str, /, **values: Any) -> APIRouter:
    """A copy of the router as it is now. What is called `show` there is called `eu.show`, and its view gets the values:
    they are no parameters of the request."""
    copy = APIRouter()
    for context in iter_route_contexts(router.routes):
        view = context.endpoint
        if isinstance(context.original_route, APIRoute) and view is not None:
            view = with_defaults(view, **values) if values else view
            copy.add_api_route(**{**options_of(context), "endpoint": view, "name": f"{name}.{context.name}"})
        else:
            copy.routes.append(context.original_route)
    return copy


def options_of(context: RouteContext) -> dict[str, Any]:
    """What the route was added with."""
    names = signature(APIRouter.add_api_route).parameters
    return {name: getattr(context, name) for name in names if hasattr(context, name)}
