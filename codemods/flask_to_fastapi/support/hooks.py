"""`before_request`, `after_request` and `teardown_request`, as pure ASGI middleware.

    add_hooks(
        app,
        url_value_preprocessors=[pull_language],
        before_request=[once(fill_cache), load_user, Only("shop", check_cart)],
        after_request=[add_version],
        teardown_request=[close_db],
    )

Hooks run inside of all other middleware, as in Flask: they find the request context, the session and whatever else is
added to the app, before this line or after it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from inspect import signature
from threading import Lock
from typing import Any, NamedTuple

from fastapi import FastAPI, Request, Response
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import FlaskResponse, answer
from .incoming import blueprints_of, matched
from .outgoing import answered, call


class Only(NamedTuple):
    """A hook for the routes of a blueprint: those whose names begin with its name."""

    blueprint: str
    hook: Callable[..., Any]


Hook = Callable[..., Any] | Only


def once(hook: Callable[[], object]) -> Callable[[], None]:
    """The hook, for the first request alone; others wait until it is done."""
    lock = Lock()
    is_done = False

    @wraps(hook)
    def run() -> None:
        nonlocal is_done
        with lock:
            if not is_done:
                hook()
                is_done = True

    return run


def add_hooks(app: FastAPI, **hooks: Any) -> None:
    """Let hooks run around every request; those that are added later run inside of these. Takes what `Hooks` takes."""
    if app.middleware_stack is not None:
        raise RuntimeError("Hooks cannot be added once the app has answered.")
    innermost = (at for at, one in enumerate(app.user_middleware) if getattr(one.cls, "is_innermost", False))
    app.user_middleware.insert(next(innermost, len(app.user_middleware)), Middleware(Hooks, **hooks))


class Hooks:
    """Runs functions around every request, also where no route matches.

    - `url_value_preprocessors`: `hook(endpoint, values)`, before all others; the view gets the values of the path as
      they leave them. Both are None where no route matches.
    - `before_request`: `hook()` or `hook(request)`; the first that returns something answers the request with it.
    - `after_request`: `hook(response)` or `hook(request, response)`; returns the response to send. They run last to
      first, for errors and early answers too. Of a stream they see no body, unless `whole_body` asks for it.
    - `teardown_request`: `hook(error)` or `hook(request, error)`; run last to first when all is sent, with the error
      that nothing but a handler for 500 or `Exception` answered, or None.
    - `teardown_appcontext`: `hook(error)`; the same, and at the end of every `app_context` too.

    Hooks are `def` or `async def`; they get the request if their first parameter is called `request`. Those of
    blueprints stand behind those of the app, as Flask runs them.
    """

    def __init__(
        self,
        app: ASGIApp,
        before_request: Sequence[Hook] = (),
        after_request: Sequence[Hook] = (),
        teardown_request: Sequence[Hook] = (),
        teardown_appcontext: Sequence[Hook] = (),
        url_value_preprocessors: Sequence[Hook] = (),
        whole_body: bool = False,
    ) -> None:
        self.app = app
        self.url_value_preprocessors = url_value_preprocessors
        self.before_request = before_request
        self.after_request = after_request
        self.teardown_request = teardown_request
        self.teardown_appcontext = teardown_appcontext
        self.whole_body = whole_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)

        async def early_or_app(scope: Scope, receive: Receive, send: Send) -> None:
            await (await self.early_answer(request) or self.app)(scope, receive, send)

        async def finish(response: FlaskResponse) -> Response:
            for hook in hooks_for(scope, reversed(self.after_request)):
                response = answer_of(await call_hook(hook, request, response, at_end=True))
            return response

        unhandled: Exception | None = None
        try:
            unhandled = await answered(early_or_app, scope, receive, send, finish, self.whole_body)
        except Exception as error:
            unhandled = error
            raise
        finally:
            for hook in hooks_for(scope, [*reversed(self.teardown_request), *reversed(self.teardown_appcontext)]):
                await call_hook(hook, request, unhandled, at_end=True)

    async def early_answer(self, request: Request) -> Response | None:
        for hook in hooks_for(request.scope, self.url_value_preprocessors):
            rule, values, _ = matched(request.scope)
            await call(hook, rule.endpoint if rule else None, values)
        for hook in hooks_for(request.scope, self.before_request):
            value = await call_hook(hook, request)
            if value is not None:
                return answer(value)
        return None


def hooks_for(scope: Scope, hooks: Iterable[Hook]) -> Iterator[Callable[..., Any]]:
    """The hooks that this request concerns."""
    for hook in hooks:
        if not isinstance(hook, Only):
            yield hook
        elif hook.blueprint in blueprints_of(scope):
            yield hook.hook


def answer_of(response: object) -> FlaskResponse:
    if not isinstance(response, Response):
        raise TypeError(f"an after_request function returned {type(response).__name__}, and no response")
    return FlaskResponse.of(response)


async def call_hook(hook: Callable[..., Any], request: Request, *args: object, at_end: bool = False) -> Any:
    takes_request = next(iter(signature(hook).parameters), None) == "request"
    return await call(hook, *([request] if takes_request else []), *args, at_end=at_end)
