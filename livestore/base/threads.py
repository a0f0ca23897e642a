"""A few threads of our own for database work that asyncio code waits for.

Django and Channels run all sync code of a process's sockets in one thread; one slow query would then
hold up everybody. Here a small, bounded number of threads share the work, each with its own connection.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import queue
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections, connections

from livestore.base.errors import Busy

P = ParamSpec("P")
T = TypeVar("T")

THREADS = int(os.environ.get("LIVESTORE_DATABASE_THREADS", "4"))
LONGEST_QUEUE = 2000
"""More waiting calls than this are refused at once: they would only be answered too late."""


class DatabaseThreads:
    """A bounded crew of daemon threads, started as needed, that call functions with a healthy connection."""

    def __init__(self, size: int = THREADS, longest_queue: int = LONGEST_QUEUE) -> None:
        self.size = size
        self.longest_queue = longest_queue
        self._work: queue.SimpleQueue[
            tuple[concurrent.futures.Future[Any], Callable[[], Any]] | None
        ]
        self._work = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()

    def submit(self, call: Callable[[], T]) -> concurrent.futures.Future[T]:
        """Queue a call. Raises Busy when too many are waiting already."""
        if self._work.qsize() >= self.longest_queue:
            raise Busy
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._work.put((future, call))
        if not self._idle.acquire(blocking=False):
            with self._lock:
                if len(self._threads) < self.size:
                    name = f"database-{len(self._threads)}"
                    thread = threading.Thread(target=self._run, name=name, daemon=True)
                    self._threads.append(thread)
                    thread.start()
        return future

    def _run(self) -> None:
        while True:
            job = self._work.get()
            if job is None:
                connections.close_all()
                return
            future, call = job
            if future.set_running_or_notify_cancel():
                try:
                    close_old_connections()  # a connection that the server dropped is replaced first
                    future.set_result(call())
                except BaseException as problem:
                    future.set_exception(problem)
                finally:
                    close_old_connections()
            del job, future, call
            self._idle.release()

    def stop(self) -> None:
        """Finish what is queued, close the connections, end the threads. It may be used again after."""
        with self._lock:
            threads, self._threads = self._threads, []
        for _ in threads:
            self._work.put(None)
        for thread in threads:
            thread.join(timeout=10)
        while self._idle.acquire(blocking=False):
            pass


crew = DatabaseThreads()
"""For what people do."""
arriving = DatabaseThreads(size=2, longest_queue=20_000)
"""For who comes in: a rush at the door must not hold up those who are inside."""


async def in_database(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run sync ORM code without holding up the event loop or anybody else's query. Raises what `fn` raises."""
    trace = copy_context()  # whose work it is stands in the log lines of the other thread too
    return await asyncio.wrap_future(crew.submit(lambda: trace.run(fn, *args, **kwargs)))


async def at_the_door(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As `in_database`, for newcomers: in their own queue."""
    return await asyncio.wrap_future(arriving.submit(lambda: fn(*args, **kwargs)))


def stop() -> None:
    """End all threads and close their connections; they start again when needed."""
    crew.stop()
    arriving.stop()
