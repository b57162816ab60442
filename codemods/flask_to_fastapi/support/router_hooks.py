"""Hooks of a router that a function makes: it keeps them until an app includes it.

    @hook(bp, "before_request")
    def check(): ...

    app.include_router(bp)
    use_hooks(app, {"shop": bp})

The last line says for which routes they are: those named `shop.*`.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from .hooks import Hooks, Only

F = TypeVar("F", bound=Callable[..., Any])

# the attribute of a router that keeps its hooks
KEPT = "flask_hooks"


class RouterHooks(Hooks):
    """They run inside of the app's own, wherever these are added."""

    is_innermost = True


def hook(router: APIRouter, kind: str) -> Callable[[F], F]:
    """Keeps a function as a hook of the router: "before_request", "after_request" or "teardown_request"."""

    def keep(function: F) -> F:
        vars(router).setdefault(KEPT, []).append((kind, function))
        return function

    return keep


def use_hooks(app: FastAPI, routers: Mapping[str, APIRouter]) -> None:
    """Lets the hooks of routers run, each for the routes whose names begin as given here."""
    for blueprint, router in routers.items():
        hooks: dict[str, Any] = {}
        for kind, function in vars(router).get(KEPT, ()):
            hooks.setdefault(kind, []).append(Only(blueprint, function))
        if hooks:
            app.user_middleware.append(Middleware(RouterHooks, **hooks))
