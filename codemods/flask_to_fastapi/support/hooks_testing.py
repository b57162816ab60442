"""What tests ask of hooks: to run for a request that nobody sent."""

from typing import Any

from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI, Request

from .current import current_request
from .hooks import Hooks


def preprocess_request(app: FastAPI) -> Any:
    """Run the hooks that stand before the view of the current request, up to the first that answers it; None if none
    does."""
    request = Request(current_request().scope)
    with start_blocking_portal() as portal:
        for middleware in app.user_middleware:
            hooks: Any = middleware
            if hooks.cls is Hooks:
                response = portal.call(Hooks(app, **hooks.kwargs).early_answer, request)
                if response is not None:
                    return response
    return None
