"""Whose work this is: a request id, the show and the user, carried by context to everything that is logged.

The id comes with the request (`X-Request-ID`) or is made. It goes along into threads, into orders, into the facts
about them and into the tasks that follow from those. What serves everybody (a hub, the one task that looks up all
who arrive) must not carry the id of whoever came first: it is started by `unbound`.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from typing import Any, NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

REQUEST_ID = "X-Request-Id"
"""Spelt as Twisted spells it, so that every door answers alike."""
_GOOD = re.compile(r"[A-Za-z0-9._-]{1,64}")
MOST = 5
"""Ids that are named where one thing is done for many requests."""


class Trace(NamedTuple):
    """Empty values are not known. `request` may name several, with commas, where one task serves many."""

    request: str = ""
    show: str = ""
    user: int | None = None


NOTHING = Trace()
_trace: ContextVar[Trace] = ContextVar("trace", default=NOTHING)


def current() -> Trace:
    return _trace.get()


def request_id() -> str:
    """The id of the request that is being worked on, or ""."""
    return _trace.get().request


def bind(trace: Trace) -> None:
    """For the rest of this task (or thread)."""
    _trace.set(trace)


@contextmanager
def bound(trace: Trace) -> Iterator[None]:
    """While the block runs."""
    token = _trace.set(trace)
    try:
        yield
    finally:
        _trace.reset(token)


def new_request_id() -> str:
    """16 hex digits. Not a secret: asking the system for randomness would hand Python's lock to another thread."""
    return f"{random.getrandbits(64):016x}"


def accepted(shown: bytes | str | None) -> str:
    """The id that a client has sent, if it is one; else a new one."""
    text = shown.decode("latin1") if isinstance(shown, bytes) else shown
    return text if text and _GOOD.fullmatch(text) else new_request_id()


def header_in(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """What an ASGI request says of itself."""
    for name, value in headers:
        if name == b"x-request-id":
            return value
    return None


def joined(ids: Iterable[str]) -> str:
    """Several requests as one id: the first few, each once."""
    return ",".join([each for each in dict.fromkeys(ids) if each][:MOST])


def unbound(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `fn` where nobody's request is known; callbacks and tasks that it starts do not know one either."""
    return Context().run(fn, *args, **kwargs)


def task_for_all(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task that serves everybody."""
    return asyncio.create_task(work, context=Context())
