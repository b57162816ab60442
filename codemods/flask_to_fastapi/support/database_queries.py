"""`Model.query`: SQLAlchemy's queries, and what answers 404 or comes in pages."""

from typing import Any

from fastapi import HTTPException
from sqlalchemy import orm
from sqlalchemy.exc import MultipleResultsFound, NoResultFound

from .pagination import Pagination, QueryPagination


class Query(orm.Query[Any]):
    """What `Model.query` is."""

    def get_or_404(self, ident: Any, description: str | None = None) -> Any:
        return found_or_404(self.get(ident), description)

    def first_or_404(self, description: str | None = None) -> Any:
        return found_or_404(self.first(), description)

    def one_or_404(self, description: str | None = None) -> Any:
        try:
            return self.one()
        except (NoResultFound, MultipleResultsFound):
            raise HTTPException(404, description) from None

    def paginate(
        self,
        *,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int | None = None,
        error_out: bool = True,
        count: bool = True,
    ) -> Pagination:
        return QueryPagination(self, page, per_page, max_per_page, error_out, count)


def found_or_404(value: Any, description: str | None) -> Any:
    if value is None:
        raise HTTPException(404, description)
    return value
