"""What a player is told about a replay, made once for each edition of it and kept as the bytes that are sent.

`replay.json`:

    {"seconds", "timeline": [{take, offset, start, end, wall_start, gap_before_seconds}],
     "chapters": [{number, product, title, picture, t, until}],
     "takes": [{"take", "mime", "width", "height", "film", "head", "segments": [[ms, bytes, drift], ...]}]}

A row of `segments` is as short as it can be, because eight hours have 28,800 of them: how long the segment is, in
milliseconds and in bytes, and by how many milliseconds its wall time differs from `wall_start` plus its time. It begins
where the one before it ended, the first at `start` and behind `head`. `drift` is left out where it is 0; a negative
number of bytes says that the segment does not begin with a keyframe.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from accounts.tickets.auth import Caller
from accounts.tickets.identify import Credentials, identify_many
from livestore.base.threads import in_database
from streams.models import Show
from streams.video.captions.hls import rendition_line
from streams.video.captions.selectors import replay_texts
from streams.video.models import Take
from streams.video.path import recorder
from streams.video.replay import selectors
from streams.video.replay.playlist import media_playlist, multivariant_playlist
from streams.video.replay.selectors import Edition
from streams.video.replay.timeline import Reel, Timeline
from streams.video.replay.visibility import replayed_show
from streams.video.takes import folder_of

KEPT = 32
"""Replays in memory; what is told about eight hours takes 0.4 MB."""
REMEMBERED = 5.0
"""Seconds for which an answer holds: for so long somebody who was sent out, or a film taken away, is served on."""
MOST_ASKED = 10_000


@dataclass(frozen=True, slots=True)
class Text:
    """A body, compressed, and its ETag."""

    packed: bytes
    etag: str

    @classmethod
    def of(cls, body: bytes) -> Text:
        return cls(gzip.compress(body, 6, mtime=0), f'"{hashlib.sha256(body).hexdigest()[:24]}"')

    def plain(self) -> bytes:
        return gzip.decompress(self.packed)


@dataclass(frozen=True, slots=True)
class Book:
    """All that is told about the replay of one show. `films`: place and size of each take's file; `captions`: what is
    told about them, by address."""

    facts: Text
    playlist: Text
    multivariant: Text
    films: dict[int, tuple[Path, int]]
    captions: dict[str, Text] = field(default_factory=dict)


class Books:
    """One for each process. A show's book is made by one thread while others wait for it."""

    def __init__(self) -> None:
        self._books: OrderedDict[str, tuple[Edition, Book]] = OrderedDict()
        self._asked: dict[tuple[str, str], tuple[float, Book | None]] = {}
        self._making: dict[str, asyncio.Lock] = {}

    async def book(self, slug: str, session: str) -> Book | None:
        """None when nothing is kept. `session` is the key of who asks. What is answered is remembered for some
        seconds. Raises NoSuchShow, NoSuchReplay, SentOut."""
        now = time.monotonic()
        until, book = self._asked.get((slug, session), (0.0, None))
        if now < until:
            return book
        async with self._making.setdefault(slug, asyncio.Lock()):
            show, edition, is_whole = await in_database(_look, slug, session)
            known = self._books.get(slug)
            if not edition.takes:
                book = None
            elif known is not None and known[0] == edition:
                self._books.move_to_end(slug)
                book = known[1]
            else:
                book = await in_database(write, show, edition)
                self._books[slug] = (edition, book)
                while len(self._books) > KEPT:
                    self._books.popitem(last=False)
        if len(self._asked) >= MOST_ASKED:
            self._asked.clear()
            self._making.clear()
        if is_whole:
            self._asked[slug, session] = (now + REMEMBERED, book)
        return book


def _look(slug: str, session: str) -> tuple[Show, Edition, bool]:
    """And whether no take is still being closed: a show ends some tenths of a second before its last one."""
    [caller] = identify_many([Credentials(session=session or None)])
    user = caller.user if isinstance(caller, Caller) else None
    show = replayed_show(slug, user)
    is_whole = not Take.objects.filter(show=show, ended_at=None).exists()
    return show, selectors.edition(show), is_whole


def write(show: Show, edition: Edition) -> Book:
    """Reads index files and the archive: not for the event loop."""
    film = selectors.timeline_of(show, [ordinal for ordinal, _ in edition.takes])
    folder = folder_of(show)
    captions = replay_texts(show.slug, film)
    line = rendition_line("replay/captions.m3u8") if captions else None
    return Book(
        facts=Text.of(orjson.dumps(facts(film, selectors.chapters(show, film)))),
        playlist=Text.of(media_playlist(film).encode()),
        multivariant=Text.of(multivariant_playlist(film, line).encode()),
        films={
            entry.reel.ordinal: (recorder.film(folder, entry.reel.ordinal), entry.reel.bytes)
            for entry in film.entries
        },
        captions={address: Text.of(text.encode()) for address, text in captions.items()},
    )


def facts(film: Timeline, chapters: list[dict[str, Any]]) -> dict[str, Any]:
    """`replay.json`."""
    return {
        "seconds": round(film.seconds, 3),
        "timeline": [entry.as_json() for entry in film.entries],
        "chapters": chapters,
        "takes": [_take(entry.reel) for entry in film.entries],
    }


def _take(reel: Reel) -> dict[str, Any]:
    return {
        "take": reel.ordinal,
        "mime": f'video/mp4; codecs="{reel.codecs}"',
        "width": reel.width,
        "height": reel.height,
        "film": f"takes/{reel.ordinal}.mp4",
        "head": reel.head,
        "segments": list(_rows(reel)),
    }


def _rows(reel: Reel) -> Iterator[list[int]]:
    """Ends are rounded and not lengths, so that eight hours are as exact as one second."""
    start, begin = round(reel.start * 1000), reel.start
    told = 0
    for place, segment in enumerate(reel.segments):
        following = reel.segments[place + 1] if place + 1 < len(reel.segments) else None
        until = round((following.start if following else segment.end) * 1000)
        size = segment.length if segment.independent else -segment.length
        drift = segment.at - reel.wall_start - round((segment.start - begin) * 1000)
        yield [until - start - told, size, drift] if drift else [until - start - told, size]
        told = until - start
