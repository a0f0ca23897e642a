"""Places for the cards over the picture: what stands there, what it fades from, and where it has to be drawn again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from streams.video.camera.planes import OPAQUE, Box, Planes, Sprite

FADE_MS = 240


@dataclass(slots=True)
class Slot:
    """A place for a card. A new one fades in over the one before."""

    fades: bool = True
    cuts: bool = False
    """From card to card at once; only the first fades in, and the last out."""
    key: Hashable = None
    sprite: Sprite | None = None
    place: tuple[int, int] = (0, 0)
    before: tuple[Sprite, tuple[int, int]] | None = None
    since: int = 0
    drawn: tuple[Hashable, int] | None = None

    def show(
        self, key: Hashable, make: Callable[[], Sprite], place: tuple[int, int], at: int
    ) -> None:
        """`make` is called when the key is new; a key has one place."""
        if key != self.key:
            self._change(key, make(), place, at)

    def clear(self, at: int) -> None:
        if self.key is not None:
            self._change(None, None, self.place, at)

    def _change(
        self, key: Hashable, sprite: Sprite | None, place: tuple[int, int], at: int
    ) -> None:
        self.before = (self.sprite, self.place) if self.sprite is not None else None
        self.key, self.sprite, self.place, self.since = key, sprite, place, at
        if self.cuts and sprite is not None and self.before is not None:
            self.since = at - FADE_MS

    def part(self, at: int) -> int:
        """How much of the new card is seen, of 256."""
        if not self.fades:
            return OPAQUE
        return max(0, min(OPAQUE, (at - self.since) * OPAQUE // FADE_MS))

    def changed(self, at: int) -> list[Box]:
        """The boxes that look different from the frame before."""
        state = (self.key, self.part(at))
        if state == self.drawn:
            return []
        self.drawn = state
        boxes = [self.sprite.box(*self.place)] if self.sprite is not None else []
        if self.before is not None:
            sprite, place = self.before
            boxes.append(sprite.box(*place))
        if state[1] >= OPAQUE:
            self.before = None
        return boxes

    def lay(self, target: Planes, at: int, inside: Box) -> None:
        part = self.part(at)
        if self.before is not None and part < OPAQUE:
            sprite, place = self.before
            sprite.lay(target, *place, inside, OPAQUE - part)
        if self.sprite is not None:
            self.sprite.lay(target, *self.place, inside, part)
