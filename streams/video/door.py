"""The picture over HTTP, ahead of Django: `/media/shows/<slug>/...`. Whatever is not one of these goes on to Django.

    live.m3u8                           HLS of a show on air, multivariant
    live/<rendition>.m3u8               one rendition, with parts
    live/<rendition>/<take>.mp4         the beginning of a take
    live/<rendition>/<msn>.m4s          a segment; <msn>.<index>.m4s a part of it
    live/captions...                    captions (captions/live.py)
    replay..., takes/...                the recording (replay/door.py)

Anybody may watch a show that is not a draft, from any site, as in its room. Who was sent out of the room is refused
while logged in; what a cache in front has kept already is not ours to refuse.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.http.cookie import parse_cookie

from livestore.base.errors import Busy, NotFound
from streams.room import valkey
from streams.room.arrival import Refused, Request
from streams.room.arrivals import arrive
from streams.room.protocol import CloseCode
from streams.video.captions import live as captions
from streams.video.hls import live
from streams.video.hls.answers import Answer, give, refused
from streams.video.path.parts import Place
from streams.video.replay.door import is_replay, replay_app
from streams.video.replay.wire import Receive, Scope, Send, header, respond
from streams.video.scene import Scene, scenes

logger = logging.getLogger(__name__)

Application = Callable[[Any, Any, Any], Awaitable[None]]
PREFIX = "/media/shows/"
LIVE = rf"live\.m3u8|live/(?P<captions>captions[./].{{1,32}})|live/{live.LIVE.pattern}"
ADDRESS = re.compile(rf"{PREFIX}(?P<slug>[-a-zA-Z0-9_]{{1,100}})/(?:{LIVE})")
METHODS = b"GET, HEAD, OPTIONS"
ALLOWED = [
    (b"access-control-allow-methods", METHODS),
    (b"access-control-allow-headers", b"Range, If-None-Match"),
    (b"access-control-max-age", b"86400"),
]
AWAY = (*valkey.Trouble, DatabaseError, TimeoutError, Busy)
UNKNOWN_FOR = 2.0
"""Seconds for which a show that is not there is not looked for again."""
WELCOME_FOR = 30.0
"""Seconds for which somebody who is logged in is not looked up again."""
MOST_KNOWN = 4096
NO_SUCH_SHOW = "There is no such show."
BACK_SOON = "We are back in a moment."
SENT_OUT = "You were sent out of this room."


class PictureFirst:
    """The ASGI application."""

    def __init__(self, django: Application) -> None:
        self._django = django
        self._known: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()
        """What was found out a moment ago: (slug, session) -> (until when, status)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if not path.startswith(PREFIX):
            await self._django(scope, receive, send)
        elif is_replay(path):
            await replay_app(scope, receive, send)
        elif (found := ADDRESS.fullmatch(path)) is not None:
            await self._live(scope, send, found)
        else:
            await self._django(scope, receive, send)

    async def _live(self, scope: Scope, send: Send, found: re.Match[str]) -> None:
        if scope["method"] == "OPTIONS":
            await respond(send, HTTPStatus.NO_CONTENT, ALLOWED)
            return
        if scope["method"] not in {"GET", "HEAD"}:
            await respond(send, HTTPStatus.METHOD_NOT_ALLOWED, [(b"allow", METHODS)])
            return
        await give(scope, send, await self._answer(scope, found))

    async def _answer(self, scope: Scope, found: re.Match[str]) -> Answer:
        slug = found["slug"]
        session = _session(scope)
        status = await self._status(slug, session)
        if status == HTTPStatus.NOT_FOUND:
            return refused(status, NO_SUCH_SHOW, kept=live.NEWS_KEPT)
        if status == HTTPStatus.FORBIDDEN:
            return refused(status, SENT_OUT)
        if status != HTTPStatus.OK:
            return refused(status, BACK_SOON, retry=1)
        try:
            scene = await scenes().scene(slug)
        except (*AWAY, NotFound) as problem:
            logger.warning("nobody can watch %s: %r", slug, problem)
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, BACK_SOON, retry=1)
        if scene.show == "draft":
            return refused(HTTPStatus.NOT_FOUND, NO_SUCH_SHOW, kept=live.NEWS_KEPT)
        return await _of(scene, scope, found)

    async def _status(self, slug: str, session: str) -> int:
        """Whether this person may see this show, as far as it has to be asked: a guest may see what others watch."""
        now = monotonic()
        for key in ((slug, ""), (slug, session)):
            known = self._known.get(key)
            if known is not None and known[0] > now:
                return known[1]
        if not session and slug in scenes():
            return HTTPStatus.OK
        try:
            await arrive(Request(slug, session or None, None, None))
        except Refused as refusal:
            banned = refusal.code == CloseCode.NOT_ALLOWED
            status = HTTPStatus.FORBIDDEN if banned else HTTPStatus.NOT_FOUND
        except AWAY:
            return HTTPStatus.SERVICE_UNAVAILABLE
        else:
            status = HTTPStatus.OK
        if session or status != HTTPStatus.OK:
            for_now = UNKNOWN_FOR if status == HTTPStatus.NOT_FOUND else WELCOME_FOR
            self._remember(slug, session, status, for_now)
        return status

    def _remember(self, slug: str, session: str, status: int, seconds: float) -> None:
        self._known[slug, session] = (monotonic() + seconds, status)
        self._known.move_to_end((slug, session))
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


async def _of(scene: Scene, scope: Scope, found: re.Match[str]) -> Answer:
    if found["captions"]:
        return await captions.answer(scene, found["captions"], scope.get("query_string", b""))
    rendition = found["rendition"]
    if rendition is None:
        return await live.multivariant(scene)
    if found["take"]:
        return live.beginning(scene, rendition, int(found["take"]))
    if found["part"]:
        return await live.part(scene, rendition, Place(int(found["msn"]), int(found["part"])))
    if found["msn"]:
        return await live.segment(scene, rendition, int(found["msn"]))
    return await live.media(scene, rendition, scope.get("query_string", b""))


def _session(scope: Scope) -> str:
    """The key of the session; "" for a guest."""
    cookies = header(scope, b"cookie")
    if cookies is None or settings.SESSION_COOKIE_NAME.encode() not in cookies:
        return ""
    return parse_cookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME, "")
