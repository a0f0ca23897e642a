"""A show's picture in one process: where it stands, who watches, and the round that takes new parts to all of them."""

from __future__ import annotations

import asyncio
import json
import random
import time
from weakref import WeakKeyDictionary

from livestore.base.tracing import task_for_all
from streams.room.encoding import Frame, now_ms
from streams.room.hub import Hub
from streams.room.patience import end
from streams.room.protocol import CloseCode, Closing
from streams.room.rooms import restarting, rooms
from streams.video.viewer import Viewer
from streams.video.window import Window
from streams.video.windows import LINGER, RENDITIONS, windows

SOURCE, SMALL = RENDITIONS
SLICE = 100
"""Viewers that are written to before the event loop does something else."""
LOADED_WITHIN = 3.0
"""Seconds that a newcomer waits for the part store; then it is told how things stand without a picture."""
DRAIN_STEPS = 50


class Scene:
    """Opened by `Scenes`. `state` is "live", "waiting", "paused" or "ended"."""

    def __init__(self, hub: Hub) -> None:
        self.slug = hub.slug
        self.viewers: dict[Viewer, None] = {}
        self.state = "waiting"
        self.since = now_ms()
        self.reason = "not_started"
        self.renditions: list[str] = [SOURCE]
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self.used = self._loop.time()
        self._windows = {name: windows().window(self.slug, name) for name in RENDITIONS}
        self._round: list[Viewer] | None = None
        self._again = False
        self.state, self.reason, self.since = self._standing()
        hub.followers.add(self._look)
        for window in self._windows.values():
            window.listeners.add(self._news)

    async def loaded(self) -> None:
        """Until what the store has is here; not for long while it is away."""
        windows = (window.loaded.wait() for window in self._windows.values())
        try:
            async with asyncio.timeout(LOADED_WITHIN):
                await asyncio.gather(*windows)
        except TimeoutError:
            pass

    def stop(self) -> None:
        self._hub.followers.discard(self._look)
        for window in self._windows.values():
            window.listeners.discard(self._news)
        self._round = None

    def wake(self) -> None:
        """Whoever waits for something of this show looks again."""
        for window in self._windows.values():
            window.look()

    # -- how things stand -------------------------------------------------------------------------

    @property
    def show(self) -> str:
        """The show's own state."""
        return self._hub.facts.state

    def window(self, rendition: str) -> Window:
        """Raises KeyError for a rendition that never is."""
        self.used = self._loop.time()
        return self._windows[rendition]

    def _standing(self) -> tuple[str, str, int]:
        """(state, reason, since)."""
        source = self._windows[SOURCE]
        if self.show == "ended":
            return "ended", "", now_ms()
        if self.show == "paused":
            return "paused", "", now_ms()
        if source.live and source.init is not None:
            return "live", "", source.init.at
        last = source.newest
        if last is None:
            return "waiting", "not_started", now_ms()
        return "waiting", source.reason, last.at + round(last.duration * 1000)

    def _look(self) -> None:
        """Tell everybody when something has changed that they should know."""
        state, reason, since = self._standing()
        there = [name for name, window in self._windows.items() if window.live]
        found = there if SOURCE in there else self.renditions
        if (state, reason) == (self.state, self.reason) and found == self.renditions:
            return
        if (state, reason) != (self.state, self.reason):
            self.since = since
        self.state, self.reason, self.renditions = state, reason, found
        text = self.text()
        for viewer in list(self.viewers):
            viewer.tell(text)
            if state == "ended":
                viewer.close(Closing(CloseCode.OVER))

    def text(self) -> Frame:
        init = self._windows[SOURCE].init
        said = {
            "type": "video.state",
            "state": self.state,
            "source": init.source if init is not None else None,
            "since": self.since,
            "reason": self.reason,
            "renditions": self.renditions,
            "now": now_ms(),
        }
        return Frame(json.dumps(said, separators=(",", ":")).encode())

    # -- viewers ----------------------------------------------------------------------------------

    def enter(self, viewer: Viewer, rendition: str) -> None:
        """Show this viewer the picture from now on. What it asks for comes as soon as it is there."""
        self.used = self._loop.time()
        assert viewer.outlet is not None
        self.viewers[viewer] = None
        wanted = self._windows.get(rendition, self._windows[SOURCE])
        window = wanted if wanted.live else self._windows[SOURCE]
        viewer.begin(self, viewer.outlet, window, self.text(), self.used)
        viewer.turn_to(wanted)
        if self.state == "ended":
            viewer.close(Closing(CloseCode.OVER))

    def turn(self, viewer: Viewer, rendition: str) -> None:
        """Raises KeyError."""
        viewer.turn_to(self._windows[rendition])

    def leave(self, viewer: Viewer) -> None:
        self.viewers.pop(viewer, None)
        self.used = self._loop.time()

    # -- the round --------------------------------------------------------------------------------

    def _news(self) -> None:
        self._look()
        if self._round is not None:
            self._again = True
            return
        self._round = list(self.viewers)
        self._step()

    def _step(self) -> None:
        """The next few viewers. One that came meanwhile has begun with what is new."""
        if self._round is None:
            return
        now = self._loop.time()
        for viewer in self._round[:SLICE]:
            viewer.pump(now)
        del self._round[:SLICE]
        if not self._round and self._again:
            self._again = False
            self._round = list(self.viewers)
        if self._round:
            self._loop.call_soon(self._step)
        else:
            self._round = None


class Scenes:
    """Use `scenes()`: there is one for each event loop, which is one for each process."""

    def __init__(self) -> None:
        self.draining = False
        """This process goes: whoever waits for a part is let go."""
        self.waiting = 0
        """Requests that wait for a part."""
        self._open: dict[str, Scene] = {}
        self._opening: dict[str, asyncio.Task[Scene]] = {}
        self._sweeping: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._open)

    @property
    def viewers(self) -> int:
        return sum(len(scene.viewers) for scene in self._open.values())

    def __contains__(self, slug: str) -> bool:
        return slug in self._open

    async def scene(self, slug: str) -> Scene:
        """The scene of a show, open. Raises NotFound, `valkey.Trouble`, a database error, or TimeoutError."""
        found = self._open.get(slug)
        if found is not None:
            found.used = asyncio.get_running_loop().time()
            return found
        task = self._opening.get(slug)
        if task is None:
            task = self._opening[slug] = task_for_all(self._begin(slug))
            task.add_done_callback(lambda _: self._opening.pop(slug, None))
        return await asyncio.shield(task)

    async def _begin(self, slug: str) -> Scene:
        if self._sweeping is None:
            self._sweeping = task_for_all(self._sweep())
            rooms().direct.followers.add(self._sent_out)
        found = Scene(await rooms().enter(slug))
        await found.loaded()
        self._open[slug] = found
        return found

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(LINGER / 6)
            self.sweep(asyncio.get_running_loop().time())

    def sweep(self, now: float) -> None:
        """Let go of scenes that nobody has looked at for a while; their windows and rooms end soon after."""
        for slug, scene in list(self._open.items()):
            if not scene.viewers and now - scene.used > LINGER:
                del self._open[slug]
                scene.stop()

    def _sent_out(self, user: int, slug: str, code: CloseCode) -> None:
        """Whoever is sent out of a room sees no more of it. A logout is no reason: guests may watch."""
        scene = self._open.get(slug)
        if scene is not None and code == CloseCode.NOT_ALLOWED:
            for viewer in [each for each in scene.viewers if each.user == user]:
                viewer.close(Closing(code))

    async def drain(self, seconds: float = 1.0) -> None:
        """Send every viewer to another process with 4410, spread over `seconds`."""
        self.draining = True
        for scene in self._open.values():
            scene.wake()
        everybody = [viewer for scene in self._open.values() for viewer in scene.viewers]
        random.shuffle(everybody)
        count = len(everybody)
        step = count // DRAIN_STEPS + 1
        began = time.monotonic()
        for start in range(0, count, step):
            for viewer in everybody[start : start + step]:
                viewer.close(restarting(count))
            ahead = began + seconds * (start + step) / count - time.monotonic()
            if start + step < count:
                await asyncio.sleep(max(0.0, ahead))

    async def stop(self) -> None:
        sweeping, self._sweeping = self._sweeping, None
        rooms().direct.followers.discard(self._sent_out)
        await end(sweeping, *self._opening.values())
        for scene in self._open.values():
            scene.stop()
        self._open.clear()
        await windows().stop()


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Scenes] = WeakKeyDictionary()


def scenes() -> Scenes:
    """The scenes of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _of_loops.get(loop)
    if found is None:
        found = _of_loops[loop] = Scenes()
    return found
