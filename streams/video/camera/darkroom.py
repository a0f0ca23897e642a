"""Where pictures are developed: drawings become planes in a thread of their own, while the camera goes on filming.

Nothing waits for it: who asks for a picture that is not there yet gets None, and asks again with the next frame.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Self, cast

import numpy as np
from PIL import Image, ImageOps

from shop.catalogue.drawing import draw
from streams.video.camera import ground
from streams.video.camera.cards import plate
from streams.video.camera.planes import OPAQUE, Box, Planes, Sprite, lay_planes
from streams.video.camera.room import Look
from streams.video.camera.svg import rasterise

logger = logging.getLogger(__name__)

SIDE = 332
"""The product's square as it is developed; it is shown at 307 to 332."""
CLOSER = 1.08
THUMB = 116
LARGEST_FILE = 40_000_000
"""Pixels of an uploaded picture that is opened."""
KEPT = {"hero": 16, "thumb": 12, "ground": 3}


@dataclass(frozen=True, slots=True)
class Hero:
    """A product on nothing, a little larger than it is shown, so that the camera can move over it."""

    planes: tuple[Image.Image, Image.Image]
    """Brightness and what stays of the ground behind."""
    colours: tuple[Image.Image, Image.Image, Image.Image]
    off: tuple[float, float]
    """Its middle, seen from the middle of the square, in pixels of the frame."""
    size: tuple[int, int]

    @classmethod
    def of(cls, image: Image.Image) -> Self:
        seen = image.getchannel("A").point(lambda value: 255 if value > 3 else 0).getbbox()
        left, top, right, bottom = seen or (0, 0, image.width, image.height)
        margin = 8 + round(max(right - left, bottom - top) * 0.06)
        width, height = right - left + 2 * margin, bottom - top + 2 * margin
        padded = Image.new("RGBA", (width + width % 2, height + height % 2))
        padded.paste(image.crop((left, top, right, bottom)), (margin, margin))
        sprite = Sprite.of(padded)

        def still(rest: Any) -> Image.Image:
            return Image.fromarray(np.minimum(rest, 255).astype(np.uint8))

        size = (int(padded.width / CLOSER) // 2 * 2, int(padded.height / CLOSER) // 2 * 2)
        middle = (
            (left + right - image.width) / 2 / CLOSER,
            (top + bottom - image.height) / 2 / CLOSER,
        )
        return cls(
            (Image.fromarray(sprite.y), still(sprite.rest)),
            (Image.fromarray(sprite.u), Image.fromarray(sprite.v), still(sprite.rest_half)),
            middle,
            size,
        )

    def box(self, x: int, y: int) -> Box:
        """Where it stands when the middle of its square is at x, y."""
        left = round((x + self.off[0] - self.size[0] / 2) / 2) * 2
        top = round((y + self.off[1] - self.size[1] / 2) / 2) * 2
        return Box(left, top, left + self.size[0], top + self.size[1])

    def lay(
        self,
        target: Planes,
        x: int,
        y: int,
        near: float,
        pan: tuple[float, float],
        opacity: int = OPAQUE,
    ) -> None:
        """`near` 0..1: how close the camera is; `pan` in pixels, at most 4 each way."""
        part = CLOSER - (CLOSER - 1) * near
        large = self.planes[0].size
        width, height = self.size[0] * part, self.size[1] * part
        left = min(max(0.0, (large[0] - width) / 2 + pan[0]), large[0] - width)
        top = min(max(0.0, (large[1] - height) / 2 + pan[1]), large[1] - height)
        whole = (left, top, left + width, top + height)
        half = (left / 2, top / 2, (left + width) / 2, (top + height) / 2)
        bright, rest = (_seen(each, self.size, whole) for each in self.planes)
        small = (self.size[0] // 2, self.size[1] // 2)
        u, v, rest_half = (_seen(each, small, half) for each in self.colours)
        lay_planes(target, self.box(x, y), (bright, u, v), (rest, rest_half), opacity)


def _seen(image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> Any:
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=box))


def develop(look: Look, side: int) -> Image.Image:
    """A product as RGBA on nothing. What can not be opened is drawn as a plain box."""
    if look.file:
        try:
            return _opened(look.file, side)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            logger.info("the picture %s can not be shown: %s", look.key, error)
    text = draw(look.drawing or {"kind": "box"}, ground=look.tint)
    return rasterise(text, side, ground=False)


def _opened(path: str, side: int) -> Image.Image:
    with Image.open(path) as file:
        if file.width * file.height > LARGEST_FILE:
            raise ValueError("too large")
        file.draft("RGB", (side * 2, side * 2))
        image = ImageOps.exif_transpose(file).convert("RGBA")
    inner = round(side * 0.8)
    image.thumbnail((inner, inner), Image.Resampling.LANCZOS)
    mask = plate(image.size, 16, "#000000").getchannel("A")
    whole = Image.new("RGBA", (side, side))
    whole.paste(image, ((side - image.width) // 2, (side - image.height) // 2), mask)
    return whole


class Darkroom:
    """Bounded: the newest pictures of each kind are kept."""

    def __init__(self) -> None:
        self._kept: dict[str, OrderedDict[Hashable, Any]] = {kind: OrderedDict() for kind in KEPT}
        self._asked: set[tuple[str, Hashable]] = set()
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue(maxsize=64)
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="darkroom", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join()

    def hero(self, look: Look) -> Hero | None:
        return cast(Hero | None, self._get("hero", look.key, lambda: Hero.of(develop(look, SIDE))))

    def ground(self, tint: str | None, mood: str, coming: tuple[Look, ...]) -> Planes | None:
        """The stage of a product, or without a tint the title's."""

        def make() -> Planes:
            things = [self._thumb(look) for look in coming]
            image = ground.title(mood, things) if tint is None else ground.stage(tint, mood, things)
            return Planes.of(image)

        key = (tint, mood, tuple(look.key for look in coming))
        return cast(Planes | None, self._get("ground", key, make))

    def later(self, job: Callable[[], None]) -> None:
        """Something else that takes a while. Left out when there is too much to do."""
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            logger.info("the darkroom is busy")

    def settle(self) -> None:
        """Until all that was asked for so far is there."""
        done = threading.Event()
        self._jobs.put(done.set)
        done.wait()

    def _thumb(self, look: Look) -> Image.Image:
        found = self._kept["thumb"].get(look.key)
        if found is None:
            found = develop(look, THUMB)
            self._keep("thumb", look.key, found)
        return cast(Image.Image, found)

    def _get(self, kind: str, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            kept = self._kept[kind]
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
            if (kind, key) in self._asked or self._jobs.full():
                return None
            self._asked.add((kind, key))

        def job() -> None:
            try:
                self._keep(kind, key, make())
            finally:
                with self._lock:
                    self._asked.discard((kind, key))

        self.later(job)
        return None

    def _keep(self, kind: str, key: Hashable, made: Any) -> None:
        with self._lock:
            kept = self._kept[kind]
            kept[key] = made
            while len(kept) > KEPT[kind]:
                kept.popitem(last=False)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:
                logger.exception("a picture could not be developed")
