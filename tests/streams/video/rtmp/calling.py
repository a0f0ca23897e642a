"""An RTMP sender of our own, for what a real one never does; and a real one, libav's."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import sys
from collections.abc import Iterable
from typing import Any, Self

from streams.video.rtmp import amf, chunks
from streams.video.rtmp.chunks import Chunks, Message, chunked
from tests.streams.video.filming import Coded, Footage, shot

PATIENCE = 20.0


class Caller:
    """One connection. What comes back is read as it is asked for."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._chunks = Chunks()
        self._heard: list[Message] = []
        self.size = 128

    @classmethod
    async def dial(cls, port: int, *, greet: bool = True) -> Self:
        caller = cls(*await asyncio.open_connection("127.0.0.1", port))
        if greet:
            caller.write(b"\x03" + bytes(1536))
            answer = await caller.reader.readexactly(1 + 2 * 1536)
            assert answer[0] == 3
            caller.write(answer[1:1537])
        return caller

    def write(self, data: bytes) -> None:
        self.writer.write(data)

    def command(self, *values: Any, stream: int = 0) -> None:
        self.write(chunked(Message(chunks.COMMAND, 0, stream, amf.encode(*values)), size=self.size))

    def message(self, kind: int, timestamp: int, payload: bytes) -> None:
        channel = 4 if kind == chunks.AUDIO else 6
        self.write(chunked(Message(kind, timestamp, 1, payload), channel=channel, size=self.size))

    async def hear(self) -> Message | None:
        """The next message; None when the server has hung up."""
        async with asyncio.timeout(PATIENCE):
            while not self._heard:
                try:
                    data = await self.reader.read(65536)
                except ConnectionError:
                    return None
                if not data:
                    return None
                self._heard += self._chunks.feed(data)
        return self._heard.pop(0)

    async def answer(self, name: str) -> list[Any]:
        """The next command of this name, its other values. [] when the server has hung up before."""
        while (message := await self.hear()) is not None:
            if (
                message.kind == chunks.COMMAND
                and (values := amf.decode(message.payload))[0] == name
            ):
                return values[1:]
        return []

    async def status(self) -> tuple[str, str]:
        """Code and sentence of the next onStatus, both empty when the server has hung up."""
        values = await self.answer("onStatus")
        return (values[2]["code"], values[2]["description"]) if values else ("", "")

    async def publish(self, key: str, app: str = "live") -> tuple[str, str]:
        """All that a sender says before its first picture. The status that comes back."""
        self.command("connect", 1, {"app": app, "tcUrl": f"rtmp://127.0.0.1/{app}"})
        assert (await self.answer("_result"))[0] == 1
        size = Message(chunks.SET_CHUNK_SIZE, 0, 0, struct.pack(">I", 4096))
        self.write(chunked(size, channel=2))
        self.size = 4096
        self.command("releaseStream", 2, None, key)
        self.command("FCPublish", 3, None, key)
        self.command("createStream", 4, None)
        self.command("_checkbw", 5, None)
        while (result := await self.answer("_result"))[0] != 4:
            pass
        assert result == [4, None, 1]
        self.command("publish", 6, None, key, "live", stream=1)
        return await self.status()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


def messages(
    footage: Footage, *, at: int = 0, configs: bool = True
) -> Iterable[tuple[int, int, bytes]]:
    """A film as a sender sends it: (kind, timestamp, payload), from `at` milliseconds on."""
    said = [(chunks.VIDEO, at + round(each.dts * 1000), _picture(each)) for each in footage.frames]
    said += [
        (chunks.AUDIO, at + max(0, round(each.pts * 1000)), b"\xaf\x01" + each.data)
        for each in footage.sound
    ]
    said.sort(key=lambda each: each[1])
    if configs:
        said.insert(0, (chunks.VIDEO, at, b"\x17\x00\x00\x00\x00" + footage.video.config))
        if footage.audio is not None:
            said.insert(1, (chunks.AUDIO, at, b"\xaf\x00" + footage.audio.config))
    return said


def _picture(frame: Coded) -> bytes:
    later = round((frame.pts - frame.dts) * 1000)
    return (b"\x17\x01" if frame.key else b"\x27\x01") + later.to_bytes(3, "big") + frame.data


def tiny(seconds: float = 2) -> Footage:
    return shot(seconds, audio=True, keys_every=1.0)


class Pusher:
    """PyAV in a process of its own, as OBS would be: it dials with Python's lock held."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, url: str, video: str = "libx264", audio: str = "aac") -> Self:
        pipe = asyncio.subprocess.PIPE
        program = ("-m", "tests.streams.video.rtmp.pushing", url, video, audio)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *program, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
        return cls(process)

    async def push(self, seconds: float) -> bool:
        """Some more film, as fast as the other side takes it. False when it has hung up."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{seconds}\n".encode())
        async with asyncio.timeout(PATIENCE):
            return await self.process.stdout.readline() == b"pushed\n"

    async def close(self) -> None:
        """Say goodbye as a sender does."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            await self.process.wait()

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
