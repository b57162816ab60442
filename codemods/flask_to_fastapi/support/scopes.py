"""What Flask code kept in a thread, kept for a request.

Flask answers a request in one thread, FastAPI in several that serve other requests in between.

    session = scoped_session(sessionmaker(engine), scopefunc=scope_key)

    local = Local()
"""

from threading import get_ident, local
from typing import Any

from .current import current_context, has_app_context

# the names of a `Local`, in the state of the request
NAMES = "flask_local"


def scope_key() -> tuple[str, int]:
    """The request (or app context) that the code runs in; where there is none, the thread."""
    return ("context", id(current_context())) if has_app_context() else ("thread", get_ident())


class Local:
    """Names with values of their own in each request; where there is none, in each thread, as in `threading.local`."""

    def __init__(self) -> None:
        vars(self)["_thread"] = local()

    def _values(self) -> dict[str, Any]:
        if not has_app_context():
            values: dict[str, Any] = vars(vars(self)["_thread"])
            return values
        kept: dict[int, dict[str, Any]] = current_context().g.setdefault(NAMES, {})
        return kept.setdefault(id(self), {})

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values()[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._values()[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self._values()[name]
        except KeyError:
            raise AttributeError(name) from None
