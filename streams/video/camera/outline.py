"""Paths of our own drawings as polygons: the part of SVG that the drawing kit writes, in pixels of the picture."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

Dot = tuple[float, float]
Line = list[Dot]
_TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)")
_TURN = re.compile(r"(translate|scale|rotate)\(([^)]*)\)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "A": 7, "Z": 0}
STEPS = 10
"""Straight pieces of a curve; curves of the kit are short."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An affine map: x' = a x + c y + e, y' = b x + d y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def __matmul__(self, inner: Frame) -> Frame:
        """First `inner`, then this."""
        return Frame(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            self.a * inner.e + self.c * inner.f + self.e,
            self.b * inner.e + self.d * inner.f + self.f,
        )

    def dot(self, x: float, y: float) -> Dot:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    @property
    def scale(self) -> float:
        return math.sqrt(abs(self.a * self.d - self.b * self.c))

    @property
    def inverse(self) -> Frame:
        det = self.a * self.d - self.b * self.c
        return Frame(
            self.d / det,
            -self.b / det,
            -self.c / det,
            self.a / det,
            (self.c * self.f - self.d * self.e) / det,
            (self.b * self.e - self.a * self.f) / det,
        )


def frame_of(transform: str) -> Frame:
    """`translate(..) rotate(.. cx cy) scale(..)` as one map."""
    whole = Frame()
    for name, inside in _TURN.findall(transform):
        values = [float(one) for one in _NUMBER.findall(inside)]
        whole = whole @ _one(name, values)
    return whole


def _one(name: str, values: list[float]) -> Frame:
    match name:
        case "translate":
            return Frame(e=values[0], f=values[1] if len(values) > 1 else 0.0)
        case "scale":
            return Frame(a=values[0], d=values[1] if len(values) > 1 else values[0])
        case _:
            turn = math.radians(values[0])
            cos, sin = math.cos(turn), math.sin(turn)
            x, y = (values[1], values[2]) if len(values) > 2 else (0.0, 0.0)
            around = Frame(cos, sin, -sin, cos)
            return Frame(e=x, f=y) @ around @ Frame(e=-x, f=-y)


def oval(cx: float, cy: float, rx: float, ry: float) -> Line:
    count = 48
    turns = (2 * math.pi * n / count for n in range(count))
    return [(cx + rx * math.cos(turn), cy + ry * math.sin(turn)) for turn in turns]


def rounded(x: float, y: float, w: float, h: float, r: float) -> Line:
    r = min(r, w / 2, h / 2)
    if r <= 0:
        return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    corners = ((x + w - r, y + r, -90), (x + w - r, y + h - r, 0), (x + r, y + h - r, 90),
               (x + r, y + r, 180))  # fmt: skip
    return [
        (
            cx + r * math.cos(math.radians(start + step)),
            cy + r * math.sin(math.radians(start + step)),
        )
        for cx, cy, start in corners
        for step in range(0, 91, 15)
    ]


def lines_of(d: str) -> list[tuple[Line, bool]]:
    """The subpaths of a path, each with whether it is closed."""
    found: list[tuple[Line, bool]] = []
    line: Line = []
    at: Dot = (0.0, 0.0)
    handle: Dot | None = None
    for letter, values in _steps(d):
        name = letter.upper()
        if letter.islower():
            values = _absolute(name, values, at)
        next_handle: Dot | None = None
        match name:
            case "M":
                if len(line) > 1:
                    found.append((line, False))
                at = (values[0], values[1])
                line = [at]
            case "L":
                line.append((values[0], values[1]))
            case "H":
                line.append((values[0], at[1]))
            case "V":
                line.append((at[0], values[0]))
            case "Q":
                line += _quadratic(at, (values[0], values[1]), (values[2], values[3]))
            case "C" | "S":
                if name == "S":
                    first = (2 * at[0] - handle[0], 2 * at[1] - handle[1]) if handle else at
                    values = [*first, *values]
                next_handle = (values[2], values[3])
                line += _cubic(at, (values[0], values[1]), next_handle, (values[4], values[5]))
            case "A":
                line += _arc(at, values)
            case _:
                begin = line[0] if line else at
                if len(line) > 1:
                    found.append((line, True))
                line = [begin]
        handle = next_handle
        if line:
            at = line[-1]
    if len(line) > 1:
        found.append((line, False))
    return found


def _steps(d: str) -> Iterator[tuple[str, list[float]]]:
    letter, tokens = "M", _TOKEN.findall(d)
    place = 0
    while place < len(tokens):
        if tokens[place].isalpha():
            letter = tokens[place]
            place += 1
        count = _TAKES[letter.upper()]
        yield letter, [float(one) for one in tokens[place : place + count]]
        place += count
        if letter in "Mm":
            letter = "L" if letter == "M" else "l"


def _absolute(name: str, values: list[float], at: Dot) -> list[float]:
    if name == "H":
        return [values[0] + at[0]]
    if name == "V":
        return [values[0] + at[1]]
    if name == "A":
        return [*values[:5], values[5] + at[0], values[6] + at[1]]
    return [value + at[n % 2] for n, value in enumerate(values)]


def _quadratic(p: Dot, q: Dot, r: Dot) -> Line:
    return [
        tuple(
            (1 - t) ** 2 * a + 2 * (1 - t) * t * b + t * t * c
            for a, b, c in zip(p, q, r, strict=True)
        )  # type: ignore[misc]
        for t in (n / STEPS for n in range(1, STEPS + 1))
    ]


def _cubic(p: Dot, q: Dot, r: Dot, s: Dot) -> Line:
    found: Line = []
    for n in range(1, STEPS + 1):
        t = n / STEPS
        k = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
        found.append(
            (
                k[0] * p[0] + k[1] * q[0] + k[2] * r[0] + k[3] * s[0],
                k[0] * p[1] + k[1] * q[1] + k[2] * r[1] + k[3] * s[1],
            )
        )
    return found


def _arc(at: Dot, values: list[float]) -> Line:
    """SVG 2, appendix B.2.4: from end points to the centre."""
    rx, ry, turn, large, sweep, x, y = values
    if not rx or not ry or (x, y) == at:
        return [(x, y)]
    phi = math.radians(turn)
    cos, sin = math.cos(phi), math.sin(phi)
    dx, dy = (at[0] - x) / 2, (at[1] - y) / 2
    x1, y1 = cos * dx + sin * dy, -sin * dx + cos * dy
    grow = x1 * x1 / (rx * rx) + y1 * y1 / (ry * ry)
    if grow > 1:
        rx, ry = rx * math.sqrt(grow), ry * math.sqrt(grow)
    under = rx * rx * y1 * y1 + ry * ry * x1 * x1
    root = math.sqrt(max(0.0, rx * rx * ry * ry - under) / under)
    root = -root if bool(large) == bool(sweep) else root
    cx1, cy1 = root * rx * y1 / ry, -root * ry * x1 / rx
    cx, cy = cos * cx1 - sin * cy1 + (at[0] + x) / 2, sin * cx1 + cos * cy1 + (at[1] + y) / 2
    start = math.atan2((y1 - cy1) / ry, (x1 - cx1) / rx)
    span = math.atan2((-y1 - cy1) / ry, (-x1 - cx1) / rx) - start
    if sweep and span < 0:
        span += 2 * math.pi
    if not sweep and span > 0:
        span -= 2 * math.pi
    count = max(4, math.ceil(abs(span) / 0.2))
    found: Line = []
    for n in range(1, count + 1):
        angle = start + span * n / count
        u, v = rx * math.cos(angle), ry * math.sin(angle)
        found.append((cos * u - sin * v + cx, sin * u + cos * v + cy))
    return found
