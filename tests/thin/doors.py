"""Raw requests through three ways, and their answers without what may differ: the way is none of it."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.segments import wait_until_read

KEY = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
COOKIE = re.compile(
    r"(?<=csrftoken=)\w+|(?<=expires=)[^;]+"
)  # a new secret when the old one is none
CHANGING = re.compile(r'"(order|placed_at|expires_at)":("ord_[a-z0-9]+"|\d+)')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def value(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.value["error"]["code"])


@dataclass
class Ask:
    """A request to place an order, as bytes. `headers` replaces or (None) removes the usual ones, `more` adds."""

    body: Any
    headers: dict[str, str | None] = field(default_factory=dict)
    more: list[tuple[str, str]] = field(default_factory=list)
    line: str = "POST /api/v1/orders HTTP/1.1"

    def raw(self) -> bytes:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        usual: dict[str, str | None] = {
            "Host": "127.0.0.1",
            "Content-Type": "application/json",
            "Idempotency-Key": KEY,
            "Content-Length": str(len(body)),
        }
        pairs = [
            (name, value) for name, value in {**usual, **self.headers}.items() if value is not None
        ]
        lines = [self.line, *(f"{name}: {value}" for name, value in [*pairs, *self.more])]
        return "\r\n".join([*lines, "", ""]).encode("latin1") + body


class Doors:
    """`same(raw)`: the one answer of all ways. `before` runs before each, so that each meets the same world."""

    def __init__(self, thin: int, django: int) -> None:
        self.ways: dict[str, Callable[[bytes], list[bytes]]] = {
            "django": lambda raw: [raw],
            "thin, straight from the socket": lambda raw: [raw],
            "thin, through ASGI": in_two,
        }
        self.ports = {name: django if name == "django" else thin for name in self.ways}

    def same(self, *raws: bytes, before: Callable[[], None]) -> list[Answer]:
        """The answers to requests that are sent at once over one connection."""
        heard = {}
        for name, pieces in self.ways.items():
            before()
            parts = (
                [part for raw in raws for part in pieces(raw)]
                if len(raws) == 1
                else [b"".join(raws)]
            )
            bodiless = raws[0].startswith(b"HEAD ")
            heard[name] = send(self.ports[name], parts, len(raws), bodiless=bodiless)
        first = heard["django"]
        for name, answers in heard.items():
            assert answers == first, f"{name}: {answers}, django: {first}"
        return first


def in_two(raw: bytes) -> list[bytes]:
    """Head and body one after the other, as many clients send them."""
    middle = raw.find(b"\r\n\r\n") + 4
    return [raw[:middle], raw[middle:]] if middle < len(raw) else [raw]


def send(
    port: int, parts: Iterable[bytes], answers: int = 1, *, bodiless: bool = False
) -> list[Answer]:
    """Send parts, each as a segment of its own, and read that many answers (fewer if the server hangs up)."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place, part in enumerate(parts):
            if place:
                wait_until_read(connection)  # each part by itself: this is what is tested
            connection.sendall(part)
        data = b""
        found: list[Answer] = []
        while len(found) < answers:
            read = _first(data, bodiless)
            if read is not None:
                answer, data = read
                found.append(answer)
                continue
            try:
                more = connection.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                break
            data += more
    return found


def _still(name: str, value: str) -> tuple[str, str]:
    """A header without what differs from one process to the next: the order of `Allow` is that of a set."""
    if name.lower() == "allow":
        return name, ", ".join(sorted(value.split(", ")))
    if name.lower() == "x-request-id":
        return name, ""
    return name, COOKIE.sub("", value)


def _first(data: bytes, bodiless: bool) -> tuple[Answer, bytes] | None:
    head, found, rest = data.partition(b"\r\n\r\n")
    if not found:
        return None
    first, *lines = head.decode("latin1").split("\r\n")
    pairs = [tuple(line.split(": ", 1)) for line in lines]
    headers = {name.lower(): value for name, value in pairs}
    if headers.get("transfer-encoding") == "chunked":
        raw, found, rest = rest.partition(b"0\r\n\r\n")
        if not found:
            return None
    else:
        length = 0 if bodiless else int(headers.get("content-length", 0))
        if len(rest) < length:
            return None
        raw, rest = rest[:length], rest[length:]
    body = CHANGING.sub(r'"\1":0', raw.decode())
    kept = sorted(_still(name, value) for name, value in pairs if name.lower() != "content-length")
    status = int(first.split()[1])
    return Answer(status, tuple((name, value) for name, value in kept), body), rest
