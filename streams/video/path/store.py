"""The part store in Valkey, the writer's side: one stream for each rendition of a show, bounded in length and bytes.

    video:{slug}:{rendition}        stream; each entry one piece (`parts.encode`) in the field `p`
    video:{slug}:{rendition}:init   the newest Init, encoded
    video:{slug}:sender             who sends (see lease.py)
    video:{slug}:state              JSON for the studio: source, take, figures; gone when the source is

All of it ends by itself soon after the last part. A writer that finds Valkey away keeps nothing back: what was not
stored is gone for viewers (the recording has it), and the first piece after it is an Init again.
"""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

import redis

from streams.video.path.parts import End, Init, Part, Piece, encode

logger = logging.getLogger(__name__)

KEPT_SECONDS = 24.0
"""Of media, for late playlists and for whoever fell behind."""
KEPT_BYTES = 24 * 1024 * 1024
"""Of one rendition of one show, at most."""
EXPIRES = 60
"""Seconds after the last piece."""
STATE_EXPIRES = 5
FIELD = b"p"


def stream_key(slug: str, rendition: str) -> str:
    return f"video:{slug}:{rendition}"


def init_key(slug: str, rendition: str) -> str:
    return f"video:{slug}:{rendition}:init"


def state_key(slug: str) -> str:
    return f"video:{slug}:state"


class Writer:
    """For one show. Thread-safe as far as its client is; one rendition is written by one thread."""

    def __init__(self, client: redis.Redis, slug: str) -> None:
        self._client, self._slug = client, slug
        self._inits: dict[str, Init] = {}
        self._kept: dict[str, deque[tuple[float, int]]] = {}
        self._missed: set[str] = set()
        self.lost = 0
        """Pieces that could not be stored."""

    def write(self, piece: Piece, rendition: str = "source") -> bool:
        """Store a piece for all web processes. False when Valkey is away."""
        if isinstance(piece, Init):
            self._inits[rendition] = piece
        try:
            self._add(piece, rendition)
        except redis.RedisError as error:
            if rendition not in self._missed:
                logger.warning("the part store is away: %s", error)
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

    def _add(self, piece: Piece, rendition: str) -> None:
        key = stream_key(self._slug, rendition)
        init = self._inits.get(rendition)
        pipe = self._client.pipeline(transaction=True)
        again = rendition in self._missed or isinstance(piece, Init)
        if init is not None and again:
            pipe.set(init_key(self._slug, rendition), encode(init), ex=EXPIRES)
            if not isinstance(piece, Init):
                pipe.xadd(key, {FIELD: encode(init)})
        data = encode(piece)
        pipe.xadd(
            key,
            {FIELD: data},
            maxlen=self._room_for(rendition, piece, len(data)),
            approximate=False,
        )
        pipe.expire(key, EXPIRES)
        if isinstance(piece, Part) and piece.independent:
            pipe.expire(init_key(self._slug, rendition), EXPIRES)
        if isinstance(piece, End):
            pipe.delete(init_key(self._slug, rendition))
        pipe.execute()
        self._missed.discard(rendition)

    def _room_for(self, rendition: str, piece: Piece, size: int) -> int:
        """How many entries may stay, the new one included."""
        kept = self._kept.setdefault(rendition, deque())
        kept.append((piece.duration if isinstance(piece, Part) else 0.0, size))
        seconds = sum(each for each, _ in kept)
        held = sum(each for _, each in kept)
        while len(kept) > 1 and (seconds > KEPT_SECONDS or held > KEPT_BYTES):
            duration, bytes_ = kept.popleft()
            seconds, held = seconds - duration, held - bytes_
        return len(kept)
