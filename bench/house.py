"""Our own stack for one measurement: the demo without a show, on a temporary folder, and a show on air in it."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.held import Held, until
from bench.people import Sale, prepare
from bench.scenario import Say
from livestore.stack import privilege, servers
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

    def _before_exec(self) -> Callable[[], None] | None:
        return privilege.before_exec(privilege.Way.DIRECT, signal.SIGTERM)


class House(Held):
    """`async with House(web=2, say=say) as house:`; inside, a show is on air.

    wares    products in its run of show, handle -> units; by default two to pin
    people   so many simulated viewers with tickets (`sale.tickets`)
    env      variables for all of its processes
    options  of the demo
    """

    def __init__(
        self,
        *,
        say: Say,
        web: int = 2,
        wares: Mapping[str, int] = TO_PIN,
        people: int = 0,
        env: Mapping[str, str] | None = None,
        options: tuple[str, ...] = (),
    ) -> None:
        self.say = say
        self.folder = Path(tempfile.mkdtemp(prefix="livestore-bench-"))
        self.demo = _Started(data=self.folder / "data", web=web, show=False, options=options)
        self.demo.extra = dict(env or {})
        self.wares = dict(wares)
        self.people = people
        self.sale: Sale

    async def set_up(self) -> None:
        self.say("starting PostgreSQL, Valkey, web, relay and worker")
        # From this thread: the kernel ends a child with the thread that started it.
        self.demo.start()
        if not await until(self._is_ready, READY_WITHIN):
            raise StackError(f"our own stack did not start:\n{self.demo.output[-2000:]}")
        self.sale = await asyncio.to_thread(
            prepare, self.demo, wares=self.wares, people=self.people
        )

    def _is_ready(self) -> bool:
        assert self.demo.popen is not None
        if self.demo.popen.poll() is not None:
            raise StackError(f"our own stack ended:\n{self.demo.output[-2000:]}")
        state = servers.running(self.demo.folder)
        return bool(state and state.get("ready"))

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
