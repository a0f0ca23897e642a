"""One process of a crowd: what is said to it, and what it says."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from livestore.stack.errors import StackError

ANSWER_WITHIN = 30.0


class CrowdError(StackError):
    """The load generator ended or did not do in time what it was asked."""


class Part:
    """One crowd process."""

    def __init__(self, process: asyncio.subprocess.Process, count: int, first: int) -> None:
        self.process = process
        self.count = count
        self.first = first
        self.inside = 0
        self._heard: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._reading = asyncio.create_task(self._read())

    @property
    def pid(self) -> int:
        return self.process.pid

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        if self.process.returncode is None:
            self.process.stdin.write(line.encode() + b"\n")

    async def hear(self, event: str, within: float = ANSWER_WITHIN) -> dict[str, Any]:
        """The next message of this kind. Raises CrowdError."""
        try:
            found = await asyncio.wait_for(self._queue(event).get(), within)
        except TimeoutError:
            raise CrowdError(f"the crowd did not say '{event}' within {within:.0f} s.") from None
        if found.get("event") == "ended":
            self._queue(event).put_nowait(found)
            raise CrowdError(f"a crowd process ended ({self.process.returncode}).")
        return found

    def drop(self, event: str) -> None:
        """Forget older messages of this kind."""
        queue = self._queue(event)
        while not queue.empty():
            queue.get_nowait()

    def _queue(self, event: str) -> asyncio.Queue[dict[str, Any]]:
        return self._heard.setdefault(event, asyncio.Queue())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            message = json.loads(line)
            self._queue(message["event"]).put_nowait(message)
        await self.process.wait()
        for event in ("opened", "stats", "done", "loaded", "reached", "here"):
            self._queue(event).put_nowait({"event": "ended"})

    async def stop(self) -> None:
        self.say("quit")
        try:
            await asyncio.wait_for(self.process.wait(), 10)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
