"""Counting in buckets: small errors, the same rule in C and in Python, and sums that are sums."""

from __future__ import annotations

import random

import pytest

from bench.figures import merge
from bench.histogram import Histogram, bucket_of, middle_of


@pytest.mark.parametrize("value", [0, 1, 63, 64, 65, 127, 128, 999, 12_345, 1_000_000, 3 * 10**9])
def test_the_middle_of_a_bucket_is_near_every_value_in_it(value: int) -> None:
    assert middle_of(bucket_of(value)) == pytest.approx(value, rel=0.016, abs=0.5)


def test_buckets_rise_with_the_value() -> None:
    found = [bucket_of(value) for value in range(100_000)]
    assert found == sorted(found)
    assert len(set(found)) > 700


def test_quantiles_are_those_of_the_values() -> None:
    dice = random.Random(7)
    values = sorted(dice.lognormvariate(8, 1.5) for _ in range(20_000))
    found = Histogram.of(values)
    for share in (0.5, 0.9, 0.99, 0.999):
        assert found.quantile(share) == pytest.approx(values[int(share * len(values))], rel=0.02)
    assert found.ms(1) == int(values[-1]) / 1000


def test_two_histograms_added_are_the_histogram_of_both() -> None:
    one, other = [5, 500, 70_000], [6, 1_000_000]
    assert Histogram.of(one) + Histogram.of(other) == Histogram.of(one + other)


def test_nothing_counted_is_zero() -> None:
    assert Histogram().ms(0.99) == 0
    assert Histogram.read(None).as_json()["count"] == 0


def test_parts_are_added_and_positions_compared() -> None:
    empty = {"placed": 0, "least_seq": 0, "most_seq": 0}
    one = {"ready": 3, "placed": 3, "least_seq": 7, "most_seq": 9, "closes": {"1006": 1}}
    other = {"ready": 2, "placed": 2, "least_seq": 8, "most_seq": 10, "closes": {"1006": 2}}
    times = {"count": 1, "sum": 40, "most": 40, "buckets": {"40": 1}}
    found = merge([empty, one | {"latency": {"x": times}}, other | {"latency": {"x": times}}])
    assert (found.ready, found.least_seq, found.most_seq) == (5, 7, 10)
    assert found.closes == {"1006": 3}
    assert (found.times("x").count, found.times("y").count) == (2, 0)
