"""The operator's page: who may see it, what it sums up, and what it says should be done."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from livestore.base.metrics import Family
from livestore.base.publishing import Publisher, Seen
from livestore.overview import Overview
from tests import cast

PAGE, FIGURES = "/admin/operations/", "/admin/operations/figures.json"


def family(name: str, *samples: tuple[dict[str, str], float]) -> Family:
    return (name, "gauge", "", [(name, labels, value) for labels, value in samples])


def one(name: str, value: float, **labels: str) -> Family:
    return family(name, (labels, value))


WELL: dict[str, list[Family]] = {
    "web-1:h:10": [one("process_open_fds", 100), one("process_max_fds", 20_000)],
    "relay:h:11": [one("livestore_outbox_oldest_seconds", 0.2)],
    "worker:h:12": [],
}


def overview(*, complete: bool = True, **more: list[Family]) -> Overview:
    """Processes by name with `__` for `:`, besides those that are well."""
    return Overview(
        Seen(WELL | {name.replace("__", ":"): found for name, found in more.items()}, complete)
    )


def warnings(*, complete: bool = True, **more: list[Family]) -> list[str]:
    return list(overview(complete=complete, **more).warnings())


@pytest.mark.django_db
def test_only_staff_with_the_permission_may_see_it() -> None:
    hana = cast.hana()
    client = Client()
    for path in (PAGE, FIGURES):
        assert client.get(path).status_code == 302  # to the login
    client.force_login(hana)
    assert client.get(PAGE).status_code == 302
    hana.is_staff = True
    hana.save()
    assert client.get(PAGE).status_code == 403
    assert client.get(FIGURES).status_code == 403
    assert PAGE not in client.get("/admin/").content.decode()
    hana.user_permissions.add(Permission.objects.get(codename="view_operations"))
    assert client.get(PAGE).status_code == 200
    assert client.get(FIGURES).status_code == 200
    assert PAGE in client.get("/admin/").content.decode()


@pytest.mark.django_db
def test_the_figures_are_those_of_now() -> None:
    ada = cast.ada()
    client = Client()
    client.force_login(ada)
    publisher = Publisher("web")
    publisher.start()
    try:
        answer = client.get(FIGURES)
    finally:
        publisher.stop()
    assert "no-store" in answer.headers["Cache-Control"]
    [process] = answer.json()["processes"]
    assert process["name"] == "web"
    assert process["files"] > 0
    assert process["memory"] > 1_000_000


def test_rooms_and_sums_are_those_of_all_processes() -> None:
    def web(viewers: int, tick: float, placed: int) -> list[Family]:
        return [
            one("livestore_room_sockets", viewers, room="evening-edit"),
            one("livestore_room_tick_seconds", tick, room="evening-edit"),
            family("livestore_orders_total", ({"outcome": "placed"}, placed), ({"outcome": "sold_out"}, 1)),
        ]  # fmt: skip

    found: dict[str, Any] = overview(web__h__1=web(30, 0.1, 5), web__h__2=web(40, 0.3, 6)).as_json()
    assert found["rooms"] == [{"room": "evening-edit", "viewers": 70, "tick": 0.3}]
    assert found["sale"]["orders"] == 11
    assert found["sale"]["outcomes"] == {"placed": 11, "sold_out": 2}
    names = [each["name"] for each in found["processes"]]
    assert names == ["web-1", "web 1", "web 2", "relay", "worker"]


def test_a_house_that_is_well_has_nothing_to_say() -> None:
    assert warnings() == []


def test_full_processes_are_named_before_they_are_full() -> None:
    full = [one("process_open_fds", 17_800), one("process_max_fds", 20_000)]
    assert warnings(**{"web-2__h__9": full}) == [
        "web-2 has 17,800 of 20,000 open files: start another web process."
    ]
    assert warnings(**{"relay__h__9": full}) == [
        "relay 9 has 17,800 of 20,000 open files: raise its limit of open files."
    ]


def test_what_is_late_or_piles_up_is_said_with_what_to_do() -> None:
    assert warnings(web__h__9=[one("livestore_loop_lag_max_seconds", 0.84)]) == [
        "web was 0.8 s late with its work: start another web process."
    ]
    behind = [
        one("livestore_outbox_oldest_seconds", 12.3),
        one("livestore_outbox_facts", 4_321),
        one("livestore_payments_pending", 2_345),
        one("livestore_jobs_waiting", 9_999),
    ]
    assert warnings(relay__h__9=behind) == [
        "The relay is 12 s behind with 4,321 facts: look at its log and its core.",
        "2,345 payments wait for an answer: start another worker.",
        "9,999 tasks wait for a worker: start another one.",
    ]


def test_who_is_missing_is_named_and_valkey_away_is_not_mistaken_for_it() -> None:
    nobody = Overview(Seen({}, complete=True))
    assert [each.split(",")[0] for each in nobody.warnings()] == [
        "No relay is running",
        "No worker is running",
    ]
    alone = list(Overview(Seen({}, complete=False)).warnings())
    assert len(alone) == 1
    assert alone[0].startswith("Valkey does not answer")
