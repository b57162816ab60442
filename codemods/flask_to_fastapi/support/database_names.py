"""The names of `sqlalchemy` and `sqlalchemy.orm` that `db` has."""

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event, orm

from .database_queries import Query

if TYPE_CHECKING:
    from .database import SQLAlchemy


class Names:
    """`db.Column`, `db.select`, `db.relationship`: what the two modules have, relationships with `db.Query`."""

    Query: type[Query]

    def relationship(self, *args: Any, **options: Any) -> Any:
        """`orm.relationship`, whose dynamic ones are queries as `Model.query`."""
        return orm.relationship(*args, **self.with_query(options))

    def dynamic_loader(self, argument: Any, **options: Any) -> Any:
        return orm.dynamic_loader(argument, **self.with_query(options))

    def with_query(self, options: dict[str, Any]) -> dict[str, Any]:
        backref = options.get("backref")
        if backref is not None:
            name, given = (backref, {}) if isinstance(backref, str) else backref
            options["backref"] = (name, {"query_class": self.Query, **given})
        return {"query_class": self.Query, **options}

    def __getattr__(self, name: str) -> Any:
        if name == "event":
            return event
        if not name.startswith("_"):
            for module in (sa, orm):
                if hasattr(module, name):
                    return getattr(module, name)
        raise AttributeError(name)


def table_class(database: "SQLAlchemy") -> Any:
    """`db.Table`, which needs no metadata."""

    class Table(sa.Table):
        def __new__(cls, *args: Any, bind_key: str | None = None, **options: Any) -> Any:
            if args and not (len(args) > 1 and isinstance(args[1], sa.MetaData)):
                args = (args[0], database.metadata_of(bind_key), *args[1:])
            return super().__new__(cls, *args, **options)

    return Table
