"""The same work on many things, in several processes where the system can split one in two."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable, Sequence
from tempfile import TemporaryFile
from typing import IO, TypeVar

T = TypeVar("T")
R = TypeVar("R")
FEW = 40  # below that a second process costs more than it saves


def processes(wanted: int) -> int:
    """How many processes to use; 0: one for each processor that this process may use."""
    if wanted:
        return wanted
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def mapped(work: Callable[[T], R], things: Sequence[T], weights: Sequence[int], jobs: int) -> list[R]:
    """What `work` makes of each thing, in their order. `weights` tell how long each will take.

    All processes begin with what this one knows, so that only the results (which must be picklable) have to be sent.
    What a process could not do, for whatever reason, is done here again, and fails here if it must.
    """
    if jobs < 2 or len(things) < FEW or not hasattr(os, "fork") or threading.active_count() > 1:
        return [work(thing) for thing in things]
    own, *others = _shares(weights, jobs)
    running = {process: file for process, file in (_started(work, things, share) for share in others) if process}
    found: dict[int, R] = {}
    try:
        found |= {index: work(things[index]) for index in own}
        for process in list(running):
            os.waitpid(process, 0)
            found |= _sent(running.pop(process))
    finally:
        for process in running:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
    return [found[index] if index in found else work(thing) for index, thing in enumerate(things)]


def _shares(weights: Sequence[int], jobs: int) -> list[list[int]]:
    """The indexes by process: the heaviest thing that is left goes to the one that has least to do."""
    shares: list[list[int]] = [[] for _ in range(jobs)]
    loads = [0] * jobs
    for index in sorted(range(len(weights)), key=lambda index: (-weights[index], index)):
        least = loads.index(min(loads))
        shares[least].append(index)
        loads[least] += weights[index]
    return shares


def _started(work: Callable[[T], R], things: Sequence[T], share: Sequence[int]) -> tuple[int, IO[bytes]]:
    """A process that does a share, and the file in which it will leave the results; process 0 where there is none."""
    file = TemporaryFile()  # noqa: SIM115 - both processes have it
    try:
        process = os.fork()
    except OSError:
        return 0, file
    if process:
        return process, file
    try:  # in the new process: nothing of what follows may come back
        pickle.dump({index: work(things[index]) for index in share}, file, pickle.HIGHEST_PROTOCOL)
        file.flush()
        os._exit(0)
    finally:
        os._exit(1)


def _sent(file: IO[bytes]) -> dict[int, R]:
    """The results of a process; none where it did not come to its end."""
    with file:
        file.seek(0)
        try:
            found: dict[int, R] = pickle.load(file)
        except (EOFError, pickle.UnpicklingError):
            return {}
        return found
