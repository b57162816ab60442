"""Objects of the project's classes: fields, attributes, properties, methods."""

from __future__ import annotations

from migrator.infer.shapes import Instance, Mapping
from migrator.infer.wire import ModelField


def test_dataclasses(find):
    found = find(
        """
        from dataclasses import asdict, dataclass, field, replace
        from datetime import date

        @dataclass
        class Base:
            id: int

        @dataclass
        class Tag(Base):
            name: str
            days: "list[date]" = field(default_factory=list)
            note: str = None

        @dataclass
        class Box:
            tags: list[Tag]
            loose: list = field(default_factory=list)
            anything: object = 3

        tag = Tag(1, "a")
        box = Box([tag])
        box.loose.append("x")
        one = asdict(tag)
        two = asdict(box)["tags"]
        three = replace(tag, name="b").name
        four = [t.days for t in box.tags]
        five = vars(tag)
        six = tag.note
        """
    )
    assert found.text("one") == "{id: int, name: str, days: list[date], note: str | None}"
    assert found.text("two") == "list[{id: int, name: str, days: list[date], note: str | None}]"
    assert found.text("three") == "str"
    assert found.text("four") == "list[list[date]]"
    assert found.text("six") == "str | None"
    shape = found.shape("one")
    assert isinstance(shape, Mapping)
    assert shape.name == "Tag"
    assert not found.inference.is_json_safe(shape)


def test_plain_classes(find):
    found = find(
        """
        import enum
        from typing import ClassVar, NamedTuple, TypedDict

        class Size(enum.Enum):
            SMALL = "s"
            LARGE = "l"

        class Level(enum.IntEnum):
            LOW = 1

        class Point(NamedTuple):
            x: int
            y: float = 0.0

        class Row(TypedDict, total=False):
            id: int
            names: list[str]

        class Animal:
            kinds: ClassVar[list[str]] = ["cat"]
            legs = 4

            def __init__(self, name, age: int, owner=None):
                self.name, self.age = name, age
                self.owner = owner
                self.visits = []

            @property
            def label(self):
                return f"{self.name}!"

            def visit(self, *days):
                for day in days:
                    self.visits.append(day)
                return self

            def to_dict(self):
                return {"name": self.name, "age": self.age, "label": self.label, "visits": self.visits}

            @classmethod
            def stray(cls):
                return cls("?", 0)

            def __iter__(self):
                yield from self.visits

        class Dog(Animal):
            def to_dict(self):
                return {**super().to_dict(), "barks": True, "legs": self.legs}

        rex = Dog("rex", 3).visit("monday", "friday")
        def later():
            rex.owner = rex

        size = Size.SMALL.value
        size_name = Size("s").name
        sizes = [s.value for s in Size]
        level = Level.LOW
        point = Point(1).y
        animal = Animal("a", 1).to_dict()
        dog = rex.to_dict()
        stray = Animal.stray().name
        owner = rex.owner.label if rex.owner else None
        visits = list(rex)
        def row(r: Row):
            return r
        """
    )
    assert found.text("size") == "str"
    assert found.text("size_name") == "str"
    assert found.text("sizes") == "list[str]"
    assert found.shape("level") == Instance("app", "Level", "int")
    assert found.text("point") == "float"
    assert found.text("animal") == "{name: str, age: int, label: str, visits: list[str]}"
    assert found.text("dog") == "{name: str, age: int, label: str, visits: list[str], barks: bool, legs: int}"
    assert found.text("stray") == "str"
    assert found.text("owner") == "str | None"
    assert found.text("visits") == "list[str]"
    assert found.returned("row") == "{id?: int, names?: list[str]}"


def test_orm_models(find):
    found = find(
        """
        from flask_sqlalchemy import SQLAlchemy
        from sqlalchemy import select
        from sqlalchemy.orm import Mapped, mapped_column
        from datetime import datetime

        db = SQLAlchemy()

        class Author(db.Model):
            __tablename__ = "authors"
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(80), nullable=False)
            born = db.Column(db.Date)
            fee = db.Column(db.Numeric(10, 2), nullable=False)
            created = db.Column(db.DateTime, default=datetime.utcnow)
            books = db.relationship("Book", backref="author", lazy=True)

            def to_dict(self):
                return {"id": self.id, "name": self.name, "books": [b.title for b in self.books]}

        class Book(db.Model):
            id: Mapped[int] = mapped_column(primary_key=True)
            title: Mapped[str]
            pages: Mapped[int | None]
            author_id = db.Column(db.ForeignKey("authors.id"))

        every = [a.to_dict() for a in Author.query.filter_by(name="x").order_by(Author.id).all()]
        first = Author.query.first()
        born = [a.born for a in Author.query]
        one = db.session.get(Author, 1)
        other = db.get_or_404(Book, 1).pages
        page = Author.query.paginate(page=1)
        items = [a.name for a in page.items]
        total = page.total
        picked = db.session.execute(select(Book)).scalars().all()
        by_author = Book.query.first_or_404().author.name
        fee = one.fee
        """
    )
    assert found.text("every") == "list[{id: int, name: str, books: list[str]}]"
    assert found.text("first") == "Author | None"
    assert found.text("born") == "list[date | None]"
    assert found.text("one") == "Author | None"
    assert found.text("other") == "int | None"
    assert found.text("items") == "list[str]"
    assert found.text("total") == "int | None"
    assert found.text("picked") == "list[Book]"
    assert found.text("by_author") == "str"
    assert found.text("fee") == "decimal"


def test_pydantic_models(find):
    found = find(
        """
        from pydantic import BaseModel, Field

        class Item(BaseModel):
            name: str
            price: float = Field(0.0, ge=0)

        one = Item(name="a").model_dump()
        two = Item.model_validate({}).price
        """
    )
    assert found.text("one") == "{name: str, price: float}"
    assert found.text("two") == "float"


def test_models_of_answers(find):
    found = find(
        """
        from dataclasses import dataclass
        from datetime import date
        from decimal import Decimal

        @dataclass
        class Line:
            sku: str
            price: Decimal

        class Order:
            def __init__(self, number: int, day: date, lines: list[Line], note: str | None = None):
                self.number, self.day, self.lines, self.note = number, day, lines, note

            def to_dict(self):
                data = {"number": self.number, "day": self.day, "lines": self.lines, "address": {"city": "x"}}
                if self.note:
                    data["note"] = self.note
                return data

        found = Order(1, date.today(), []).to_dict()
        empty = {"any": None, "rows": [], "table": {n: 1.5 for n in "ab"}, "mixed": [1, "a"], "n": 1 if found else 2.5}
        """
    )
    model = found.inference.model_of(found.shape(), "Order")
    assert model is not None
    assert model.name == "Order"
    assert model.fields == (
        ModelField("number", "int"),
        ModelField("day", "str"),
        ModelField("lines", "list[Line]"),
        ModelField("address", "Address"),
        ModelField("note", "str", True),
    )
    line, address = model.named("Line"), model.named("Address")
    assert line is not None
    assert line.fields == (ModelField("sku", "str"), ModelField("price", "str"))
    assert address is not None
    assert address.fields == (ModelField("city", "str"),)
    assert found.inference.model_fields(found.shape("empty")) == (
        ("any", "Any", False),
        ("rows", "list[Any]", False),
        ("table", "dict[str, float]", False),
        ("mixed", "list[int | str]", False),
        ("n", "float", False),
    )


def test_what_clients_send_is_not_certain(find):
    found = find(
        """
        from flask import request
        task = {"done": False, "title": "x"}
        def change():
            task["done"] = request.json["done"]
        """
    )
    model = found.inference.model_of(found.shape("task"))
    assert model is not None
    assert model.fields == (ModelField("done", "bool", certain=False), ModelField("title", "str"))


def test_what_an_object_gives_of_itself_is_called_as_its_class(find):
    found = find(
        """
        class Slot:
            def __init__(self, hour):
                self.hour = int(hour)

            def serialize(self):
                return {"hour": self.hour}

            def summary(self):
                return {"hour": self.hour}

        found = Slot("8").serialize()
        other = Slot("8").summary()
        """
    )
    assert found.inference.model_of(found.shape(), "Show").name == "Slot"
    assert found.inference.model_of(found.shape("other"), "Show").name == "Show"


def test_dicts_of_known_names(find):
    found = find(
        """
        from dataclasses import dataclass, field, fields
        from datetime import date

        SHOWN = ("id", "title")
        LABELS = {"id": "number", "title": "name"}
        HIDDEN = {"note"}
        changed = ["id"]
        changed.append("title")

        @dataclass
        class Clip:
            id: int
            title: str
            day: date
            note: str | None = None
            tags: list[str] = field(init=False, default_factory=list)

            def shown(self):
                return {name: getattr(self, name) for name in SHOWN}

            def labelled(self):
                return {label: getattr(self, name) for name, label in LABELS.items()}

            def every(self):
                return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in HIDDEN}

            def own(self):
                return {key: value for key, value in vars(self).items() if not key.startswith("_")}

            def given(self):
                return {key: value for key, value in self.__dict__.items() if value is not None}

            def asked(self, wanted):
                return {name: getattr(self, name) for name in SHOWN if name in wanted}

            def written(self):
                return dict((name, getattr(self, name)) for name in sorted(["id", "day"]))

            def changed(self):
                return {name: getattr(self, name) for name in changed}

            def any(self, names):
                return {name: getattr(self, name) for name in names}

        clip = Clip(1, "a", date.today())
        def names(*asked):
            return clip.any(asked)
        """
    )
    shape = found.shape("clip")
    assert isinstance(shape, Instance)
    assert found.returned("Clip.shown") == "{id: int, title: str}"
    assert found.returned("Clip.labelled") == "{number: int, name: str}"
    assert found.returned("Clip.every") == "{id: int, title: str, day: date, tags: list[str]}"
    assert found.returned("Clip.own") == "{id: int, title: str, day: date, note: str | None, tags: list[str]}"
    assert found.returned("Clip.given") == "{id: int, title: str, day: date, note?: str, tags: list[str]}"
    assert found.returned("Clip.asked") == "{id?: int, title?: str}"
    assert found.returned("Clip.written") == "{id: int, day: date}"
    assert found.returned("Clip.changed") == "{...: unknown}"
    assert found.returned("Clip.any") == "{...: unknown}"


def test_dicts_of_columns(find):
    found = find(
        """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Shown:
            def to_dict(self):
                return {c.name: getattr(self, c.name) for c in self.__table__.columns}

            def public(self):
                return {key: getattr(self, key) for key in self.__table__.columns.keys() if key != "secret"}

        class User(Shown, db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String, nullable=False)
            secret = db.Column(db.String)
            posts = db.relationship("Post")

        class Post(Shown, db.Model):
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column("body", db.String, nullable=False)
            user_id = db.Column(db.ForeignKey("user.id"))

        found = User().to_dict()
        public = User().public()
        other = Post().to_dict()
        """
    )
    assert found.text() == "{id: int, name: str, secret: str | None}"
    assert found.text("public") == "{id: int, name: str}"
    assert found.text("other") == "{...: unknown}"


def test_what_a_view_class_is_made_with(find):
    found = find(
        """
        from flask import Flask
        from flask.views import MethodView

        app = Flask(__name__)

        class Shelf:
            def __init__(self):
                self.size = 3

        class Show(MethodView):
            def __init__(self, shelf, label):
                self.shelf, self.label = shelf, label

            def get(self):
                return {"size": self.shelf.size, "label": self.label}

        app.add_url_rule("/", view_func=Show.as_view("show", Shelf(), label="a"))
        """
    )
    assert found.returned("Show.get") == "{size: int, label: str}"
