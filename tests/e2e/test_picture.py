"""The picture from the camera to the eye, in the whole product: it plays, and comes back whatever is killed."""

from __future__ import annotations

import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import m3u8
from playwright.sync_api import Page

from bench.picture.sources import children
from livestore.stack.launch import Demo
from tests.e2e.conftest import PHONE
from tests.e2e.rooms import host_api, live_show, run
from tests.e2e.test_first_sale import process_of

Visitor = Callable[..., Page]
PLAYED = "() => document.querySelector('#stage video')?.currentTime ?? 0"
SOUND = "() => document.querySelector('#stage video').webkitAudioDecodedByteCount"


async def filmed_show(demo: Demo, product: int, title: str) -> str:
    """A live show with one product on air, filmed by the simulated camera."""
    async with host_api(demo) as api:
        slug = await live_show(api, product, title=title)
        await api.call("POST", f"/shows/{slug}/picture/source", {"source": "simulated"})
        await api.call(
            "POST", f"/shows/{slug}/commands", {"type": "item.pin", "data": {"number": 1}}
        )
        return slug


async def end(demo: Demo, slug: str) -> None:
    async with host_api(demo) as api:
        await api.call("POST", f"/shows/{slug}/commands", {"type": "show.end", "data": {}})


def goes_on(page: Page, seconds: float = 1.5) -> None:
    """The picture advances by so much from where it is now."""
    begun = page.evaluate(PLAYED)
    page.wait_for_function(f"() => ({PLAYED})() > {begun + seconds}", timeout=20_000)


def stands_still(page: Page) -> None:
    """The last part has been played: the time has not moved for a second."""
    page.evaluate("window.stood = [-1, 0]")
    page.wait_for_function(
        f"""() => {{
            const at = ({PLAYED})();
            if (window.stood[0] !== at) window.stood = [at, performance.now()];
            return performance.now() - window.stood[1] > 1000;
        }}""",
        timeout=20_000,
    )


def camera_of(demo: Demo, slug: str) -> int:
    """The process that draws and encodes this show: a child of the crew, which films other tests' shows too."""
    for pid in children(demo.pids()["camera"]):
        if slug in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
            return pid
    raise AssertionError(f"nobody films {slug}")


def gaps_of(media: str) -> list[float]:
    """Seconds between one take and the next, in the replay as it is now; nothing as long as there is none."""
    try:
        with urllib.request.urlopen(f"{media}/replay.json") as answer:
            takes = json.load(answer)["timeline"]
    except urllib.error.HTTPError:
        return []
    return [each["gap_before_seconds"] for each in takes[1:]]


def test_the_picture_comes_back_whatever_is_killed_and_the_recording_says_what_is_missing(
    demo: Demo, visitor: Visitor, stocked: Callable[..., dict[str, Any]]
) -> None:
    product = stocked("filmed-comb", stock=20)
    slug = run(filmed_show(demo, product["id"], "Filmed without a break"))
    viewer = visitor(size=PHONE)
    web = process_of(viewer, f"/shows/{slug}/")
    viewer.evaluate("window.neverReloaded = true")
    goes_on(viewer)
    viewer.wait_for_function(f"() => ({SOUND})() > 0", timeout=20_000)

    os.kill(camera_of(demo, slug), signal.SIGKILL)
    stands_still(viewer)
    goes_on(viewer)

    # It is back before what the player holds has been played.
    demo.kill("valkey")
    goes_on(viewer, 5)

    os.kill(web, signal.SIGKILL)
    goes_on(viewer, 3)
    assert viewer.evaluate("window.neverReloaded")

    run(end(demo, slug))
    viewer.wait_for_function("() => document.querySelector('#room').dataset.state === 'ended'")
    media = f"{demo.origin}/media/shows/{slug}"
    demo.wait_for(lambda: len(gaps_of(media)) == 1, 20, "the last take to be closed")
    assert gaps_of(media)[0] > 0, "what was not filmed is told"
    with urllib.request.urlopen(f"{media}/replay/source.m3u8") as answer:
        replay = m3u8.loads(answer.read().decode())
    assert replay.is_endlist
    assert sum(bool(each.discontinuity) for each in replay.segments) == 1
    seconds = sum(each.duration for each in replay.segments)
    with av.open(f"{media}/replay.m3u8") as film:
        frames = sum(1 for _ in film.decode(video=0))
    assert abs(frames / 24 - seconds) < 1.5, "all of it can be decoded"
