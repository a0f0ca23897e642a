"""A host films with the browser: picture and sound reach a viewer, and come back when the host's socket is cut."""

from __future__ import annotations

import os
import select
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from livestore.stack.launch import Demo
from tests.e2e.conftest import CHROMIUM, PHONE
from tests.e2e.rooms import host_api, live_show, run

FAKE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
PLAYED = "() => document.querySelector('#stage video')?.currentTime ?? 0"
SOUND = "() => document.querySelector('#stage video').webkitAudioDecodedByteCount"


@pytest.fixture
def with_a_camera(playwright: Playwright) -> Iterator[Browser]:
    """A browser whose camera is a green disc, and whose microphone beeps."""
    found = os.environ.get("LIVESTORE_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)))
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = playwright.chromium.launch(executable_path=found, args=[*FAKE, *sandbox])
    yield browser
    browser.close()


def goes_on(page: Page, seconds: float = 1.5) -> None:
    """The picture advances by so much from where it is now."""
    wanted = page.evaluate(PLAYED) + seconds
    page.wait_for_function(f"(wanted) => ({PLAYED})() > wanted", arg=wanted, timeout=20_000)


def remuxers() -> dict[int, int]:
    """The processes that read cameras, and whose children they are."""
    found = {}
    for each in Path("/proc").glob("[0-9]*"):
        try:
            command, stat = (each / "cmdline").read_bytes(), (each / "stat").read_text()
        except OSError:
            continue  # it ended in this moment
        if b"streams.video.path.remux" in command:
            found[int(each.name)] = int(stat.rpartition(")")[2].split()[1])
    return found


async def shown(demo: Demo, product: int) -> str:
    async with host_api(demo) as api:
        return await live_show(api, product, title="Filmed by a browser")


async def over(demo: Demo, slug: str) -> None:
    async with host_api(demo) as api:
        await api.call("POST", f"/shows/{slug}/commands", {"type": "show.end", "data": {}})


def test_a_browser_films_and_comes_back_after_its_web_process_was_killed(
    demo: Demo,
    visitor: Callable[..., Page],
    with_a_camera: Browser,
    stocked: Callable[..., dict[str, Any]],
) -> None:
    slug = run(shown(demo, stocked("camera-comb", stock=20)["id"]))
    host = visitor("host", using=with_a_camera)
    host.goto(f"/studio/{slug}/console/")
    host.get_by_role("button", name="This computer").click()
    host.get_by_role("button", name="Turn the camera on").click()
    host.get_by_role("button", name="Go on air").click()
    badge = host.locator("#camera-badge")
    expect(badge).to_have_text("On air")
    expect(host.locator("#camera-rate")).to_contain_text("Mbit/s")

    viewer = visitor(size=PHONE)
    viewer.goto(f"/shows/{slug}/")
    viewer.evaluate("() => { window.neverReloaded = true; }")
    goes_on(viewer)
    viewer.wait_for_function(f"() => ({SOUND})() > 0", timeout=20_000)

    web = {pid for name, pid in demo.pids().items() if name.startswith("web")}
    [(child, parent)] = [(pid, of) for pid, of in remuxers().items() if of in web]
    os.kill(parent, signal.SIGKILL)
    expect(badge).to_have_text("Reconnecting")
    expect(badge).to_have_text("On air")
    goes_on(viewer, 3)
    assert viewer.evaluate("() => window.neverReloaded")
    assert child not in remuxers()

    [last] = [os.pidfd_open(pid) for pid, of in remuxers().items() if of in demo.pids().values()]
    run(over(demo, slug))
    expect(badge).not_to_have_text("On air")
    assert select.select([last], [], [], 10)[0]  # and its process with it
    os.close(last)
