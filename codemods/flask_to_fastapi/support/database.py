"""SQLAlchemy for an app: engines from its configuration, models, and one session for each request.

    db = SQLAlchemy(app)  # or db.init_app(app)

    class User(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)

    @app.get("/users")
    def users():
        return [user.id for user in db.session.scalars(db.select(User))]

`db` has the names of `sqlalchemy` and `sqlalchemy.orm` too. Outside of requests, `with app_context(app):` has a
session. Views that use it are `def`: in an `async def` all other requests would wait for the database.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from fastapi import FastAPI, HTTPException
from sqlalchemy.exc import MultipleResultsFound, NoResultFound, UnboundExecutionError

from .current import current_context
from .database_engines import Engines, engines_of, most_connections
from .database_models import Model, make_model
from .database_names import Names, table_class
from .database_queries import Query, found_or_404
from .database_sessions import end_sessions, scoped_session
from .pagination import Pagination, SelectPagination

M = TypeVar("M")
Keys = str | Iterable[str | None] | None


class SQLAlchemy(Names):
    """The database of an app, or of several that share their models."""

    def __init__(
        self,
        app: FastAPI | None = None,
        *,
        metadata: sa.MetaData | None = None,
        session_options: Mapping[str, Any] | None = None,
        query_class: type[Query] = Query,
        model_class: Any = Model,
        engine_options: Mapping[str, Any] | None = None,
        disable_autonaming: bool = False,
        add_models_to_shell: bool = True,
    ) -> None:
        self.Query = query_class
        self.session = scoped_session(self, session_options or {})
        self.Model: Any = make_model(self, model_class, metadata, not disable_autonaming)
        self.Model.metadata.info["bind_key"] = None
        self.metadatas: dict[str | None, sa.MetaData] = {None: self.Model.metadata}
        self.Table = table_class(self)
        self.engine_options = engine_options or {}
        self.engines_of_apps: WeakKeyDictionary[FastAPI, Engines] = WeakKeyDictionary()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: FastAPI) -> None:
        """Make the engines that the app's configuration names, and end the sessions of its requests."""
        if not hasattr(app.state, "extensions"):
            app.state.extensions = {}
        if "sqlalchemy" in app.state.extensions:
            raise RuntimeError("A 'SQLAlchemy' instance has already been registered on this app.")
        engines = self.engines_of_apps[app] = engines_of(app, self.engine_options)
        for key in engines:
            self.metadata_of(key)
        app.state.extensions["sqlalchemy"] = self
        end_sessions(app, self.session, most_connections(engines))

    @property
    def engines(self) -> Engines:
        """The engines of the current app, by bind key."""
        engines = self.engines_of_apps.get(current_context().app)
        if engines is None:
            raise RuntimeError("The current app is not registered with this 'SQLAlchemy'; call 'init_app'.")
        return engines

    @property
    def engine(self) -> sa.Engine:
        return self.engines[None]

    def get_engine(self, bind_key: str | None = None, bind: str | None = None) -> sa.Engine:
        return self.engines[bind_key or bind]

    @property
    def metadata(self) -> sa.MetaData:
        return self.metadatas[None]

    def metadata_of(self, bind_key: str | None) -> sa.MetaData:
        """The tables of a bind key; they are named as those of the default one."""
        if bind_key not in self.metadatas:
            naming, info = self.metadata.naming_convention, {"bind_key": bind_key}
            self.metadatas[bind_key] = sa.MetaData(naming_convention=naming, info=info)
        return self.metadatas[bind_key]

    def get_or_404(self, entity: type[M], ident: Any, *, description: str | None = None, **options: Any) -> M:
        found: M = found_or_404(self.session.get(entity, ident, **options), description)
        return found

    def first_or_404(self, statement: sa.Select[Any], *, description: str | None = None) -> Any:
        return found_or_404(self.session.execute(statement).scalar(), description)

    def one_or_404(self, statement: sa.Select[Any], *, description: str | None = None) -> Any:
        try:
            return self.session.execute(statement).scalar_one()
        except (NoResultFound, MultipleResultsFound):
            raise HTTPException(404, description) from None

    def paginate(
        self,
        select: sa.Select[Any],
        *,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int | None = None,
        error_out: bool = True,
        count: bool = True,
    ) -> Pagination:
        """One page of a statement; see `Pagination`."""
        return SelectPagination((self.session(), select), page, per_page, max_per_page, error_out, count)

    def create_all(self, bind_key: Keys = "__all__") -> None:
        """Create the tables that are not there yet."""
        for engine, metadata in self.bound(bind_key):
            metadata.create_all(engine)

    def drop_all(self, bind_key: Keys = "__all__") -> None:
        for engine, metadata in self.bound(bind_key):
            metadata.drop_all(engine)

    def reflect(self, bind_key: Keys = "__all__") -> None:
        """Learn from the database what tables it has."""
        for engine, metadata in self.bound(bind_key):
            metadata.reflect(engine)

    def bound(self, bind_key: Keys) -> Iterable[tuple[sa.Engine, sa.MetaData]]:
        """The engines of the bind keys, and their tables."""
        if bind_key == "__all__":
            bind_key = list(self.metadatas)
        for key in [bind_key] if bind_key is None or isinstance(bind_key, str) else bind_key:
            if key not in self.engines:
                raise UnboundExecutionError(f"Bind key '{key}' is not in 'SQLALCHEMY_BINDS' config.")
            yield self.engines[key], self.metadatas[key]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
