"""An HTTP answer, and what is done to every one of them: ETag, ranges, HEAD."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2s
from http import HTTPStatus

from streams.video.replay.ranges import NotSatisfiable, parse
from streams.video.replay.wire import Scope, Send, header, respond

Header = tuple[bytes, bytes]
PLAYLIST = b"application/vnd.apple.mpegurl"
VIDEO = b"video/mp4"


@dataclass(frozen=True, slots=True)
class Answer:
    """`kept` is for how many seconds caches may keep it; `etag` without quotes, "" for none."""

    status: int
    body: bytes
    kind: bytes
    kept: int = 0
    etag: str = ""
    immutable: bool = False
    more: list[Header] = field(default_factory=list)

    @property
    def headers(self) -> list[Header]:
        told = b"public, max-age=%d" % self.kept if self.kept else b"no-store"
        found = [
            (b"content-type", self.kind),
            (b"cache-control", told + b", immutable" if self.immutable else told),
            *self.more,
        ]
        if self.etag:
            found.append((b"etag", b'"%b"' % self.etag.encode()))
        return found


def refused(status: int, sentence: str, *, retry: int | None = None, kept: int = 0) -> Answer:
    """A sentence for people."""
    more = [] if retry is None else [(b"retry-after", b"%d" % retry)]
    return Answer(status, sentence.encode(), b"text/plain; charset=utf-8", kept, more=more)


def playlist(text: str, *, kept: int) -> Answer:
    body = text.encode()
    return Answer(HTTPStatus.OK, body, PLAYLIST, kept, blake2s(body, digest_size=9).hexdigest())


async def give(scope: Scope, send: Send, answer: Answer) -> None:
    """Send it, or of it what was asked for."""
    headers, body, status = answer.headers, answer.body, answer.status
    if answer.etag and status == HTTPStatus.OK:
        quoted = b'"%b"' % answer.etag.encode()
        if quoted in (header(scope, b"if-none-match") or b""):
            await respond(send, HTTPStatus.NOT_MODIFIED, headers)
            return
        if answer.kind == VIDEO:
            headers.append((b"accept-ranges", b"bytes"))
            wanted = header(scope, b"range")
            if wanted and (header(scope, b"if-range") or quoted) == quoted:
                status, body = _range(wanted, body, headers)
    headers.append((b"content-length", b"%d" % len(body)))
    await respond(send, status, headers, b"" if scope["method"] == "HEAD" else body)


def _range(wanted: bytes, body: bytes, headers: list[Header]) -> tuple[int, bytes]:
    try:
        found = parse(wanted, len(body))
    except NotSatisfiable:
        headers.append((b"content-range", b"bytes */%d" % len(body)))
        return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b""
    if found is None:
        return HTTPStatus.OK, body
    begin, length = found
    told = (begin, begin + length - 1, len(body))
    headers.append((b"content-range", b"bytes %d-%d/%d" % told))
    return HTTPStatus.PARTIAL_CONTENT, body[begin : begin + length]
