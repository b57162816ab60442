"""Sync code of the app runs in the thread of the test that asks, as it does under Flask.

A test may have made a database in memory, or a patch, that only its own thread sees. AnyIO, which runs sync code in
worker threads, is told so for the requests of `FlaskClient` alone.
"""

from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextvars import ContextVar, copy_context
from functools import partial
from queue import SimpleQueue
from threading import Lock
from typing import Any, TypeVar

from anyio import to_thread
from anyio.from_thread import start_blocking_portal

T = TypeVar("T")


class OwnThread:
    """A thread that waits for an answer, and runs what is handed over to it in the meantime."""

    def __init__(self) -> None:
        self.jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self.busy = Lock()

    def run(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function in the thread; while that runs another one, here."""
        if not self.busy.acquire(blocking=False):
            return function(*args)
        try:
            result: Future[T] = Future()
            self.jobs.put(partial(settle, result, partial(copy_context().run, function, *args)))
            return result.result()
        finally:
            self.busy.release()

    def wait_for(self, task: "Future[T]") -> T:
        task.add_done_callback(lambda _: self.jobs.put(None))
        while (job := self.jobs.get()) is not None:
            job()
        return task.result()


def settle(result: "Future[T]", call: Callable[[], T]) -> None:
    try:
        result.set_result(call())
    except BaseException as error:
        result.set_exception(error)


def run_here(function: Callable[..., Awaitable[T]], *args: Any) -> T:
    """Run a coroutine function in an event loop of its own, and the sync code that it calls in this thread."""
    thread = OwnThread()
    token = _waiting.set(thread)
    try:
        with start_blocking_portal() as portal:
            return thread.wait_for(portal.start_task_soon(function, *args))
    finally:
        _waiting.reset(token)


_waiting: ContextVar[OwnThread | None] = ContextVar("own_thread", default=None)
_run_in_worker = to_thread.run_sync


async def run_sync(function: Callable[..., T], *args: Any, **options: Any) -> T:
    thread = _waiting.get()
    if thread is None:
        return await _run_in_worker(function, *args, **options)
    return await _run_in_worker(thread.run, function, *args, **options)


to_thread.run_sync = run_sync  # type: ignore[assignment]
