"""One RTMP connection: handshake, commands, and what the sender is told (Adobe's RTMP 1.0, sections 5 and 7)."""

from __future__ import annotations

import asyncio
import logging
import os
import struct
import time
from contextlib import suppress
from typing import Any, Protocol

import redis
from django.db import Error as DatabaseError

from livestore.base.errors import Busy, Conflict, Invalid, Refusal, TooFast
from livestore.base.threads import in_database
from streams.video.keys import digest, show_by_key
from streams.video.rtmp import admission, amf, chunks
from streams.video.rtmp.chunks import Chunks, Message, chunked
from streams.video.rtmp.flv import WrongCodec
from streams.video.rtmp.guard import Guard
from streams.video.rtmp.sender import Sender

logger = logging.getLogger(__name__)

VERSION = 3
HANDSHAKE = 1536
HANDSHAKE_WITHIN = 5.0
PUBLISH_WITHIN = 10.0
"""Seconds from the first byte to the key."""
IDLE = 10.0
"""Seconds without a byte after which a sender has gone."""
READS_WITHIN = 5.0
LOOK_EVERY = 1.0
WINDOW = 2_500_000
"""Bytes after which either side says how much has come."""
READ = 64 * 1024
PING_REQUEST, PING_RESPONSE, STREAM_BEGIN = 6, 7, 0
STREAM = 1
"""The number of the one stream that a connection may have."""


class Second(Conflict):
    code = "second_sender"
    message = "Somebody sends with this key already. Stop that sender first, or make a new key in the studio."


class Left(Exception):
    """The sender has said goodbye."""


class House(Protocol):
    """What connections share."""

    guard: Guard

    def seat(self, slug: str) -> bool:
        """Whether nobody sent for this show; who got the seat leaves it in the end."""

    def leave(self, slug: str, *, set_aside: bool) -> None: ...

    def chooses(self, slug: str) -> bool:
        """Whether a right key makes RTMP the show's source."""


class Connection:
    """`serve` once."""

    def __init__(
        self, house: House, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str
    ) -> None:
        self._house, self._reader, self._writer, self._address = house, reader, writer, address
        self._chunks = Chunks()
        self._sender: Sender | None = None
        self._seat = ""
        self._set_aside = False
        self._received = self._acknowledged = 0
        self._window = WINDOW
        self._size = chunks.FIRST_CHUNK_SIZE
        self._serving: asyncio.Task[Any] | None = None

    async def serve(self) -> None:
        """Until the sender leaves, is refused, or falls silent."""
        reason, refused = "lost", False
        self._serving = asyncio.current_task()
        try:
            async with asyncio.timeout(HANDSHAKE_WITHIN):
                await self._handshake()
            await self._talk()
        except Left:
            reason = "stopped"
        except Refusal as refusal:
            reason, refused = "stopped", refusal.code != "key_revoked"
            await self._refused(refusal)
        except (chunks.BadStream, amf.BadAmf) as problem:
            logger.info("%s: %s", self._address, problem)
            refused = True
            await self._refused(Invalid(str(problem), code="bad_stream"))
        except (TimeoutError, OSError, EOFError):
            logger.info("%s: left without a word", self._address)
        except asyncio.CancelledError:
            logger.info("%s: the house closes", self._address)
        finally:
            self._serving = None
            await self._close(reason, refused)

    def hang_up(self) -> None:
        """The house closes. Who is leaving already is not hurried: a take has to be ended properly."""
        if self._serving is not None:
            self._serving.cancel()

    async def _close(self, reason: str, refused: bool) -> None:
        sender = self._sender
        try:
            if sender is not None:
                await sender.close(reason, refused=refused)
        finally:
            if self._seat:
                aside = self._set_aside or bool(sender and sender.set_aside)
                self._house.leave(self._seat, set_aside=aside)
            self._writer.close()
        try:
            async with asyncio.timeout(READS_WITHIN):
                await self._writer.wait_closed()
        except (TimeoutError, OSError):
            self._writer.transport.abort()
        # What has come goes now: a connection is part of reference cycles, which the collector looks at now and then.
        self._chunks, self._reader, self._sender = Chunks(), asyncio.StreamReader(), None

    # -- bytes ------------------------------------------------------------------------------------

    async def _handshake(self) -> None:
        """The plain one (section 5.2); the signed one of Flash is asked for by nobody who sends."""
        [version] = await self._reader.readexactly(1)
        if version != VERSION:
            raise EOFError("not RTMP")
        theirs = await self._reader.readexactly(HANDSHAKE)
        ours = struct.pack(">II", 0, 0) + os.urandom(HANDSHAKE - 8)
        self._writer.write(bytes([VERSION]) + ours + theirs)
        await self._writer.drain()
        await self._reader.readexactly(HANDSHAKE)

    async def _talk(self) -> None:
        last = begun = time.monotonic()
        next_look = begun
        while True:
            now = time.monotonic()
            sender = self._sender
            if sender is None:
                until = begun + PUBLISH_WITHIN
            else:
                if now >= next_look:
                    await sender.look()
                    next_look = time.monotonic() + LOOK_EVERY
                until = last + IDLE
            if now > until:
                raise TimeoutError
            data = await self._some(min(until, next_look) if sender else until)
            if data is None:
                continue
            last = time.monotonic()
            for message in self._chunks.feed(data):
                await self._message(message)
            await self._acknowledge(len(data))

    async def _some(self, until: float) -> bytes | None:
        """What has come; None when nothing did until then. Raises EOFError at the end."""
        try:
            async with asyncio.timeout(max(0.01, until - time.monotonic())):
                data = await self._reader.read(READ)
        except TimeoutError:
            return None
        if not data:
            raise EOFError
        return data

    async def _acknowledge(self, length: int) -> None:
        self._received += length
        if self._received - self._acknowledged >= self._window // 2:
            self._acknowledged = self._received
            await self._control(chunks.ACK, struct.pack(">I", self._received & 0xFFFFFFFF))

    # -- messages ---------------------------------------------------------------------------------

    async def _message(self, message: Message) -> None:
        match message.kind:
            case chunks.AUDIO | chunks.VIDEO:
                if self._sender is None:
                    raise Invalid("Pictures came before the stream key.", code="bad_stream")
                try:
                    await self._sender.message(message)
                except WrongCodec as problem:
                    raise Invalid(str(problem), code="wrong_codec") from problem
            case chunks.COMMAND:
                await self._command(amf.decode(message.payload))
            case chunks.COMMAND_AMF3:
                await self._command(amf.decode(message.payload[1:]))
            case chunks.USER_CONTROL if message.payload[:2] == struct.pack(">H", PING_REQUEST):
                answer = struct.pack(">H", PING_RESPONSE) + message.payload[2:6]
                await self._control(chunks.USER_CONTROL, answer)
            case chunks.WINDOW_ACK if len(message.payload) >= 4:
                self._window = max(READ, int.from_bytes(message.payload[:4], "big"))
            case _:
                pass  # what it says of itself (onMetaData), and acknowledgements

    async def _command(self, values: list[Any]) -> None:
        name, number, *rest = [*values, None, None][: max(2, len(values))]
        number = number if isinstance(number, float) else 0.0
        match name:
            case "connect":
                await self._connect(number, rest[0] if rest else None)
            case "createStream":
                await self._say(amf.encode("_result", number, None, STREAM))
            case "releaseStream" | "FCPublish":
                await self._say(amf.encode("_result", number, None, None))
            case "publish":
                await self._publish(rest[1] if len(rest) > 1 else None)
            case "FCUnpublish" | "deleteStream" | "closeStream":
                if self._sender is not None:
                    raise Left
            case "play" | "play2":
                raise Invalid("This door is for senders; shows are watched in a browser.")
            case _:
                pass  # senders ask for this and that, and go on without an answer

    async def _connect(self, number: float, facts: Any) -> None:
        app = facts.get("app") if isinstance(facts, dict) else None
        if not isinstance(app, str) or app.strip("/").partition("?")[0] != "live":
            text = "The server's address ends with /live; the stream key has a field of its own."
            info = _info("error", "NetConnection.Connect.Rejected", text)
            await self._say(amf.encode("_error", number, None, info))
            raise Left
        await self._control(chunks.WINDOW_ACK, struct.pack(">I", WINDOW))
        await self._control(chunks.PEER_BANDWIDTH, struct.pack(">IB", WINDOW, 2))
        await self._control(chunks.SET_CHUNK_SIZE, struct.pack(">I", chunks.OUR_CHUNK_SIZE))
        self._size = chunks.OUR_CHUNK_SIZE
        info = _info("status", "NetConnection.Connect.Success", "Connected.")
        server = {"fmsVer": "livestore/1", "capabilities": 31}
        await self._say(amf.encode("_result", number, server, {**info, "objectEncoding": 0}))

    async def _publish(self, name: Any) -> None:
        if self._sender is not None:
            raise Second
        key = str(name or "").partition("?")[0]
        if self._house.guard.is_guessing(self._address):
            raise TooFast(
                "Too many wrong stream keys came from here. Wait a minute, then try again."
            )
        try:
            slug = await in_database(show_by_key, key)
            if slug is None:
                self._house.guard.wrong(self._address)
                raise admission.WrongKey
            if not self._house.seat(slug):
                raise Second
            self._seat = slug
            choose = self._house.chooses(slug)
            await in_database(admission.admit, slug, choose=choose)
        except admission.BrowserSends:
            self._set_aside = True
            raise
        except (DatabaseError, redis.RedisError) as problem:
            raise Busy("We are back in a moment. Please try again.") from problem
        sender = Sender(slug, digest(key))
        self._sender = sender
        await sender.open()
        self._chunks.largest_video = chunks.LARGEST_VIDEO
        begin = struct.pack(">HI", STREAM_BEGIN, STREAM)
        await self._control(chunks.USER_CONTROL, begin)
        await self._status("status", "NetStream.Publish.Start", "Welcome.")
        logger.info("%s: sends for %s", self._address, slug)

    # -- out --------------------------------------------------------------------------------------

    async def _refused(self, refusal: Refusal) -> None:
        """The sentence, to the sender and to the studio."""
        logger.info("%s: refused, %s", self._address, refusal)
        wrong = refusal.code in ("wrong_key", "key_revoked")
        code = "NetStream.Publish.BadName" if wrong else "NetStream.Publish.Rejected"
        with suppress(OSError, TimeoutError):
            await self._status("error", code, refusal.message)
        if self._seat and refusal.code != "key_revoked":
            with suppress(redis.RedisError, Busy):
                await in_database(admission.tell, self._seat, "refused", refusal.message)

    async def _status(self, level: str, code: str, text: str) -> None:
        await self._say(amf.encode("onStatus", 0, None, _info(level, code, text)), stream=STREAM)

    async def _say(self, payload: bytes, *, stream: int = 0) -> None:
        await self._write(chunked(Message(chunks.COMMAND, 0, stream, payload), size=self._size))

    async def _control(self, kind: int, payload: bytes) -> None:
        await self._write(chunked(Message(kind, 0, 0, payload), channel=2, size=self._size))

    async def _write(self, data: bytes) -> None:
        """Raises TimeoutError: who asks and never reads the answers is sent away."""
        self._writer.write(data)
        async with asyncio.timeout(READS_WITHIN):
            await self._writer.drain()


def _info(level: str, code: str, text: str) -> dict[str, Any]:
    return {"level": level, "code": code, "description": text}
