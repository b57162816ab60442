from __future__ import annotations

import pytest

from migrator.words import singular


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("Orders", "Order"),
        ("OrderLines", "OrderLine"),
        ("Entries", "Entry"),
        ("Movies", "Movie"),
        ("Expenses", "Expense"),
        ("Responses", "Response"),
        ("Statuses", "Status"),
        ("Houses", "House"),
        ("Addresses", "Address"),
        ("Boxes", "Box"),
        ("Batches", "Batch"),
        ("Caches", "Cache"),
        ("TeamPeople", "TeamPerson"),
        ("order_items", "order_item"),
        ("URLs", "URL"),
        ("Data", "Data"),
        ("Status", None),
        ("Progress", None),
        ("Analysis", None),
        ("Item", None),
    ],
)
def test_singular(many: str, one: str | None) -> None:
    assert singular(many) == one
