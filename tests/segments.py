"""Bytes that a server is to read in several pieces."""

from __future__ import annotations

import socket
import time
from pathlib import Path


def wait_until_read(connection: socket.socket, seconds: float = 10.0) -> None:
    """Until the other end, on this machine and over IPv4, has taken from its socket what was sent."""
    here, there = (_address(*name) for name in (connection.getsockname(), connection.getpeername()))
    end = time.monotonic() + seconds
    while _unread(at=there, sent_by=here):
        assert time.monotonic() < end, "the server did not read"
        time.sleep(0.001)


def _unread(*, at: str, sent_by: str) -> int:
    """Bytes in the kernel's buffer of that socket; 0 when it is closed."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if (local, remote) == (at, sent_by):
            return int(queues.partition(":")[2], 16)
    return 0


def _address(host: str, port: int) -> str:
    """As the kernel writes it: 0100007F:1F90."""
    return f"{socket.inet_aton(host)[::-1].hex().upper()}:{port:04X}"
