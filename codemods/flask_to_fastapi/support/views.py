"""Views as Flask calls them: behind decorators of their own, and as methods of a class.

@app.get("/orders/{number:int}")
@answered                           # what comes out of the decorator may be all that a Flask view may return
@logged
def order(number: int): ...

app.add_api_route("/stock/{item}", with_path_values(partial(show, "stock")))   # gets `item`, and nothing by query

orders = PerRequest(Orders, store)  # a new object for each request
app.add_api_route("/orders", orders.get)
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import partial, wraps
from typing import Any, Generic, TypeVar, overload

from fastapi import Request, Response

from .answers import answer
from .routing import MATCH

View = Callable[..., Any]
# what takes all that is left; FastAPI would look for a value of that name
OPEN = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
REQUEST = inspect.Parameter("request_for_path", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
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


def with_path_values(view: View) -> View:
    """The view, called with what stood in the path and nothing else, as Flask calls it; the response is made of what it
    returns. For views that cannot say which parameters the request is to fill."""
    own = inspect.signature(view).parameters
    open_or_optional = {name for name, each in own.items() if each.kind in OPEN or each.default is not each.empty}
    shown = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=Any) for name in own]
    return answering(view, with_request([each for each in shown if each.name not in open_or_optional]))


def answering(view: View, signature: inspect.Signature) -> View:
    if inspect.iscoroutinefunction(view):

        @wraps(view)
        async def respond_async(*args: Any, **kwargs: Any) -> Response:
            return answer(await view(*args, **with_path(kwargs)))

        respond: View = respond_async
    else:

        @wraps(view)
        def respond_sync(*args: Any, **kwargs: Any) -> Response:
            return answer(view(*args, **with_path(kwargs)))

        respond = respond_sync
    respond.__dict__["__signature__"] = signature
    return respond


def shown_signature(view: View, without: set[str], takes: Mapping[str, Any]) -> inspect.Signature:
    """The parameters that the request fills; in the place of `**kwargs` the request itself, which has the path."""
    own = inspect.signature(view).parameters
    shown = [each for name, each in own.items() if not {name} & {*without, *takes} and each.kind not in OPEN]
    shown += [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in takes.items()]
    is_open = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in own.values())
    return with_request(shown) if is_open else inspect.Signature(shown)


def with_request(shown: list[inspect.Parameter]) -> inspect.Signature:
    return inspect.Signature([*(each for each in shown if each.name != REQUEST.name), REQUEST])


def with_path(values: dict[str, Any]) -> dict[str, Any]:
    """The values for a view, with all that stood in the path where it takes that."""
    request: Request | None = values.pop(REQUEST.name, None)
    if request is None:
        return values
    _, in_path, _ = request.scope.get(MATCH, (None, request.path_params, None))
    return {**(in_path or {}), **values}


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
