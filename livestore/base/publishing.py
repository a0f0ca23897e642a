"""Every process publishes its figures; any web process can tell those of all.

One hash in Valkey has a field for each process, written every 2 s and left out 10 s after the process has died,
by Valkey's own clock. A thread does it, so that a process whose event loop hangs is still seen, hanging.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from typing import NamedTuple

import orjson
import redis
from django.conf import settings

from livestore.base import process
from livestore.base.metrics import Family, families, look_at_all

logger = logging.getLogger(__name__)

EVERY = 2.0
LOOK_WITHIN = 1.0
"""Seconds that a busy event loop has to look at its rooms; then its last figures are told again."""
LIVES = 10
KEY = "figures"
# KEYS: figures, when they were written. ARGV: seconds they live, [name, figures].
SCRIPT = """
local now = tonumber(redis.call('TIME')[1])
if ARGV[2] then
    redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
    redis.call('ZADD', KEYS[2], now, ARGV[2])
end
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[1]))) do
    redis.call('HDEL', KEYS[1], dead)
    redis.call('ZREM', KEYS[2], dead)
end
if not ARGV[2] then
    return redis.call('HGETALL', KEYS[1])
end
"""
KEYS = (KEY, f"{KEY}:seen")


class Publisher:
    """`start` once in a process that is to be seen, `stop` before it ends."""

    def __init__(self, role: str, loop: asyncio.AbstractEventLoop | None = None) -> None:
        process.take_role(role)
        self._loop = loop
        self._ended = threading.Event()
        self._troubled = False
        self._thread = threading.Thread(target=self._run, name="figures", daemon=True)

    def start(self) -> None:
        global _own
        _own = self
        if self._loop is not None:
            process.figures.lag = process.LoopLag(self._loop)
        self._thread.start()

    def stop(self) -> None:
        """Figures of a process that has ended are no longer told. Waits for Valkey a second at most."""
        global _own
        _own = None
        self._ended.set()
        self._thread.join(1.0)
        if process.figures.lag is not None:
            process.figures.lag.stop()
            process.figures.lag = None

    def read(self) -> list[Family]:
        """This process's figures now. From any thread but the loop's own."""
        loop = self._loop
        if loop is None:
            look_at_all()
        elif not loop.is_closed():
            done = threading.Event()

            def look() -> None:
                try:
                    look_at_all()
                finally:
                    done.set()

            with suppress(RuntimeError):  # it is closed just now
                loop.call_soon_threadsafe(look)
                done.wait(LOOK_WITHIN)
        return families()

    def _run(self) -> None:
        with _client() as client:
            while not self._ended.is_set():
                try:
                    text = orjson.dumps(self.read())
                    client.eval(SCRIPT, 2, *KEYS, LIVES, process.name(), text)
                    self._troubled = False
                except Exception as problem:
                    if not self._troubled:
                        logger.warning("figures can not be published: %r", problem)
                    self._troubled = True
                self._ended.wait(EVERY)
            with suppress(redis.RedisError):
                client.hdel(KEY, process.name())


_own: Publisher | None = None


def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


class Seen(NamedTuple):
    """Figures by process; not `complete` when Valkey was away."""

    processes: dict[str, list[Family]]
    complete: bool


def everybody() -> Seen:
    """The figures of every process; only our own while Valkey is away. Not for the loop's own thread."""
    found: dict[str, list[Family]] = {}
    complete = True
    try:
        with _client() as client:
            answer = client.eval(SCRIPT, 2, *KEYS, LIVES)
        assert isinstance(answer, list)
        for name, text in zip(answer[::2], answer[1::2], strict=True):
            found[name.decode()] = orjson.loads(text)
    except redis.RedisError as problem:
        logger.warning("figures of the others can not be read: %r", problem)
        complete = False
    if _own is not None:
        found[process.name()] = _own.read()
    return Seen(dict(sorted(found.items())), complete)
