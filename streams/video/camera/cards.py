"""What stands over the picture: number, title, price, deal, shades, the product's line, the clock. RGBA, drawn once.

A phone shows the middle 384 of 480 pixels, lays its header over the top 90 and its chat over what is below 470.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw

from livestore.base.money import Money
from shop.catalogue.drawing.colour import is_colour, lightness, shade
from streams.video.camera.lettering import (
    INK,
    PALE,
    PERSIMMON,
    REGULAR,
    STRONG,
    fitting,
    lines,
    width,
    write,
)
from streams.video.camera.room import Pinned

ROOM = 376
"""The width of what must be seen."""
BESIDE = 56
"""Right of the badge."""
FREE = 52
"""At the right end of the head, where a phone has its button for the sound."""
WIDE = ROOM - BESIDE - FREE
FINE = 4
SCRIM = (15, 13, 11, 178)
QUIET = (23, 19, 15, 166)
CHIP, APART = 30, 42
"""A shade's chip and the way to the next one."""
SHADES = (56, 204)
SPOKEN = 330
"""The width of a line beside the host; its height follows from the text."""


def blank(size: tuple[int, int]) -> Image.Image:
    return Image.new("RGBA", size)


@lru_cache(maxsize=64)
def plate(size: tuple[int, int], radius: int, fill: str | tuple[int, ...]) -> Image.Image:
    """A rounded plate with smooth edges."""
    large = Image.new("L", (size[0] * FINE, size[1] * FINE))
    box = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, radius * FINE, fill=255)
    image = Image.new("RGBA", size, fill)
    opacity = fill[3] if isinstance(fill, tuple) and len(fill) > 3 else 255
    image.putalpha(large.reduce(FINE).point(lambda value: value * opacity // 255))
    return image


def head(pinned: Pinned) -> Image.Image:
    """Number, title, price and old price; a deal says them itself."""
    price, before = pinned.price, pinned.before
    image = blank((ROOM, 76))
    pen = ImageDraw.Draw(image)
    image.alpha_composite(plate((44, 44), 22, PERSIMMON), (0, 2))
    size = 20 if pinned.number < 100 else 16
    write(pen, (22, 24), str(pinned.number), size, INK, STRONG, "mm", figures=True)
    size = 18 if width(pinned.title, 18, STRONG) <= WIDE else 16
    title = fitting(pinned.title, size, WIDE, STRONG)
    write(pen, (BESIDE, 16), title, size, INK, STRONG, "ls")
    if pinned.deal is not None and not pinned.sold_out:
        return image
    at = float(BESIDE)
    if pinned.several:
        write(pen, (at, 50), "from", 14, QUIET, REGULAR, "ls")
        at += width("from", 14) + 6
    ink = QUIET if pinned.sold_out else INK
    write(pen, (at, 50), str(price), 25, ink, STRONG, "ls", figures=True)
    at += width(str(price), 25, STRONG, figures=True) + 12
    if before is not None:
        _struck(pen, (at, 50), str(before), 15, QUIET)
    return image


def _struck(
    pen: ImageDraw.ImageDraw, place: tuple[float, float], text: str, size: int, ink: tuple[int, ...]
) -> None:
    write(pen, place, text, size, ink, REGULAR, "ls", figures=True)
    x, y = place
    pen.line(
        (x - 1, y - size * 0.34, x + width(text, size, figures=True) + 2, y - size * 0.34),
        fill=ink,
        width=1,
    )


def deal(price: Money, was: Money, left_ms: int | None, whole_ms: int) -> Image.Image:
    """The deal's plate: its price, the old one, the time that is left, and a bar that drains with it."""
    size = (WIDE, 40)
    image = plate(size, 12, PERSIMMON).copy()
    pen = ImageDraw.Draw(image)
    time = "Deal" if left_ms is None else countdown(left_ms)
    write(pen, (size[0] - 14, 25), time, 18, INK, STRONG, "rs", figures=True)
    new, old = str(price), str(was)
    room = size[0] - 14 - 14 - width(time, 18, STRONG, figures=True) - 14
    # Five digits and five digits: first smaller, then without the old price, never over the time.
    for tall, small in ((22, 14), (19, 12)):
        reach = width(new, tall, STRONG, figures=True) + 10
        fits = reach + width(old, small, figures=True) <= room
        if fits:
            break
    tall = next(each for each in (tall, 16, 13) if width(new, each, STRONG) <= room or each == 13)
    write(pen, (14, 26), new, tall, INK, STRONG, "ls", figures=True)
    if fits:
        _struck(pen, (14 + reach, 26), old, small, (23, 19, 15, 190))
    if left_ms is None:
        return image
    part = max(0.0, min(1.0, left_ms / max(1, whole_ms)))
    track = (14, 33, size[0] - 14, 36)
    pen.rectangle((track[0], track[1], track[2], track[3] - 1), fill=(23, 19, 15, 60))
    reach = track[0] + round((track[2] - track[0]) * part)
    if reach > track[0]:
        pen.rectangle((track[0], track[1], reach, track[3] - 1), fill=INK)
    return image


def countdown(left_ms: int) -> str:
    """Whole seconds that still run: 0:00 is shown when it is over, not before."""
    seconds = max(0, -(-left_ms // 1000))
    return f"{seconds // 60}:{seconds % 60:02d}"


def clock(at_ms: int, ink: str) -> Image.Image:
    """The server's time of day (UTC) with seconds."""
    image = blank((88, 18))
    text = dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).strftime("%H:%M:%S")
    colour = QUIET if ink == INK else (245, 241, 234, 190)
    write(ImageDraw.Draw(image), (87, 14), text, 14, colour, STRONG, "rs", figures=True)
    return image


@lru_cache(maxsize=256)
def _chip(swatch: str, size: int, chosen: bool) -> Image.Image:
    image = blank((size, size))
    if chosen:
        image.alpha_composite(plate((size, size), size // 2, "#FFFFFF"))
    rim = 4 if chosen else 0
    inner = size - 2 * rim
    edge = shade(swatch, -0.1 if lightness(swatch) > 0.3 else 0.14)
    image.alpha_composite(plate((inner, inner), inner // 2, edge), (rim, rim))
    image.alpha_composite(plate((inner - 2, inner - 2), inner // 2 - 1, swatch), (rim + 1, rim + 1))
    gleam = plate((inner // 2, inner // 4), inner // 8, (255, 255, 255, 46))
    image.alpha_composite(gleam, (rim + inner // 5, rim + inner // 7))
    return image


def shades(swatches: Sequence[str], place: float, *, endless: bool) -> Image.Image:
    """A reel of chips around `place` (whole when one stands in the middle)."""
    image = blank(SHADES)
    middle = SHADES[1] / 2
    for step in range(-3, 5):
        number = int(place // 1) + step
        off = number - place
        near = max(0.0, 1 - abs(off))
        swatch = swatches[number % len(swatches)]
        if not endless and not 0 <= number < len(swatches):
            continue
        swatch = swatch if is_colour(swatch) else "#B9A48F"
        size = CHIP + round(near * 7) * 2
        chip = _chip(swatch.upper(), size, near > 0.5)
        x, y = SHADES[0] - CHIP // 2 - 7 - size // 2, round(middle + off * APART - size / 2)
        fade = max(0.0, min(1.0, (2.75 - abs(off)) / 0.9))
        if fade < 1:
            chip = chip.copy()
            chip.putalpha(chip.getchannel("A").point(lambda value, part=fade: value * part))
        _lay(image, chip, x, y)
    return image


def _lay(image: Image.Image, piece: Image.Image, x: int, y: int) -> None:
    """As alpha_composite, also where a piece hangs over the edge."""
    top = max(0, -y)
    if top >= piece.height or y >= image.height:
        return
    image.alpha_composite(piece, (x, y + top), (0, top))


def name(text: str, dark: bool = False) -> Image.Image:
    """The name of a shade, as a pill that ends at the right edge."""
    text = fitting(text, 14, 190, STRONG)
    size = (width(text, 14, STRONG) + 24, 28)
    image = plate(size, 14, SCRIM if dark else (255, 255, 255, 214)).copy()
    write(ImageDraw.Draw(image), (12, 19), text, 14, PALE if dark else INK, STRONG, "ls")
    whole = blank((216, 28))
    whole.alpha_composite(image, (216 - size[0], 0))
    return whole


def spoken(text: str) -> Image.Image:
    """A line beside the host."""
    rows = lines(text, 15, SPOKEN - 44, 3)
    height = 62 if len(rows) < 3 else 80
    image = plate((SPOKEN, height), 18, SCRIM).copy()
    pen = ImageDraw.Draw(image)
    top = height / 2 - len(rows) * 10.5 + 15.5
    for row, line in enumerate(rows):
        write(pen, (30, top + row * 21), line, 15, PALE, REGULAR, "ls")
    return image


def sold_out() -> Image.Image:
    text = "Sold out"
    size = (width(text, 22, STRONG) + 48, 50)
    image = plate(size, 25, (15, 13, 11, 224)).copy()
    write(ImageDraw.Draw(image), (size[0] / 2, size[1] / 2), text, 22, PALE, STRONG, "mm")
    return image


def title_card(title: str, host: str, line: str) -> Image.Image:
    """While nothing is pinned: what this show is."""
    image = blank((ROOM, 222))
    pen = ImageDraw.Draw(image)
    size, rows = 36, lines(title, 36, ROOM, 3, STRONG)
    if len(rows) > 2:
        size, rows = 29, lines(title, 29, ROOM, 3, STRONG)
    step = round(size * 1.22)
    for row, text in enumerate(rows):
        write(pen, (ROOM / 2, 34 + row * step), text, size, PALE, STRONG, "ms")
    top = 78 + (len(rows) - 1) * step
    if host:
        write(pen, (ROOM / 2, top - 6), f"with {host}", 17, PERSIMMON, STRONG, "ms")
        top += 26
    for row, text in enumerate(lines(line, 15, ROOM - 40, 2)):
        write(pen, (ROOM / 2, top + row * 21), text, 15, (245, 241, 234, 200), REGULAR, "ms")
    return image
