"""What is answered under `/media/shows/<slug>/live`: playlists, beginnings of takes, segments, parts.

What exists never changes and may be kept by anybody for a while; what comes next is waited for, so that a cache
in front of us has one request of ours open for all of its viewers.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from http import HTTPStatus
from weakref import WeakKeyDictionary

from streams.video.captions.hls import rendition_line
from streams.video.hls import playlist as text
from streams.video.hls.answers import VIDEO, Answer, playlist, refused
from streams.video.hls.blocking import PATIENCE, BadDirective, directive, is_next
from streams.video.hls.timeline import entries, segments
from streams.video.path.parts import Part, Place
from streams.video.scene import SOURCE, Scene, scenes
from streams.video.window import Window
from streams.video.windows import RENDITIONS

LIVE = re.compile(
    f"(?P<rendition>{'|'.join(RENDITIONS)})"
    r"(?:\.m3u8|/(?:(?P<take>[1-9]\d{0,8})\.mp4|(?P<msn>\d{1,15})(?:\.(?P<part>\d{1,4}))?\.m4s))"
)
"""What follows `/media/shows/<slug>/live/`."""
MEDIA_KEPT = 600
"""Seconds that caches may keep media: longer than any playlist names it, not so long that a show lives on in them."""
NEWS_KEPT = 1
"""Of a playlist that was not waited for. A stale one only costs its player another request."""
WAITED_KEPT = 6
"""Of one that was: the same question has the same answer for as long as players ask it."""
FIRST_WITHIN = 6.0
"""Seconds that the first playlist of a show on air waits for its first segment: many players give up at a 404."""
MOST_WAITING = 5_000
"""Requests that wait at the same time in one process. A cache in front makes one of thousands."""
NOTHING = "There is nothing at this address."
NO_PICTURE = "This show has no picture at the moment."
OVER = "This show is over. Its recording is at replay.m3u8."
LEAVING = "This server restarts. Please ask again."

CAPTIONS = "captions"
"""The group of the captions' line."""

_rendered: WeakKeyDictionary[Window, tuple[tuple[object, ...], Answer]] = WeakKeyDictionary()


async def multivariant(scene: Scene) -> Answer:
    """`live.m3u8`, as soon as there is a picture."""
    source = scene.window(SOURCE)
    if not _has_picture(source) and (refusal := await _first(scene, source)) is not None:
        return refusal
    variants = []
    for name in RENDITIONS:
        window = scene.window(name)
        if window.init is not None and (name in scene.renditions or name == SOURCE):
            variants.append(text.variant(window.init, segments(window.parts(), over=window.over)))
    captions = [rendition_line()]
    return playlist(text.multivariant(variants, captions, CAPTIONS), kept=NEWS_KEPT)


async def media(scene: Scene, rendition: str, query: bytes) -> Answer:
    """`live/<rendition>.m3u8`, perhaps after what it asks for has come."""
    window = scene.window(rendition)
    try:
        asked = directive(query)
        there = _has_picture(window) if asked is None else window.place is not None
        if not there and (refusal := await _first(scene, window)) is not None:
            return refusal
        if asked is not None and scene.show != "ended":
            asked.check(window.place)
    except BadDirective as bad:
        return refused(HTTPStatus.BAD_REQUEST, str(bad), kept=NEWS_KEPT)
    if asked is None:
        return _media(scene, window, NEWS_KEPT)

    def is_met() -> bool:
        return scene.show == "ended" or asked.is_met(window.place, over=window.over)

    if not await _wait(window, is_met, PATIENCE):
        return _unavailable()
    return _media(scene, window, WAITED_KEPT)


def beginning(scene: Scene, rendition: str, take: int) -> Answer:
    """`live/<rendition>/<take>.mp4`."""
    window = scene.window(rendition)
    found = window.init_of(take)
    if found is None:
        return refused(HTTPStatus.NOT_FOUND, NOTHING, kept=NEWS_KEPT)
    return _film(found.piece.payload, f"{take}")


async def segment(scene: Scene, rendition: str, msn: int) -> Answer:
    """`live/<rendition>/<msn>.m4s`: whole, or when it is."""
    window = scene.window(rendition)

    def is_whole() -> bool:
        newest = window.place
        return newest is not None and (newest.msn > msn or (newest.msn == msn and window.over))

    if not is_whole():
        newest = window.place
        if newest is None or msn != newest.msn:
            return refused(HTTPStatus.NOT_FOUND, NOTHING, kept=NEWS_KEPT)
        if not await _wait(window, is_whole, PATIENCE):
            return _unavailable()
    parts = [each for each in window.parts() if each.msn == msn]
    if not parts or parts[0].index:
        return refused(HTTPStatus.NOT_FOUND, NOTHING, kept=NEWS_KEPT)
    return _film(b"".join(each.payload for each in parts), f"{msn}")


async def part(scene: Scene, rendition: str, wanted: Place) -> Answer:
    """`live/<rendition>/<msn>.<index>.m4s`; the next one when it is there."""
    window = scene.window(rendition)

    def is_past() -> bool:
        newest = window.place
        return scene.show == "ended" or (newest is not None and newest >= wanted)

    if not is_past():
        if not is_next(wanted, window.place):
            return refused(HTTPStatus.NOT_FOUND, NOTHING, kept=NEWS_KEPT)
        if not await _wait(window, is_past, PATIENCE):
            return _unavailable()
    found = _part(window, wanted)
    if found is None:
        return refused(HTTPStatus.NOT_FOUND, NOTHING, kept=NEWS_KEPT)
    return _film(found.payload, f"{wanted.msn}.{wanted.index}")


def _part(window: Window, wanted: Place) -> Part | None:
    for kept in reversed(window.ring):
        if isinstance(kept.piece, Part):
            place = Place.of(kept.piece)
            if place == wanted:
                return kept.piece
            if place < wanted:
                break
    return None


def _film(body: bytes, name: str) -> Answer:
    etag = f"{name}-{len(body):x}"
    return Answer(HTTPStatus.OK, body, VIDEO, MEDIA_KEPT, etag, immutable=True)


def _media(scene: Scene, window: Window, kept: int) -> Answer:
    """Rendered once for all who ask between two parts."""
    ended = scene.show == "ended"
    reports = tuple(
        text.Report(name, place)
        for name in RENDITIONS
        if name != window.rendition
        and name in scene.renditions
        and (place := scene.window(name).place) is not None
    )
    state = (window.number, window.over, ended, reports, kept)
    known = _rendered.get(window)
    if known is not None and known[0] == state:
        return known[1]
    listed = entries(segments(window.parts(), over=window.over or ended))
    if not listed or window.init is None:
        return refused(HTTPStatus.NOT_FOUND, NO_PICTURE, retry=1)
    told = text.media(
        listed, rendition=window.rendition, init=window.init, reports=reports, ended=ended
    )
    answer = playlist(told, kept=kept)
    _rendered[window] = (state, answer)
    return answer


# -- waiting --------------------------------------------------------------------------------------


def _has_picture(window: Window) -> bool:
    """Whether there is a whole segment: players that know no parts can not read a playlist without one."""
    parts = list(window.parts())
    return bool(parts) and (parts[0].msn != parts[-1].msn or window.over)


async def _first(scene: Scene, window: Window) -> Answer | None:
    """Why there is no picture, when there is none after a while."""
    if scene.show == "ended" and window.place is None:
        return refused(HTTPStatus.NOT_FOUND, OVER, kept=NEWS_KEPT)
    on_air = scene.show == "live" and window.rendition == SOURCE
    if on_air and await _wait(window, lambda: _has_picture(window), FIRST_WITHIN):
        return None
    if window.place is not None:
        return None  # a rare keyframe: the parts are better than nothing
    if scenes().draining:
        return _unavailable()
    return refused(HTTPStatus.NOT_FOUND, NO_PICTURE, retry=2)


async def _wait(window: Window, ready: Callable[[], bool], seconds: float) -> bool:
    """Whether it came to be ready; not while this process leaves, nor when too many wait already."""
    if ready():
        return True
    house = scenes()
    if house.draining or house.waiting >= MOST_WAITING:
        return False
    house.waiting += 1
    try:
        async with asyncio.timeout(seconds + 1):
            await window.until(lambda: house.draining or ready(), seconds)
    except TimeoutError:
        pass
    finally:
        house.waiting -= 1
    return ready()


def _unavailable() -> Answer:
    leaving = scenes().draining
    sentence = LEAVING if leaving else NO_PICTURE
    return refused(HTTPStatus.SERVICE_UNAVAILABLE, sentence, retry=1)
