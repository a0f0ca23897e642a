"""Connections to Valkey: one bounded pool per event loop, and one per process for sync code."""

from __future__ import annotations

import asyncio
import functools
import importlib.resources
from typing import Any
from weakref import WeakKeyDictionary

import redis
from django.conf import settings
from redis.asyncio import BlockingConnectionPool
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

Trouble = (RedisError, OSError, asyncio.TimeoutError)
"""What any call raises while Valkey is away. Callers decide whether to try again."""

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncRedis] = WeakKeyDictionary()


def client() -> AsyncRedis:
    """The running loop's client: at most 24 connections, calls give up after 3 s, nothing is retried silently."""
    loop = asyncio.get_running_loop()
    found = _clients.get(loop)
    if found is None:
        pool = BlockingConnectionPool.from_url(
            settings.REDIS_URL,
            max_connections=24,
            timeout=3,
            socket_timeout=3,
            socket_connect_timeout=3,
            retry=Retry(NoBackoff(), 0),
        )
        found = _clients[loop] = AsyncRedis(connection_pool=pool)
    return found


def subscriber() -> AsyncRedis:
    """A client for one subscription: it may be silent for hours, so it has no socket timeout."""
    return AsyncRedis.from_url(
        settings.REDIS_URL,
        socket_timeout=None,
        socket_connect_timeout=3,
        retry=Retry(NoBackoff(), 0),
    )


async def close() -> None:
    """Close the running loop's client."""
    found = _clients.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.aclose()
        await found.connection_pool.aclose()


@functools.cache
def sync_client() -> redis.Redis:
    """The process's client for tasks, commands and HTTP views. Thread-safe."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=3)


@functools.cache
def script(name: str) -> tuple[str, str]:
    """`(text, sha1)` of a Lua script of this package."""
    import hashlib

    text = (importlib.resources.files("streams.room") / name).read_text(encoding="utf-8")
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


async def run(name: str, keys: list[str], args: list[Any]) -> Any:
    """Run one of our scripts by its hash; send its text when the server does not know it (yet, or any more)."""
    text, sha = script(name)
    valkey = client()
    try:
        return await valkey.evalsha(sha, len(keys), *keys, *args)
    except NoScriptError:
        return await valkey.eval(text, len(keys), *keys, *args)


def run_sync(name: str, keys: list[str], args: list[Any]) -> Any:
    """As `run`, for sync code."""
    text, sha = script(name)
    valkey = sync_client()
    try:
        return valkey.evalsha(sha, len(keys), *keys, *args)
    except NoScriptError:
        return valkey.eval(text, len(keys), *keys, *args)
