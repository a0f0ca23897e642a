"""One sender at a time for each show. Whoever holds the lease sends; whoever is displaced hears it within a second."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import redis

HELD_FOR = 3.0
"""Seconds after which a sender that stopped renewing has lost it."""
RENEW_EVERY = 1.0
_RENEW = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_LEAVE = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
)


def sender_key(slug: str) -> str:
    return f"video:{slug}:sender"


@dataclass(slots=True)
class Lease:
    """`name` is "kind:token"; the kind is one of "simulated", "browser", "rtmp"."""

    client: redis.Redis
    slug: str
    name: str

    @classmethod
    def of(cls, client: redis.Redis, slug: str, kind: str) -> Lease:
        return cls(client, slug, f"{kind}:{secrets.token_hex(8)}")

    def take(self, *, from_others: bool = False) -> bool:
        """Become the sender. False when another sends, unless it is to be displaced. Raises redis.RedisError."""
        if from_others:
            self.client.set(sender_key(self.slug), self.name, px=round(HELD_FOR * 1000))
            return True
        return self.renew()

    def renew(self) -> bool:
        """Every RENEW_EVERY seconds. False: another sends now. Raises redis.RedisError, which is no answer."""
        done = self.client.eval(_RENEW, 1, sender_key(self.slug), self.name, round(HELD_FOR * 1000))
        return bool(done)

    def leave(self) -> None:
        """The next one need not wait. Raises redis.RedisError."""
        self.client.eval(_LEAVE, 1, sender_key(self.slug), self.name)


def holder(client: redis.Redis, slug: str) -> str | None:
    """The kind of who sends now. Raises redis.RedisError."""
    held: bytes | None = client.get(sender_key(slug))  # type: ignore[assignment]
    return held.decode().partition(":")[0] if held else None
