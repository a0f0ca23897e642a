"""`python3 manage.py bench SCENARIO`: measure ours, peers and floors in turn, in one call, on this machine."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, cast

from bench import plot, report
from bench.scenario import Options, Report, Say
from livestore.stack.errors import StackError
from livestore.stack.process import raise_file_limit

SCENARIOS = {
    "fanout": "one message to everybody: CPU, latency and memory a viewer, against peers and floor",
    "idle": "many viewers and nothing happens",
    "storm": "everybody joins at once; then one web process restarts",
    "bad": "slow, silent and shouting clients among many: what the others notice",
    "checkout": "thousands of orders at once and in a row, against peers and floors",
    "mixed": "viewers, chat, pins and orders together",
    "video": "the picture: glass to glass, by source and by path, in real browsers",
    "kills": "kill -9 at random moments: no acknowledged order is lost",
}
ABOUT = (
    "Measures livestore on this machine, over the loopback only. It starts servers of its own on a temporary folder "
    "and stops them again; nothing of yours is touched."
)
LONGEST = 3 * 3600.0
"""Seconds after which a run is broken off, whatever it does."""
Runner = Callable[[Options, Say], Coroutine[Any, Any, Report]]


def parser() -> argparse.ArgumentParser:
    """The command line of `manage.py bench`."""
    listed = "\n".join(f"  {name:<10}{what}" for name, what in SCENARIOS.items())
    found = argparse.ArgumentParser(
        prog="manage.py bench",
        description=f"{ABOUT}\n\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(found)
    return found


def add_arguments(found: argparse.ArgumentParser) -> None:
    """The options, shared by the launcher and by `manage.py help bench`."""
    found.add_argument("scenario", choices=SCENARIOS, metavar="SCENARIO", help="see above")
    found.add_argument("--viewers", type=_count, default=0, metavar="N", help="how many viewers")
    found.add_argument(
        "--only", default="", metavar="NAMES", help="only these contestants: ours,ws,..."
    )
    found.add_argument("--runs", type=_count, default=3, metavar="N", help="median of N runs (3)")
    found.add_argument(
        "--seconds", type=float, default=0, metavar="S", help="how long the steady part takes"
    )
    found.add_argument("--web", type=_count, default=0, metavar="N", help="web processes")
    found.add_argument(
        "--bad", type=_count, default=0, metavar="N", help="bad clients of each kind"
    )
    found.add_argument(
        "--kills", type=_count, default=0, metavar="N", help="how often something is killed (30)"
    )
    found.add_argument("--json", metavar="FILE", help="keep everything measured")
    found.add_argument("--plot", metavar="FILE.svg", help="draw it")


def main(argv: Sequence[str]) -> int:
    """Exit codes: 0 all promises kept, 3 one was not, 1 could not be measured, 130 stopped by a person."""
    given = parser().parse_args(argv)
    options = Options(
        viewers=given.viewers,
        only=tuple(name for name in given.only.split(",") if name),
        runs=max(1, given.runs),
        seconds=given.seconds,
        web=given.web,
        bad=given.bad,
        kills=given.kills,
    )
    raise_file_limit()
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"  {time.monotonic() - began:6.1f} s  {text}", file=sys.stderr, flush=True)

    try:
        found = asyncio.run(_bounded(runner(given.scenario), options, say))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\nStopped. Everything that was started is gone.", file=sys.stderr)
        return 130
    except TimeoutError:
        raise StackError(f"the measuring took more than {LONGEST / 3600:.0f} hours.") from None
    print(f"\n{found.title}\n\n{report.table(found)}\n")
    for note in found.notes:
        print(f"- {note}")
    if found.checks:
        print(f"\n{report.promises(found.checks)}")
    command = ["python3", "manage.py", "bench", *argv]
    if given.json:
        report.write_json(Path(given.json), found, command)
    if given.plot:
        plot.write(Path(given.plot), found)
    return 0 if all(check.met for check in found.checks) else 3


def runner(name: str) -> Runner:
    """The `run` of a scenario: module `bench.<name>`."""
    return cast(Runner, importlib.import_module(f"bench.{name}").run)


async def _bounded(run: Runner, options: Options, say: Say) -> Report:
    """A SIGTERM or a closed terminal ends it like a Ctrl-C: everything started is stopped first."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    if _load() > 0.5:
        say("the machine is busy with other things: take the figures as a hint only")
    async with asyncio.timeout(LONGEST):
        return await run(options, say)


def _load() -> float:
    """How busy each core was in the last minute."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


def _count(text: str) -> int:
    number = int(text.replace(",", "").replace("_", ""))
    if number < 0:
        raise argparse.ArgumentTypeError("that can not be negative")
    return number
