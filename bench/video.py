"""From the camera to the eye: how old a frame is when a viewer sees it, by source and by path, and what it costs."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from bench import machine
from bench.house import House
from bench.peers.errors import NotMeasured
from bench.picture import hlsjs
from bench.picture.browser import Browser, Watched, watch
from bench.picture.sound import drift_of
from bench.picture.sources import Filmed, HostsBrowser, RtmpSender, SimulatedCamera
from bench.scenario import Column, Options, Report, Say, Value
from livestore.stack.listen import free_port
from livestore.stack.table import ROOT

SECONDS = 30.0
"""A path is watched for so long; the two viewers of the socket path four times as long."""
LONG = 4
CROWD = 100
PLAYER = """async ([slug, transport]) => {
    const { createPlayer } = await import("/static/streams/video/player.js");
    window.player = createPlayer(document.querySelector("#v"), { slug, transport });
}"""
NATIVE = """([slug]) => {
    const video = document.querySelector("#v");
    video.src = `/media/shows/${slug}/live.m3u8`;
    video.play();
}"""
HLSJS = """([slug]) => {
    const hls = new Hls({ lowLatencyMode: true });
    hls.loadSource(`/media/shows/${slug}/live.m3u8`);
    hls.attachMedia(document.querySelector("#v"));
    document.querySelector("#v").play();
}"""
COLUMNS = (
    Column("p50", "glass to glass p50 ms", 0, "less"),
    Column("p95", "p95 ms", 0, "less"),
    Column("rate", "media seconds a second", 3),
    Column("dropped", "frames dropped", 0),
    Column("stalls", "stalls", 0),
    Column("frames", "frames seen", 0),
    Column("source_cpu", "source: % of a core", 1, "less"),
    Column("crowd_cpu", "100 viewers: % of a core", 1, "less"),
    Column("crowd_p50", "part to their sockets p50 ms", 0),
    Column("crowd_p95", "p95 ms", 0),
    Column("offset", "sound after picture ms", 0),
    Column("drift", "its drift ms", 0, "less"),
)


async def run(options: Options, say: Say) -> Report:
    seconds = options.seconds or SECONDS
    report = Report("video", "from the camera to the eye", COLUMNS)
    port = free_port("127.0.0.1", 19350) or 19350
    for turn in range(options.runs):
        say(f"run {turn + 1} of {options.runs}")
        async with House(
            say=say, web=options.web or 2, options=("--no-camera", "--rtmp-port", str(port))
        ) as house:
            await Measuring(house, report, options, seconds, say).all()
    report.notes += [
        "Glass to glass: the time drawn into a frame by its source, until a browser presents that frame; both clocks "
        "are this machine's. Chromium decodes and draws without a graphics card, on the same cores.",
        "Sound and picture: a flash and a tone that begin together, found again in the recording of the browser's "
        "take.",
    ]
    report.check("socket, p50", report.number("camera, socket", "p50"), 600, unit=" ms")
    report.check("browser camera, p50", report.number("browser, socket", "p50"), 600, unit=" ms")
    for name in ("camera, socket", "browser, socket"):
        rate = report.number(name, "rate")
        off = None if rate is None else abs(rate - 1)
        report.check(f"{name}: media clock off by", off, 0.03)
    report.check("drift of sound", report.number("browser, socket", "drift"), 50, unit=" ms")
    report.check(
        "simulated camera", report.number("camera, socket", "source_cpu"), 10, unit=" % of a core"
    )
    return report


class Measuring:
    """One run of all paths."""

    def __init__(
        self, house: House, report: Report, options: Options, seconds: float, say: Say
    ) -> None:
        self.house, self.report, self.options = house, report, options
        self.seconds, self.say = seconds, say

    @property
    def slug(self) -> str:
        return self.house.sale.slug

    async def all(self) -> None:
        wants = self.options.wants
        if wants("camera"):
            await self._film(SimulatedCamera(self.house), "camera", self._paths())
        if wants("browser"):
            await self._film(HostsBrowser(self.house), "browser", {"socket": self._two_viewers})
        if wants("vp8"):
            await self._film(
                HostsBrowser(self.house, mime="vp8"), "vp8", {"socket": self._one_viewer}
            )
        if wants("rtmp"):
            made = self.house.sale.call("POST", f"/shows/{self.slug}/picture/key")
            url = f"{made['url']}/{made['key']}"
            await self._film(RtmpSender(self.house, url), "rtmp", {"socket": self._one_viewer})

    def _paths(self) -> dict[str, Callable[[Browser], Coroutine[Any, Any, Watched]]]:
        return {
            "socket": self._two_viewers,
            "parts by HTTP": lambda browser: self._bare(browser, PLAYER, "pull"),
            "HLS, Chromium's own": lambda browser: self._bare(browser, NATIVE, ""),
            "HLS, hls.js": self._hlsjs,
        }

    async def _film(
        self,
        source: Filmed,
        name: str,
        paths: dict[str, Callable[[Browser], Coroutine[Any, Any, Watched]]],
    ) -> None:
        async with source:
            for path, look in paths.items():
                self.say(f"{name}, {path}")
                before = machine.look(source.pids())
                async with Browser(self.house.demo.origin) as browser:
                    try:
                        seen = await look(browser)
                    except NotMeasured as reason:
                        self.report.notes.append(f"{name}, {path}: {reason}")
                        continue
                spent = machine.spent(before, machine.look(source.pids()))
                found = figures(seen) | {"source_cpu": spent.share * 100}
                if path == "socket" and name == "camera":
                    found |= await self._crowd()
                self.report.add(f"{name}, {path}", "", found)
        if name == "browser":
            found = await asyncio.to_thread(self._drift)
            self.report.rows[-1].runs[-1].update(found)

    # -- ways to look -----------------------------------------------------------------------------

    async def _two_viewers(self, browser: Browser) -> Watched:
        """Two viewers, on another web process than the one that holds the host's socket where there is one."""
        held = self._holder()
        pages = []
        for _ in range(40):
            page, process = await browser.room(self.slug)
            if held and process == held:
                await page.context.close()
                continue
            pages.append(page)
            if len(pages) == 2:
                break
        first, second = await asyncio.gather(*(watch(page, self.seconds * LONG) for page in pages))
        return first if first.ages and (first.at(0.5) or 0) >= (second.at(0.5) or 0) else second

    async def _one_viewer(self, browser: Browser) -> Watched:
        page, _ = await browser.room(self.slug)
        return await watch(page, self.seconds)

    async def _bare(self, browser: Browser, script: str, transport: str) -> Watched:
        page = await browser.bare(script, [self.slug, transport])
        await asyncio.sleep(5)  # a player of lists moves to its distance first
        return await watch(page, self.seconds)

    async def _hlsjs(self, browser: Browser) -> Watched:
        page = await browser.bare(HLSJS, [self.slug], also=[await hlsjs.script()])
        await asyncio.sleep(5)
        return await watch(page, self.seconds)

    def _holder(self) -> str:
        """The web process whose child remuxes the host's camera."""
        from bench.picture.sources import children

        return next((str(pid) for pid in self.house.web() if children(pid)), "")

    # -- what it costs ----------------------------------------------------------------------------

    async def _crowd(self) -> dict[str, Value]:
        """A hundred sockets that read everything, without a browser."""
        self.say(f"{CROWD} sockets")
        idle = machine.look(self.house.web())
        await asyncio.sleep(5)
        at_rest = machine.spent(idle, machine.look(self.house.web())).share
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.picture.viewers", str(self.house.port)),
            *(f"/ws/shows/{self.slug}/video/", str(CROWD), "25"),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        await asyncio.sleep(5)
        before = machine.look(self.house.web())
        await asyncio.sleep(15)
        used = machine.spent(before, machine.look(self.house.web())).share
        said, _ = await process.communicate()
        seen = json.loads(said)
        self.say(f"{CROWD} sockets: {seen}")
        return {
            "crowd_cpu": (used - at_rest) * 100 / CROWD * 100,
            "crowd_p50": seen["p50"],
            "crowd_p95": seen["p95"],
            "crowd_missed": seen["missed"],
        }

    def _drift(self) -> dict[str, Value]:
        """Of the longest recording there is of this show's browser camera."""
        films = sorted(
            (self.house.demo.data / "video").rglob("*.mp4"), key=lambda f: f.stat().st_size
        )
        found = [drift for film in films[-2:] if (drift := drift_of(Path(film))) is not None]
        if not found:
            return {}
        return {"offset": found[-1].offset, "drift": found[-1].drift}


def figures(seen: Watched) -> dict[str, Value]:
    return {
        "p50": seen.at(0.5),
        "p95": seen.at(0.95),
        "rate": seen.rate,
        "dropped": seen.dropped,
        "stalls": seen.stalls,
        "frames": len(seen.ages),
        "unread": seen.unread,
        "sound_bytes": seen.sound,
    }
