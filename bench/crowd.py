"""Many clients at once: the Python end of bench/native/crowd.c.

    async with Crowd(port=8000, path="/ws/shows/x/", count=57_000) as crowd:
        await crowd.open(window=1_000)
        await crowd.load(lines); sent = await crowd.go("burst", 0)
        print(sent.seconds, sent.reply.ms(0.99), sent.codes)

One process holds at most 19,000 sockets (the hard limit of open files is 20,000 on small machines) and has
source addresses of its own, 127.0.0.2, 127.0.1.2 and so on: a source has only 28,000 ports towards one server.
Latency is read from a stamp `ns:<nanoseconds since 1970>` in the text of an event, else from its `at` (milliseconds).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bench.building import built
from bench.figures import Figures, merge
from bench.held import Held
from bench.part import CrowdError, Part

MOST = 19_000
UNSTAMPED = f"ns:{0:019d}"
"""In a loaded line: the moment of sending is written here."""
Mode = Literal["livestore", "text", "socketio"]
Progress = Callable[[str], None]
_sources = itertools.count()


@dataclass(frozen=True)
class Opened:
    """How the coming in went. `seconds` from the first connect to the last one in."""

    ready: int
    failed: int
    seconds: float
    figures: Figures


class Crowd(Held):
    """`count` clients of one server. Socket i has `tickets[i]` and, of loaded lines, i, i + count, ...

    port       one, or several that share the clients evenly
    mode       "livestore" reads the room's protocol and checks the log; "text" any WebSocket server;
               "socketio" Engine.IO 4
    behaviour  "slow" reads 1 KB a second, "silent" nothing, "writer" sends every `every_ms` and reads nothing
    reconnect  come back after a cut as a page would: after the delay that the close names, with `since`
    retry      send a line again that was refused with `"retry": true`, after the delay named
    """

    def __init__(
        self,
        *,
        port: int | Sequence[int],
        path: str,
        count: int,
        mode: Mode = "livestore",
        protocol: str = "livestore.v1",
        headers: Sequence[str] = (),
        tickets: Sequence[str] = (),
        behaviour: Literal["normal", "slow", "silent", "writer"] = "normal",
        every_ms: int = 100,
        reconnect: bool = False,
        retry: bool = False,
        timeout: int = 60,
        processes: int = 0,
    ) -> None:
        self.count = count
        self.tickets = tickets
        self.processes = max(processes, -(-count // MOST), 1)
        self.parts: list[Part] = []
        self.sources: list[str] = []
        self._ports = [port] if isinstance(port, int) else list(port)
        self.processes = -(-self.processes // len(self._ports)) * len(self._ports)
        self._settings = [
            f"path {path}",
            f"mode {mode}",
            f"protocol {protocol}" if protocol else "protocol ",
            *(f"header {each}" for each in headers),
            f"behaviour {behaviour} {every_ms}",
            f"reconnect {int(reconnect)}",
            f"retry {int(retry)}",
            f"timeout {timeout}",
        ]
        self._folder = tempfile.TemporaryDirectory(prefix="livestore-crowd-")

    async def set_up(self) -> None:
        program = await asyncio.to_thread(built, "crowd")
        first = 0
        for number in range(self.processes):
            count = self.count // self.processes + (number < self.count % self.processes)
            process = await asyncio.create_subprocess_exec(
                str(program),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=1 << 22,
                start_new_session=True,  # a Ctrl-C reaches only us; it ends when we do
            )
            self.parts.append(Part(process, count, first))
            self._set_up(self.parts[-1], first, count)
            first += count
        for part in self.parts:
            files = (await part.hear("here"))["files"]
            if part.count > int(files) - 50:
                raise CrowdError(f"only {files} files may be open here, {part.count} are needed.")

    async def stop(self) -> None:
        """End all processes; their sockets are reset, so no port stays in use."""
        await asyncio.gather(*(part.stop() for part in self.parts))
        self._folder.cleanup()

    def _set_up(self, part: Part, first: int, count: int) -> None:
        for line in self._settings:
            part.say(line)
        part.say(f"target 127.0.0.1 {self._ports[len(self.parts) % len(self._ports)]}")
        for _ in range(-(-count // 10_000)):
            self.sources.append(f"127.0.{next(_sources) % 250}.2")
            part.say(f"source {self.sources[-1]}")
        if self.tickets:
            file = self._file(part, "tickets", self.tickets[first : first + count])
            part.say(f"tickets {file}")

    def _file(self, part: Part, name: str, lines: Sequence[str]) -> Path:
        path = Path(self._folder.name) / f"{name}-{part.first}"
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def tell(self, line: str) -> None:
        """One command to every process."""
        for part in self.parts:
            part.say(line)

    # -- coming in --------------------------------------------------------------------------------

    async def open(
        self, *, window: int = 1_000, within: float = 180.0, progress: Progress | None = None
    ) -> Opened:
        """Connect all; at most `window` are on their way in at once. Raises CrowdError when it takes longer."""
        began = time.monotonic()
        share = max(1, window // len(self.parts))
        for part in self.parts:
            part.say(f"open {part.count} {share}")
        waiting = asyncio.gather(*(part.hear("opened", within) for part in self.parts))
        try:
            while not waiting.done():
                await asyncio.wait([waiting], timeout=2.0)
                if progress and not waiting.done():
                    now = await self.stats()
                    progress(f"{now.ready:,} of {self.count:,} are in")
            for part, said in zip(self.parts, await waiting, strict=True):
                part.inside = int(said["ready"])
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        seconds = time.monotonic() - began
        figures = await self.stats()
        return Opened(figures.ready, figures.failed, seconds, figures)

    # -- looking ----------------------------------------------------------------------------------

    async def stats(self) -> Figures:
        """Everything counted since the last reset, over all processes."""
        self.tell("stats")
        return merge(await asyncio.gather(*(part.hear("stats") for part in self.parts)))

    def reset(self) -> None:
        """All counts begin at zero again (positions in the log stay)."""
        self.tell("reset")

    def mark(self, kind: str, ns: int = 0) -> int:
        """From now on measure events of this type against `ns` (now), in `Figures.marked`."""
        ns = ns or time.time_ns()
        self.tell(f"mark {ns} {kind}")
        return ns

    async def reached(self, kind: str, each: int, within: float = 30.0) -> bool:
        """True as soon as every socket that came in had `each` events of this type since the reset.

        False after `within`, also when sockets were closed since: they are waited for in vain.
        """
        for part in self.parts:
            part.drop("reached")
            part.say(f"await {kind} {part.inside * each}")
        return await self._all_say("reached", within)

    async def _all_say(self, event: str, within: float) -> bool:
        try:
            await asyncio.gather(*(part.hear(event, within) for part in self.parts))
        except CrowdError:
            if any(part.process.returncode is not None for part in self.parts):
                raise
            return False
        return True

    # -- sending ----------------------------------------------------------------------------------

    async def load(self, lines: Sequence[str]) -> None:
        """Prepared frames: line k belongs to socket k modulo `count`."""
        rounds = range(0, len(lines), self.count)
        for part in self.parts:
            own = [
                line
                for start in rounds
                for line in lines[
                    start + part.first : min(start + part.first + part.count, len(lines))
                ]
            ]
            part.drop("loaded")
            part.say(f"commands {await asyncio.to_thread(self._file, part, 'lines', own)}")
        await asyncio.gather(*(part.hear("loaded") for part in self.parts))

    def keep_answers(self) -> None:
        """From now on keep every answer, for `answers`."""
        for part in self.parts:
            part.say(f"answers {self._answers_of(part)}")

    async def answers(self) -> list[tuple[int, int, dict[str, Any]]]:
        """What was kept: (line as it was loaded, microseconds, the answer). Lines may be missing, never twice."""
        await self.stats()  # writes out what is still in a buffer
        found = []
        for part in self.parts:
            path = self._answers_of(part)
            for row in path.read_text().splitlines() if path.exists() else ():
                line, micros, text = row.split("\t", 2)
                turn, place = divmod(int(line), part.count)
                index = turn * self.count + part.first + place
                found.append((index, int(micros), json.loads(text)))
        return found

    def _answers_of(self, part: Part) -> Path:
        return Path(self._folder.name) / f"answers-{part.first}"

    async def go(
        self, how: Literal["burst", "loop", "rate"], number: float = 0, *, within: float = 120.0
    ) -> Figures:
        """Send the loaded lines and wait for the answers.

        burst  each socket its line, spread evenly over `number` milliseconds
        loop   each socket the next of its lines as soon as it is answered
        rate   `number` lines a second, each on the next socket that is free
        """
        self.begin(how, number)
        return await self.finished(within)

    def begin(self, how: Literal["burst", "loop", "rate"], number: float = 0) -> None:
        """As `go`, without waiting: ask `finished` later."""
        start = time.time_ns() + 50_000_000  # all processes at the same moment
        for part in self.parts:
            part.drop("done")
            share = number * part.count / self.count if how == "rate" else number
            part.say(f"go {how} {share} {start}")

    async def finished(self, within: float = 120.0) -> Figures:
        """When every line is answered. After `within` no new ones are sent, and what is there is told."""
        if not await self._all_say("done", within):
            self.halt()
        return await self.stats()

    def one(self) -> None:
        """The next loaded line on the next free socket of the first process, now."""
        self.parts[0].say("one")

    def halt(self) -> None:
        """Send nothing new; open answers are still waited for."""
        self.tell("halt")
