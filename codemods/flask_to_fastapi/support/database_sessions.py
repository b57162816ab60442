"""The session of a request: which database it asks, and when it ends."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from anyio import CancelScope, CapacityLimiter, Semaphore, to_thread
from anyio.lowlevel import RunVar
from fastapi import FastAPI
from sqlalchemy import orm
from sqlalchemy.exc import NoInspectionAvailable, UnboundExecutionError
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from .context import RequestContext
from .current import current_context
from .outgoing import answered, unchanged

if TYPE_CHECKING:
    from .database import SQLAlchemy


class Session(orm.Session):
    """Asks the database of the model's or table's `__bind_key__`, else the default one."""

    def __init__(self, db: "SQLAlchemy", **options: Any) -> None:
        super().__init__(**options)
        self.database = db

    def get_bind(
        self,
        mapper: Any = None,
        clause: Any = None,
        bind: sa.Engine | sa.Connection | None = None,
        **options: Any,
    ) -> sa.Engine | sa.Connection:
        if bind is not None:
            return bind
        engines = self.database.engines
        if mapper is not None:
            try:
                mapper = sa.inspect(mapper)
            except NoInspectionAvailable as error:
                if isinstance(mapper, type):
                    raise orm.exc.UnmappedClassError(mapper) from error
                raise
        for found in (getattr(mapper, "local_table", None), clause):
            if (engine := engine_of(found, engines)) is not None:
                return engine
        if None in engines:
            return engines[None]
        return super().get_bind(mapper=mapper, clause=clause, bind=bind, **options)


def engine_of(clause: Any, engines: Mapping[str | None, sa.Engine]) -> sa.Engine | None:
    """The engine of a table, or of the one that a statement changes."""
    table = clause.table if isinstance(clause, sa.UpdateBase) else clause
    if not isinstance(table, sa.Table) or "bind_key" not in table.metadata.info:
        return None
    key = table.metadata.info["bind_key"]
    if key not in engines:
        raise UnboundExecutionError(f"Bind key '{key}' is not in 'SQLALCHEMY_BINDS' config.")
    return engines[key]


def scoped_session(database: "SQLAlchemy", options: Mapping[str, Any]) -> Any:
    """`db.session`: one session for each request, and for each `app_context`."""
    options = {"class_": Session, "query_cls": database.Query, **options}
    scopefunc = options.pop("scopefunc", current_context)
    session: Any = orm.scoped_session(orm.sessionmaker(db=database, **options), scopefunc)
    if scopefunc is current_context:
        session.registry.registry = WeakKeyDictionary()
    return session


def end_sessions(app: FastAPI, session: Any, max_requests: int | None) -> None:
    """End the session of each request, and of each `app_context`."""
    # inside of the request's context, and outside of all hooks
    kinds: list[Any] = [middleware.cls for middleware in app.user_middleware]
    place = kinds.index(RequestContext) + 1 if RequestContext in kinds else 0
    middleware = Middleware(
        SessionPerRequest,
        session=session,
        max_requests=max_requests,
        teardown_appcontext=[lambda error: session.remove()],
    )
    app.user_middleware.insert(place, middleware)


class SessionPerRequest:
    """Ends the session when the response, its stream and its background tasks are done; also after an error, or
    when the client has gone.

    A request that has a connection goes through several threads. So that it never waits for one that is held by a
    request without a connection, no more than `max_requests` are answered at once: as many as the pool has
    connections. For the same reason the session ends in a thread that waits for no other.
    """

    def __init__(self, app: ASGIApp, session: Any, max_requests: int | None, teardown_appcontext: Any) -> None:
        self.app = app
        self.session = session
        self.max_requests = max_requests
        self.gates: RunVar[Semaphore] = RunVar("requests with a session")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        async with self.gate():
            try:
                await answered(self.app, scope, receive, send, unchanged)
            finally:
                if self.session.registry.has():
                    with CancelScope(shield=True):
                        await to_thread.run_sync(self.session.remove, limiter=CapacityLimiter(1))

    def gate(self) -> AbstractAsyncContextManager[Any]:
        """What lets so many requests through, in each event loop."""
        if self.max_requests is None:
            return nullcontext()
        gate = self.gates.get(None)
        if gate is None:
            gate = Semaphore(self.max_requests)
            self.gates.set(gate)
        return gate
