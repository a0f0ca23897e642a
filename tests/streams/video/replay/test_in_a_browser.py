"""A show that is over, in Chromium, from a real web process: it plays, jumps, and sells at the price of today."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import m3u8
import pytest
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright

from livestore.base import threads
from livestore.base.money import Money
from shop.catalogue import services as catalogue
from streams.models import ArchivedEvent, Show
from streams.room import archive
from streams.shows import services
from streams.video.models import Take
from tests.e2e.conftest import CHROMIUM, Watch
from tests.streams.acts import say
from tests.streams.room.conftest import serving
from tests.streams.video.filming import BEGAN_AT, film, moment, recorded
from tests.streams.video.player import browser
from tests.streams.world import EVENING, World

TIME = "document.querySelector('.replay__film').currentTime"


@pytest.fixture
def replay(transactional_db: None) -> Show:
    """Two takes of three seconds, a minute apart; number 1 on air in the first, number 2 in the second."""
    world = World()
    for number, words in ((1, "Good evening"), (2, "Is it silk?")):
        services.pin(show_slug=EVENING, by=world.hana, number=number)
        world.relay()
        say(world, words)
    services.end(show_slug=EVENING, by=world.hana)
    world.relay()
    archive.archive_room(EVENING)
    world.close()
    at = BEGAN_AT - 5_000
    for event in ArchivedEvent.objects.filter(show__slug=EVENING).order_by("seq"):
        if event.type == "item.pinned":
            at = BEGAN_AT + {1: -200, 2: 60_200}[event.data["item"]["number"]]
        elif event.type == "item.unpinned":
            at = BEGAN_AT + 90_000
        event.at = moment(at)
        event.save()
        at += 500
    catalogue.update_variant(variant=world.variant(1), by=None, price=Money(2400, "EUR"))
    show = world.show()
    recorded(show, film(3, at=BEGAN_AT, audio=False))
    recorded(show, film(3, at=BEGAN_AT + 60_000, take=2, msn=500, audio=False))
    return show


def watch(page: Page, origin: str) -> None:
    pinned, chat = page.locator("#pinned"), page.locator("#chat")
    page.goto(f"{origin}/shows/{EVENING}/")
    expect(page.locator("#state-badge")).to_have_text("Replay")
    expect(pinned).to_contain_text("Lipstick")
    page.get_by_role("button", name="Play the replay").click()
    expect(chat).to_contain_text("Good evening")
    expect(chat).not_to_contain_text("silk")
    expect(page.get_by_role("status").filter(has_text="No picture for 57 s here")).to_be_visible()
    expect(pinned).to_contain_text("Bonnet")  # the second take plays by itself

    page.locator(".item[data-number='1'] .moment").first.click()
    expect(pinned).to_contain_text("Lipstick")
    expect(chat).not_to_contain_text("silk")
    assert page.evaluate(TIME) < 3

    page.keyboard.press("8")
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(chat).to_contain_text("Is it silk?")
    expect(pinned).to_contain_text("Then €12.99")
    expect(pinned).to_contain_text("today €24.00")
    expect(page).to_have_url(f"{origin}/shows/{EVENING}/?t=4")
    page.get_by_role("button", name="Buy today: Bonnet").click()
    expect(page.get_by_role("dialog", name="Bonnet")).to_contain_text("24.00")


def read_by_another_player(origin: str) -> int:
    """Frames that PyAV's own HLS reader finds by the playlists, over HTTP."""
    import av

    address = f"{origin}/media/shows/{EVENING}/replay.m3u8"
    with av.open(address) as container:
        return sum(1 for _ in container.decode(video=0))


def test_a_replay_is_watched_and_bought_from(
    replay: Show, tmp_path: Path, django_db_blocker: Any
) -> None:
    with serving(django_db_blocker, tmp_path, LIVESTORE_DATA=str(tmp_path)) as web:

        def work() -> list[str]:
            with sync_playwright() as playwright:
                chromium = browser.start(playwright, CHROMIUM)
                page = chromium.new_page(viewport={"width": 1440, "height": 900})
                page.set_default_timeout(15_000)
                seen = Watch(page)
                watch(page, web.origin)
                chromium.close()
                return seen.problems

        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(work).result() == []
        frames = read_by_another_player(web.origin)
        assert frames > 72 * 1.75  # both takes; where they change ffmpeg leaves out some frames
        found = m3u8.load(f"{web.origin}/media/shows/{EVENING}/replay/source.m3u8")
        assert [each.discontinuity for each in found.segments] == [False, True]


def test_a_recording_that_was_removed_is_said_plainly(replay: Show) -> None:
    Take.objects.filter(show=replay).update(removed_at=moment(BEGAN_AT))

    page = Client().get(f"/shows/{EVENING}/")
    assert '"replay": false' in page.text
    assert '"replay_gone": true' in page.text
    assert "replay.css" not in page.text
    threads.stop()


def test_the_start_page_lists_replays_with_their_length(replay: Show) -> None:
    page = Client().get("/").text

    assert "Replays" in page
    assert "0:06" in page
