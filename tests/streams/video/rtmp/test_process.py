"""`manage.py rtmp` as it runs: a real sender's film in the store and on disk, and whoever means it harm."""

from __future__ import annotations

import asyncio
import struct
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import redis
from django.conf import settings

from livestore.base.threads import in_database
from streams.shows import services
from streams.video.models import Take
from streams.video.path.parts import End, Init, Part, Piece, decode
from streams.video.path.recorder import lines
from streams.video.path.store import FIELD, stream_key
from streams.video.rtmp import amf, chunks
from streams.video.rtmp.server import open_door
from streams.video.takes import folder_of
from tests.streams.room.server import ROOT, environment
from tests.streams.video.filming import seen
from tests.streams.video.rtmp.calling import PATIENCE, Caller, Pusher
from tests.streams.video.rtmp.conftest import SLUG, Stage, told

START = "NetStream.Publish.Start"


@dataclass
class House:
    """The process on a socket that outlives it."""

    port: int
    fd: int
    env: dict[str, str]
    log: Any
    process: asyncio.subprocess.Process | None = None
    pushers: list[Pusher] = field(default_factory=list)

    async def start(self) -> None:
        program = ("manage.py", "rtmp", "--fd", str(self.fd))
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *program,
            cwd=ROOT,
            env=self.env,
            pass_fds=[self.fd],
            stdout=self.log,
            stderr=self.log,
        )
        await (await Caller.dial(self.port)).close()

    async def push(self, key: str) -> Pusher:
        pusher = await Pusher.start(f"rtmp://127.0.0.1:{self.port}/live/{key}")
        self.pushers.append(pusher)
        return pusher

    async def stop(self, *, kill: bool = False) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            if kill:
                self.process.kill()
            else:
                self.process.terminate()
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    def memory(self) -> int:
        """Resident bytes."""
        assert self.process is not None
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * 4096


@pytest_asyncio.fixture
async def house(live: Stage, tmp_path: Path) -> AsyncIterator[House]:
    opened = open_door("127.0.0.1", 0)
    with opened, (tmp_path / "rtmp.log").open("wb") as log:
        env = environment(LIVESTORE_DATA=str(tmp_path))
        made = House(opened.getsockname()[1], opened.fileno(), env, log)
        await made.start()
        yield made
        for pusher in made.pushers:
            await pusher.kill()
        await made.stop()


def stored() -> list[Piece]:
    with redis.Redis.from_url(settings.VIDEO_REDIS_URL) as client:
        entries: Any = client.xrange(stream_key(SLUG, "source"))
    return [decode(entry[FIELD]) for _, entry in entries]


async def pieces_until(kind: type[Piece], take: int) -> list[Piece]:
    """What viewers were sent, as soon as a piece of this kind of this take is among it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            pieces = await asyncio.to_thread(stored)
            if any(isinstance(each, kind) and each.take == take for each in pieces):
                return pieces
            await asyncio.sleep(0.02)


async def closed(ordinal: int) -> Take:
    async with asyncio.timeout(PATIENCE):
        while not (take := await in_database(Take.objects.get, ordinal=ordinal)).ended_at:
            await asyncio.sleep(0.02)
    return take


async def test_a_real_senders_film_is_seen_heard_and_recorded(live: Stage, house: House) -> None:
    pusher = await house.push(live.key)
    assert await pusher.push(3)
    await told("sending")
    await pusher.close()
    pieces = await pieces_until(End, 1)
    [init] = [each for each in pieces if isinstance(each, Init)]
    assert (init.width, init.height, init.source) == (160, 90, "rtmp")
    assert init.codecs.startswith("avc1.")
    assert init.codecs.endswith(",mp4a.40.2")
    film = seen(pieces)
    assert len(film.frames) == 72
    assert film.frames[-1] == pytest.approx(71 / 24, abs=0.01)
    assert film.keys == pytest.approx([0, 1, 2], abs=0.01)
    assert film.sound[0][0] == pytest.approx(0, abs=0.05)
    assert film.sound[-1][1] == pytest.approx(3, abs=0.1)
    assert pieces[-1] == End(take=1, reason="stopped")
    take = await closed(1)
    assert (take.source, take.reason) == ("rtmp", "stopped")
    assert take.seconds == pytest.approx(3, abs=0.1)
    folder = await in_database(lambda: folder_of(take.show))
    assert [line["kind"] for line in lines(folder, 1)][::100] == ["init"]
    assert await house.stop() == 0


async def test_a_killed_door_comes_back_and_so_does_the_sender(live: Stage, house: House) -> None:
    pusher = await house.push(live.key)
    assert await pusher.push(2)
    await pieces_until(Part, 1)
    await house.stop(kill=True)
    await pieces_until(End, 1)  # its child notices
    while await pusher.push(5):
        pass
    await house.start()
    again = await house.push(live.key)
    assert await again.push(2)
    pieces = await pieces_until(Part, 2)
    assert [each.reason for each in pieces if isinstance(each, End)] == ["lost"]
    assert (await closed(1)).reason == "lost"


def claim(length: int, kind: int = chunks.VIDEO, channel: int = 6) -> bytes:
    return bytes([channel, 0, 0, 0]) + length.to_bytes(3, "big") + bytes([kind, 1, 0, 0, 0])


async def test_whoever_means_harm_is_refused_and_costs_no_memory(live: Stage, house: House) -> None:
    deep = b"\x02\x00\x07connect" + b"\x03" + b"\x00\x01a\x03" * 15_000
    huge_chunks = chunks.Message(chunks.SET_CHUNK_SIZE, 0, 0, struct.pack(">I", 2_000_000_000))
    attacks = [
        claim(0xFFFFFF) + bytes(500_000),
        claim(0xFFFFFF, chunks.COMMAND) + bytes(500_000),
        chunks.chunked(huge_chunks) + bytes(500_000),
        chunks.chunked(chunks.Message(chunks.COMMAND, 0, 0, deep)),
        chunks.chunked(chunks.Message(chunks.COMMAND, 0, 0, b"\x0a\xff\xff\xff\xff")),
        b"".join(claim(60_000, chunks.AUDIO, n) + bytes(128) for n in range(2, 40)),
        amf.encode("connect") * 1000,
        bytes(range(256)) * 2000,
    ]

    async def round_of_attacks() -> None:
        for attack in attacks:
            caller = await Caller.dial(house.port)
            caller.write(attack)
            assert await caller.hear() is None or await caller.hear() is None
            await caller.close()
        # A right key and then a claim of 16 MB; or of 4 MB, all but kept.
        for attack in (claim(0xFFFFFF), claim(chunks.LARGEST_VIDEO)):
            caller = await Caller.dial(house.port)
            while (await caller.publish(live.key))[0] != START:
                await caller.close()
                caller = await Caller.dial(house.port)
            caller.write(attack)
            if attack == claim(0xFFFFFF):
                assert "16,777,215 bytes is too long" in (await caller.status())[1]
            else:
                piece, go_on = bytes(4096), bytes([0xC6])
                caller.write(piece + (go_on + piece) * 1000)
                await caller.writer.drain()
            await caller.close()

    await live.do(services.pause)  # so that no child is begun for each
    await round_of_attacks()
    before = house.memory()
    half = [await Caller.dial(house.port, greet=False) for _ in range(15)]
    for caller in half:
        caller.write(b"\x03" + bytes(1000))
    for _ in range(3):
        await round_of_attacks()
    grown = house.memory() - before
    for caller in half:
        await caller.close()
    assert grown < 6 * 1024 * 1024
    await live.do(services.resume)
    pusher = await house.push(live.key)
    assert await pusher.push(1), "and the door is still open"
