"""The report of the sale: what is promised, when, and against whom."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bench import checkout, rivals
from bench.rush import Size
from bench.scenario import Options, Report

WHOLE = Size()
WRONG = ["oversold", "unsold", "outside", "lost", "other", "cut", "room_lost", "wrong"]
RUSH = {
    "seconds": 2.0,
    **dict.fromkeys(WRONG, 0),
    "paid_s": 30.0,
}


def report(**rows: dict[str, Any]) -> Report:
    names = {"steady": checkout.STEADY, "rush": checkout.RUSH, "http": checkout.HTTP}
    found = Report("checkout", "Sale", checkout.COLUMNS, compare="orders_s")
    for name, values in rows.items():
        found.add(names.get(name, name), "", values)
    return found


def verdicts(found: Report, size: Size = WHOLE) -> dict[str, bool]:
    checkout.promise(found, size)
    return {check.what: check.met for check in found.checks}


def test_a_good_rush_keeps_every_promise() -> None:
    assert all(verdicts(report(rush=RUSH)).values())


@pytest.mark.parametrize("wrong", WRONG)
def test_one_of_anything_wrong_breaks_a_promise(wrong: str) -> None:
    assert list(verdicts(report(rush=RUSH | {wrong: 1})).values()).count(False) == 1


def test_payments_that_never_came_are_not_a_figure_that_is_missing() -> None:
    found = verdicts(report(rush=RUSH | {"paid_s": None}))
    assert found["seconds until all are paid"] is False


def test_the_time_of_a_smaller_rush_is_not_held_against_the_headline() -> None:
    small = Size(buyers=600, units=500)
    assert "seconds to the last durable answer" in verdicts(report(rush=RUSH))
    assert "seconds to the last durable answer" not in verdicts(report(rush=RUSH), small)


def test_nothing_is_promised_of_what_was_not_measured() -> None:
    assert verdicts(report(**{"django-oscar": {"orders_s": 80.0}})) == {}


def test_ratios_are_against_the_best_of_each_kind() -> None:
    found = report(
        steady={"orders_s": 9_000.0, "p99": 90.0, "lost": 0},
        **{
            "pgbench, one by one": {"orders_s": 10_000.0},
            "pgbench, 200 at once": {"orders_s": 90_000.0},
            "naive, gunicorn": {"orders_s": 1_000.0},
            "naive, Daphne": {"orders_s": 100.0},
            "django-oscar": {"orders_s": 90.0},
        },
    )
    checkout.promise(found, WHOLE)
    values = {check.what: check.value for check in found.checks}
    assert values["times the best unbatched pgbench"] == pytest.approx(0.9)
    assert values["times the best naive view"] == pytest.approx(9.0)
    assert values["times django-oscar"] == pytest.approx(100.0)
    assert any("10%" in note for note in found.notes)


def test_a_peer_that_can_not_be_run_is_one_note_however_often_it_was_tried() -> None:
    found = report()
    for _ in range(3):
        rivals.take(found, {"left_out": "oscar is left out: no packages."})
    rivals.take(found, ["naive, Daphne", "how it differs", {"orders_s": 100.0}])
    assert found.notes == ["oscar is left out: no packages."]
    assert found.number("naive, Daphne", "orders_s") == 100.0


def test_sizes_follow_the_number_of_buyers() -> None:
    whole, small = checkout.size_of(Options()), checkout.size_of(Options(viewers=600, seconds=2))
    assert (whole.buyers, whole.units, whole.sockets) == (18_000, 15_000, 1_000)
    assert (small.buyers, small.units, small.sockets, small.seconds) == (600, 500, 600, 2)


async def test_a_part_that_takes_too_long_breaks_a_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    async def for_ever(*_: Any, **__: Any) -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(checkout, "PART_WITHIN", 0.0)
    monkeypatch.setattr(checkout.rush, "in_a_row", for_ever)
    said: list[str] = []
    options = Options(only=("steady",), runs=2, seconds=0.01)
    found = await checkout.run(options, said.append)
    [late] = [check for check in found.checks if check.what == "parts that took too long"]
    assert (late.value, late.met) == (2, False)
    assert sum("took too long" in note for note in found.notes) == 2


def test_the_disk_is_measured_by_writes_that_last() -> None:
    assert checkout.durable_write(5) > 0
