"""How many people are in a room, and whether its host is one of them.

Every process refreshes its own people in a sorted set (score = time), so a killed process is forgotten
by itself: at most 15 s pass between refreshes and a member stays for 28 s, so the count is right
again within 35 s with the look of every 2 s. Simulated people have a set of their own.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

from streams.room import valkey
from streams.room.log import key

REFRESH = 15.0
STAY = 28
FADE = 17
"""A leaver stays this long, a little longer than a refresh: another tab in another process renews it."""
HOST_AWAY = 30
NOBODY = {"people": 0, "simulated": 0}
GUEST_COOKIE = "guest"
_signer = Signer(sep="~", salt="livestore.guest")


@dataclass(frozen=True, slots=True)
class Counted:
    """`news` when the counts differ from the last ones that any process saw; `away` in seconds."""

    people: int
    simulated: int
    news: bool
    away: int


@dataclass(frozen=True, slots=True)
class Change:
    member: str
    simulated: bool
    left: bool = False

    @property
    def arguments(self) -> tuple[str, str]:
        return ("-" if self.left else "") + ("s" if self.simulated else "p"), self.member


async def tell(
    slug: str, changes: Iterable[Change], *, host: str = "", now: float | None = None
) -> Counted:
    """Refresh, count and watch in one step. `host` is "here", "away" (not in this process) or "" (not live)."""
    keys = [key(slug, part) for part in ("people", "simulated", "counted", "host")]
    arguments: list[object] = [f"{time.time() if now is None else now:.3f}", STAY, FADE, host]
    for change in changes:
        arguments += change.arguments
    people, simulated, news, away = await valkey.run("presence.lua", keys, arguments)
    return Counted(people, simulated, bool(news), away)


def counts(slug: str, *, now: float | None = None) -> dict[str, int]:
    """`{"people", "simulated"}` of a room. For sync code."""
    since = (time.time() if now is None else now) - STAY
    pipe = valkey.sync_client().pipeline(transaction=False)
    for part in ("people", "simulated"):
        pipe.zcount(key(slug, part), since, "+inf")
    people, simulated = pipe.execute()
    return {"people": people, "simulated": simulated}


def new_guest() -> str:
    """The value of a signed cookie that makes a guest one person in all tabs."""
    return _signer.sign(secrets.token_hex(8))


def guest_member(cookie: str | None) -> str:
    """The presence name of a guest: from the signed cookie, else a new one for this connection."""
    if cookie:
        try:
            return "g" + _signer.unsign(cookie)
        except BadSignature:
            pass
    return "g" + secrets.token_hex(8)
