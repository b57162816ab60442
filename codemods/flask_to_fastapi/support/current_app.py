"""The app that answers, as a dependency: `def view(app: CurrentApp)` for what the project keeps on its app."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI
from starlette.requests import HTTPConnection


async def current_app(request: HTTPConnection) -> FastAPI:
    app: FastAPI = request.app
    return app


# attributes of the project's own are no part of FastAPI's class
CurrentApp = Annotated[Any, Depends(current_app)]
