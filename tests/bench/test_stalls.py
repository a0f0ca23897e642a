"""When a sale stood still, and what was seen meanwhile."""

from __future__ import annotations

import os
import time

import psycopg
import pytest

from bench.stalls import Stall, Watch, stalls_of, told
from tests.bench.conftest import until


def test_slots_far_below_the_usual_pace_are_a_stall() -> None:
    pace = [0, 500, 700, 720, 10, 0, 30, 800, 690, 700, 0, 700, 40]
    assert stalls_of(pace) == [Stall(0.4, 0.3), Stall(1.0, 0.1)]


@pytest.mark.parametrize(
    "pace", [[], [0, 0], [5], [700, 650, 720, 10], [0, 0, 33, 700, 700, 700, 700]]
)
def test_neither_the_beginning_nor_the_last_slot_is_a_stall(pace: list[int]) -> None:
    assert stalls_of(pace) == []


def test_a_sale_that_never_goes_on_has_stalled_up_to_its_end() -> None:
    assert stalls_of([700, 700, 700, 700, 700, 0, 0, 0]) == [Stall(0.5, 0.2)]


def test_a_stall_is_explained_by_what_was_seen_most_while_it_lasted() -> None:
    watch = Watch("")
    began = 1_000_000_000_000
    for tenth, what in enumerate((["a"], ["b", "c"], ["b"], ["d"])):
        watch.looks.append((began + tenth * 100_000_000 + 1, what))
    found = watch.explain(Stall(0.1, 0.2), began)
    assert (found.at, found.seconds) == (0.1, 0.2)
    assert found.seen.split("; ") == ["b 2/2", "c 1/2"]
    assert str(found) == "0.2 s at 0.1 s (b 2/2; c 1/2)"
    assert watch.explain(Stall(9.0, 0.1), began).seen == ""


def test_a_program_that_holds_locks_is_named_as_what_is_waited_for() -> None:
    idle = told("client backend", "idle in transaction", "Client ClientRead", "SELECT 1 ")
    assert idle == "backend, waits for its program, SELECT 1"
    assert told("checkpointer", None, "IO DataFileSync", "") == "checkpointer, IO DataFileSync"


async def test_the_watch_sees_who_waits_and_who_is_waited_for() -> None:
    url = os.environ["DATABASE_URL"]
    with Watch(url) as watch, psycopg.connect(url) as holder:
        before = time.time_ns()
        holder.execute("SELECT pg_advisory_xact_lock(77)")

        def seen() -> bool:
            return any(
                "waits for its program, SELECT pg_advisory_xact_lock" in line
                for at, what in watch.looks
                if at > before
                for line in what
            )

        await until(seen)
        holder.rollback()
    assert seen()
    assert not watch._thread.is_alive()
