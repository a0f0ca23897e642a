"""A whole sale at once: who takes part, and how their figures are put together."""

from __future__ import annotations

import pytest

from bench import mixed
from bench.crowd import MOST
from bench.figures import Figures
from bench.histogram import Histogram
from bench.mixed import Size


@pytest.mark.parametrize(
    ("viewers", "seconds", "orders", "buyers"),
    [(20_000, 300, 15_000, 15_000), (500, 300, 15_000, 499), (57_000, 600, 30_000, MOST)],
)
def test_everybody_buys_once_if_there_are_so_many(
    viewers: int, seconds: float, orders: int, buyers: int
) -> None:
    """One load process holds all buyers: lines are dealt to the sockets of one process in turn."""
    size = Size(viewers, seconds)
    assert (size.orders, size.buyers) == (orders, buyers)


def test_latencies_are_those_of_all_crowds_together() -> None:
    quick = Figures(latency={"item.pinned": Histogram.of([10_000] * 98)})
    slow = Figures(latency={"item.pinned": Histogram.of([900_000] * 2)})
    found = mixed.times([quick, slow, Figures()], "item.pinned")
    assert found.count == 100
    assert found.ms(0.99) > 800
    assert found.ms(0.5) == pytest.approx(10, rel=0.02)
