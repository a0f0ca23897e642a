"""Runs the peers of the sale in a process of their own and adds their rows to a report."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bench.peers.processes import environment
from bench.scenario import Report, Say
from livestore.stack import privilege
from livestore.stack.errors import StackError
from livestore.stack.table import ROOT

WITHIN = 900.0
STOP_WITHIN = 60.0


async def measure(names: Sequence[str], *, seconds: float, report: Report, say: Say) -> None:
    """Each of `names` in turn; one that can not be run here becomes a note. StackError when all failed."""
    argv = [sys.executable, "-m", "bench.peers.sale", str(seconds), *names]
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=ROOT,
        env=environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        preexec_fn=privilege.before_exec(privilege.Way.DIRECT, signal.SIGTERM),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    last = ""

    async def tell(lines: asyncio.StreamReader) -> None:
        nonlocal last
        async for line in lines:
            last = line.decode(errors="replace").rstrip()
            say(last)

    telling = asyncio.create_task(tell(process.stderr))
    try:
        async with asyncio.timeout(WITHIN):
            async for line in process.stdout:
                take(report, json.loads(line))
            code = await process.wait()
        if code != 0:
            raise StackError(f"the peers could not be measured: {last}")
    finally:
        if process.returncode is None:
            process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(process.wait()), STOP_WITHIN)
        if process.returncode is None:
            process.kill()
            await process.wait()
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


def take(report: Report, told: Any) -> None:
    """A row `[name, about, values]`, or `{"left_out": sentence}`."""
    if isinstance(told, dict):
        if told["left_out"] not in report.notes:
            report.notes.append(told["left_out"])
        return
    name, about, values = told
    report.add(name, about, values)
