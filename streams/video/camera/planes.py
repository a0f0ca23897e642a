"""Pictures as an encoder takes them: brightness in full, colour in half size (4:2:0, BT.601, 16 to 235).

Everything is converted once, when it is drawn; a frame then only moves bytes. Sprites are premultiplied, so that one
multiplication and one addition lay them over what is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from PIL import Image

WIDTH, HEIGHT = 480, 854
Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint16]
_BRIGHT = [round(16 + value * 219 / 255) for value in range(256)]
_COLOUR = [round(128 + (value - 128) * 224 / 255) for value in range(256)]
OPAQUE = 256


class Box(NamedTuple):
    """left, top, right, bottom; even numbers."""

    left: int
    top: int
    right: int
    bottom: int

    def meet(self, other: Box) -> Box | None:
        box = Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )
        return box if box.right > box.left and box.bottom > box.top else None


WHOLE = Box(0, 0, WIDTH, HEIGHT)


@dataclass(slots=True)
class Planes:
    """One picture; `y` is height x width, `u` and `v` half of both."""

    y: Bytes
    u: Bytes
    v: Bytes

    @classmethod
    def blank(cls, width: int = WIDTH, height: int = HEIGHT) -> Self:
        half = (height // 2, width // 2)
        return cls(
            np.full((height, width), 16, np.uint8),
            np.full(half, 128, np.uint8),
            np.full(half, 128, np.uint8),
        )

    @classmethod
    def of(cls, image: Image.Image) -> Self:
        """From RGB with even sides."""
        bright, blue, red = image.convert("YCbCr").split()
        return cls(
            np.asarray(bright.point(_BRIGHT)),
            np.asarray(blue.reduce(2).point(_COLOUR)),
            np.asarray(red.reduce(2).point(_COLOUR)),
        )

    def take(self, other: Planes, box: Box) -> None:
        """Copy a box from another picture of the same size."""
        whole, half = _slices(box)
        self.y[whole] = other.y[whole]
        self.u[half] = other.u[half]
        self.v[half] = other.v[half]

    def between(self, first: Planes, second: Planes, part: int) -> None:
        """`part` of 256 of the second picture over the first."""
        for mine, a, b in (
            (self.y, first.y, second.y),
            (self.u, first.u, second.u),
            (self.v, first.v, second.v),
        ):
            mixed = a.astype(np.uint16)
            mixed *= np.uint16(OPAQUE - part)
            mixed += b * np.uint16(part)
            mixed >>= 8
            mine[...] = mixed

    def picture(self) -> Image.Image:
        """Back to RGB, for whoever looks at it."""
        half = (self.y.shape[1], self.y.shape[0])
        bright = Image.fromarray(self.y).point([_back(v, 16, 219) for v in range(256)])
        colours = [
            Image.fromarray(plane)
            .resize(half, Image.Resampling.BILINEAR)
            .point([_back(v, 16, 224) for v in range(256)])
            for plane in (self.u, self.v)
        ]
        return Image.merge("YCbCr", (bright, *colours)).convert("RGB")


def _back(value: int, low: int, span: int) -> int:
    return min(255, max(0, round((value - low) * 255 / span)))


def _slices(box: Box) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    left, top, right, bottom = box
    return (
        (slice(top, bottom), slice(left, right)),
        (slice(top // 2, bottom // 2), slice(left // 2, right // 2)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A picture with holes. `rest` and `rest_half` say how much of what is behind stays, of 256."""

    width: int
    height: int
    y: Bytes
    u: Bytes
    v: Bytes
    rest: Words
    rest_half: Words

    @classmethod
    def of(cls, image: Image.Image) -> Self:
        """From RGBA; odd sides grow by one."""
        width, height = image.width + image.width % 2, image.height + image.height % 2
        if image.size != (width, height):
            larger = Image.new("RGBA", (width, height))
            larger.paste(image)
            image = larger
        alpha = np.asarray(image.getchannel("A"), np.float32) / 255
        bright, blue, red = (
            np.asarray(each) for each in image.convert("RGB").convert("YCbCr").split()
        )

        def half(plane: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float32]:
            found: npt.NDArray[np.float32] = plane.reshape(height // 2, 2, width // 2, 2).mean(
                (1, 3)
            )
            return found

        def coloured(plane: Bytes) -> Bytes:
            return half(np.asarray(_COLOUR, np.float32)[plane] * alpha).round().astype(np.uint8)

        return cls(
            width,
            height,
            (np.asarray(_BRIGHT, np.float32)[bright] * alpha).round().astype(np.uint8),
            coloured(blue),
            coloured(red),
            (OPAQUE - alpha * OPAQUE).round().astype(np.uint16),
            (OPAQUE - half(alpha) * OPAQUE).round().astype(np.uint16),
        )

    def box(self, x: int, y: int) -> Box:
        """The even box that it touches at a place (even x)."""
        return Box(x, y - y % 2, x + self.width, y + self.height + y % 2)

    def lay(
        self, target: Planes, x: int, y: int, inside: Box = WHOLE, opacity: int = OPAQUE
    ) -> None:
        """Over a picture, its upper left corner at x (even), y; only inside of a box."""
        box = Box(x, y, x + self.width, y + self.height).meet(inside)
        if box is None or opacity <= 0:
            return
        mine = (slice(box.top - y, box.bottom - y), slice(box.left - x, box.right - x))
        _over(
            target.y[box.top : box.bottom, box.left : box.right],
            self.y[mine],
            self.rest[mine],
            opacity,
        )
        top, bottom = (box.top + 1) // 2, (box.bottom + 1) // 2
        left, right = box.left // 2, box.right // 2
        # With an odd y the colour lies half a pixel off; nobody sees it.
        shift = (y + 1) // 2
        mine = (slice(top - shift, bottom - shift), slice(left - x // 2, right - x // 2))
        rest = self.rest_half[mine]
        bottom = top + rest.shape[0]
        for plane, own in ((target.u, self.u), (target.v, self.v)):
            _over(plane[top:bottom, left:right], own[mine], rest, opacity)


def lay_planes(
    target: Planes,
    box: Box,
    own: tuple[Bytes, Bytes, Bytes],
    rest: tuple[Bytes, Bytes],
    opacity: int,
) -> None:
    """Premultiplied planes that fill an even box, with what stays behind them as 0 to 255; clipped at the edges."""
    seen = box.meet(WHOLE)
    if seen is None or opacity <= 0:
        return
    cut = Box(
        seen.left - box.left, seen.top - box.top, seen.right - box.left, seen.bottom - box.top
    )
    (whole, half), (mine, mine_half) = _slices(seen), _slices(cut)
    stays, stays_half = (_wide(each) for each in (rest[0][mine], rest[1][mine_half]))
    _over(target.y[whole], own[0][mine], stays, opacity)
    _over(target.u[half], own[1][mine_half], stays_half, opacity)
    _over(target.v[half], own[2][mine_half], stays_half, opacity)


def _wide(rest: Bytes) -> Words:
    """From 255 to 256 for all."""
    wide = rest.astype(np.uint16)
    wide += wide >> 7
    return wide


def _over(target: Bytes, own: Bytes, rest: Words, opacity: int) -> None:
    if opacity < OPAQUE:
        own = (own * np.uint16(opacity) >> 8).astype(np.uint8)
        gone = (np.uint16(OPAQUE) - rest) * np.uint16(opacity)
        rest = np.uint16(OPAQUE) - (gone >> np.uint16(8))
    kept = target * rest
    kept >>= 8
    kept += own
    target[...] = kept
