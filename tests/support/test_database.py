"""The database of the support package, side by side with Flask-SQLAlchemy: the same code, the same outcome."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
import flask_sqlalchemy
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from flask_sqlalchemy.model import Model as RealModel
from sqlalchemy import orm

from flask_to_fastapi.support import context, database, database_models, samples
from flask_to_fastapi.support.config import Config

MEMORY = {"SQLALCHEMY_DATABASE_URI": "sqlite://"}


@dataclass
class World:
    """An app of one of the two kinds, and what is asked of it in the same words."""

    app: Any
    config: Any
    SQLAlchemy: Any
    Model: Any
    context: Callable[[], AbstractContextManager[Any]]
    request_context: Callable[[str], AbstractContextManager[Any]]

    def database(self, **options: Any) -> Any:
        return self.SQLAlchemy(self.app, **options)


def flask_world(folder: Path) -> World:
    app = flask.Flask("shop", root_path=str(folder), instance_path=str(folder / "instance"))
    return World(
        app,
        app.config,
        flask_sqlalchemy.SQLAlchemy,
        RealModel,
        app.app_context,
        lambda path: app.test_request_context(path),
    )


def our_world(folder: Path) -> World:
    app = FastAPI()
    app.state.config = Config(folder)
    app.add_middleware(context.RequestContext)
    return World(
        app,
        app.state.config,
        database.SQLAlchemy,
        database_models.Model,
        lambda: context.app_context(app),
        lambda path: samples.request_context(app, path),
    )


def outcome(scenario: Callable[[World], Any], world: World, config: dict[str, Any]) -> Any:
    """What a scenario gives, or how it fails."""
    world.config.update(config)
    try:
        return scenario(world)
    except Exception as error:
        status = getattr(error, "code", None) if not hasattr(error, "status_code") else error.status_code
        return type(error).__name__, status


def same(tmp_path: Path, scenario: Callable[[World], Any], **config: Any) -> Any:
    """The outcome of a scenario, which is the same in both worlds."""
    was = outcome(scenario, flask_world(tmp_path / "flask"), {**MEMORY, **config})
    now = outcome(scenario, our_world(tmp_path / "ours"), {**MEMORY, **config})
    if isinstance(was, tuple) and isinstance(now, tuple) and was[-1] is not None and was[-1] == now[-1]:
        return was[-1]  # an HTTP error, of whatever class
    assert now == was
    return was


# -- models ------------------------------------------------------------------------------------------------------------


def tables(db: Any) -> dict[str, list[str]]:
    return {name: sorted(table.columns.keys()) for name, table in sorted(db.metadata.tables.items())}


def declare_names(db: Any) -> None:
    class BlogPost(db.Model):
        id = db.Column(db.Integer, primary_key=True)

    class HTTPResponseLog2(db.Model):
        id = db.Column(db.Integer, primary_key=True)

    class Given(db.Model):
        __tablename__ = "other"
        id = db.Column(db.Integer, primary_key=True)

    class Base(db.Model):
        __abstract__ = True
        id = db.Column(db.Integer, primary_key=True)

    class FromAbstract(Base):
        pass

    class Mixin:
        __tablename__ = "of_mixin"

    class FromMixin(Mixin, db.Model):
        id = db.Column(db.Integer, primary_key=True)

    class Declared:
        @orm.declared_attr
        def __tablename__(cls) -> str:
            return "declared_" + cls.__name__.lower()

    class FromDeclared(Declared, db.Model):
        id = db.Column(db.Integer, primary_key=True)

    class WithTable(db.Model):
        __table__ = db.Table("written", db.Column("id", db.Integer, primary_key=True))


def declare_inheritance(db: Any) -> None:
    class Employee(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        kind = db.Column(db.String(10))
        __mapper_args__ = {"polymorphic_on": kind}  # noqa: RUF012

    class Manager(Employee):  # shares the table
        level = db.Column(db.Integer)
        __mapper_args__ = {"polymorphic_identity": "manager"}  # noqa: RUF012

    class Engineer(Employee):  # has one of its own
        id = db.Column(db.ForeignKey("employee.id"), primary_key=True)
        __mapper_args__ = {"polymorphic_identity": "engineer"}  # noqa: RUF012


@pytest.mark.parametrize("declare", [declare_names, declare_inheritance])
@pytest.mark.parametrize("base", ["", "declarative"])
def test_tables_get_the_same_names(tmp_path: Path, declare: Callable[[Any], None], base: str) -> None:
    def scenario(world: World) -> Any:
        class Base(orm.DeclarativeBase):
            pass

        db = world.database(model_class=Base) if base else world.database()
        declare(db)
        orm.configure_mappers()
        return tables(db)

    assert len(same(tmp_path, scenario)) >= 2


def test_a_model_without_a_key_is_refused(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        db = world.database()

        class NoKey(db.Model):
            name = db.Column(db.String)

    assert same(tmp_path, scenario) == ("ArgumentError", None)


def test_naming_can_be_off(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        db = world.database(disable_autonaming=True)

        class Post(db.Model):
            id = db.Column(db.Integer, primary_key=True)

    assert same(tmp_path, scenario) == ("InvalidRequestError", None)


def declared(world: World, style: str) -> Any:
    """A database with one model, made in one of the ways there are."""
    naming = {"pk": "pk_%(table_name)s"}
    if style == "classic":
        db = world.database()
    elif style == "metadata":
        db = world.database(metadata=sa.MetaData(naming_convention=naming))
    elif style == "subclass":

        class More(world.Model):  # type: ignore[name-defined,misc]
            def shout(self) -> str:
                return str(self.name).upper()

        db = world.database(model_class=More)
    elif style == "column in base":

        class WithNote(world.Model):  # type: ignore[name-defined,misc]
            note = sa.Column(sa.String, default="n")

        db = world.database(model_class=WithNote)
    elif style == "declarative_base()":
        db = world.database(model_class=orm.declarative_base())
    else:

        class Base(orm.DeclarativeBase):
            metadata = sa.MetaData(naming_convention=naming)

        class NoMeta(orm.DeclarativeBaseNoMeta):
            pass

        db = world.database(model_class={"base": Base, "no meta": NoMeta}[style])

        class NewUser(db.Model):
            __tablename__ = "user"
            id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
            name: orm.Mapped[str] = orm.mapped_column()

        return db, NewUser

    class User(db.Model):
        __tablename__ = "user"
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String)

    return db, User


STYLES = ["classic", "metadata", "subclass", "column in base", "declarative_base()", "base", "no meta"]


@pytest.mark.parametrize("style", STYLES)
def test_models_of_all_styles(tmp_path: Path, style: str) -> None:
    def scenario(world: World) -> Any:
        db, User = declared(world, style)
        found: list[Any] = [tables(db), db.metadata.tables["user"].primary_key.name, db.metadata is db.Model.metadata]
        with world.context():
            db.create_all()
            user = User(name="Ada")
            transient = "transient" in repr(user)
            db.session.add(user)
            pending = "pending" in repr(user)
            db.session.commit()
            found += [transient, pending, User.query.count(), User.query.filter_by(name="Ada").one().id]
            found += [db.session.scalar(db.select(User.name)), User.query.get_or_404(1).name, type(User.query).__name__]
            found += [db.get_or_404(User, 1) is user, isinstance(User.query, db.Query), User.__name__]
            if style != "declarative_base()":
                found += [repr(user)]
            if style == "subclass":
                found += [user.shout()]
            db.drop_all()
            found += [sa.inspect(db.engine).get_table_names()]
        return found

    assert len(same(tmp_path, scenario)) > 5


def test_models_that_are_dataclasses(tmp_path: Path) -> None:
    """Flask-SQLAlchemy 3.1 refuses such a base with SQLAlchemy 2.1; models that add the mixin are fine with both."""

    class Base(orm.MappedAsDataclass, orm.DeclarativeBase):
        pass

    world = our_world(tmp_path)
    world.config.update(MEMORY)
    db = world.database(model_class=Base)

    class NewUser(db.Model):
        id: orm.Mapped[int] = orm.mapped_column(init=False, primary_key=True)
        name: orm.Mapped[str] = orm.mapped_column(default="Ada")

    with world.context():
        db.create_all()
        db.session.add(NewUser())
        db.session.commit()
        assert dataclasses.asdict(NewUser.query.one()) == {"id": 1, "name": "Ada"}
        assert NewUser.__tablename__ == "new_user"


def test_names_of_sqlalchemy(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        db = world.database()
        names = ["Integer", "func", "relationship", "backref", "event", "joinedload", "Table", "nothing", "_private"]
        return [hasattr(db, name) for name in names] + [db.Column is sa.Column, db.mapped_column is orm.mapped_column]

    same(tmp_path, scenario)


def test_dynamic_relationships_are_queries(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        db = world.database()

        class Author(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            books = db.relationship("Book", backref=db.backref("author", lazy=True), lazy="dynamic")

        class Book(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            author_id = db.Column(db.ForeignKey("author.id"))
            tags = db.relationship("Tag", secondary="book_tag", backref="books", lazy="dynamic")

        class Tag(db.Model):
            id = db.Column(db.Integer, primary_key=True)

        db.Table("book_tag", db.Column("b", db.ForeignKey("book.id")), db.Column("t", db.ForeignKey("tag.id")))
        with world.context():
            db.create_all()
            author = Author(books=[Book(), Book(), Book()])
            db.session.add(author)
            db.session.commit()
            page = author.books.paginate(page=2, per_page=2)
            return [
                page.total,
                len(page.items),
                author.books.first_or_404().author.id,
                isinstance(author.books, db.Query),
            ]

    assert same(tmp_path, scenario) == [3, 1, 1, True]


def test_custom_query_class(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        class Named(database.Query if world.SQLAlchemy is database.SQLAlchemy else flask_sqlalchemy.query.Query):  # type: ignore
            def named(self, name: str) -> Any:
                return self.filter_by(name=name)

        db = world.database(query_class=Named)

        class User(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String)

        with world.context():
            db.create_all()
            db.session.add(User(name="Ada"))
            db.session.flush()
            return [User.query.named("Ada").count(), db.session.query(User).named("Bob").count()]

    assert same(tmp_path, scenario) == [1, 0]


# -- 404 and pages -----------------------------------------------------------------------------------------------------


def filled(world: World, rows: int = 45) -> Any:
    db, User = declared(world, "classic")
    with world.context():
        db.create_all()
        db.session.add_all([User(name=f"u{n}") for n in range(rows)])
        db.session.commit()
    return db, User


@pytest.mark.parametrize(
    "ask",
    [
        lambda db, User: db.get_or_404(User, 1).name,
        lambda db, User: db.get_or_404(User, 99),
        lambda db, User: User.query.get_or_404(99, "gone"),
        lambda db, User: db.first_or_404(db.select(User).filter_by(name="u3")).id,
        lambda db, User: db.first_or_404(db.select(User).filter_by(name="x")),
        lambda db, User: User.query.filter_by(name="x").first_or_404(),
        lambda db, User: db.one_or_404(db.select(User).filter_by(name="u3")).id,
        lambda db, User: db.one_or_404(db.select(User)),
        lambda db, User: User.query.one_or_404(),
        lambda db, User: User.query.filter_by(name="u4").one_or_404().id,
    ],
)
def test_404(tmp_path: Path, ask: Callable[[Any, Any], Any]) -> None:
    def scenario(world: World) -> Any:
        db, User = filled(world)
        with world.context():
            return ask(db, User)

    same(tmp_path, scenario)


def shown(page: Any) -> list[Any]:
    numbers = [page.page, page.per_page, page.max_per_page, page.total, page.pages, page.first, page.last]
    links = [page.has_prev, page.prev_num, page.has_next, page.next_num, list(page.iter_pages())]
    return [
        *numbers,
        *links,
        list(page.iter_pages(left_edge=1, left_current=1, right_current=1, right_edge=0)),
        len(list(page)),
    ]


ADDRESSES = [
    "/",
    "/?page=2",
    "/?page=3&per_page=7",
    "/?page=abc",
    "/?per_page=x",
    "/?page=0",
    "/?page=9",
    "/?per_page=0",
]
ADDRESSES += ["/?per_page=500", "/?page=-1", "/?per_page=-5&page=2", "/?page=", "/?page=2&per_page=100"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"error_out": False},
        {"max_per_page": 10},
        {"per_page": 3},
        {"page": 2},
        {"page": 99, "error_out": False},
        {"count": False},
        {"page": 0},
        {"per_page": 0, "error_out": False},
        {"page": 8, "per_page": 3},
    ],
)
def test_pages(tmp_path: Path, address: str, options: dict[str, Any]) -> None:
    def scenario(world: World) -> Any:
        db, User = filled(world)
        with world.request_context(address):
            page = db.paginate(db.select(User).order_by(User.id), **options)
            query = User.query.order_by(User.id).paginate(**options)
            assert shown(page) == shown(query)
            around = [[u.name for u in page.items], shown(page.prev()), shown(page.next())]
            return [shown(page), *around]

    same(tmp_path, scenario)


def test_pages_without_request(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        db, User = filled(world, 0)
        with world.context():
            return shown(db.paginate(db.select(User)))

    same(tmp_path, scenario)


# -- engines and sessions ----------------------------------------------------------------------------------------------

CONFIGS: dict[str, dict[str, Any]] = {
    "nothing": {"SQLALCHEMY_DATABASE_URI": None},
    "relative": {"SQLALCHEMY_DATABASE_URI": "sqlite:///shop.db"},
    "uri": {"SQLALCHEMY_DATABASE_URI": "sqlite:///file:shop.db?uri=true"},
    "driver": {"SQLALCHEMY_DATABASE_URI": "sqlite+pysqlite:///deep.db"},
    "memory": {"SQLALCHEMY_DATABASE_URI": "sqlite:///:memory:"},
    "URL": {"SQLALCHEMY_DATABASE_URI": sa.URL.create("sqlite", database="made.db")},
    "options": {
        "SQLALCHEMY_ENGINE_OPTIONS": {"url": "sqlite:///o.db", "pool_size": 3},
        "SQLALCHEMY_DATABASE_URI": None,
    },
    "binds": {"SQLALCHEMY_BINDS": {"a": "sqlite:///a.db", "b": {"url": "sqlite://", "echo": True}}},
    "only binds": {"SQLALCHEMY_BINDS": {"a": "sqlite://"}, "SQLALCHEMY_DATABASE_URI": None},
    "echo": {"SQLALCHEMY_ECHO": True},
}


@pytest.mark.parametrize("name", CONFIGS)
def test_engines(tmp_path: Path, name: str) -> None:
    def scenario(world: World) -> Any:
        db = world.database(engine_options={"pool_recycle": 60})
        with world.context():
            engines = db.engines
            found = {
                str(key): (str(e.url), type(e.pool).__name__, e.echo, e.pool._recycle) for key, e in engines.items()
            }
            return [found, db.engine is engines[None], sorted(k for k in world.config if k.startswith("SQLALCHEMY"))]

    was = outcome(scenario, flask_world(tmp_path / "app"), {**MEMORY, **CONFIGS[name]})
    now = outcome(scenario, our_world(tmp_path / "app"), {**MEMORY, **CONFIGS[name]})
    if isinstance(was, list):
        was[2] = [key for key in was[2] if key not in ("SQLALCHEMY_RECORD_QUERIES", "SQLALCHEMY_TRACK_MODIFICATIONS")]
    assert now == was


def test_binds(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        db = world.database(metadata=sa.MetaData(naming_convention={"pk": "pk_%(table_name)s"}))

        class User(db.Model):
            id = db.Column(db.Integer, primary_key=True)

        class Log(db.Model):
            __bind_key__ = "logs"
            id = db.Column(db.Integer, primary_key=True)

        class Special(Log):
            id = db.Column(db.ForeignKey("log.id"), primary_key=True)

        extra = db.Table("extra", db.Column("n", db.Integer), bind_key="logs")
        with world.context():
            db.create_all()
            names = [sorted(sa.inspect(engine).get_table_names()) for engine in (db.engine, db.engines["logs"])]
            db.session.add_all([User(), Log(), Special()])
            db.session.execute(extra.insert().values(n=3))
            db.session.execute(sa.update(extra).values(n=4))
            db.session.commit()
            binds = [db.session.get_bind(mapper=model) is db.engines["logs"] for model in (User, Log, Special)]
            counts = [User.query.count(), Log.query.count(), db.session.scalar(sa.select(extra.c.n))]
            db.drop_all("logs")
            after = [sa.inspect(engine).get_table_names() for engine in (db.engine, db.engines["logs"])]
            keys = [table.primary_key.name for table in (User.__table__, Log.__table__)]
            return names, binds, counts, after, keys, sorted(map(str, db.metadatas))

    same(tmp_path, scenario, SQLALCHEMY_BINDS={"logs": "sqlite://"})


@pytest.mark.parametrize("keys", ["nothing", ["logs", "nothing"], None, "__all__"])
def test_an_unknown_bind(tmp_path: Path, keys: Any) -> None:
    def scenario(world: World) -> Any:
        db = world.database()
        with world.context():
            db.create_all(keys)

    same(tmp_path, scenario, SQLALCHEMY_BINDS={"logs": "sqlite://"})


@pytest.mark.parametrize("model", [int, "text"])
def test_what_is_no_model(tmp_path: Path, model: Any) -> None:
    def scenario(world: World) -> Any:
        db = world.database()
        with world.context():
            db.session.get_bind(mapper=model)

    same(tmp_path, scenario)


@pytest.mark.parametrize(
    "ask",
    [
        lambda db: db.session(),
        lambda db: db.session.add,
        lambda db: db.session.add(3),
        lambda db: db.engine,
        lambda db: db.create_all(),
        lambda db: db.session.remove(),
    ],
)
def test_nothing_without_context(tmp_path: Path, ask: Callable[[Any], Any]) -> None:
    def scenario(world: World) -> Any:
        result = ask(world.database())
        return callable(result)

    same(tmp_path, scenario)


def test_one_database_for_an_app(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        world.database()
        world.database()

    assert same(tmp_path, scenario) == ("RuntimeError", None)


def test_an_app_that_the_database_does_not_know(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        db = world.SQLAlchemy()
        with world.context():
            return db.engine

    assert same(tmp_path, scenario) == ("RuntimeError", None)


def test_each_context_has_a_session(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        db, User = filled(world, 1)
        with world.context():
            outer = db.session()
            User.query.one().name = "changed"
            with world.context():
                inner = db.session()
                is_other = inner is not outer
                name = db.session.get(User, 1).name
            is_kept = db.session() is outer
            dirty = [user.name for user in db.session.dirty]
        with world.context():
            return [is_other, name, is_kept, dirty, db.session() is not outer, User.query.one().name]

    same(tmp_path, scenario, SQLALCHEMY_DATABASE_URI="sqlite:///shop.db")


def test_session_options(tmp_path: Path) -> None:
    def scenario(world: World) -> Any:
        db = world.database(session_options={"autoflush": False, "expire_on_commit": False})
        with world.context():
            first = [db.session().autoflush, db.session().expire_on_commit]
        scoped = world.SQLAlchemy(session_options={"scopefunc": lambda: 1})
        session = scoped.session()
        return [*first, scoped.session() is session]

    assert same(tmp_path, scenario) == [False, False, True]


def test_instance_folder(tmp_path: Path) -> None:
    """It lies beside the outermost package, unless the app names one."""
    (tmp_path / "shop" / "web").mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "web" / "__init__.py").touch()
    app = our_world(tmp_path / "shop" / "web").app
    assert database.engines_of(app, {"url": "sqlite:///a.db"})[None].url.database == str(tmp_path / "instance" / "a.db")
    app.state.instance_path = tmp_path / "var"
    assert database.engines_of(app, {"url": "sqlite:///a.db"})[None].url.database == str(tmp_path / "var" / "a.db")
