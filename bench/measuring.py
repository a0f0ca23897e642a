"""One contestant, one run: everybody comes in, single messages to all, then a steady stream of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench import machine
from bench.crowd import Crowd
from bench.machine import Spent
from bench.peers.peer import Peer
from bench.scenario import Say, Value

PULSES = 20
PULSES_WITHIN = 15.0
ARRIVES_WITHIN = 30.0
SETTLE = 3.0
IDLE = 5.0
A_SECOND = 20.0
"""Messages a second of the steady part."""
WINDOW = 250


Extra = Callable[[Crowd], Awaitable[dict[str, Value]]]
"""One more part of a run, while everybody is in."""


@dataclass
class Cost:
    """What the processes of a contestant used for some deliveries, without what they use idle."""

    holding: float
    behind: float

    @classmethod
    def of(cls, spent: Spent, idle: Spent, behind: Spent, idle_behind: Spent, count: int) -> Cost:
        """Microseconds of CPU for each of `count` deliveries."""

        def each(used: Spent, at_rest: Spent) -> float:
            return max(0.0, used.cpu - at_rest.share * used.seconds) / max(1, count) * 1e6

        return cls(each(spent, idle), each(behind, idle_behind))


class Meter:
    """CPU of the processes that hold sockets, and of those behind them, between two calls."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.restart()

    def restart(self) -> None:
        self._holding = machine.look(self._peer.pids())
        self._behind = machine.look(self._peer.behind())

    def read(self) -> tuple[Spent, Spent]:
        return (
            machine.spent(self._holding, machine.look(self._peer.pids())),
            machine.spent(self._behind, machine.look(self._peer.behind())),
        )


async def measure(
    peer: Peer, *, viewers: int, seconds: float, say: Say, extra: Extra | None = None
) -> dict[str, Value]:
    """All figures of one run; the peer is started and stopped here. Raises NotMeasured, CrowdError."""
    found: dict[str, Value] = {}
    try:
        await peer.start(viewers)
        crowd = Crowd(
            port=peer.ports,
            path=peer.path,
            count=viewers,
            mode=peer.mode,
            protocol=peer.protocol,
            headers=peer.headers,
        )
        async with crowd:
            found |= await _come_in(peer, crowd, viewers, say)
            await asyncio.sleep(SETTLE)
            meter = Meter(peer)
            await asyncio.sleep(IDLE)
            idle = meter.read()
            found["idle"] = idle[0].share * 100
            found |= await _pulses(peer, crowd, idle)
            found |= await _steady(peer, crowd, idle, seconds)
            if extra is not None:
                found |= await extra(crowd)
            found |= await _losses(crowd)
    finally:
        await peer.stop()
    return found


async def _come_in(peer: Peer, crowd: Crowd, viewers: int, say: Say) -> dict[str, Value]:
    before = machine.look(peer.pids())
    opened = await crowd.open(window=WINDOW, progress=say)
    after = machine.look(peer.pids())
    used = machine.spent(before, after)
    return {
        "viewers": opened.ready,
        "refused": viewers - opened.ready,
        "connect_s": opened.seconds,
        "joins": opened.ready / opened.seconds,
        "join_us": used.cpu / max(1, opened.ready) * 1e6,
        "kib": (after.memory - before.memory) / max(1, opened.ready) / 1024,
    }


async def _pulses(peer: Peer, crowd: Crowd, idle: tuple[Spent, Spent]) -> dict[str, Value]:
    """One message, and the next when everybody had it."""
    await peer.publish()
    await crowd.reached(peer.kind, 1, ARRIVES_WITHIN)
    crowd.reset()
    meter = Meter(peer)
    began = time.monotonic()
    sent = 0
    late = False
    while sent < PULSES and not late and (sent < 3 or time.monotonic() - began < PULSES_WITHIN):
        await peer.publish()
        sent += 1
        late = not await crowd.reached(peer.kind, sent, ARRIVES_WITHIN)
    spent = meter.read()
    seen = await crowd.stats()
    times = seen.times(peer.kind)
    cost = Cost.of(spent[0], idle[0], spent[1], idle[1], times.count + sent * peer.others)
    return {
        "cpu_us": cost.holding,
        "behind_us": cost.behind,
        "p50": times.ms(0.5),
        "p99": times.ms(0.99),
        "p999": times.ms(0.999),
        "last": times.ms(1),
        "bytes": seen.bytes / max(1, times.count),
        "load_us": seen.cpu_ns / 1000 / max(1, times.count),
        "lost": sent * sum(part.inside for part in crowd.parts) - times.count,
    }


async def _steady(
    peer: Peer, crowd: Crowd, idle: tuple[Spent, Spent], seconds: float
) -> dict[str, Value]:
    """A_SECOND messages a second, whether or not everybody had the one before."""
    await peer.accepted()
    crowd.reset()
    meter = Meter(peer)
    began = time.monotonic()
    sent = 0
    while sent < seconds * A_SECOND:
        await peer.publish()
        sent += 1
        await asyncio.sleep(max(0.0, began + sent / A_SECOND - time.monotonic()))
    took = await peer.accepted()
    await crowd.reached(peer.kind, took, ARRIVES_WITHIN)
    spent = meter.read()
    seen = await crowd.stats()
    times = seen.times(peer.kind)
    cost = Cost.of(spent[0], idle[0], spent[1], idle[1], times.count + took * peer.others)
    wall = spent[0].seconds or 1.0
    return {
        "steady_us": cost.holding,
        "steady_core": spent[0].share * 100,
        "steady_p50": times.ms(0.5),
        "steady_p99": times.ms(0.99),
        "steady_p999": times.ms(0.999),
        "steady_lost": took * sum(part.inside for part in crowd.parts)
        - times.count
        - seen.left_out,
        "steady_untaken": sent - took,
        "load_core": seen.cpu_ns / 1e7 / wall / len(crowd.parts),
    }


async def _losses(crowd: Crowd) -> dict[str, Value]:
    seen = await crowd.stats()
    wrong = seen.lost + seen.doubled + seen.disorder + seen.epoch_jumps
    return {
        "dropped": seen.cut,
        "log_faults": wrong + (seen.most_seq - seen.least_seq if seen.placed else 0),
        "odd": seen.odd,
    }
