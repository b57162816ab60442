"""Messages for the next page that shows them, kept in the session as Flask keeps them.

    def view(flash: Flash):
        flash("Saved.", "success")

`flash` and `get_flashed_messages` themselves are for helpers and templates: they ask the request context.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from .current import current_request

# the key of the scope that keeps what was shown: the same messages again, within one request
SHOWN = "flask.flashes"
# who wants to know of each message, see `flash_signals`
told: list[Callable[[Any, str, str], object]] = []


def add_message(connection: HTTPConnection, message: str, category: str = "message") -> None:
    session: Any = connection.session
    # a list of its own: appending to the one that is there would not show as a change
    session["_flashes"] = [*session.get("_flashes", []), (category, message)]
    for tell in told:
        tell(connection.scope["app"], message, category)


def take_messages(
    connection: HTTPConnection, with_categories: bool = False, category_filter: Iterable[str] = ()
) -> list[Any]:
    session: Any = connection.session
    if SHOWN not in connection.scope:
        connection.scope[SHOWN] = session.pop("_flashes") if "_flashes" in session else []
    wanted = list(category_filter)
    found = [(category, message) for category, message in connection.scope[SHOWN] if not wanted or category in wanted]
    return found if with_categories else [message for _, message in found]


def flash(message: str, category: str = "message") -> None:
    """Keep a message for the next page that shows them."""
    add_message(HTTPConnection(current_request().scope), message, category)


def get_flashed_messages(with_categories: bool = False, category_filter: Iterable[str] = ()) -> list[Any]:
    """The messages that were not shown yet, as pairs with their category if that is wanted; each once."""
    return take_messages(HTTPConnection(current_request().scope), with_categories, category_filter)


async def message_adder(connection: HTTPConnection) -> Callable[..., None]:
    return partial(add_message, connection)


async def message_taker(connection: HTTPConnection) -> Callable[..., list[Any]]:
    return partial(take_messages, connection)


Flash = Annotated[Callable[..., None], Depends(message_adder)]
GetFlashedMessages = Annotated[Callable[..., list[Any]], Depends(message_taker)]
