"""Pages of what a query finds, as Flask-SQLAlchemy makes them."""

from collections.abc import Iterator
from math import ceil
from typing import Any

from fastapi import HTTPException
from sqlalchemy import func, orm, select

from .context import request
from .current import has_request_context


class Pagination:
    """One page of what a query finds.

    Where `page` or `per_page` is not given, that of the current request's query string counts, else 1 and 20. What is
    no page is a 404, or with `error_out=False` the nearest that is one.
    """

    def __init__(
        self,
        source: Any,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int | None = 100,
        error_out: bool = True,
        count: bool = True,
    ) -> None:
        self.source = source
        self.page = at_least_one(asked("page", 1, error_out) if page is None else page, 1, error_out)
        size = asked("per_page", 20, error_out) if per_page is None else per_page
        self.per_page = at_least_one(size if max_per_page is None else min(size, max_per_page), 20, error_out)
        self.max_per_page = max_per_page
        self.items: list[Any] = self.find((self.page - 1) * self.per_page)
        if not self.items and self.page != 1 and error_out:
            raise HTTPException(404)
        self.total: int | None = self.count() if count else None

    def find(self, offset: int) -> list[Any]:
        """The items of this page."""
        raise NotImplementedError

    def count(self) -> int:
        """The number of all items."""
        raise NotImplementedError

    @property
    def first(self) -> int:
        """The number of the first item on the page, from 1; 0 if there is none."""
        return (self.page - 1) * self.per_page + 1 if self.items else 0

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1 if self.items else 0

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return ceil(self.total / self.per_page) if self.total else 0

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def prev_num(self) -> int | None:
        return self.page - 1 if self.has_prev else None

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    @property
    def next_num(self) -> int | None:
        return self.page + 1 if self.has_next else None

    def prev(self, *, error_out: bool = False) -> "Pagination":
        return self.neighbour(self.page - 1, 100, error_out)

    def next(self, *, error_out: bool = False) -> "Pagination":
        return self.neighbour(self.page + 1, self.max_per_page, error_out)

    def neighbour(self, page: int, max_per_page: int | None, error_out: bool) -> "Pagination":
        found = type(self)(self.source, page, self.per_page, max_per_page, error_out, count=False)
        found.total = self.total
        return found

    def iter_pages(
        self, *, left_edge: int = 2, left_current: int = 2, right_current: int = 4, right_edge: int = 2
    ) -> Iterator[int | None]:
        """The numbers of the pages to link to, with None where some are left out."""
        end = self.pages + 1
        around = (self.page - left_current, self.page + right_current + 1)
        reached = 1
        for start, stop in ((1, 1 + left_edge), around, (end - right_edge, end)):
            if reached == end:
                return
            if start > reached:
                yield None
            yield from range(max(start, reached), min(stop, end))
            reached = min(stop, end)

    def __iter__(self) -> Iterator[Any]:
        yield from self.items


class QueryPagination(Pagination):
    """A page of a `Query`."""

    def find(self, offset: int) -> list[Any]:
        found: list[Any] = self.source.limit(self.per_page).offset(offset).all()
        return found

    def count(self) -> int:
        number: int = self.source.order_by(None).count()
        return number


class SelectPagination(Pagination):
    """A page of a `select(Model)`; the source is the session and the statement."""

    def find(self, offset: int) -> list[Any]:
        session, statement = self.source
        return list(session.execute(statement.limit(self.per_page).offset(offset)).unique().scalars())

    def count(self) -> int:
        session, statement = self.source
        rows = statement.options(orm.lazyload("*")).order_by(None).subquery()
        number: int = session.execute(select(func.count()).select_from(rows)).scalar()
        return number


def asked(name: str, default: int, error_out: bool) -> int:
    """A number of the current request's query string."""
    if not has_request_context():
        return default
    try:
        return int(request.args.get(name, default))
    except (TypeError, ValueError):
        return at_least_one(0, default, error_out)


def at_least_one(number: int, default: int, error_out: bool) -> int:
    if number >= 1:
        return number
    if error_out:
        raise HTTPException(404)
    return default
