"""Positions, the ring, and what a client that comes back gets."""

from __future__ import annotations

import pytest

from streams.room.resume import MOST_REPLAYED, Position, Ring, parse_since, too_much


def ring_of(first: int, last: int, size: int = 1000) -> Ring:
    ring = Ring(first - 1, size)
    for seq in range(first, last + 1):
        ring.add(seq, b"%d" % seq)
    return ring


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("since=abc123:7", Position("abc123", 7)),
        ("a=b&since=e:0", Position("e", 0)),
        ("", None),
        ("since=", None),
        ("since=abc", None),
        ("since=abc:-1", None),
        ("since=abc:1.5", None),
        ("since=abc:1:2", None),
        ("since=:5", None),
        ("since=a%20b:5", None),
        ("since=" + "a" * 33 + ":5", None),
        ("since=a:" + "9" * 16, None),
        ("since=a:٧", None),
        ("&".join(["a=b"] * 50), None),
    ],
)
def test_since_is_an_epoch_and_a_seq_or_nothing(query: str, expected: Position | None) -> None:
    assert parse_since(query) == expected


def test_the_ring_gives_what_follows_a_seq() -> None:
    ring = ring_of(5, 9)
    assert [seq for seq, _ in ring.after(6)] == [7, 8, 9]
    assert ring.after(9) == []
    assert ring.reaches(4)
    assert not ring.reaches(3)


def test_an_empty_ring_reaches_its_own_position_only() -> None:
    ring = Ring(12)
    assert ring.reaches(12)
    assert not ring.reaches(11)
    assert ring.after(12) == []


def test_a_full_ring_forgets_the_oldest() -> None:
    ring = ring_of(1, 30, size=10)
    assert (ring.first, ring.position) == (21, 30)
    assert [seq for seq, _ in ring.after(20)] == list(range(21, 31))


def test_the_ring_refuses_a_hole() -> None:
    ring = ring_of(1, 3)
    with pytest.raises(ValueError, match="does not follow"):
        ring.add(5, b"")


def test_an_event_in_the_ring_can_be_replaced_but_not_one_outside() -> None:
    ring = ring_of(11, 30, size=10)
    for seq in (5, 15, 25, 99):
        ring.replace(seq, lambda text: b"gone")
    assert [seq for seq, text in ring.after(20) if text == b"gone"] == [25]


def test_a_replay_longer_than_a_snapshot_is_not_worth_it() -> None:
    assert not too_much([(1, b"x" * MOST_REPLAYED)])
    assert too_much([(1, b"x" * MOST_REPLAYED), (2, b"x")])
