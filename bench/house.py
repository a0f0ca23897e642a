"""Our own stack for one measurement: the demo without a show, on a temporary folder, and a show on air in it."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.people import Sale, prepare
from bench.scenario import Say
from livestore.stack import privilege, servers, table
from livestore.stack.errors import StackError
from livestore.stack.launch import Demo

READY_WITHIN = 120.0
STOP_WITHIN = 90.0
TO_PIN = {"measured-lamp": 1_000, "measured-bowl": 1_000}


class _Started(Demo):
    """The demo as tests start it, with variables of ours, and ended by the kernel should we be killed."""

    extra: Mapping[str, str] = {}

    def _clean_environment(self) -> dict[str, str]:
        return super()._clean_environment() | dict(self.extra)

    def start(self) -> None:
        argv = [sys.executable, "manage.py", "demo", "--data", str(self.data), "--no-show"]
        argv += ["--port", str(self.port), "--web", str(self.web)]
        self.popen = subprocess.Popen(
            argv,
            cwd=table.ROOT,
            env=self._clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=privilege.before_exec(privilege.Way.DIRECT, signal.SIGTERM),
        )


class House:
    """`async with House(web=2, say=say) as house:`; inside, a show is on air.

    wares    products in its run of show, handle -> units; by default two to pin
    people   so many simulated viewers with tickets (`sale.tickets`)
    env      variables for all of its processes
    """

    def __init__(
        self,
        *,
        say: Say,
        web: int = 2,
        wares: Mapping[str, int] = TO_PIN,
        people: int = 0,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.say = say
        self.folder = Path(tempfile.mkdtemp(prefix="livestore-bench-"))
        self.demo = _Started(data=self.folder / "data", web=web, show=False)
        self.demo.extra = dict(env or {})
        self.wares = dict(wares)
        self.people = people
        self.sale: Sale

    async def __aenter__(self) -> House:
        try:
            self.say("starting PostgreSQL, Valkey, web, relay and worker")
            # From this thread: the kernel ends a child with the thread that started it.
            self.demo.start()
            await self._ready()
            self.sale = await asyncio.to_thread(
                prepare, self.demo, wares=self.wares, people=self.people
            )
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _ready(self) -> None:
        end = time.monotonic() + READY_WITHIN
        while True:
            assert self.demo.popen is not None
            if self.demo.popen.poll() is not None or time.monotonic() > end:
                raise StackError(f"our own stack did not start:\n{self.demo.output[-2000:]}")
            state = servers.running(self.demo.folder)
            if state and state.get("ready"):
                return
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """Stop everything and remove the folder; not hurried by another Ctrl-C."""
        await asyncio.shield(asyncio.to_thread(self._stop))

    def _stop(self) -> None:
        try:
            self.demo.stop(seconds=STOP_WITHIN)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- what is measured -------------------------------------------------------------------------

    @property
    def port(self) -> int:
        return self.demo.port

    @property
    def path(self) -> str:
        return self.sale.path

    def web(self) -> list[int]:
        """The web processes, which hold the sockets."""
        return [pid for name, pid in self.demo.pids().items() if name.startswith("web-")]

    def all(self) -> list[int]:
        """Every process of the stack, servers included."""
        return list(self.demo.pids().values())

    async def command(self, kind: str, data: dict[str, Any] | None = None) -> None:
        """A host command through the HTTP API."""
        await asyncio.to_thread(self.sale.command, kind, data)
