"""A socket's first moments on the real server: plain handshakes and unusual ones, and what is left behind."""

# mypy: disable-error-code="no-untyped-call"
# (Twisted and autobahn say that they are typed; not all of them is.)

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import autobahn.twisted.websocket
import autobahn.websocket.protocol
import pytest
from daphne.server import Server
from twisted.internet import tcp

from livestore import handshake, web
from livestore.handshake import RoomProtocol, is_plain
from livestore.upgrade import RoomChannel, read_handshake
from streams.room import wire
from tests.segments import wait_until_read
from tests.streams.room.client_frames import TEXT, frame, goodbye
from tests.streams.room.conftest import Door, Stage, serving
from tests.streams.room.server import WebProcess
from tests.streams.room.test_budget import frames

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
PROOF = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def request(slug: str, *more: str, without: str = "", line: str = "") -> bytes:
    """A browser's handshake, with headers more or less."""
    lines = [
        line or f"GET /ws/shows/{slug}/?since=e:1 HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: keep-alive, Upgrade",
        "Upgrade: websocket",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64)",
        "Cookie: guest=abc; theme=dark",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        "Sec-WebSocket-Protocol: livestore.v1",
    ]
    kept = [each for each in lines if not without or not each.startswith(without)]
    return "\r\n".join([*kept, *more, "", ""]).encode()


async def ask(web: WebProcess, *pieces: bytes, enough: bytes = b"") -> bytes:
    """What is answered: up to `enough`, or until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            wait_until_read(writer.get_extra_info("socket"))  # each arrives alone
        if enough:
            found = b""
            while enough not in found and (part := await asyncio.wait_for(reader.read(65_536), 8)):
                found += part
            return found
        return await asyncio.wait_for(reader.read(), 8)
    finally:
        writer.close()


def head(answer: bytes) -> list[bytes]:
    """Its lines in order of name, but for what names the process and the day."""
    lines = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return sorted(each for each in lines if not each.startswith((b"Livestore-Process:", b"Date:")))


async def test_the_answer_is_the_same_both_ways(
    web: WebProcess, slow_web: WebProcess, stage: Stage
) -> None:
    asked = request(stage.slug, "X-Request-ID: from-the-proxy.42")
    answers = [await ask(server, asked, enough=b"room.snapshot") for server in (web, slow_web)]
    assert head(answers[0]) == head(answers[1])
    assert b"X-Request-Id: from-the-proxy.42" in head(answers[0])
    assert b"Sec-WebSocket-Accept: " + PROOF in head(answers[0])
    assert b"Livestore-Process: %d" % web.process.pid in answers[0]


async def test_a_handshake_without_a_good_request_id_gets_a_new_one(
    server: Door, stage: Stage
) -> None:
    assert server.web is not None
    for more in ([], ["X-Request-ID: not good"]):
        answer = await ask(server.web, request(stage.slug, *more), enough=b"room.snapshot")
        [told] = [each for each in head(answer) if each.lower().startswith(b"x-request-id:")]
        assert re.fullmatch(rb"X-Request-Id: [0-9a-f]{16}", told)


UNUSUAL: dict[str, dict[str, Any]] = {
    "no key": {"without": "Sec-WebSocket-Key"},
    "a bad key": {"without": "Sec-WebSocket-Key", "more": ["Sec-WebSocket-Key: abc"]},
    "two keys": {"more": [f"Sec-WebSocket-Key: {KEY}"]},
    "no host": {"without": "Host"},
    "two hosts": {"more": ["Host: elsewhere"]},
    "no version": {"without": "Sec-WebSocket-Version"},
    "another version": {"without": "Sec-WebSocket-V", "more": ["Sec-WebSocket-Version: 99"]},
    "no upgrade in connection": {"without": "Connection", "more": ["Connection: keep-alive"]},
    "two origins": {"more": ["Origin: http://a.test", "Origin: http://b.test"]},
    "an origin that is none": {"more": ["Origin: nonsense"]},
    "a protocol twice": {
        "without": "Sec-WebSocket-Protocol",
        "more": ["Sec-WebSocket-Protocol: livestore.v1, livestore.v1"],
    },
    "a control character": {"more": ["X-Any: a\x0bb"]},
    "a folded header": {"more": ["X-Any: a", " b"]},
    "a header without a colon": {"more": ["nonsense"]},
    "a fragment": {"line": "GET /ws/shows/x/#there HTTP/1.1"},
    "an old version of HTTP": {"line": "GET /ws/shows/x/ HTTP/1.0"},
    "another method": {"line": "PUT /ws/shows/x/ HTTP/1.1"},
}


async def test_what_is_unusual_is_judged_by_daphne(web: WebProcess, slow_web: WebProcess) -> None:
    for what, change in UNUSUAL.items():
        change = dict(change)
        data = request("no-such-show", *change.pop("more", ()), **change)
        assert read_handshake(data) is None, what
        answers = [
            await ask(server, data + goodbye(), enough=b"\r\n") for server in (web, slow_web)
        ]
        assert answers[0].split(b"\r\n")[0] == answers[1].split(b"\r\n")[0], what


def test_a_plain_handshake_is_read_at_once() -> None:
    read = read_handshake(request("evening-edit", "Origin: http://127.0.0.1:8000") + b"\x81")
    assert read is not None
    target, headers, early = read
    assert (target, early) == (b"/ws/shows/evening-edit/?since=e:1", b"\x81")
    assert dict(headers)[b"cookie"] == b"guest=abc; theme=dark"
    assert dict(headers)[b"origin"] == b"http://127.0.0.1:8000"
    whole = request("evening-edit")
    assert all(read_handshake(whole[:size]) is None for size in range(len(whole)))


async def test_a_handshake_in_pieces_and_frames_behind_it_are_heard(
    server: Door, stage: Stage
) -> None:
    assert server.web is not None
    whole = request(stage.slug)
    asked = frame(TEXT, b'{"type":"react","ref":"r1","data":{}}')
    cuts = {
        "at once": [whole + asked],
        "in two": [whole[:90], whole[90:]],
        "the last letter alone": [whole[:-1], whole[-1:]],
        "half a frame behind": [whole + asked[:9], asked[9:]],
        "the frame alone": [whole, asked],
    }
    for what, pieces in cuts.items():
        if what in {"in two", "the last letter alone"}:
            pieces[-1] += asked
        answer = await ask(server.web, *pieces, enough=b'"login_required"')
        told = [payload for _, payload in frames(answer.partition(b"\r\n\r\n")[2])]
        assert b"room.snapshot" in told[0], what
        assert json.loads(told[-1])["ref"] == "r1", what


async def test_half_a_handshake_then_nothing_holds_nothing(server: Door) -> None:
    """Who leaves in the middle does not disturb those who come after."""
    assert server.web is not None
    for size in (5, 60, 200):
        with socket.create_connection(("127.0.0.1", server.web.port)) as left:
            left.sendall(request("x")[:size])
    assert b" 101 " in await ask(server.web, request("no-such-show"), enough=b"\r\n\r\n")


@pytest.fixture
def inside(stage: Stage, django_db_blocker: Any, tmp_path: Path) -> Iterator[WebProcess]:
    with serving(django_db_blocker, tmp_path, program="tests.streams.room.inside") as process:
        yield process


async def look(web: WebProcess, what: str) -> Any:
    connector = aiohttp.TCPConnector(force_close=True)
    async with (
        aiohttp.ClientSession(connector=connector) as http,
        http.get(f"{web.origin}/inside/{what}") as answer,
    ):
        return await answer.json()


LEFT_BEHIND = ("RoomProtocol", "WebRequest", "Server", "OrderChannel", "Deferred", "Queue")
"""What Daphne, Twisted and autobahn make for a socket."""


async def test_nothing_of_the_handshake_stays_and_the_scope_is_the_same(
    inside: WebProcess, stage: Stage
) -> None:
    """The garbage collector is off there: whatever hangs together in a circle would be counted."""
    whole = request(stage.slug)
    opened = []
    await ask(inside, whole[:90], whole[90:], enough=b"room.snapshot")  # the first one makes more
    before = await look(inside, "objects")
    for number in range(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", inside.port)
        opened.append(writer)
        if number % 2:
            writer.write(whole)
        else:
            writer.write(whole[:90])
            await writer.drain()
            wait_until_read(writer.get_extra_info("socket"))
            writer.write(whole[90:])
        while b"room.snapshot" not in await asyncio.wait_for(reader.read(65_536), 8):
            pass
    after = await look(inside, "objects")
    assert after["Line"] - before.get("Line", 0) == 20
    for name in LEFT_BEHIND:
        assert after.get(name, 0) <= before.get(name, 0) + 1, name
    for writer in opened:
        writer.close()
    async with asyncio.timeout(20):
        while await look(inside, "lines"):
            await asyncio.sleep(0.02)
    gone = await look(inside, "objects")
    assert gone.get("Line", 0) <= 1
    assert (gone.get("Visit", 0), gone.get("Connection", 0)) <= (1, 4)

    pieces, plain = (await look(inside, "scopes"))[-2:]
    assert pieces["client"][0] == plain["client"][0]
    for scope in (pieces, plain):
        scope.pop("client")
        scope["headers"] = sorted(scope["headers"])
    assert pieces == plain


def test_handshakes_are_stripped_of_what_nobody_reads() -> None:
    """Names in autobahn that we replace: an upgrade that moves them makes handshakes dear again."""
    protocol, adapter = autobahn.websocket.protocol, autobahn.twisted.websocket
    assert all(hasattr(protocol, name) for name in handshake.COSTLY)
    assert all(hasattr(adapter, name) for name in ("hltype", "hlval"))
    factory = autobahn.twisted.websocket.WebSocketServerFactory()
    factory.setProtocolOptions(failByDrop=False)
    handshake.strip(factory)
    assert protocol.__dict__["pformat"]([object()]) == ""
    made = RoomProtocol.__new__(RoomProtocol)
    assert all(hasattr(made, name) for name in RoomProtocol.CONFIG_ATTRS)
    assert made.perMessageCompressionAccept([]) is None
    assert made.failByDrop is False


def test_only_plain_tcp_is_taken_over() -> None:
    transport = tcp.Server.__new__(tcp.Server)
    transport._tempDataBuffer = []
    transport.connected = True
    assert is_plain(transport)
    for name, value in {
        "TLS": True,
        "connected": False,
        "disconnecting": True,
        "dataBuffer": b"HTTP/1.1 200",
        "_tempDataBuffer": [b"HTTP/1.1 200"],
    }.items():
        before = getattr(transport, name)
        setattr(transport, name, value)
        assert not is_plain(transport), name
        setattr(transport, name, before)
    assert not is_plain(object())
    channel = RoomChannel()
    assert channel._is_between_requests(), "Twisted's channel still has what we look at"


# -- the server ------------------------------------------------------------------------------------


def test_the_backlog_is_long_and_accepting_is_steady() -> None:
    made = web.WebServer(None, ["tcp:port=0:interface=127.0.0.1", "fd:fileno=3"])
    assert made.endpoints == ["tcp:port=0:interface=127.0.0.1:backlog=4096", "fd:fileno=3"]
    seen: list[int] = []
    port = SimpleNamespace(numberAccepts=1)

    def accept() -> None:
        seen.append(port.numberAccepts)
        port.numberAccepts = 1  # as Twisted does it after a calm turn

    port.doRead = accept
    web.accept_steadily(port)
    port.doRead()
    port.doRead()
    assert seen == [web.ACCEPTS, web.ACCEPTS]


async def test_a_connection_whose_application_has_ended_does_not_stop_the_shutdown() -> None:
    made = web.WebServer(None, ["fd:fileno=3"])
    made.connections = {object(): {"connected": 1.0}}
    with pytest.raises(KeyError):
        Server.kill_all_applications(made)
    made.kill_all_applications()


def test_a_request_without_an_application_is_forgotten_at_once() -> None:
    made = web.WebServer(None, ["fd:fileno=3"])
    running: asyncio.Future[None] = asyncio.Future(loop=asyncio.new_event_loop())
    made.connections = {"upgraded": {"connected": 1.0}, "http": {"application_instance": running}}
    for each in ("upgraded", "upgraded", "http"):
        made.protocol_disconnected(each)
    assert list(made.connections) == ["http"]
    assert made.connections["http"]["disconnected"]
    running.get_loop().close()


def test_what_we_send_may_be_longer_than_what_we_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """autobahn has one limit for both ways; snapshots are longer than commands."""
    written: list[bytes] = []
    protocol = RoomProtocol.__new__(RoomProtocol)
    protocol.state = RoomProtocol.STATE_OPEN
    monkeypatch.setattr(protocol, "sendData", written.append)
    protocol.handle_reply({"type": "websocket.send", "text": "x" * 3 * wire.LARGEST})
    assert frames(written[0]) == [(1, b"x" * 3 * wire.LARGEST)]
