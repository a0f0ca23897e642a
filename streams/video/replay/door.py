"""The replay over HTTP, ahead of Django: what is told about it, and films by byte ranges.

    /media/shows/<slug>/replay.m3u8             HLS, multivariant; replay/source.m3u8 is its only rendition
    /media/shows/<slug>/replay.json             for our own player: see books.py
    /media/shows/<slug>/captions.vtt            what the host said, on the replay's timeline; for HLS there is
                                                replay/captions.m3u8 (captions/hls.py)
    /media/shows/<slug>/takes/<ordinal>.mp4     the film of a take, with `Range`

A film never changes once its take is over, so it may be kept by anybody. What is told about it changes when the disk
bound takes a film away or a late event is archived: it is asked for again after a minute.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import DatabaseError
from django.http.cookie import parse_cookie

from livestore.base.errors import Refusal
from streams.video.replay.books import Book, Books, Text
from streams.video.replay.ranges import MOST, NotSatisfiable, parse
from streams.video.replay.wire import Receive, Scope, Send, begin, header, refuse, respond

ADDRESS = re.compile(
    r"/media/shows/(?P<slug>[-a-zA-Z0-9_]{1,100})/"
    r"(?:(?P<text>replay\.m3u8|replay\.json|replay/source\.m3u8"
    r"|captions\.vtt|replay/captions\.m3u8|replay/captions/[1-9]\d{0,8}\.vtt)|takes/(?P<take>[1-9]\d{0,8})\.mp4)"
)
CHUNK = 256 << 10
"""Bytes that are read from the disk, and handed on, at once."""
FILM_FOR = (b"cache-control", b"public, max-age=31536000, immutable")
TEXT_FOR = (b"cache-control", b"public, max-age=60")
HLS = (b"content-type", b"application/vnd.apple.mpegurl")
JSON = (b"content-type", b"application/json")
VTT = (b"content-type", b"text/vtt; charset=utf-8")
MP4 = (b"content-type", b"video/mp4")
METHODS = b"GET, HEAD, OPTIONS"
NOTHING = "There is nothing at this address."
GONE = "The recording of this show is no longer kept."
TOO_LARGE = "This film is given in parts: ask for a range of bytes."

books = Books()


def is_replay(path: str) -> bool:
    """Whether `replay_app` answers this address."""
    return ADDRESS.fullmatch(path) is not None


async def replay_app(scope: Scope, receive: Receive, send: Send) -> None:
    """One request."""
    found = ADDRESS.fullmatch(scope["path"])
    if found is None:
        await refuse(send, HTTPStatus.NOT_FOUND, NOTHING)
        return
    if scope["method"] == "OPTIONS":
        allowed = [
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", b"Range"),
            (b"access-control-max-age", b"86400"),
        ]
        await respond(send, HTTPStatus.NO_CONTENT, allowed)
        return
    if scope["method"] not in {"GET", "HEAD"}:
        await refuse(send, HTTPStatus.METHOD_NOT_ALLOWED, "Only GET.", [(b"allow", METHODS)])
        return
    try:
        book = await books.book(found["slug"], _session(scope))
    except Refusal as refusal:
        await refuse(send, refusal.status, refusal.message)
        return
    except DatabaseError:
        away = [(b"retry-after", b"1")]
        await refuse(send, HTTPStatus.SERVICE_UNAVAILABLE, "We are back in a moment.", away)
        return
    if book is None:
        await refuse(send, HTTPStatus.GONE, GONE)
    elif found["text"]:
        await _tell(scope, send, book, found["text"])
    else:
        await _film(scope, send, book, int(found["take"]))


def _session(scope: Scope) -> str:
    """The key of the session; "" for a guest."""
    cookies = parse_cookie((header(scope, b"cookie") or b"").decode("latin-1"))
    return cookies.get(settings.SESSION_COOKIE_NAME, "")


async def _tell(scope: Scope, send: Send, book: Book, what: str) -> None:
    texts: dict[str, tuple[Text, tuple[bytes, bytes]]] = {
        "replay.json": (book.facts, JSON),
        "replay.m3u8": (book.multivariant, HLS),
        "replay/source.m3u8": (book.playlist, HLS),
    }
    for address, captions in book.captions.items():
        texts[address] = (captions, VTT if address.endswith(".vtt") else HLS)
    if what not in texts:
        await refuse(send, HTTPStatus.NOT_FOUND, NOTHING)
        return
    text, kind = texts[what]
    about = [(b"etag", text.etag.encode()), (b"vary", b"Accept-Encoding"), TEXT_FOR]
    if text.etag.encode() in (header(scope, b"if-none-match") or b""):
        await respond(send, HTTPStatus.NOT_MODIFIED, about)
        return
    body = text.packed
    if b"gzip" in (header(scope, b"accept-encoding") or b""):
        about.append((b"content-encoding", b"gzip"))
    else:
        body = await asyncio.to_thread(text.plain)
    about += [kind, (b"content-length", b"%d" % len(body))]
    await respond(send, HTTPStatus.OK, about, b"" if scope["method"] == "HEAD" else body)


async def _film(scope: Scope, send: Send, book: Book, take: int) -> None:
    if take not in book.films:
        await refuse(send, HTTPStatus.NOT_FOUND, NOTHING)
        return
    path, size = book.films[take]
    etag = b'"%d-%d"' % (take, size)
    about = [MP4, (b"accept-ranges", b"bytes"), (b"etag", etag), FILM_FOR]
    if etag in (header(scope, b"if-none-match") or b""):
        await respond(send, HTTPStatus.NOT_MODIFIED, about)
        return
    wanted = header(scope, b"range")
    if (header(scope, b"if-range") or etag) != etag:
        wanted = None
    try:
        part = parse(wanted, size)
    except NotSatisfiable:
        whole = [(b"content-range", b"bytes */%d" % size), (b"accept-ranges", b"bytes")]
        await refuse(send, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "Too far.", whole)
        return
    offset, length = part or (0, size)
    if part:
        about.append((b"content-range", b"bytes %d-%d/%d" % (offset, offset + length - 1, size)))
    about.append((b"content-length", b"%d" % length))
    status = HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK
    if scope["method"] == "HEAD":
        await respond(send, status, about)
    elif length > MOST:
        await refuse(
            send, HTTPStatus.PRECONDITION_REQUIRED, TOO_LARGE, [(b"accept-ranges", b"bytes")]
        )
    else:
        await _hand_out(send, path, status, about, offset, length)


async def _hand_out(
    send: Send,
    path: Path,
    status: int,
    about: list[tuple[bytes, bytes]],
    offset: int,
    length: int,
) -> None:
    """Reads in a thread. A film that goes away while it is read is read to its end: the file is open."""
    try:
        film = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError:
        await refuse(send, HTTPStatus.GONE, GONE)
        return
    with closing(film):
        await begin(send, status, about)
        for begins, size in _chunks(offset, length):
            data = await asyncio.to_thread(_read, film, begins, size)
            last = begins + size == offset + length
            await send({"type": "http.response.body", "body": data, "more_body": not last})


def _chunks(offset: int, length: int) -> Iterator[tuple[int, int]]:
    end = offset + length
    for begins in range(offset, end, CHUNK):
        yield begins, min(CHUNK, end - begins)


def _read(film: BinaryIO, offset: int, size: int) -> bytes:
    film.seek(offset)
    return film.read(size)
