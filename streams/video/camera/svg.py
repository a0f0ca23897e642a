"""Our own drawings as pixels: the drawing kit and the portraits write SVG for browsers, a camera has no browser.

Only what they write is understood (paths, ovals, rectangles, groups, two kinds of gradient, one blur); anything else is
left out. Never for SVG from outside.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from streams.video.camera.outline import Frame, Line, frame_of, lines_of, oval, rounded

FINER = 3
"""Each pixel is made of so many times as many."""
_NAMES = {"white": "#FFFFFF", "black": "#000000"}
Style = dict[str, str]
_INHERITED = ("fill", "stroke", "stroke-width", "fill-opacity", "fill-rule", "stroke-linecap")


def rasterise(text: str, size: int, *, ground: bool = True) -> Image.Image:
    """A square SVG as RGBA, `size` pixels wide. Without `ground` the first two shapes, which fill it, are left out."""
    root = ET.fromstring(text)
    side = float(root.get("viewBox", "0 0 800 800").split()[2])
    board = _Board(Image.new("RGBA", (size, size)), {})
    for each in root.iter():
        if _tag(each).endswith("Gradient"):
            board.gradients[each.get("id", "")] = each
    scene = [each for each in root if _tag(each) != "defs"]
    if not ground:
        scene = [each for each in scene if not re.fullmatch(r"M0 0H\d+V\d+H0Z", each.get("d", ""))]
    for each in scene:
        board.draw(each, Frame(a=size / side, d=size / side), {})
    return board.image


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _colour(text: str) -> tuple[int, int, int]:
    text = _NAMES.get(text, text)
    if re.fullmatch(r"#[0-9A-Fa-f]{3}", text):
        text = "#" + "".join(letter * 2 for letter in text[1:])
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        text = "#808080"
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


@dataclass
class _Board:
    image: Image.Image
    gradients: dict[str, ET.Element] = field(default_factory=dict)
    _ramps: dict[str, npt.NDArray[np.uint8]] = field(default_factory=dict)

    def draw(self, element: ET.Element, frame: Frame, style: Style) -> None:
        style = {name: style[name] for name in _INHERITED if name in style} | element.attrib
        for each in style.pop("style", "").split(";"):
            name, _, value = each.partition(":")
            style[name.strip()] = value.strip()
        if "transform" in element.attrib:
            frame = frame @ frame_of(element.attrib["transform"])
        if _tag(element) == "g":
            for child in element:
                self.draw(child, frame, style)
            return
        shapes = _shapes(element)
        if not shapes:
            return
        opacity = float(style.get("opacity", 1))
        fill, stroke = style.get("fill", "#000000"), style.get("stroke", "none")
        places = [[frame.dot(x, y) for x, y in line] for line, _ in shapes]
        # The box that gradients are told in is the one of the shape itself.
        xs = [x for line, _ in shapes for x, _ in line]
        ys = [y for line, _ in shapes for _, y in line]
        box = (min(xs), min(ys), max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0)
        blur = 13 * frame.scale if "filter" in style else 0.0
        if fill != "none":
            seen = opacity * float(style.get("fill-opacity", 1))
            self._paint(_Mask.filled(places, style, blur, self.image.size), fill, seen, frame, box)
        if stroke != "none":
            width = float(style.get("stroke-width", 1)) * frame.scale
            closed = [shut for _, shut in shapes]
            drawn = _Mask.drawn(places, closed, width, style, frame.scale, blur, self.image.size)
            self._paint(drawn, stroke, opacity, frame, box)

    def _paint(
        self, mask: _Mask | None, paint: str, opacity: float, frame: Frame,
        box: tuple[float, float, float, float],
    ) -> None:  # fmt: skip
        if mask is None or opacity <= 0:
            return
        found = re.fullmatch(r"url\(#(.+)\)", paint)
        if found:
            layer = self._gradient(found[1], mask, frame, box)
            alpha = layer[..., 3].astype(np.uint16) * np.asarray(mask.image, np.uint16) // 255
            layer[..., 3] = alpha if opacity >= 1 else alpha * opacity
            image = Image.fromarray(layer)
        else:
            image = Image.new("RGBA", mask.image.size, _colour(paint))
            seen = mask.image if opacity >= 1 else mask.image.point(lambda value: value * opacity)
            image.putalpha(seen)
        self.image.alpha_composite(image, (mask.x, mask.y))

    def _gradient(
        self, name: str, mask: _Mask, frame: Frame, box: tuple[float, float, float, float]
    ) -> npt.NDArray[np.uint8]:
        element = self.gradients[name]
        back = frame.inverse
        width, height = mask.image.size
        px = np.arange(mask.x, mask.x + width, dtype=np.float32)[None, :] + 0.5
        py = np.arange(mask.y, mask.y + height, dtype=np.float32)[:, None] + 0.5
        u = (back.a * px + back.c * py + back.e - box[0]) / box[2]
        v = (back.b * px + back.d * py + back.f - box[1]) / box[3]

        def at(attribute: str, usual: float) -> float:
            return float(element.get(attribute, usual))

        if _tag(element) == "linearGradient":
            x, y = at("x1", 0), at("y1", 0)
            dx, dy = at("x2", 1) - x, at("y2", 0) - y
            t = ((u - x) * dx + (v - y) * dy) / ((dx * dx + dy * dy) or 1.0)
        else:
            t = np.hypot(u - at("cx", 0.5), v - at("cy", 0.5)) / (at("r", 0.5) or 1.0)
        ramp = self._ramps.get(name)
        if ramp is None:
            ramp = self._ramps[name] = _ramp(element)
        return ramp[np.clip(t * 255, 0, 255).astype(np.uint8)]


def _ramp(element: ET.Element) -> npt.NDArray[np.uint8]:
    places, colours = [], []
    for stop in element:
        places.append(float(stop.get("offset", 0)) * 255)
        seen = float(stop.get("stop-opacity", 1)) * 255
        colours.append((*_colour(stop.get("stop-color", "#000000")), seen))
    steps = np.arange(256)
    channels = [np.interp(steps, places, [one[n] for one in colours]) for n in range(4)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


def _shapes(element: ET.Element) -> list[tuple[Line, bool]]:
    def at(name: str) -> float:
        return float(element.get(name, 0))

    match _tag(element):
        case "path":
            return lines_of(element.get("d", ""))
        case "ellipse":
            return [(oval(at("cx"), at("cy"), at("rx"), at("ry")), True)]
        case "circle":
            return [(oval(at("cx"), at("cy"), at("r"), at("r")), True)]
        case "rect":
            return [(rounded(at("x"), at("y"), at("width"), at("height"), at("rx")), True)]
    return []


@dataclass
class _Mask:
    """What a shape covers: an "L" picture whose upper left corner is at x, y."""

    image: Image.Image
    x: int
    y: int

    @classmethod
    def _room(
        cls, lines: list[Line], more: float, size: tuple[int, int]
    ) -> tuple[int, int, int, int] | None:
        xs, ys = [x for line in lines for x, _ in line], [y for line in lines for _, y in line]
        left, top = math.floor(min(xs) - more), math.floor(min(ys) - more)
        right, bottom = math.ceil(max(xs) + more), math.ceil(max(ys) + more)
        left, top = max(0, left), max(0, top)
        right, bottom = min(size[0], right), min(size[1], bottom)
        return (left, top, right, bottom) if right > left and bottom > top else None

    @classmethod
    def filled(
        cls, lines: list[Line], style: Style, blur: float, size: tuple[int, int]
    ) -> _Mask | None:
        room = cls._room(lines, 1 + blur * 3, size)
        if room is None:
            return None
        whole: Image.Image | None = None
        first = 0.0
        for line in lines:
            if len(line) < 3:
                continue
            image, pen, dots = _finer(room, line)
            pen.polygon(dots, fill=255)
            area = sum(
                a[0] * b[1] - b[0] * a[1] for a, b in zip(line, [*line[1:], line[0]], strict=True)
            )
            if whole is None:
                whole, first = image, area
            elif style.get("fill-rule") == "evenodd":
                whole = ImageChops.difference(whole, image)
            else:
                hole = area * first < 0
                whole = (
                    ImageChops.subtract(whole, image) if hole else ImageChops.lighter(whole, image)
                )
        return None if whole is None else cls._done(whole, room, blur)

    @classmethod
    def drawn(
        cls, lines: list[Line], closed: list[bool], width: float, style: Style, scale: float, blur: float,
        size: tuple[int, int],
    ) -> _Mask | None:  # fmt: skip
        room = cls._room(lines, 1 + width + blur * 3, size)
        if room is None:
            return None
        whole: Image.Image | None = None
        dashes = [float(one) * scale for one in style.get("stroke-dasharray", "").split()]
        thick = max(1, round(width * FINER))
        for line, shut in zip(lines, closed, strict=True):
            line = [*line, line[0]] if shut else line
            for piece in _dashed(line, dashes) if dashes else [line]:
                image, pen, dots = _finer(room, piece)
                pen.line(dots, fill=255, width=thick, joint="curve")
                if style.get("stroke-linecap") == "round" and thick > 2:
                    for x, y in (dots[0], dots[-1]):
                        half = thick / 2
                        pen.ellipse((x - half, y - half, x + half, y + half), fill=255)
                whole = image if whole is None else ImageChops.lighter(whole, image)
        return None if whole is None else cls._done(whole, room, blur)

    @classmethod
    def _done(cls, whole: Image.Image, room: tuple[int, int, int, int], blur: float) -> _Mask:
        image = whole.reduce(FINER)
        if blur:
            image = image.filter(ImageFilter.GaussianBlur(blur))
        return cls(image, room[0], room[1])


def _finer(room: tuple[int, int, int, int], line: Line) -> tuple[Image.Image, Any, Line]:
    left, top, right, bottom = room
    image = Image.new("L", ((right - left) * FINER, (bottom - top) * FINER))
    dots = [((x - left) * FINER, (y - top) * FINER) for x, y in line]
    return image, ImageDraw.Draw(image), dots


def _dashed(line: Line, dashes: list[float]) -> list[Line]:
    found: list[Line] = []
    part, rest, on = [line[0]], dashes[0], True
    which = 0
    for (x, y), (tx, ty) in pairwise(line):
        length = math.hypot(tx - x, ty - y)
        gone = 0.0
        while length - gone > rest:
            gone += rest
            dot = (x + (tx - x) * gone / length, y + (ty - y) * gone / length)
            if on:
                found.append([*part, dot])
            part, on = [dot], not on
            which = (which + 1) % len(dashes)
            rest = max(0.5, dashes[which])
        rest -= length - gone
        part.append((tx, ty))
    if on and len(part) > 1:
        found.append(part)
    return found
