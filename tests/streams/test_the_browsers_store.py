"""The browser's own store.js against the same stories as the Python reducer: snapshot + events = fresh snapshot."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, sync_playwright

import streams
from streams.room.protocol import EVENTS
from tests.streams.cases import STORIES, a_whole_show, as_json
from tests.streams.reducer import comparable
from tests.streams.world import Case, World

STATIC = Path(streams.__file__).parent / "static"
ORIGIN = "http://store.test"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

REPLAY = """
async (cases) => {
  const { createStore } = await import("/static/streams/store.js");
  return cases.map((each) => {
    const store = createStore();
    const gaps = each.frames.filter((frame) => store.apply(frame).gap).length;
    return { snapshot: store.snapshot(), me: store.state.me, gaps };
  });
}
"""
HANDLED = """
async (types) => {
  const source = await (await fetch("/static/streams/store.js")).text();
  return types.filter((type) => !source.includes(`"${type}"`));
}
"""


Evaluate = Callable[[str, Any], Any]


def serve(route: Route) -> None:
    """The project's static files, and nothing else."""
    path = route.request.url.removeprefix(ORIGIN).removeprefix("/static/")
    file = STATIC / path
    if path and file.is_file():
        route.fulfill(path=file, content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><title>store</title>", content_type="text/html")


@pytest.fixture(scope="module")
def in_chromium() -> Iterator[Evaluate]:
    """`in_chromium(script, argument)` evaluates in a page that can load the project's static files.

    In a thread of its own: Playwright's loop would make Django refuse database work in this one.
    """
    executable = os.environ.get("LIVESTORE_CHROMIUM") or next(
        filter(None, map(shutil.which, CHROMIUM)), None
    )
    if executable is None:
        pytest.fail("No Chromium was found: install Debian's `chromium` or Google Chrome.")
    with ThreadPoolExecutor(1) as thread:
        playwright = thread.submit(sync_playwright().start).result()

        def begin() -> Page:
            sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=executable, args=sandbox)
            page = browser.new_page()
            page.route("**/*", serve)
            page.goto(ORIGIN + "/")
            return page

        page = thread.submit(begin).result()
        yield lambda script, argument: thread.submit(page.evaluate, script, argument).result()
        thread.submit(playwright.stop).result()


@pytest.fixture
def world(db: None) -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_store_of_the_browser_ends_where_a_fresh_snapshot_begins(
    story: Callable[[World], list[Case]], world: World, in_chromium: Evaluate
) -> None:
    cases = story(world)
    answers = in_chromium(REPLAY, json.loads(as_json(cases)))
    for case, answer in zip(cases, answers, strict=True):
        assert answer["gaps"] == 0, case.name
        assert comparable(answer["snapshot"]) == comparable(case.expected), case.name
        if case.expected_me is not None:
            assert answer["me"]["cart"] == case.expected_me["cart"]
            assert answer["me"]["muted"] == case.expected_me["muted"]
            told = {order["order"]: order for order in answer["me"]["orders"]}
            for order in case.expected_me["orders"]:
                assert told[order["order"]] == order


def test_the_store_knows_every_declared_event(in_chromium: Evaluate) -> None:
    assert in_chromium(HANDLED, list(EVENTS)) == []


def test_a_skipped_event_is_a_gap_and_nothing_after_it_is_applied(
    world: World, in_chromium: Evaluate
) -> None:
    [case, *_] = a_whole_show(world)
    frames = json.loads(as_json([case]))[0]["frames"]
    logged = [
        (frame, event)
        for frame in frames
        for event in frame["events"]
        if event.get("seq") is not None and event["type"] != "room.snapshot"
    ]
    frame, missing = logged[1]
    frame["events"].remove(missing)
    [answer] = in_chromium(REPLAY, [{"frames": frames}])
    assert answer["gaps"] > 0


def test_an_older_word_about_what_is_left_is_ignored(world: World, in_chromium: Evaluate) -> None:
    case = next(
        case for story in STORIES for case in story(world) if case.expected["pinned"] is not None
    )
    [plain] = json.loads(as_json([case]))
    pinned = plain["expected"]["pinned"]
    variant = pinned["variants"][0]
    stale = json.loads(json.dumps(pinned))
    stale |= {"left": 999, "rev": pinned["rev"] - 1}
    stale["variants"][0] |= {"left": 999, "rev": variant["rev"] - 1}
    lines = [each | {"left": 999, "rev": each["rev"] - 1} for each in plain["expected"]["items"]]
    what = {"product": pinned["product"], "variant": pinned["variant"]}
    words = [
        ("stock.changed", {"variant": variant["id"], "left": 999}, variant["rev"] - 1),
        ("item.stock", what | {"left": 999}, pinned["rev"] - 1),
        ("item.changed", {"items": lines, "pinned": stale}, None),
    ]
    late = [
        {"type": type_, "at": 0, "data": data} | ({} if rev is None else {"rev": rev})
        for type_, data, rev in words
    ]
    fresh = {"type": "room.snapshot", "at": 0, "data": plain["expected"], "seq": 1}
    [answer] = in_chromium(REPLAY, [{"frames": [{"epoch": "e", "events": [fresh, *late]}]}])
    assert comparable(answer["snapshot"]) == comparable(case.expected)
