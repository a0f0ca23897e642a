"""The three sources with the time in their picture: the simulated camera, a host's browser, an RTMP sender."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from bench.held import Held, until
from bench.house import House
from bench.picture.browser import Browser
from livestore.stack.errors import StackError
from livestore.stack.table import ROOT

SENDS_WITHIN = 30.0


class Filmed(Held):
    """A source that sends into the show of a House. `pids()` are the processes that are there only for it."""

    name: str

    def __init__(self, house: House) -> None:
        self.house = house

    def pids(self) -> list[int]:
        return []

    async def wait_until_it_sends(self) -> None:
        """Until the studio is told that this source sends."""

        def sends() -> bool:
            told = self.house.sale.call("GET", f"/shows/{self.house.sale.slug}/picture")
            found = told.get("sending")
            return bool(found and found["source"] == self.name and found.get("parts", 0) > 4)

        if not await until(sends, SENDS_WITHIN, every=0.3):
            raise StackError(f"the {self.name} source does not send")


class Program(Filmed):
    """A source that is a process of its own."""

    argv: tuple[str, ...]
    process: asyncio.subprocess.Process | None = None

    async def set_up(self) -> None:
        environment = {
            **os.environ,
            **self.house.demo.environment(),
            "DJANGO_SETTINGS_MODULE": "livestore.settings",
            "LIVESTORE_IN_VENV": "1",
        }
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self.argv,
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=(self.house.folder / f"{self.name}.log").open("wb"),
            stderr=asyncio.subprocess.STDOUT,
        )
        await self.wait_until_it_sends()

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), 10)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


class SimulatedCamera(Program):
    name = "simulated"

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.argv = ("manage.py", "camera", "--show", house.sale.slug, "--barcode")

    def pids(self) -> list[int]:
        return [] if self.process is None else [self.process.pid, *children(self.process.pid)]


class RtmpSender(Program):
    """PyAV as OBS would: H.264 and AAC, a keyframe each second."""

    name = "rtmp"

    def __init__(self, house: House, url: str) -> None:
        super().__init__(house)
        self.argv = ("-m", "bench.picture.rtmp", url)

    def pids(self) -> list[int]:
        """What receives it; the sender stands for another machine."""
        front = self.house.demo.pids()["rtmp"]
        return [front, *children(front)]


class HostsBrowser(Filmed):
    """The console with a camera, in a Chromium of its own."""

    name = "browser"

    def __init__(self, house: House, mime: str = "") -> None:
        super().__init__(house)
        self.browser = Browser(house.demo.origin)
        self.mime = mime

    async def set_up(self) -> None:
        await self.browser.set_up()
        context = await self.browser.context(login="host", camera=True)
        if self.mime:
            # A browser without H.264 in its recorder.
            await context.add_init_script(
                "const can = MediaRecorder.isTypeSupported.bind(MediaRecorder);"
                "MediaRecorder.isTypeSupported = (type) => !/h264|avc/i.test(type) && can(type);"
            )
        page = await context.new_page()
        await page.goto(f"/studio/{self.house.sale.slug}/console/")
        await page.evaluate("document.querySelector('#camera').open = true")
        await page.locator("[data-source=browser]").click()
        start = page.locator("#camera-start")
        await start.click()
        await page.wait_for_function("document.querySelector('#camera-preview').srcObject")
        await page.locator("[data-shape=tall]").click()
        await page.get_by_role("button", name="Go on air").click()
        await self.wait_until_it_sends()

    def pids(self) -> list[int]:
        return [child for web in self.house.web() for child in children(web)]

    async def stop(self) -> None:
        await self.browser.stop()


def children(pid: int) -> list[int]:
    """All descendants of a process, as the kernel tells them."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for each in map(int, task.read_text().split()):
                found += [each, *children(each)]
    return found
