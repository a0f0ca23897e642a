"""What the studio is told of a show's RTMP sender, kept in Valkey for as long as it is true."""

from __future__ import annotations

import json
import time
from typing import Any, Literal

import redis
from django.conf import settings

from streams.video.path.feed import connect

State = Literal["sending", "waiting", "refused"]

EXPIRES = 5
"""Seconds: told anew every second while somebody is connected."""
REFUSED_EXPIRES = 60
"""A refused sender has gone; why stays to be read for a while."""


def key_of(slug: str) -> str:
    return f"video:{slug}:rtmp"


def tell(client: redis.Redis, slug: str, state: State, message: str) -> None:
    """Raises redis.RedisError."""
    told = {"state": state, "message": message, "at": round(time.time() * 1000)}
    client.set(
        key_of(slug), json.dumps(told), ex=REFUSED_EXPIRES if state == "refused" else EXPIRES
    )


def forget(client: redis.Redis, slug: str) -> None:
    """The sender has left. Raises redis.RedisError."""
    client.delete(key_of(slug))


def told(slug: str) -> dict[str, Any] | None:
    """`{state, message, at}` of the show's sender; None when none is connected, or Valkey does not say."""
    client = connect(settings.VIDEO_REDIS_URL)
    try:
        text: bytes | None = client.get(key_of(slug))  # type: ignore[assignment]
    except redis.RedisError:
        return None
    finally:
        client.close()
    found: dict[str, Any] | None = None if text is None else json.loads(text)
    return found
