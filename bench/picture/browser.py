"""Chromium as viewers and as the host, driven by playwright; each page keeps what its own eyes saw."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.held import Held
from bench.peers.errors import NotMeasured
from livestore.stack.errors import StackError
from streams.video.camera import barcode

HERE = Path(__file__).parent
GEOMETRY = {
    "left": barcode.LEFT,
    "top": barcode.TOP,
    "cell": barcode.CELL,
    "columns": barcode.COLUMNS,
    "rows": barcode.ROWS,
    "bits": barcode.BITS,
}
FLAGS = (
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    # Many pages at once: none of them is in the background.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)
PLAYS_WITHIN = 20.0


@dataclass
class Watched:
    """What one viewer saw: ages of frames in ms, and how the media clock went against the wall clock."""

    ages: list[int] = field(default_factory=list)
    unread: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    dropped: int = 0
    frames: int = 0
    sound: int = 0
    stalls: int = 0

    def at(self, share: float) -> float | None:
        ages = sorted(self.ages)
        return float(ages[int(share * (len(ages) - 1))]) if ages else None


class Browser(Held):
    """`async with Browser(origin) as browser:`"""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._browser: Any = None
        self._playwright: Any = None

    async def set_up(self) -> None:
        try:
            from playwright.async_api import async_playwright
        except ImportError:
            raise NotMeasured("the packages of the tests are not installed") from None
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        if chromium is None:
            raise NotMeasured("Chromium is not here; install it (Debian: apt install chromium)")
        self._playwright = await async_playwright().start()
        self._browser = await self._playwright.chromium.launch(
            executable_path=chromium, args=list(FLAGS)
        )

    async def stop(self) -> None:
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()

    async def context(self, *, login: str = "", camera: bool = False) -> Any:
        """A visitor of their own, logged in when a name is given."""
        context = await self._browser.new_context(
            base_url=self.origin, viewport={"width": 480, "height": 860}, bypass_csp=True
        )
        if camera:
            script = (HERE / "sender.js").read_text().strip()
            await context.add_init_script(f"{script}({json.dumps(GEOMETRY)});")
        if login:
            page = await context.new_page()
            await page.goto("/login/")
            await page.fill("#id_username", login)
            await page.fill("#id_password", "demo")
            await page.get_by_role("button", name="Log in", exact=True).click()
            await page.wait_for_url("**/")
            await page.close()
        return context

    async def room(self, slug: str) -> tuple[Any, str]:
        """A viewer in the room, and the web process (its pid) that serves the picture."""
        context = await self.context()
        page = await context.new_page()
        heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        wire = await context.new_cdp_session(page)
        urls: dict[str, str] = {}
        wire.on(
            "Network.webSocketCreated", lambda said: urls.update({said["requestId"]: said["url"]})
        )

        def shaken(said: dict[str, Any]) -> None:
            if "/video/" in urls.get(said["requestId"], "") and not heard.done():
                headers = {k.lower(): v for k, v in said["response"]["headers"].items()}
                heard.set_result(headers.get("livestore-process", ""))

        wire.on("Network.webSocketHandshakeResponseReceived", shaken)
        await wire.send("Network.enable")
        await page.goto(f"/shows/{slug}/")
        process = await asyncio.wait_for(heard, PLAYS_WITHIN)
        await self.wait_until_it_plays(page)
        return page, process

    async def bare(self, script: str, argument: Any, *, also: Sequence[Path] = ()) -> Any:
        """An empty page with a video element `#v` on which a script plays."""
        context = await self.context()
        page = await context.new_page()
        await page.goto("/healthz")
        video = "<video id=v muted autoplay playsinline width=480></video>"
        await page.evaluate(f"document.body.innerHTML = '{video}'")
        for path in also:
            await page.add_script_tag(path=str(path))
        await page.evaluate(script, argument)
        await self.wait_until_it_plays(page)
        return page

    async def wait_until_it_plays(self, page: Any) -> None:
        try:
            await page.wait_for_function(
                "() => [...document.querySelectorAll('video')].some((v) => v.currentTime > 0.2 && !v.paused)",
                timeout=PLAYS_WITHIN * 1000,
            )
        except Exception as error:
            raise StackError(f"nothing plays at {page.url}: {str(error).splitlines()[0]}") from None


async def watch(page: Any, seconds: float) -> Watched:
    """Look at the page's video for so long."""
    await page.evaluate(f"() => {{ {(HERE / 'sampler.js').read_text()} }}")
    await page.evaluate(
        """(geometry) => {
            const video = [...document.querySelectorAll("video")].find((each) => each.currentTime > 0);
            window.watchedVideo = video;
            window.stalls = 0;
            video.addEventListener("waiting", () => { window.stalls += 1; });
            const quality = video.getVideoPlaybackQuality();
            window.before = {
                dropped: quality.droppedVideoFrames,
                total: quality.totalVideoFrames,
                sound: video.webkitAudioDecodedByteCount,
            };
            window.watched = window.livestoreSampler(video, geometry);
        }""",
        GEOMETRY,
    )
    await asyncio.sleep(seconds)
    found = await page.evaluate(
        """() => {
            const { samples, unread, began, first } = window.watched;
            const video = window.watchedVideo;
            const quality = video.getVideoPlaybackQuality();
            const seconds = (performance.now() - began) / 1000;
            return {
                ages: samples.map(([, age]) => age), unread, seconds,
                rate: (video.currentTime - first) / seconds,
                dropped: quality.droppedVideoFrames - window.before.dropped,
                frames: quality.totalVideoFrames - window.before.total,
                sound: video.webkitAudioDecodedByteCount - window.before.sound,
                stalls: window.stalls,
            };
        }"""
    )
    return Watched(**found)
