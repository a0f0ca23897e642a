"""What is answered under `/media/shows/<slug>/live/captions`: for the door of the live picture (video/door.py)."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from http import HTTPStatus
from weakref import WeakKeyDictionary

from livestore.base.threads import in_database
from streams.room.encoding import now_ms
from streams.video.captions.hls import live_file, live_playlist
from streams.video.captions.selectors import lines_of
from streams.video.captions.webvtt import Line
from streams.video.hls.answers import Answer, playlist, refused
from streams.video.hls.blocking import PATIENCE, BadDirective, Directive, directive
from streams.video.hls.timeline import entries, segments
from streams.video.scene import SOURCE, Scene, scenes
from streams.video.window import RING_SECONDS, Window

ADDRESS = re.compile(r"captions(?:\.m3u8|/(?P<msn>\d{1,15})\.vtt)")
"""What follows `/media/shows/<slug>/live/`."""
VTT = b"text/vtt; charset=utf-8"
KEPT = 600
"""Seconds that caches may keep a file; it never changes."""
NEWS_KEPT = 1
LONGEST_LINE = 30.0
"""Seconds; more than any line stays on the screen."""
MOST_WAITING = 5_000
NOTHING = "There is nothing at this address."
NO_PICTURE = "This show has no picture at the moment."


class Said:
    """The newest lines of a show, read again when a segment has ended since: about once a second for all who ask."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._read_at = 0
        self._reading = asyncio.Lock()

    async def until(self, slug: str, wall: int) -> list[Line]:
        """With everything that was said before this wall time."""
        async with self._reading:
            if self._read_at <= wall:
                begun = now_ms()
                since = dt.datetime.fromtimestamp(
                    begun / 1000 - RING_SECONDS - LONGEST_LINE, dt.UTC
                )
                self._lines = await in_database(lines_of, slug, since=since)
                self._read_at = begun
            return self._lines


_said: WeakKeyDictionary[Window, Said] = WeakKeyDictionary()


async def answer(scene: Scene, rest: str, query: bytes) -> Answer:
    """`rest` is what follows `/media/shows/<slug>/live/`."""
    found = ADDRESS.fullmatch(rest)
    if found is None:
        return refused(HTTPStatus.NOT_FOUND, NOTHING, kept=NEWS_KEPT)
    window = scene.window(SOURCE)
    if found["msn"] is None:
        return await _playlist(scene, window, query)
    return await _file(window, int(found["msn"]))


async def _playlist(scene: Scene, window: Window, query: bytes) -> Answer:
    try:
        asked = directive(query)
        if asked is not None and scene.show != "ended":
            asked.check(window.place)
    except BadDirective as bad:
        return refused(HTTPStatus.BAD_REQUEST, str(bad), kept=NEWS_KEPT)
    if asked is not None and not await _whole(scene, window, Directive(asked.msn, None)):
        return refused(HTTPStatus.SERVICE_UNAVAILABLE, NO_PICTURE, retry=1)
    ended = scene.show == "ended"
    listed = entries(segments(window.parts(), over=window.over or ended))
    if not listed:
        return refused(HTTPStatus.NOT_FOUND, NO_PICTURE, retry=1)
    return playlist(live_playlist(listed, ended=ended), kept=NEWS_KEPT)


async def _whole(scene: Scene, window: Window, wanted: Directive) -> bool:
    """Wait until this segment has ended."""
    house = scenes()

    def is_met() -> bool:
        return scene.show == "ended" or wanted.is_met(window.place, over=window.over)

    if not is_met() and house.waiting < MOST_WAITING:
        house.waiting += 1
        try:
            await window.until(lambda: house.draining or is_met(), PATIENCE)
        finally:
            house.waiting -= 1
    return is_met()


async def _file(window: Window, msn: int) -> Answer:
    found = segments(window.parts(), over=window.over)
    segment = next((each for each in found if each.msn == msn and each.whole), None)
    if segment is None:
        return refused(HTTPStatus.NOT_FOUND, NOTHING, kept=NEWS_KEPT)
    ends = segment.at + round(segment.seconds * 1000)
    lines = await _said.setdefault(window, Said()).until(window.slug, ends)
    body = live_file(segment, lines).encode()
    return Answer(HTTPStatus.OK, body, VTT, KEPT, f"{msn}-{len(body):x}", immutable=True)
