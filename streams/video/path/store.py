"""The part store in Valkey, the writer's side: one stream for each rendition of a show, bounded in length and bytes.

    video:{slug}:{rendition}        stream; each entry one piece (`parts.encode`) in the field `p`
    video:{slug}:{rendition}:init   the newest Init, encoded
    video:{slug}:sender             who sends (see lease.py)
    video:{slug}:state              JSON for the studio: source, take, figures; gone when the source is
    video:{slug}:still              the newest still, a JPEG (see stills.py)

All of it ends by itself soon after the last part. A writer that finds Valkey away keeps nothing back: what was not
stored is gone for viewers (the recording has it), and the first piece after it is an Init again. Who holds the lease is
asked by the server in the same step that stores a piece: nothing of a sender that was displaced gets in between.
"""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

import redis

from streams.video.path.lease import HELD_FOR, Lease, sender_key
from streams.video.path.parts import End, Init, Part, Piece, encode

logger = logging.getLogger(__name__)

KEPT_SECONDS = 24.0
"""Of media, for late playlists and for whoever fell behind."""
KEPT_BYTES = 24 * 1024 * 1024
"""Of one rendition of one take, at most; of the take before as much for KEPT_SECONDS more."""
EXPIRES = 60
"""Seconds after the last piece."""
STATE_EXPIRES = 5
STILL_EXPIRES = 60
AGAIN_AFTER = 0.5
"""Seconds that a store which was away is left alone: a source must not wait for it at every piece."""
FIELD = b"p"
_ADD = """
if ARGV[1] ~= '' then
    local held = redis.call('GET', KEYS[1])
    if held and held ~= ARGV[1] then return 0 end
    if not held then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
end
if ARGV[6] ~= '' then redis.call('SET', KEYS[3], ARGV[6]) end
if ARGV[7] == 'again' then redis.call('XADD', KEYS[2], '*', ARGV[8], ARGV[6]) end
redis.call('XADD', KEYS[2], ARGV[4], '=', ARGV[5], '*', ARGV[8], ARGV[9])
redis.call('EXPIRE', KEYS[2], ARGV[3])
if ARGV[7] == 'end' then redis.call('DEL', KEYS[3]) else redis.call('EXPIRE', KEYS[3], ARGV[3]) end
return 1
"""


class Displaced(Exception):
    """Another sender holds the show's lease."""


def stream_key(slug: str, rendition: str) -> str:
    return f"video:{slug}:{rendition}"


def init_key(slug: str, rendition: str) -> str:
    return f"video:{slug}:{rendition}:init"


def state_key(slug: str) -> str:
    return f"video:{slug}:state"


def still_key(slug: str) -> str:
    return f"video:{slug}:still"


class Writer:
    """For one take of a show. Thread-safe as far as its client is; one rendition is written by one thread."""

    def __init__(self, client: redis.Redis, slug: str, lease: Lease | None = None) -> None:
        """Without a lease nobody asks who may send."""
        self._client, self._slug, self._lease = client, slug, lease
        self._script = client.register_script(_ADD)
        self._inits: dict[str, Init] = {}
        self._kept: dict[str, deque[tuple[float, int]]] = {}
        self._missed: set[str] = set()
        self._away_until = 0.0
        self.lost = 0
        """Pieces that could not be stored."""

    def write(self, piece: Piece, rendition: str = "source") -> bool:
        """Store a piece for all web processes. False when Valkey is away. Raises Displaced."""
        if isinstance(piece, Init):
            self._inits[rendition] = piece
        try:
            if time.monotonic() < self._away_until:
                raise redis.ConnectionError("it was away a moment ago")
            self._add(piece, rendition)
        except redis.RedisError as error:
            if rendition not in self._missed:
                logger.warning("the part store is away: %s", error)
            if time.monotonic() >= self._away_until:
                self._away_until = time.monotonic() + AGAIN_AFTER
            self._missed.add(rendition)
            self.lost += 1
            return False
        return True

    def tell(self, state: Mapping[str, Any]) -> None:
        """What the studio is shown of this source; to be told anew every second."""
        try:
            text = json.dumps({**state, "told_at": round(time.time() * 1000)})
            self._client.set(state_key(self._slug), text, ex=STATE_EXPIRES)
        except redis.RedisError:
            logger.debug("the source's state could not be told")

    def show(self, still: bytes) -> None:
        """The newest still, a JPEG."""
        try:
            self._client.set(still_key(self._slug), still, ex=STILL_EXPIRES)
        except redis.RedisError:
            logger.debug("the still could not be stored")

    def _add(self, piece: Piece, rendition: str) -> None:
        init = self._inits.get(rendition)
        again = rendition in self._missed and not isinstance(piece, Init) and init is not None
        data = encode(piece)
        how, bound = self._bound(rendition, piece, len(data))
        stored = self._script(
            keys=[
                sender_key(self._slug),
                stream_key(self._slug, rendition),
                init_key(self._slug, rendition),
            ],
            args=[
                self._lease.name if self._lease else "",
                round(HELD_FOR * 1000),
                EXPIRES,
                how,
                bound,
                encode(init) if init and (again or isinstance(piece, Init)) else b"",
                "end" if isinstance(piece, End) else "again" if again else "",
                FIELD,
                data,
            ],
        )
        if not stored:
            raise Displaced
        self._missed.discard(rendition)

    def _bound(self, rendition: str, piece: Piece, size: int) -> tuple[str, int]:
        """How the stream is cut: by what this take has in it; while that is little, by the age of what was before."""
        kept = self._kept.setdefault(rendition, deque())
        kept.append((piece.duration if isinstance(piece, Part) else 0.0, size))
        seconds = sum(each for each, _ in kept)
        held = sum(each for _, each in kept)
        full = False
        while len(kept) > 1 and (seconds > KEPT_SECONDS or held > KEPT_BYTES):
            duration, bytes_ = kept.popleft()
            seconds, held, full = seconds - duration, held - bytes_, True
        if full:
            return "MAXLEN", len(kept)
        return "MINID", round((time.time() - KEPT_SECONDS) * 1000)
