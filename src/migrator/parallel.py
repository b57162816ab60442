"""The same work on many things, in several processes where the system can split one in two."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from operator import methodcaller
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")
FEW = 40  # below that a second process costs more than it saves


def processes(wanted: int) -> int:
    """How many processes to use; 0: one for each processor that this process may use."""
    if wanted:
        return wanted
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def mapped(work: Callable[[T], R], things: Sequence[T], weights: Sequence[int], jobs: int) -> list[R]:
    """What `work` makes of each thing, in their order. `weights` tell how long each will take."""

    def once(thing: T) -> Generator[None, None, R]:
        yield from ()
        return work(thing)

    return in_step(once, things, weights, jobs if len(things) >= FEW else 1, lambda _: None)


def in_step(
    work: Callable[[T], Generator[S, S, R]],
    things: Sequence[T],
    weights: Sequence[int],
    jobs: int,
    join: Callable[[Sequence[S]], S],
) -> list[R]:
    """What `work` makes of each thing, in their order, where each needs to know something of the others: what they
    yield, all as often, is joined, and each goes on with that. `weights` tell how long each will take.

    All processes begin with what this one knows, so that only what is yielded and the results (which must be picklable)
    have to be sent. What a process could not do, for whatever reason, is done here again, and fails here if it must.
    """
    teams = [_Team(work, things, range(len(things)))]
    others: list[_Process[T, S, R]] = []
    if jobs > 1 and len(things) > 1 and hasattr(os, "fork") and threading.active_count() == 1:
        own, *shares = _shares(weights, jobs)
        teams = [_Team(work, things, own)]
        others = [_Process(_Team(work, things, share)) for share in shares if share]
    told: list[S] = []
    try:
        while True:
            said = [team.step(told) for team in teams]
            for process in [*others]:
                answer = process.answer()
                if answer is None:
                    others.remove(process)
                    teams.append(process.team)
                    answer = process.team.step(told)
                said.append(answer)
            yielded = {index: one for part, _ in said for index, one in part.items()}
            if not yielded:
                results = {index: one for _, part in said for index, one in part.items()}
                return [results[index] for index in range(len(things))]
            told.append(join([yielded[index] for index in sorted(yielded)]))
            for process in others:
                process.tell(told[-1])
    finally:
        for process in others:
            process.end()


class _Team(Generic[T, S, R]):
    """The work on some of the things."""

    def __init__(self, work: Callable[[T], Generator[S, S, R]], things: Sequence[T], share: Sequence[int]) -> None:
        self.work, self.things, self.share = work, things, share
        self._running: dict[int, Generator[S, S, R]] = {}
        self._seen = 0  # how much it was told

    def step(self, told: Sequence[S]) -> tuple[dict[int, S], dict[int, R]]:
        """All that was told is passed on: what the work says next, and the results of that which came to its end."""
        if not self._running:
            self._running = {index: self.work(self.things[index]) for index in self.share}
            said = self._asked(next)
        while self._seen < len(told):
            said = self._asked(methodcaller("send", told[self._seen]))
            self._seen += 1
        return said

    def _asked(self, ask: Callable[[Generator[S, S, R]], S]) -> tuple[dict[int, S], dict[int, R]]:
        yielded: dict[int, S] = {}
        results: dict[int, R] = {}
        for index, work in self._running.items():
            try:
                yielded[index] = ask(work)
            except StopIteration as end:
                results[index] = end.value
        return yielded, results


class _Process(Generic[T, S, R]):
    """Another process with work of its own."""

    def __init__(self, team: _Team[T, S, R]) -> None:
        from multiprocessing import Pipe

        self.team = team
        self.number = 0
        here, there = Pipe()
        self._pipe: Connection = here
        try:
            self.number = os.fork()
        except OSError:
            there.close()
            return
        if self.number:
            there.close()
            return
        try:  # in the new process: nothing of what follows may come back
            here.close()
            _serve(team, there)
            os._exit(0)
        finally:
            os._exit(1)

    def answer(self) -> tuple[dict[int, S], dict[int, R]] | None:
        """What its work says next; None where it is gone."""
        try:
            answer: tuple[dict[int, S], dict[int, R]] = self._pipe.recv()
            return answer
        except (EOFError, OSError):
            return None

    def tell(self, what: S) -> None:
        with contextlib.suppress(OSError):  # it is gone: `answer` will say so
            self._pipe.send(what)

    def end(self) -> None:
        self._pipe.close()
        if self.number:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.number, signal.SIGKILL)
            os.waitpid(self.number, 0)


def _serve(team: _Team[T, S, R], pipe: Connection) -> None:
    told: list[S] = []
    while True:
        yielded, results = team.step(told)
        pipe.send((yielded, results))
        if not yielded:
            return
        told.append(pipe.recv())


def _shares(weights: Sequence[int], jobs: int) -> list[list[int]]:
    """The indexes by process: the heaviest thing that is left goes to the one that has least to do."""
    shares: list[list[int]] = [[] for _ in range(jobs)]
    loads = [0] * jobs
    for index in sorted(range(len(weights)), key=lambda index: (-weights[index], index)):
        least = loads.index(min(loads))
        shares[least].append(index)
        loads[least] += weights[index]
    return [sorted(share) for share in shares]
