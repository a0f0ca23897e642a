"""Laps: everybody gets every frame after their beginning once and in order, whatever happens meanwhile."""

from __future__ import annotations

import random

import pytest

from streams.room.connection import BUDGET, Connection
from streams.room.encoding import Frame
from streams.room.protocol import CloseCode, Closing
from streams.room.telling import CHUNK, EXPECTED_COST, Laps, for_all
from tests.streams.room.clockwork import Clockwork, Ear, listener


class Crowd:
    """A room of fake sockets. Frames are numbered, and so is what each newcomer begins with."""

    def __init__(self, size: int = 0, *, joins: bool = True) -> None:
        self.loop = Clockwork()
        self.laps = Laps(self.loop)
        self.here: list[tuple[Connection, Ear]] = [self.come(joins=joins) for _ in range(size)]

    def come(self, *, joins: bool = True) -> tuple[Connection, Ear]:
        connection, ear = self.attach(joins=joins)
        self.laps.welcome(connection, Frame(b"%d" % self.laps.newest))
        return connection, ear

    def attach(self, *, joins: bool = True) -> tuple[Connection, Ear]:
        ear = Ear(joins=joins)
        connection = listener(ear)
        self.laps.connections[connection] = None
        return connection, ear

    def go(self, connection: Connection) -> None:
        connection.end()
        self.laps.connections.pop(connection, None)

    def put(self, *texts: bytes) -> None:
        for text in texts or (b"%d" % (self.laps.newest + 1),):
            self.laps.put(for_all(Frame(text)))


def follows(ear: Ear) -> bool:
    """Whether the numbers that were heard go on without a hole or a double."""
    numbers = [int(text) for text in ear.heard]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_room_of_one_chunk_is_told_before_put_returns() -> None:
    crowd = Crowd(CHUNK)
    crowd.put(b"hello")
    assert all(ear.heard == [b"0", b"hello"] for _, ear in crowd.here)
    assert not crowd.loop.ready


def test_a_large_room_is_told_in_chunks_and_the_loop_has_its_turn_in_between() -> None:
    crowd = Crowd(2 * CHUNK + 1)
    crowd.put()
    told = []
    while crowd.laps.running:
        told.append(sum(len(ear.heard) == 2 for _, ear in crowd.here))
        crowd.loop.turn()
    assert told == [CHUNK, 2 * CHUNK]
    assert all(ear.heard == [b"0", b"1"] for _, ear in crowd.here)


def test_a_frame_that_comes_during_a_lap_is_taken_along_in_one_write() -> None:
    crowd = Crowd(3 * CHUNK)
    crowd.put()
    crowd.put()
    crowd.loop.settle()
    assert all(follows(ear) and len(ear.heard) == 3 for _, ear in crowd.here)
    first, later = crowd.here[:CHUNK], crowd.here[CHUNK:]
    assert all(ear.writes == [[b"0"], [b"1"], [b"2"]] for _, ear in first)
    assert all(ear.writes == [[b"0"], [b"1", b"2"]] for _, ear in later)


def test_a_pin_in_the_middle_of_a_lap_of_chat_takes_one_lap_and_not_the_rest_of_that_too() -> None:
    crowd = Crowd(8 * CHUNK)
    crowd.put()
    for _ in range(4):
        crowd.loop.turn()
    crowd.put(b"2")
    turns = 0
    while any(ear.heard[-1] != b"2" for _, ear in crowd.here):
        crowd.loop.turn()
        turns += 1
    assert turns == 8
    writes = [len(ear.writes) for _, ear in crowd.here]
    assert writes == [3] * (5 * CHUNK) + [2] * (3 * CHUNK), "chat and pin in one write for the rest"


def test_who_can_not_take_joined_bytes_gets_frame_by_frame() -> None:
    crowd = Crowd(2 * CHUNK, joins=False)
    crowd.put()
    crowd.put()
    crowd.loop.settle()
    assert all(ear.writes == [[b"0"], [b"1"], [b"2"]] for _, ear in crowd.here)


def test_who_comes_during_a_lap_gets_exactly_what_follows_the_beginning() -> None:
    crowd = Crowd(3 * CHUNK)
    crowd.put()
    crowd.loop.turn()
    newcomer = crowd.come()
    assert newcomer[1].heard == [b"1"]
    crowd.loop.turn()
    crowd.put()
    later = crowd.come()
    crowd.put()
    crowd.loop.settle()
    assert newcomer[1].heard == [b"1", b"2", b"3"]
    assert later[1].heard == [b"2", b"3"]
    assert all(follows(ear) and len(ear.heard) == 4 for _, ear in crowd.here)


def test_who_is_not_live_yet_is_told_nothing() -> None:
    crowd = Crowd(2)
    waiting, ear = crowd.attach()
    crowd.put()
    assert ear.heard == []
    crowd.laps.welcome(waiting, Frame(b"1"))
    crowd.put()
    assert ear.heard == [b"1", b"2"]


def test_who_left_or_was_closed_during_a_lap_is_passed_over() -> None:
    crowd = Crowd(3 * CHUNK)
    crowd.put()
    left, closed = crowd.here[-1], crowd.here[-2]
    crowd.go(left[0])
    closed[0].close(Closing(CloseCode.NOT_ALLOWED))
    crowd.loop.settle()
    assert left[1].heard == closed[1].heard == [b"0"]
    assert all(ear.heard == [b"0", b"1"] for _, ear in crowd.here[:-2])


@pytest.mark.parametrize("joins", [True, False])
def test_a_socket_over_its_budget_is_closed_and_the_others_are_not_disturbed(joins: bool) -> None:
    crowd = Crowd(9, joins=joins)
    slow, full = crowd.here[4], crowd.here[7]
    slow[1].held, full[1].held = BUDGET, BUDGET + 1
    crowd.put()
    crowd.put()
    assert slow[1].closing is None
    assert full[1].closing == Closing(CloseCode.TOO_SLOW)
    assert full[0].closed
    assert full[1].heard == [b"0", b"1"], "nothing after the goodbye"
    assert all(ear.heard == [b"0", b"1", b"2"] for _, ear in crowd.here if ear is not full[1])


def test_a_socket_that_fails_does_not_end_the_lap() -> None:
    crowd = Crowd(9)
    crowd.here[4][1].broken = True
    crowd.put()
    assert crowd.here[4][0].closed
    assert all(ear.heard == [b"0", b"1"] for _, ear in crowd.here if not ear.broken)


def test_what_is_personal_comes_in_place_of_the_frame_and_after_what_was_lacking() -> None:
    crowd = Crowd(3 * CHUNK)
    crowd.put()
    near, far = crowd.here[0], crowd.here[-1]
    crowd.laps.put(for_all(Frame(b"all")), {each[0]: Frame(b"own") for each in (near, far)})
    crowd.loop.settle()
    assert near[1].heard == far[1].heard == [b"0", b"1", b"own"]
    assert crowd.here[1][1].heard == crowd.here[-2][1].heard == [b"0", b"1", b"all"]


def test_each_group_gets_its_own_frame() -> None:
    crowd = Crowd(4)
    for place, (connection, _) in enumerate(crowd.here):
        connection.group = place
    crowd.laps.put([Frame(b"%d" % group) for group in range(9)])
    assert [ear.heard[-1] for _, ear in crowd.here] == [b"0", b"1", b"2", b"3"]


def test_frames_are_kept_only_as_long_as_somebody_lacks_them() -> None:
    crowd = Crowd(3 * CHUNK)
    crowd.put()
    crowd.put()
    assert crowd.laps.kept == 2
    crowd.loop.settle()
    assert crowd.laps.kept == 0
    most = 0
    for _ in range(60):  # a frame for every chunk: the laps never end
        crowd.put()
        crowd.loop.turn()
        most = max(most, crowd.laps.kept)
    assert most <= 8
    crowd.loop.settle()
    assert crowd.laps.kept == 0
    assert all(follows(ear) for _, ear in crowd.here)


def test_an_empty_room_keeps_nothing() -> None:
    crowd = Crowd()
    crowd.put()
    assert not crowd.laps.running
    assert crowd.laps.kept == 0


def test_what_a_delivery_costs_is_learned() -> None:
    crowd = Crowd(50)
    assert crowd.laps.cost == EXPECTED_COST
    crowd.put()
    assert 0 < crowd.laps.cost != EXPECTED_COST


def chance(crowd: Crowd, seed: int) -> list[tuple[Connection, Ear]]:
    """Frames, newcomers and leavers at any moment of a lap; answers everybody who ever came."""
    dice = random.Random(seed)
    everybody = list(crowd.here)
    for _ in range(400):
        luck = dice.random()
        if luck < 0.35:
            crowd.put()
        elif luck < 0.55:
            everybody.append(crowd.come())
        elif luck < 0.62:
            waiting, ear = crowd.attach()
            crowd.loop.turn()
            crowd.laps.welcome(waiting, Frame(b"%d" % crowd.laps.newest))
            everybody.append((waiting, ear))
        elif luck < 0.75:
            connection, ear = dice.choice(everybody)
            crowd.go(connection)
        else:
            crowd.loop.turn()
    crowd.loop.settle()
    return everybody


@pytest.mark.parametrize("seed", range(8))
def test_by_chance_nobody_misses_a_frame_or_gets_one_twice(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.room.telling.CHUNK", 7)
    crowd = Crowd(40)
    for connection, ear in chance(crowd, seed):
        assert follows(ear)
        if not connection.closed:
            assert int(ear.heard[-1]) == crowd.laps.newest


def test_without_their_place_in_the_lap_newcomers_miss_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: newcomers who are told where they stand, and are not put into the lap that runs."""
    monkeypatch.setattr("streams.room.telling.CHUNK", 7)
    monkeypatch.setattr(
        Laps, "welcome", lambda self, connection, first: connection.go_live(first, self.newest)
    )
    behind = 0
    for seed in range(8):
        crowd = Crowd(40)
        everybody = chance(crowd, seed)
        behind += sum(
            int(ear.heard[-1]) != crowd.laps.newest for each, ear in everybody if not each.closed
        )
    assert behind
