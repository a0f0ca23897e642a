"""Figures: counted without locks, told by every process, read as Prometheus reads them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from livestore.base import metrics, process, publishing
from livestore.base.metrics import MOST_LABELS, Family, Spread, Tally, exposition
from livestore.base.publishing import Publisher, everybody


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "REGISTRY", metrics.CollectorRegistry())


def read(text: bytes) -> dict[str, Metric]:
    return {each.name: each for each in text_string_to_metric_families(text.decode())}


def value(families: list[Family], name: str, **labels: str) -> float:
    return sum(
        sample[2]
        for family in families
        for sample in family[3]
        if sample[0] == name and labels.items() <= sample[1].items()
    )


def test_a_tally_is_a_counter_with_labels(own_registry: None) -> None:
    tally = Tally("t_bread", "Loaves.", ("kind",))
    tally.add(2, "rye")
    tally.add(1, "rye")
    tally.add(1, 'a "strange"\nkind')
    found = read(exposition({"web:h:1": metrics.families(), "web:h:2": metrics.families()}))
    samples = found["t_bread"].samples
    assert len(samples) == 4
    assert {each.labels["process"] for each in samples} == {"web:h:1", "web:h:2"}
    assert sum(each.value for each in samples if each.labels["kind"] == "rye") == 6
    assert any(each.labels["kind"] == 'a "strange"\nkind' for each in samples)


def test_label_values_are_bounded_whoever_chooses_them(own_registry: None) -> None:
    tally = Tally("t_bread", "Loaves.", ("kind",))
    for number in range(3 * MOST_LABELS):
        tally.add(1, str(number))
    assert len(tally.counts) == MOST_LABELS + 1
    assert tally.counts["other",] == 2 * MOST_LABELS
    assert tally.total() == 3 * MOST_LABELS


def test_a_spread_counts_many_as_it_counts_one_after_the_other(own_registry: None) -> None:
    bounds = (0.01, 0.1, 1.0)
    single, many = Spread("t_one", "One by one.", bounds), Spread("t_many", "Together.", bounds)
    dice = random.Random(3)
    for _ in range(50):
        values = sorted(
            dice.choice([0.0, 0.01, 0.05, 0.1, 0.5, 1.0, 3.0]) for _ in range(dice.randint(0, 9))
        )
        for each in values:
            single.observe(each)
        many.observe_rising(values)
    assert single.counts == many.counts
    assert single.sum == pytest.approx(many.sum)
    found = read(exposition({"web:h:1": metrics.families()}))
    buckets = [each.value for each in found["t_many"].samples if each.name == "t_many_bucket"]
    assert buckets == sorted(buckets)
    assert buckets[-1] == sum(many.counts)


def test_this_process_says_how_it_is() -> None:
    found = read(exposition({"python:h:1": metrics.families()}))
    for name in ("process_resident_memory_bytes", "process_open_fds", "process_max_fds"):
        assert found[name].samples[0].value > 0, name
    before = process.open_files()
    with open(__file__, encoding="utf-8"):
        assert process.open_files() == before + 1


def test_a_collection_in_the_middle_of_counting_does_no_harm() -> None:
    import gc

    before = process.figures.pauses.full
    gc.collect()
    assert process.figures.pauses.full == before + 1
    assert process.figures.pauses.longest > 0


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher("tests")
    made.start()
    yield made
    made.stop()


def publish_for(name: str, seconds_ago: int) -> None:
    """As if another process had done it then."""
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        server, _ = valkey.time()
        valkey.hset(publishing.KEY, name, b'[["t_x","gauge","X.",[["t_x",{},1.0]]]]')
        valkey.zadd(publishing.KEYS[1], {name: server - seconds_ago})


def test_processes_are_seen_for_ten_seconds_after_their_last_word(publisher: Publisher) -> None:
    publish_for("web:h:1", 0)
    publish_for("web:h:2", publishing.LIVES - 2)
    publish_for("web:h:3", publishing.LIVES + 1)
    seen = everybody()
    assert seen.complete
    assert set(seen.processes) == {process.name(), "web:h:1", "web:h:2"}
    assert value(seen.processes["web:h:1"], "t_x") == 1
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        assert not valkey.hexists(publishing.KEY, "web:h:3")  # and it is swept up


def test_without_valkey_a_process_tells_its_own(publisher: Publisher, settings: Any) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    seen = everybody()
    assert not seen.complete
    assert list(seen.processes) == [process.name()]
    assert value(seen.processes[process.name()], "process_open_fds") > 0


@pytest.mark.django_db
def test_the_page_is_for_who_shows_the_token(
    client: Client, settings: Any, publisher: Publisher
) -> None:
    settings.DEMO = False
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = "a-long-token"
    for shown in ("", "Bearer", "Bearer wrong", "Basic a-long-token", "Bearer a-long-token2"):
        assert client.get("/metrics", headers={"authorization": shown}).status_code == 404
    page = client.get("/metrics", headers={"authorization": "Bearer a-long-token"})
    assert page.status_code == 200
    assert read(page.content)["process_open_fds"].samples[0].labels["process"] == process.name()


@pytest.mark.django_db
def test_in_the_demo_this_machine_needs_none(client: Client, publisher: Publisher) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 404
