"""Work in several processes."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence

import pytest

from migrator.parallel import in_step, mapped


def test_the_order_of_the_things_stays() -> None:
    assert mapped(lambda n: n * n, range(100), [*range(100)], 3) == [n * n for n in range(100)]


def counted(name: str) -> Generator[set[str], set[str], tuple[str, int, int]]:
    """Tells its name, then what it was told of others."""
    first = yield {name}
    second = yield {f"{name}-{len(first)}"}
    return name, len(first), len(second)


def all_of(parts: Sequence[set[str]]) -> set[str]:
    return set().union(*parts)


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_each_hears_what_all_have_said(jobs: int) -> None:
    assert in_step(counted, ["a", "b", "c"], [1, 1, 5], jobs, all_of) == [("a", 3, 3), ("b", 3, 3), ("c", 3, 3)]


def test_nothing_to_do() -> None:
    assert in_step(counted, [], [], 2, all_of) == []


@pytest.mark.parametrize("step", [0, 1, 2])
def test_what_a_process_could_not_do_is_done_here(step: int) -> None:
    here = os.getpid()

    def failing(name: str) -> Generator[set[str], set[str], tuple[str, int, int]]:
        work = counted(name)
        told: set[str] | None = None
        for number in range(3):
            if number == step and os.getpid() != here:
                os._exit(3)
            try:
                told = yield (next(work) if told is None else work.send(told))
            except StopIteration as end:
                result: tuple[str, int, int] = end.value
                return result
        raise AssertionError

    assert in_step(failing, ["a", "b", "c"], [1, 1, 1], 2, all_of) == [("a", 3, 3), ("b", 3, 3), ("c", 3, 3)]


def test_an_error_is_raised_here() -> None:
    def broken(name: str) -> Generator[set[str], set[str], str]:
        yield {name}
        raise ValueError(name)

    with pytest.raises(ValueError, match=r"[ab]"):
        in_step(broken, ["a", "b"], [1, 1], 2, all_of)
