"""The process that reads a sender's bytes, from the side of who starts it. Hostile bytes are decoded there, never here.

    child = await Child.start(order, "webm")
    await child.feed(data)              waits while the child is slow; OSError when it has ended
    async for note in child.notes: ...  what it says, until it has ended
    await child.stop("stopped")         the rest is packed, the take's end is sent, the process is gone

Notes: {"kind": "began", "width", "height", "codecs"}, {"kind": "state", ...} once a second (see remux.py),
{"kind": "refused", "code", "message", "retry"}, and always last {"kind": "ended", "reason"}.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Self

from streams.video.path.intake import DATA, LARGEST, message, stop_order
from streams.video.path.orders import TakeOrder

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = "streams.video.path.remux"
WAITING = 128 * 1024
"""Bytes that wait for the child in this process; then `feed` waits."""
STOPS_WITHIN = 5.0
"""Seconds after which a child that was asked to stop is killed."""
PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "VIDEO_SMALL",
)
"""What the child sees of our environment: it needs no secrets, so it has none to lose."""

FAILED = {
    "kind": "refused",
    "code": "camera_failed",
    "message": "The picture broke off on our side. It starts again by itself.",
    "retry": True,
}


class Child:
    """One take's process. Use `start`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._refused = False
        self._ended = False
        self.pid = process.pid
        self.notes: AsyncIterator[dict[str, Any]] = self._notes()

    @classmethod
    async def start(cls, order: TakeOrder, container: Literal["webm", "flv"]) -> Self:
        """Raises OSError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            PROGRAM,
            cwd=ROOT,
            env=environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LARGEST,
        )
        assert process.stdin is not None
        process.stdin.transport.set_write_buffer_limits(high=WAITING)
        process.stdin.write(f"{order.as_json()}\n{container}\n".encode())
        return cls(process)

    async def feed(self, data: bytes) -> None:
        """Bytes of the stream, in any portions. Waits while the child is slow. Raises OSError when it has ended."""
        stdin = self._process.stdin
        assert stdin is not None
        if self._ended or stdin.is_closing():
            raise BrokenPipeError("the child has ended")
        for start in range(0, len(data), LARGEST):
            stdin.write(message(DATA, data[start : start + LARGEST]))
            await stdin.drain()

    async def stop(self, reason: str) -> None:
        """End the take for `reason` ("stopped", "paused", "switched", "lost", "failed"); returns when the process is
        gone. Never fails, and may be called again."""
        stdin = self._process.stdin
        assert stdin is not None
        with suppress(OSError):
            if not stdin.is_closing():
                stdin.write(stop_order(reason))
                stdin.close()
        try:
            async with asyncio.timeout(STOPS_WITHIN):
                await self._process.wait()
        except TimeoutError:
            logger.warning("the camera's process %d did not stop and is killed", self.pid)
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    async def _notes(self) -> AsyncIterator[dict[str, Any]]:
        stdout = self._process.stdout
        assert stdout is not None
        reason = ""
        while line := await stdout.readline():
            try:
                note: dict[str, Any] = json.loads(line)
            except ValueError:
                continue  # the last line of a process that was killed
            if note.get("kind") == "ended":
                reason = note["reason"]
                continue
            self._refused = self._refused or note.get("kind") == "refused"
            yield note
        code = await self._process.wait()
        self._ended = True
        if not reason and not self._refused:
            logger.warning("the camera's process %d ended with %d", self.pid, code)
            yield dict(FAILED)
        yield {"kind": "ended", "reason": reason or "failed"}


def environment() -> dict[str, str]:
    ours = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    # Each arena of malloc reserves address space, which is what the child's limit counts.
    return {**ours, "MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}
