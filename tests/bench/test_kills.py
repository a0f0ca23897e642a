"""Kills: the plan, and what is made of the answers."""

from __future__ import annotations

from collections import Counter

from bench import kills

VICTIMS = ["web-1", "web-2", "postgres", "valkey"]


def test_the_same_seed_is_the_same_plan() -> None:
    assert kills.schedule(30, seed=7, victims=VICTIMS) == kills.schedule(
        30, seed=7, victims=VICTIMS
    )
    assert kills.schedule(30, seed=7, victims=VICTIMS) != kills.schedule(
        30, seed=8, victims=VICTIMS
    )


def test_each_kill_falls_within_its_own_span_at_another_moment() -> None:
    plan = kills.schedule(30, seed=1, victims=VICTIMS)
    spans = [int(kill.at // kills.EVERY) for kill in plan]
    assert spans == list(range(30))
    assert len({round(kill.at % kills.EVERY, 3) for kill in plan}) > 20


def test_every_victim_gets_its_turn() -> None:
    victims = Counter(kill.victim for kill in kills.schedule(30, seed=3, victims=VICTIMS))
    assert set(victims) == set(VICTIMS)
    assert min(victims.values()) >= 7


def test_one_turn_has_every_victim_once_in_another_order() -> None:
    plan = [kill.victim for kill in kills.schedule(8, seed=5, victims=VICTIMS)]
    assert sorted(plan[:4]) == sorted(plan[4:]) == sorted(VICTIMS)


def test_answers_are_orders_and_refusals_by_code() -> None:
    sold_out = {"ref": "b", "ok": False, "error": {"code": "sold_out"}}
    told = kills.read_answers(
        [
            (0, 900, {"ref": "a", "ok": True, "data": {"order": "ord_1", "status": "pending"}}),
            (1, 900, sold_out),
            (2, 900, sold_out),
            (3, 900, {"ref": "d", "ok": False, "error": {}}),
        ]
    )
    assert told.orders == ["ord_1"]
    assert told.refused == {"sold_out": 2, "unknown": 1}
