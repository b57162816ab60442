"""Werkzeug decides which route answers, so that order, redirects, HEAD, OPTIONS and 405 are those of Flask."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI, Response
from fastapi.routing import APIRoute, RouteContext
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Host, Match, NoMatchFound, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as WerkzeugResponse

from .repeated import first_counts
from .route_rules import RouteRule, mounted_map
from .routing import MATCH, bind, routes_of, too_long

# the keys of the scope that tell who answers, and by which rule
ANSWER = "flask.answer"
RULE = "flask.url_rule"

Decision = tuple[Match, Scope]


class FlaskRouting(BaseRoute):
    """The first route of the app: it finds the right one of all others, and lets it answer."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def matches(self, scope: Scope) -> Decision:
        if scope["type"] != "http":
            return Match.NONE, {}
        by_host = (context for context in self.others() if isinstance(context.original_route, Host))
        return answer_of(by_host, scope) or self.decide(scope)

    def decide(self, scope: Scope) -> Decision:
        """What Werkzeug's URL map says; what it does not know is left to the mounts, and to Starlette."""
        try:
            urls = bind(self.app, scope)
            rule, values = urls.match(return_rule=True, websocket=False)
        except RequestRedirect as redirect:
            return Match.FULL, {ANSWER: starlette_response(redirect.get_response())}
        except MethodNotAllowed as refused:
            # a mounted Flask app need not be asked where the app has a route too: its methods are among these
            is_known = self.is_known(scope)
            asked = (context for context in self.others() if not (is_known and mounted_map(context)))
            refused_by_all = Match.FULL, {ANSWER: refusal(405, allow(refused.valid_methods or ()))}
            return answer_of(asked, scope) or refused_by_all
        except NotFound:
            if not self.is_known(scope):
                return Match.NONE, {}
            # Starlette would take a route here that Flask did not
            return answer_of(self.others(), scope) or (Match.FULL, {ANSWER: self.app.router.default})
        assert isinstance(rule, RouteRule)
        if not isinstance(rule.context.original_route, Route):
            return answer_of([rule.context], scope) or (Match.NONE, {})
        if scope["method"] == "OPTIONS" and not rule.serves_options:
            return Match.FULL, {ANSWER: Response(headers=allow(urls.allowed_methods()), media_type="text/html")}
        before, changed, _ = scope.get(MATCH, (None, None, None))
        if before is rule:  # hooks have seen the values, and may have changed some
            values = {**values, **changed}
        return Match.FULL, {
            ANSWER: view_of(rule.context),
            RULE: rule,
            "route": rule.context.original_route,
            "endpoint": rule.context.endpoint,
            "path_params": {**scope.get("path_params", {}), **values},
        }

    def is_known(self, scope: Scope) -> bool:
        """Would Starlette take one of the app's own routes for this address?"""
        return any(context.matches(scope)[0] is not Match.NONE for context in routes_of(self.app).mapped)

    def others(self) -> Iterator[RouteContext]:
        """The routes that have no place in the URL map: mounts, hosts, FastAPI's own pages."""
        return (context for context in routes_of(self.app).others if context.original_route is not self)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope[ANSWER](scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)


def answer_of(others: Iterable[RouteContext], scope: Scope) -> Decision | None:
    """The first of these routes that serves the request, as Starlette matches."""
    for context in others:
        match, child_scope = context.matches(scope)
        if match is Match.FULL:
            return match, {**child_scope, ANSWER: context.handle}
    return None


def allow(methods: Iterable[str]) -> dict[str, str]:
    return {"Allow": ", ".join(sorted(set(methods)))}


def view_of(context: RouteContext) -> ASGIApp:
    """The route without its own check of the method: a GET route serves HEAD too."""
    app: ASGIApp = context.app
    if not isinstance(context.original_route, APIRoute):
        return app

    async def view(scope: Scope, receive: Receive, send: Send) -> None:
        first_counts(scope, context.dependant)
        if context.body_field is not None and too_long(scope):
            raise HTTPException(413)
        await app(scope, receive, send)

    return view


def refusal(status: int, headers: dict[str, str]) -> ASGIApp:
    """Leaves the answer to the app's error handlers."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        raise HTTPException(status, headers=headers)

    return refuse


def starlette_response(answer: WerkzeugResponse) -> Response:
    response = Response(answer.get_data(), answer.status_code)
    response.raw_headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    return response


class HeadWithoutBody:
    """Answers to HEAD have the headers of GET, and no body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            # the answer ends here, even if the view streams on
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})

        await self.app(scope, receive, send_head)
