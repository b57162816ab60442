"""Views as Flask calls them: behind decorators of their own, and as methods of a class.

@app.get("/orders/{number:int}")
@answered                           # what comes out of the decorator may be all that a Flask view may return
@logged
def order(number: int): ...

orders = PerRequest(Orders, store)  # a new object for each request
app.add_api_route("/orders", orders.get)
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import partial, wraps
from typing import Any, Generic, TypeVar, overload

from fastapi import Response

from .answers import answer

View = Callable[..., Any]
T = TypeVar("T")


@overload
def answered(view: View, /, *, without: Iterable[str] = (), takes: Mapping[str, Any] = {}) -> View: ...


@overload
def answered(*, without: Iterable[str] = (), takes: Mapping[str, Any] = {}) -> Callable[[View], View]: ...


def answered(
    view: View | None = None, /, *, without: Iterable[str] = (), takes: Mapping[str, Any] = {}
) -> View | Callable[[View], View]:
    """Make the response of what a view returns, or a decorator around it, as Flask does.

    `without` names parameters of the view that a decorator fills; `takes` those of the request that only the decorator
    takes, with their types.
    """
    if view is None:
        return lambda view: answering(view, shown_signature(view, set(without), takes))
    return answering(view, shown_signature(view, set(without), takes))


def answering(view: View, signature: inspect.Signature) -> View:
    if inspect.iscoroutinefunction(view):

        @wraps(view)
        async def respond_async(*args: Any, **kwargs: Any) -> Response:
            return answer(await view(*args, **kwargs))

        respond: View = respond_async
    else:

        @wraps(view)
        def respond_sync(*args: Any, **kwargs: Any) -> Response:
            return answer(view(*args, **kwargs))

        respond = respond_sync
    respond.__dict__["__signature__"] = signature
    return respond


def shown_signature(view: View, without: set[str], takes: Mapping[str, Any]) -> inspect.Signature:
    """The parameters that the request fills."""
    signature = inspect.signature(view)
    own = [each for name, each in signature.parameters.items() if name not in without and name not in takes]
    added = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in takes.items()]
    last = [own.pop()] if own and own[-1].kind is inspect.Parameter.VAR_KEYWORD else []
    return inspect.Signature([*own, *added, *last])


class PerRequest(Generic[T]):
    """The methods of a class, each called on an object that is made for the one request."""

    def __init__(self, kind: Callable[..., T], *args: Any, **kwargs: Any) -> None:
        self.make: Callable[[], T] = partial(kind, *args, **kwargs)
        self.kind = kind

    def __getattr__(self, name: str) -> View:
        method = getattr(self.kind, name)
        signature = inspect.signature(method)
        parameters = list(signature.parameters.values())[1:]

        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            return getattr(self.make(), name)(*args, **kwargs)

        @wraps(method)
        async def call_async(*args: Any, **kwargs: Any) -> Any:
            return await getattr(self.make(), name)(*args, **kwargs)

        view: View = call_async if inspect.iscoroutinefunction(method) else call
        view.__dict__["__signature__"] = signature.replace(parameters=parameters)
        return view
