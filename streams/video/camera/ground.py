"""The ground of the picture: a lit wall in the product's tint that goes over into the dark of the evening below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from shop.catalogue.drawing.colour import is_colour, mix, shade
from streams.video.camera.planes import HEIGHT, WIDTH

SHELF = 716
"""Where the next products stand."""
EVENING = "#15100D"


def _rgb(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _fall(stops: Sequence[tuple[float, str]]) -> npt.NDArray[np.float32]:
    """Colours from top to bottom, softly from stop to stop."""
    places = [place for place, _ in stops]
    rows = np.linspace(0, HEIGHT - 1, HEIGHT)
    channels = [np.interp(rows, places, [_rgb(colour)[n] for _, colour in stops]) for n in range(3)]
    soft = np.stack(channels, axis=1)
    kernel = np.hanning(65)
    kernel /= kernel.sum()
    wide = np.pad(soft, ((32, 32), (0, 0)), mode="edge")
    soft = np.stack([np.convolve(wide[:, n], kernel, "valid") for n in range(3)], axis=1)
    return np.repeat(soft[:, None, :], WIDTH, axis=1).astype(np.float32)


def _light(x: float, y: float, rx: float, ry: float) -> npt.NDArray[np.float32]:
    """A pool of light: 1 in the middle, 0 at its edge."""
    px = (np.arange(WIDTH, dtype=np.float32)[None, :] - x) / rx
    py = (np.arange(HEIGHT, dtype=np.float32)[:, None] - y) / ry
    near = np.clip(1 - np.hypot(px, py), 0, 1)
    return (near * near * (3 - 2 * near))[..., None]


def _finish(
    light: npt.NDArray[np.float32], things: Sequence[Image.Image], dim: float
) -> Image.Image:
    """A little grain against bands, and the shelf with what comes next."""
    grain = np.random.default_rng(7).uniform(-0.5, 0.5, (HEIGHT, WIDTH, 1)).astype(np.float32)
    image = Image.fromarray(np.clip(light + grain, 0, 255).astype(np.uint8)).convert("RGBA")
    if not things:
        return image.convert("RGB")
    board = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    edge = (1 - np.abs(np.linspace(-1, 1, WIDTH)) ** 3)[None, :]
    board[SHELF : SHELF + 2, :, :3] = (255, 244, 230)
    board[SHELF : SHELF + 2, :, 3] = (edge * 70).astype(np.uint8)
    board[SHELF + 2 : SHELF + 14, :, 3] = (np.linspace(90, 0, 12)[:, None] * edge).astype(np.uint8)
    image.alpha_composite(Image.fromarray(board))
    room = WIDTH // (len(things) + 1)
    for place, thing in enumerate(things, start=1):
        seen = thing.copy()
        seen.putalpha(seen.getchannel("A").point(lambda value: value * dim))
        image.alpha_composite(
            seen, (room * place - thing.width // 2, SHELF + 2 - round(thing.height * 0.865))
        )
    return image.convert("RGB")


def stage(tint: str, mood: str, things: Sequence[Image.Image]) -> Image.Image:
    """For a pinned product."""
    tint = tint if is_colour(tint) else "#EFE7DD"
    mood = mood if is_colour(mood) else "#3A2A22"
    # The tint stays itself in the shade; only at the very bottom it is the room's evening.
    deep = mix(shade(tint, -0.34), mood, 0.25)
    stops = (
        (0, shade(tint, -0.03)), (110, shade(tint, 0.012)), (330, shade(tint, 0.015)),
        (450, shade(tint, -0.03)), (570, shade(tint, -0.15)), (SHELF, deep),
        (HEIGHT - 1, mix(deep, EVENING, 0.72)),
    )  # fmt: skip
    light = _fall(stops)
    light += (255 - light) * _light(190, 230, 330, 300) * 0.5
    light *= 1 - 0.10 * (1 - _light(240, 300, 640, 640))
    return _finish(light, things, 0.8)


def title(mood: str, things: Sequence[Image.Image]) -> Image.Image:
    """While nothing is pinned: the room in its own light."""
    mood = mood if is_colour(mood) else "#3A2A22"
    stops = (
        (0, mix(mood, EVENING, 0.45)), (260, shade(mood, 0.02)), (520, mix(mood, EVENING, 0.25)),
        (HEIGHT - 1, mix(mood, EVENING, 0.8)),
    )  # fmt: skip
    light = _fall(stops)
    warm = np.array(_rgb(mix(shade(mood, 0.34), "#FFC89A", 0.45)), np.float32)
    light += (warm - light) * _light(240, 170, 380, 330) * 0.55
    light += (warm - light) * _light(240, SHELF - 70, 330, 150) * 0.35
    return _finish(light, things, 0.92)
