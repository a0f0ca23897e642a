"""The picture from the camera to the eye, in the whole product: it plays, and comes back whatever is killed."""

from __future__ import annotations

import os
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import m3u8
from playwright.sync_api import Page

from bench.picture.sources import children
from livestore.stack.launch import Demo
from rehearsal.doors import Api
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


async def takes_of(api: Api, slug: str) -> Any:
    return await api.call("GET", f"/shows/{slug}/picture")


def goes_on(page: Page, seconds: float = 1.5) -> None:
    """The picture advances by so much from where it is now."""
    begun = page.evaluate(PLAYED)
    page.wait_for_function(f"({PLAYED})() > {begun + seconds}", timeout=20_000)


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


def film_crew(demo: Demo) -> list[int]:
    """The processes that draw and encode."""
    return children(demo.pids()["camera"])


def test_the_picture_comes_back_whatever_is_killed_and_the_recording_says_what_is_missing(
    demo: Demo, visitor: Visitor, stocked: Callable[..., dict[str, Any]]
) -> None:
    product = stocked("filmed-comb", stock=20)
    slug = run(filmed_show(demo, product["id"], "Filmed without a break"))
    viewer = visitor(size=PHONE)
    web = process_of(viewer, f"/shows/{slug}/")
    viewer.evaluate("window.neverReloaded = true")
    goes_on(viewer)
    assert viewer.evaluate(SOUND) > 0

    [camera] = film_crew(demo)
    os.kill(camera, signal.SIGKILL)
    stands_still(viewer)
    goes_on(viewer)

    demo.kill("valkey")
    stands_still(viewer)
    goes_on(viewer)

    os.kill(web, signal.SIGKILL)
    goes_on(viewer, 3)
    assert viewer.evaluate("window.neverReloaded")

    run(end(demo, slug))
    viewer.wait_for_function("() => document.querySelector('#room').dataset.state === 'ended'")
    text = urllib.request.urlopen(f"{demo.origin}/media/shows/{slug}/replay.m3u8").read().decode()
    replay = m3u8.loads(text)
    assert replay.is_endlist
    assert sum(each.discontinuity for each in replay.segments) >= 1, "the gap is told"
    played = 0.0
    with av.open(f"{demo.origin}/media/shows/{slug}/replay.m3u8") as film:
        for frame in film.decode(video=0):
            played += 1 / 24
            assert frame.width == 480
    assert played > sum(each.duration for each in replay.segments) - 1
    assert Path(demo.data / "video").exists()
