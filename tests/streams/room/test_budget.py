"""A client that does not read is sent away; nobody waits for it, and it costs a bounded amount of memory."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import struct
from typing import Any

from livestore.base.threads import in_database
from streams.room import log
from streams.room.announcements import ToRoom
from streams.room.connection import BUDGET, Connection
from streams.room.encoding import Batch
from streams.room.outlets import AsgiOutlet
from streams.room.protocol.events import ChatMessage
from streams.room.protocol.values import PersonValue
from tests.streams.room.conftest import Door, Stage
from tests.streams.room.visitor import Visitor

MINA = PersonValue(id=1, name="Mina")


class Deaf:
    """A WebSocket client that writes but never reads, with a small receive buffer."""

    def __init__(self, port: int, path: str, protocols: str) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.socket.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {protocols}\r\n\r\n".encode()
        )

    def write(self, text: str) -> None:
        data, mask = text.encode(), os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self.socket.sendall(bytes([0x81, 0x80 | len(data)]) + mask + masked)

    def read_all(self) -> bytes:
        """Everything until the server drops the connection."""
        self.socket.settimeout(15)
        found = bytearray()
        try:
            while part := self.socket.recv(65536):
                found += part
        except ConnectionError:
            pass
        return bytes(found[found.index(b"\r\n\r\n") + 4 :])


def frames(data: bytes) -> list[tuple[int, bytes]]:
    """(opcode, payload) of a server's whole frames."""
    found, place = [], 0
    while place + 2 <= len(data):
        opcode, size = data[place] & 15, data[place + 1]
        place += 2
        if size == 126:
            size = struct.unpack_from("!H", data, place)[0]
            place += 2
        elif size == 127:
            size = struct.unpack_from("!Q", data, place)[0]
            place += 8
        if place + size > len(data):
            break
        found.append((opcode, data[place : place + size]))
        place += size
    return found


async def shout(stage: Stage, times: int) -> None:
    event = ToRoom(stage.slug, ChatMessage(user=MINA, text="x" * 300))
    for _ in range(times):
        await log.append(stage.slug, [event] * 60)


async def heard_all(reader: Visitor, times: int) -> None:
    """Shout at the pace of one who reads: for megabytes at once it would itself be too slow on a busy machine."""
    await reader.until(lambda event: event.get("seq") == times * 60, seconds=30)


async def test_who_writes_but_never_reads_is_closed_as_too_slow(server: Door, stage: Stage) -> None:
    reader = await server.enter(stage)
    assert server.web is not None
    ticket = await in_database(stage.ticket, stage.mina)
    deaf = Deaf(server.web.port, f"/ws/shows/{stage.slug}/", f"livestore.v1, ticket.{ticket}")
    times = 60
    for number in range(times):
        await shout(stage, 1)
        if number < 15:  # keeps on writing, so that a clock that only listens would never ping it
            deaf.write(json.dumps({"type": "react", "ref": str(number), "data": {}}))
        await heard_all(reader, number + 1)
    assert reader.seqs == list(range(times * 60 + 1)), "the others heard everything"
    told = frames(await asyncio.to_thread(deaf.read_all))
    deaf.socket.close()
    size = sum(len(payload) for _, payload in told)
    assert size < BUDGET + 512 * 1024, "what was not read was not piled up"
    codes = [struct.unpack("!H", payload[:2])[0] for opcode, payload in told if opcode == 8]
    assert codes in ([4408], []), "closed as too slow, or cut off before it read the goodbye"
    assert codes or len(told) < times


async def test_a_slow_reader_gets_the_goodbye_when_it_reads(server: Door, stage: Stage) -> None:
    assert server.web is not None
    deaf = Deaf(server.web.port, f"/ws/shows/{stage.slug}/", "livestore.v1")
    reader = await server.enter(stage)
    for number in range(60):
        await shout(stage, 1)
        await heard_all(reader, number + 1)
    told = frames(await asyncio.to_thread(deaf.read_all))
    deaf.socket.close()
    closing = [payload for opcode, payload in told if opcode == 8]
    assert len(closing) == 1
    assert struct.unpack("!H", closing[0][:2])[0] == 4408
    assert json.loads(closing[0][2:])["code"] == "too_slow"


async def test_the_other_outlet_has_the_same_budget(house: None) -> None:
    sent: list[dict[str, Any]] = []
    gate = asyncio.Event()

    async def send(message: dict[str, Any]) -> None:
        await gate.wait()
        sent.append(message)

    outlet = AsgiOutlet(send)
    connection = Connection(outlet, "evening-edit", None, "gone")
    batch = Batch("e", [(1, b'"' + b"x" * 1000 + b'"')])
    connection.go_live(batch)
    for _ in range(300):
        connection.write(batch)
    assert not connection.closed, (
        "a burst of ours, before the outlet had its turn, is nobody's slowness"
    )
    await asyncio.sleep(0)
    for _ in range(1000):
        connection.write(batch)
    assert connection.closed
    assert outlet.unsent() <= max(BUDGET, 301 * len(batch.wire)) + 2 * len(batch.wire)
    gate.set()
    await outlet.stop()
    assert sent[-1]["code"] == 4408
    assert len(sent) < 400
