"""A snapshot and the events after it are worth a fresh snapshot: for every event type, in any order of relaying."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from livestore.base.outbox import OutboxRow, PendingFact
from shop.facts import PATIENT
from streams.room.protocol import EVENTS
from streams.shows import services
from tests.streams.acts import buy, start_deal
from tests.streams.cases import STATELESS, STORIES, a_whole_show, as_json, recorded
from tests.streams.reducer import Gap, Json, Reducer, comparable
from tests.streams.relaying import pending
from tests.streams.world import EVENING, MORNING, Case, World


@pytest.fixture
def world(db: None) -> Iterator[World]:
    made = World()
    yield made
    made.close()


def replay(case: Case) -> Reducer:
    reducer = Reducer()
    for frame in case.frames:
        reducer.take(frame)
    return reducer


def assert_same(case: Case) -> set[str]:
    """The case holds; returns the event types that were received."""
    reducer = replay(case)
    assert comparable(reducer.snapshot()) == comparable(case.expected), case.name
    if case.expected_me is not None:
        assert reducer.me is not None
        assert reducer.me["cart"] == case.expected_me["cart"]
        assert reducer.me["muted"] == case.expected_me["muted"]
        told = {order["order"]: order for order in reducer.me["orders"]}
        for order in case.expected_me["orders"]:
            assert told[order["order"]] == order
    return reducer.seen


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_snapshot_and_its_events_equal_a_fresh_snapshot(
    story: Callable[[World], list[Case]], world: World
) -> None:
    cases = recorded(story, world)
    assert len(cases) >= 1
    for case in cases:
        assert_same(case)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
@pytest.mark.parametrize("turn", [2, 5])
def test_the_same_when_stock_waits_for_its_turn_and_everything_else_goes_before_it(
    story: Callable[[World], list[Case]], turn: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the relay's lane of the rooms does it in a sale: what is patient is told at every `turn`-th look only."""
    looks = itertools.count(1)
    passed = 0

    def paced() -> list[PendingFact]:
        nonlocal passed
        facts = pending()
        if next(looks) % turn == 0:
            return facts
        others = [fact for fact in facts if fact.kind not in PATIENT]
        passed += facts[: len(others)] != others
        return others or facts

    monkeypatch.setattr("tests.streams.world.pending", paced)
    for case in story(world):
        assert_same(case)
    if story is a_whole_show:
        assert passed, "nothing went before an older fact about stock: this shows nothing"


def test_every_declared_event_type_has_a_case(world: World) -> None:
    seen = set().union(*(assert_same(case) for case in recorded(a_whole_show, world)))
    # The run of show changes in the show's last moment too, so one story has them all.
    assert seen == set(EVENTS)
    assert set(EVENTS) > STATELESS


def test_the_cases_can_be_written_down_for_a_browser(world: World) -> None:
    import json

    cases = recorded(a_whole_show, world)
    again = [Case(**each) for each in json.loads(as_json(cases))]
    assert again == cases


def test_an_undeclared_event_fails(world: World) -> None:
    world.enter(EVENING)
    [case] = world.cases("made up")
    case.frames.append(
        {"epoch": world.epochs[EVENING], "events": [{"type": "made.up", "at": 0, "data": {}}]}
    )
    with pytest.raises(AttributeError, match="made_up"):
        replay(case)


def test_a_missing_event_is_noticed(world: World) -> None:
    world.enter(EVENING)
    for number in (1, 2, 3):
        services.pin(show_slug=EVENING, by=world.hana, number=number)
        world.relay()
    [case] = world.cases("with a hole")
    del case.frames[2]
    with pytest.raises(Gap):
        replay(case)


def test_the_comparison_notices_a_wrong_stock(world: World) -> None:
    """The control: events that are not heard make the comparison fail."""
    services.pin(show_slug=EVENING, by=world.hana, number=1)
    world.relay()
    world.enter(EVENING)
    buy(world, world.variant(0, 0).pk, 2)
    [case] = world.cases("deaf")
    for frame in case.frames[1:]:
        frame["events"] = [e for e in frame["events"] if e["type"] != "stock.changed"]
    with pytest.raises(AssertionError):
        assert_same(case)


class Held:
    """A service call in another connection, whose transaction commits only when it is let go."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self._written, self._go = threading.Event(), threading.Event()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(act,))
        self._thread.start()
        assert self._written.wait(10)

    def _run(self, act: Callable[[], Any]) -> None:
        try:
            with transaction.atomic():
                act()
                self._written.set()
                self._go.wait(10)
        except BaseException as problem:
            self._problem = problem
            self._written.set()
        finally:
            connection.close()

    def commit(self) -> None:
        self._go.set()
        self._thread.join(10)
        if self._problem is not None:
            raise self._problem


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_comes_late_is_told_late_and_rightly() -> None:
    """An older fact becomes visible after a younger one was announced, of the same product in two shows."""
    world = World()
    try:
        rosewood, plum = world.variant(0, 0).pk, world.variant(0, 1).pk
        services.pin(show_slug=EVENING, by=world.hana, number=1)
        services.pin(show_slug=MORNING, by=world.hana, number=4)
        world.relay()
        for slug in (EVENING, MORNING):
            world.enter(slug)
        first = Held(lambda: start_deal(world, rosewood, EVENING))
        buy(world, plum, 2, MORNING)
        world.relay()
        for slug in (EVENING, MORNING):
            world.enter(slug)
        second = Held(lambda: services.pin(show_slug=MORNING, by=world.hana, number=3))
        held = set(OutboxRow.objects.values_list("id", flat=True))
        first.commit()
        assert set(OutboxRow.objects.values_list("id", flat=True)) > held
        buy(world, rosewood, 1, EVENING)
        world.relay(2)
        second.commit()
        world.relay(1)
        for case in world.cases("late commits"):
            assert_same(case)
    finally:
        world.close()


def test_viewers_of_other_shows_hear_of_shared_stock_only(world: World) -> None:
    world.enter(MORNING)
    services.pin(show_slug=EVENING, by=world.hana, number=1)
    buy(world, world.variant(0, 0).pk, 1, EVENING)
    [case] = world.cases("next door")
    events: list[Json] = [e for frame in case.frames[1:] for e in frame["events"]]
    assert {event["type"] for event in events} == {"stock.changed", "item.stock"}
    assert_same(case)
