"""The base class of models: names of tables, `__bind_key__` and `Model.query` as Flask-SQLAlchemy has them."""

import re
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import orm

from .database_queries import Query

if TYPE_CHECKING:
    from .database import SQLAlchemy

WORDS = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")


class QueryOfModel:
    """`Model.query`: a query for the model in the current session."""

    def __get__(self, instance: object, model: "type[Model]") -> Query:
        return model.query_class(model, session=model.__database__.session())


class Model:
    """What every model can do. A subclass given as `SQLAlchemy(model_class=...)` adds to it."""

    __database__: ClassVar["SQLAlchemy"]
    query_class: ClassVar[type[Query]] = Query
    query: ClassVar[Query] = QueryOfModel()  # type: ignore[assignment]

    def __repr__(self) -> str:
        state: Any = sa.inspect(self)
        if state.transient:
            key = f"(transient {id(self)})"
        elif state.pending:
            key = f"(pending {id(self)})"
        else:
            key = ", ".join(map(str, state.identity))
        return f"<{type(self).__name__} {key}>"


class Bound:
    """Models with a `__bind_key__` belong to the metadata, and so to the database, of that key."""

    __database__: ClassVar["SQLAlchemy"]
    metadata: ClassVar[sa.MetaData]

    def __init_subclass__(cls, **options: Any) -> None:
        if hasattr(cls, "__bind_key__") and not {"metadata", "__table__"} & vars(cls).keys():
            metadata = cls.__database__.metadata_of(cls.__bind_key__)
            if metadata is not getattr(cls, "metadata", None):
                cls.metadata = metadata
        super().__init_subclass__(**options)


class Named:
    """Models without a `__tablename__` get one: `BlogPost` has the table `blog_post`."""

    __tablename__: ClassVar[str]
    __table__: ClassVar[Any]
    metadata: ClassVar[sa.MetaData]

    def __init_subclass__(cls, **options: Any) -> None:
        if needs_name(cls):
            cls.__tablename__ = snake_case(cls.__name__)
        super().__init_subclass__(**options)
        own = vars(cls)
        if "__tablename__" not in own and "__table__" in own and own["__table__"] is None:
            del cls.__table__

    @classmethod
    def __table_cls__(cls, *args: Any, **kwargs: Any) -> sa.Table | None:
        """The table of a model; none for one without a primary key whose parent has a table: it shares that."""
        schema = kwargs.get("schema")
        is_known = (args[0] if schema is None else f"{schema}.{args[0]}") in cls.metadata.tables
        has_key = any(isinstance(arg, sa.PrimaryKeyConstraint) or getattr(arg, "primary_key", False) for arg in args)
        if is_known or has_key or not any("__table__" in vars(base) for base in cls.__mro__[1:-1]):
            return sa.Table(*args, **kwargs)
        if "__tablename__" in vars(cls):
            del cls.__tablename__
        return None


def needs_name(cls: type) -> bool:
    """Whether a model is to be given the name of its table."""
    if vars(cls).get("__abstract__") or orm.DeclarativeBase in cls.__bases__ or not is_model(cls):
        return False
    for base in cls.__mro__:
        if "__tablename__" in vars(base):
            if isinstance(vars(base)["__tablename__"], orm.declared_attr):
                return False
            # a parent's name is the parent's, a mixin's is meant for this class
            return not (base is cls or vars(base).get("__abstract__") or not is_model(base))
    return True


def is_model(cls: type) -> bool:
    return issubclass(cls, orm.DeclarativeBase | orm.DeclarativeBaseNoMeta)


def snake_case(name: str) -> str:
    return WORDS.sub(r"_\1", name).lower().lstrip("_")


def make_model(database: "SQLAlchemy", given: Any, metadata: sa.MetaData | None, is_naming: bool) -> Any:
    """The base class of a database's models, from a class with more for all of them or a declarative base."""
    if isinstance(given, orm.DeclarativeMeta):  # `declarative_base()` has made it: it has rules of its own
        if metadata is not None:
            given.metadata = metadata
        given.query_class, given.query, given.__database__ = database.Query, QueryOfModel(), database
        return given
    rules = (Bound, Named) if is_naming else (Bound,)
    attributes = {"__database__": database, "query_class": database.Query, "query": QueryOfModel()}
    if is_model(given):
        return type(given)("Model", (*rules, given, Model), {**attributes, "__abstract__": True})
    attributes["metadata"] = metadata or sa.MetaData()
    metaclass: Any = type(orm.DeclarativeBase)
    return metaclass("Model", (*rules, given, orm.DeclarativeBase), attributes)
