"""The names that Flask code keeps in `g`.

def view(g: RequestGlobals):
    g.user
"""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection


class Globals:
    """Names kept in a dict; with that of `request.state` they are the same for FastAPI's code."""

    def __init__(self, names: dict[str, Any]) -> None:
        vars(self)["_names"] = names

    def __getattr__(self, name: str) -> Any:
        try:
            return vars(self)["_names"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._names[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self._names[name]
        except KeyError:
            raise AttributeError(name) from None

    def get(self, name: str, default: Any = None) -> Any:
        return self._names.get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        return self._names.pop(name, *default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        return self._names.setdefault(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)


async def globals_of(connection: HTTPConnection) -> Globals:
    """The names of this request, those that hooks left too."""
    return Globals(connection.scope.setdefault("state", {}))


RequestGlobals = Annotated[Globals, Depends(globals_of)]
