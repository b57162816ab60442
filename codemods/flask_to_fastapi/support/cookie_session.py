"""The session as a view sees it: a dict that knows whether it was read or changed."""

from collections.abc import Mapping
from typing import Any, NoReturn

from werkzeug.datastructures import CallbackDict


class CookieSession(CallbackDict[str, Any]):
    """What the cookie holds. A change within one of the values shows only by `session.modified = True`."""

    new = False
    accessed = False
    modified = False

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        def changed(session: Any) -> None:
            session.modified = True

        super().__init__(values, changed)

    @property
    def permanent(self) -> bool:
        """Does it outlive the browser, for `PERMANENT_SESSION_LIFETIME`?"""
        return bool(self.get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)

    def mark_accessed(self) -> None:
        """Told by `request.session`: the answer depends on the cookie."""
        self.accessed = True


class NullSession(CookieSession):
    """The session of an app without `SECRET_KEY`: empty for ever."""

    def fail(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError("The session is unavailable because no secret key was set: set SECRET_KEY.")

    __setitem__ = __delitem__ = clear = pop = popitem = update = setdefault = fail
