"""How many people are in a room, and whether its host is one of them.

Every process refreshes its own people in a sorted set (score = time), some with each look of every 2 s, so a
killed process is forgotten by itself: at most 15 s pass between the refreshes of a member, which stays for
28 s, so the count is right again within 35 s. Simulated people have a set of their own.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.signing import BadSignature

from livestore.base.signatures import Signatures
from streams.room import valkey
from streams.room.log import key

REFRESH = 15.0
STAY = 28
FADE = 17
"""A leaver stays this long, a little longer than a refresh: another tab in another process renews it."""
STEP = 1_000
"""Members in one call of the script, which takes about a millisecond."""
HOST_AWAY = 30
NOBODY = {"people": 0, "simulated": 0}
GUEST_COOKIE = "guest"
_signatures = Signatures(salt="livestore.guest", sep="~")


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


async def tell(
    slug: str, changes: Iterable[Change], *, host: str = "", now: float | None = None
) -> Counted:
    """Refresh, count and watch in one step; more than 1,000 changes in several, so that Valkey serves others
    in between. `host` is "here", "away" (not in this process) or "" (not live).
    """
    keys = [key(slug, part) for part in ("people", "simulated", "counted", "host")]
    first = [f"{time.time() if now is None else now:.3f}", STAY, FADE, host]
    rest = list(changes)
    news = False
    while True:
        step, rest = rest[:STEP], rest[STEP:]
        answer = await valkey.run("presence.lua", keys, [*first, *_names(step)])
        people, simulated, step_news, away = answer
        news |= bool(step_news)
        if not rest:
            return Counted(people, simulated, news, away)


def _names(changes: Iterable[Change]) -> list[str]:
    """Members in four groups, each as one text: who stays, simulated; who left, simulated."""
    groups: tuple[list[str], ...] = ([], [], [], [])
    for change in changes:
        groups[2 * change.left + change.simulated].append(change.member)
    return [" ".join(group) for group in groups]


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
    return _signatures.sign(secrets.token_hex(8))


def guest_member(cookie: str | None) -> str:
    """The presence name of a guest: from the signed cookie, else a new one for this connection."""
    if cookie:
        try:
            return "g" + _signatures.unsign(cookie)
        except (BadSignature, ValueError):
            pass
    return "g" + secrets.token_hex(8)
