"""The browser's replay_history.js and replay_film.js: any moment of a show is the room that a newcomer had then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from streams.video.replay.books import facts
from streams.video.replay.timeline import read_reel, timeline
from tests.streams.reducer import comparable
from tests.streams.test_the_browsers_store import in_chromium  # noqa: F401
from tests.streams.video.filming import BEGAN_AT, film
from tests.streams.video.replay.test_history import ADDRESS, Story, tell
from tests.streams.video.replay.test_timeline import FIRST, SECOND, on_disk
from tests.streams.world import World

Evaluate = Callable[[str, Any], Any]
LIVED = """
async ({ answers, moments, jumps, step }) => {
  const { createStore } = await import("/static/streams/store.js");
  const { createHistory } = await import("/static/streams/replay_history.js");
  const get = async (path, query) => {
    if (path === "start") return structuredClone(answers.start);
    if (path === "moment") return structuredClone(answers.moments[query.at]);
    const events = answers[query.lane].filter((each) => each.place > query.after);
    const page = structuredClone(events.slice(0, 3));
    return { events: page, next: events.length > 3 ? page.at(-1).place : null };
  };
  const store = createStore();
  const history = createHistory({ get, store });
  await history.load();
  const seen = {};
  if (jumps) {
    for (const at of jumps) {
      await history.seek(at);
      seen[at] = store.snapshot();
    }
    return seen;
  }
  await history.seek(moments[0]);
  for (let at = moments[0]; at <= moments.at(-1); at += step) {
    history.advance(at);
    await new Promise((resolve) => setTimeout(resolve)); // the next page comes
    history.advance(at);
    if (moments.includes(at)) seen[at] = store.snapshot();
  }
  return seen;
}
"""
PLACES = """
async ({ told, positions, walls }) => {
  const module = await import("/static/streams/replay_film.js");
  const { unfold, wallOf, positionOf, chapterAt, gapAt, parsePosition, duration, face } = module;
  const film = unfold(told, "http://store.test/media/shows/x/");
  return {
    walls: positions.map((each) => wallOf(film, each)),
    positions: walls.map((each) => positionOf(film, each)),
    segments: film.segments.map(({ start, end, from, bytes, at }) => [start, end, from, bytes, at]),
    url: film.takes[1].url,
    chapters: [0, 1.5, 4.9].map((each) => chapterAt(film, each)?.number ?? null),
    gap: [2.9, 3.1, 8].map((each) => gapAt(film, each)?.seconds ?? null),
    typed: ["95", "1m35s", "1:35", "1:00:01", "soon", ""].map(parsePosition),
    words: [duration(12.4), duration(270), duration(4800), face(65.2), face(3725)],
  };
}
"""


@pytest.fixture
def world(db: None) -> Iterator[World]:
    made = World()
    yield made
    made.close()


def answers(story: Story) -> dict[str, Any]:
    """What the server tells of the show, as the browser asks for it."""
    client = Client()

    def get(path: str, **query: Any) -> Any:
        return client.get(f"{ADDRESS}/{path}", query).json()

    walls = [BEGAN_AT + seq * 1000 for seq, _ in story.seen]
    return {
        "start": get("start"),
        "room": get("events", lane="room")["events"],
        "talk": get("events", lane="talk")["events"],
        "moments": {str(wall): get("moment", at=wall) for wall in walls},
    }


def as_shown(state: dict[str, Any]) -> dict[str, Any]:
    """A snapshot without what no archive has: who was there, how many were left, and what was deleted since."""
    plain = comparable(state)
    plain.pop("counts")
    plain["chat"] = [
        each["text"] for each in plain["chat"] if each["text"] and "rude" not in each["text"]
    ]
    for item in [*plain["items"], *filter(None, [plain["pinned"]])]:
        item.pop("left")
        item.pop("rev")
        for variant in item.get("variants", []):
            for name in ("left", "deal_left", "rev"):
                variant.pop(name)
    for deal in plain["deals"]:
        deal.pop("left")
    return plain


def test_every_moment_of_the_replay_is_the_room_of_then(
    world: World,
    in_chromium: Evaluate,  # noqa: F811
) -> None:
    story = tell(world)
    story.end()
    told = answers(story)
    walls = [BEGAN_AT + seq * 1000 for seq, _ in story.seen]
    expected = {str(w): as_shown(data) for w, (_, data) in zip(walls, story.seen, strict=True)}

    back_and_forth = [*walls, *walls[::-1]]
    jumped = in_chromium(LIVED, {"answers": told, "jumps": back_and_forth})
    watched = in_chromium(LIVED, {"answers": told, "moments": walls, "step": 1000})

    for seen in (jumped, watched):
        assert {wall: as_shown(state) for wall, state in seen.items()} == expected


def test_the_browser_finds_the_same_places_as_the_server(
    tmp_path: Path,
    in_chromium: Evaluate,  # noqa: F811
) -> None:
    on_disk(tmp_path, film(3, at=FIRST, msn=100), 1)
    on_disk(tmp_path, film(2, at=SECOND, msn=200, take=2), 2)
    reels = [read_reel(tmp_path, ordinal) for ordinal in (1, 2)]
    line = timeline(reel for reel in reels if reel)
    chapters = [{"number": 1, "t": 0.0, "until": 1.5}, {"number": 2, "t": 1.5, "until": 4.0}]
    walls = [FIRST - 9_000, FIRST, FIRST + 2_500, FIRST + 9_000, SECOND + 500]

    found = in_chromium(
        PLACES, {"told": facts(line, chapters), "positions": [0, 2.5, 3, 4.75], "walls": walls}
    )

    assert found["walls"] == [FIRST, FIRST + 2_500, SECOND, SECOND + 1_750]
    assert found["positions"] == pytest.approx([line.position(wall) for wall in walls])
    segments = [each for entry in line.entries for each in entry.reel.segments]
    assert [each[2:] for each in found["segments"]] == [
        [s.offset, s.length, s.at] for s in segments
    ]
    assert found["url"] == "http://store.test/media/shows/x/takes/2.mp4"
    assert found["chapters"] == [1, 2, None]
    assert found["gap"] == [None, 12, None]
    assert found["typed"] == [95, 95, 95, 3601, None, None]
    assert found["words"] == ["12 s", "5 min", "1 h 20 min", "1:05", "1:02:05"]
