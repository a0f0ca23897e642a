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
from tests.streams.cases import STORIES, a_whole_show, as_json, recorded
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
FOLLOW = """
async ({ first, frames }) => {
  const { createStore } = await import("/static/streams/store.js");
  const store = createStore();
  store.apply(first);
  return frames.map((frame) => {
    const { gap, changed } = store.apply(frame);
    const { seq, leftOut, chat } = store.state;
    return { gap, busy: changed.has("busy"), seq, leftOut, chat: chat.map((each) => each.seq) };
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
    cases = recorded(story, world)
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
    [case, *_] = recorded(a_whole_show, world)
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


def test_what_a_busy_chat_left_out_is_counted_and_is_no_gap(
    world: World, in_chromium: Evaluate
) -> None:
    [case, *_] = recorded(a_whole_show, world)
    [plain] = json.loads(as_json([case]))
    first = {"type": "room.snapshot", "at": 0, "data": plain["expected"] | {"chat": []}, "seq": 10}

    def frame(*seqs: int, **more: int) -> dict[str, Any]:
        said = {"user": {"id": 1, "name": "Mina", "role": "viewer"}, "text": "hello"}
        told = [{"type": "chat.message", "at": 1, "data": said, "seq": seq} for seq in seqs]
        return {"epoch": "e", "events": told, **more}

    frames = [
        frame(11, 12),
        frame(14, 17, through=20, left_out=6),
        frame(14, 17, through=20, left_out=6),  # told once more
        frame(through=25, left_out=5),  # all of it was left out
        frame(26),
        frame(29, 31, through=31, left_out=2),  # 27, or 28, or 30 is missing
        frame(through=40, left_out=1) | {"epoch": "another"},
        frame(29, through=31, left_out=4),
    ]
    question = {"first": {"epoch": "e", "events": [first]}, "frames": frames}
    answers = in_chromium(FOLLOW, question)
    assert [each["seq"] for each in answers] == [12, 20, 20, 25, 26, 26, 26, 31]
    assert [each["leftOut"] for each in answers] == [0, 6, 6, 11, 11, 11, 11, 15]
    assert [each["gap"] for each in answers] == [False] * 5 + [True, False, False]
    assert [each["busy"] for each in answers] == [False, True, False, True, *[False] * 3, True]
    assert answers[-1]["chat"] == [11, 12, 14, 17, 26, 29]
