"""A server that the fan-out benchmark can measure: started, told to send one message to all, stopped."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from bench.crowd import Mode

SIZE = 230
"""Bytes of a message: about what a chat message of ours has."""


class Peer(Protocol):
    """One contestant. Its attributes say how a crowd talks to it.

    kind     type of event by which a crowd counts the message
    most     viewers with which it is still sensible; more are not tried
    others   sockets besides the measured ones that get every message too
    ports    where it listens once started; viewers are shared evenly over several
    """

    name: str
    about: str
    most: int
    mode: Mode
    protocol: str
    headers: Sequence[str]
    path: str
    kind: str
    others: int
    ports: Sequence[int]

    async def start(self, viewers: int) -> None:
        """Ready for so many viewers. Raises NotMeasured with a sentence when it can not be run here."""

    def pids(self) -> list[int]:
        """The processes that hold the sockets: what they use is charged to a delivery."""

    def behind(self) -> list[int]:
        """The processes behind them (Valkey, PostgreSQL, relay), told apart."""

    async def publish(self) -> None:
        """One message to everybody, with the moment of sending in it."""

    async def accepted(self) -> int:
        """How many messages the server has taken since the last call, once all are answered."""

    async def stop(self) -> None:
        """End it, however far the start got."""


def message() -> str:
    """JSON of SIZE bytes with this moment in it."""
    head = f'{{"type":"message","text":"ns:{time.time_ns()}","pad":"'
    return head + "x" * (SIZE - len(head) - 2) + '"}'
