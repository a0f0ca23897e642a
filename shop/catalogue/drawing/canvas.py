"""The studio: one camera, one light from the upper left, one soft shadow to the lower right.

Everything is drawn in a square of 800 units. A drawing function gets a `Canvas` and the options of its
drawing and adds shapes; the canvas knows how each material takes the light.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from shop.catalogue.drawing.colour import lightness, mix, shade

SIZE = 800
METALS = {
    "gold": "#CFA24C",
    "silver": "#BFC4CA",
    "rose": "#D39B86",
    "black": "#2B2A2D",
    "white": "#ECE9E4",
    "copper": "#B9704A",
}
Point = tuple[float, float] | tuple[float, float, float]
Stop = tuple[float, str] | tuple[float, str, float]


def num(value: float) -> str:
    """A number as short as SVG allows: one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def outline(points: Sequence[Point], closed: bool = True) -> str:
    """A path through the points `(x, y, radius?)`, every corner rounded by its radius."""
    count = len(points)
    parts: list[str] = []
    for at, point in enumerate(points):
        x, y = point[0], point[1]
        radius = point[2] if len(point) > 2 else 0.0
        letter = "L" if parts else "M"
        if not radius or (not closed and at in (0, count - 1)):
            parts.append(f"{letter}{num(x)} {num(y)}")
            continue
        ends = []
        for other in (points[at - 1], points[(at + 1) % count]):
            dx, dy = other[0] - x, other[1] - y
            length = hypot(dx, dy) or 1.0
            part = min(radius, length / 2) / length
            ends.append((x + dx * part, y + dy * part))
        (ax, ay), (bx, by) = ends
        parts.append(f"{letter}{num(ax)} {num(ay)}Q{num(x)} {num(y)} {num(bx)} {num(by)}")
    return "".join(parts) + ("Z" if closed else "")


def lathe(profile: Sequence[Point], cx: float = 400) -> str:
    """A body of revolution seen from the front: `(half width, y, radius?)` from top to bottom."""
    right: list[Point] = [(cx + p[0], p[1], p[2] if len(p) > 2 else 0.0) for p in profile]
    left: list[Point] = [
        (cx - p[0], p[1], p[2] if len(p) > 2 else 0.0) for p in reversed(profile) if p[0] > 0
    ]
    return outline([*right, *left])


class Canvas:
    """Collects shapes; `svg()` is the finished picture."""

    def __init__(self, ground: str) -> None:
        self.ground = ground
        self._defs: list[str] = []
        self._body: list[str] = []
        self._blur = ""
        self._paints: dict[str, str] = {}
        self.zoom = 1.0  # how near the camera is; small things come closer
        self.middle = 420.0  # the height it looks at

    # -- paint -------------------------------------------------------------------------------------

    def gradient(
        self,
        stops: Sequence[Stop],
        to: tuple[float, float] = (1, 0),
        start: tuple[float, float] = (0, 0),
    ) -> str:
        """A linear gradient across the shape's own box; returns a fill."""
        marks = "".join(self._stop(one) for one in stops)
        place = f'x1="{start[0]:g}" y1="{start[1]:g}" x2="{to[0]:g}" y2="{to[1]:g}"'
        return self._paint("linearGradient", place, marks)

    def radial(
        self, stops: Sequence[Stop], cx: float = 0.5, cy: float = 0.5, r: float = 0.5
    ) -> str:
        """A radial gradient across the shape's own box; returns a fill."""
        marks = "".join(self._stop(one) for one in stops)
        return self._paint("radialGradient", f'cx="{cx:g}" cy="{cy:g}" r="{r:g}"', marks)

    def _paint(self, tag: str, place: str, marks: str) -> str:
        """Equal gradients are written once: a wig has two hundred curls of three colours."""
        text = f"{place}>{marks}</{tag}>"
        if text not in self._paints:
            self._paints[text] = f"g{len(self._paints)}"
            self._defs.append(f'<{tag} id="{self._paints[text]}" {text}')
        return f"url(#{self._paints[text]})"

    @staticmethod
    def _stop(one: Stop) -> str:
        seen = f' stop-opacity="{one[2]:g}"' if len(one) > 2 else ""
        return f'<stop offset="{one[0]:g}" stop-color="{one[1]}"{seen}/>'

    def tube(self, colour: str, depth: float = 1.0) -> str:
        """A matt cylinder: lit a third from the left, turning away on the right."""
        steps = ((0, -0.05), (0.10, 0.0), (0.30, 0.075), (0.52, 0.01), (0.80, -0.07), (1, -0.13))
        return self.gradient([(at, shade(colour, step * depth)) for at, step in steps])

    def shiny(self, colour: str, depth: float = 1.0) -> str:
        """A polished cylinder: a hard light edge and a reflection on the far side."""
        steps = (
            (0, -0.10), (0.10, -0.02), (0.17, 0.20), (0.25, 0.22), (0.30, 0.03), (0.62, -0.03),
            (0.84, -0.13), (0.92, -0.04), (1, -0.12),
        )  # fmt: skip
        return self.gradient([(at, shade(colour, step * depth)) for at, step in steps])

    def metal(self, name: str) -> str:
        """Brushed metal by name (`METALS`) or by colour."""
        colour = METALS.get(name, name)
        steps = (
            (0, -0.16), (0.12, 0.02), (0.22, 0.17), (0.32, 0.04), (0.50, -0.07), (0.66, 0.09),
            (0.80, -0.10), (0.94, -0.16), (1, -0.04),
        )  # fmt: skip
        flat = 0.6 if lightness(colour) < 0.4 else 1.0
        return self.gradient([(at, shade(colour, step * flat)) for at, step in steps])

    def sheen(self, colour: str, depth: float = 1.0) -> str:
        """A surface facing us: light in the upper left, a little less in the lower right."""
        steps = ((0, 0.055), (0.45, 0.0), (1, -0.075))
        return self.gradient(
            [(at, shade(colour, step * depth)) for at, step in steps], to=(0.75, 1)
        )

    def ball(self, colour: str, depth: float = 1.0) -> str:
        """A round thing."""
        steps = ((0, 0.15), (0.35, 0.05), (0.7, -0.03), (1, -0.14))
        stops = [(at, shade(colour, step * depth)) for at, step in steps]
        return self.radial(stops, 0.34, 0.28, 0.78)

    def glass(self, colour: str = "#FFFFFF", body: float = 0.35) -> str:
        """Clear glass over what was drawn before: bright edges, an almost empty middle."""
        light, dark = shade(colour, 0.2), shade(mix(colour, self.ground, 0.5), -0.16)
        return self.gradient(
            [
                (0, dark, body + 0.25), (0.07, light, body + 0.3), (0.18, light, body * 0.9),
                (0.5, light, body * 0.45), (0.86, dark, body * 0.5), (0.94, light, body),
                (1, dark, body + 0.3),
            ]
        )  # fmt: skip

    # -- shapes ------------------------------------------------------------------------------------

    def add(self, markup: str) -> None:
        self._body.append(markup)

    def path(self, d: str, fill: str, opacity: float = 1) -> None:
        seen = f' opacity="{opacity:g}"' if opacity != 1 else ""
        self.add(f'<path d="{d}" fill="{fill}"{seen}/>')

    def line(self, d: str, colour: str, width: float, opacity: float = 1, more: str = "") -> None:
        seen = f' opacity="{opacity:g}"' if opacity != 1 else ""
        self.add(
            f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{num(width)}" '
            f'stroke-linecap="round" stroke-linejoin="round"{seen}{more}/>'
        )

    def rect(
        self, x: float, y: float, w: float, h: float, fill: str, r: float = 0, opacity: float = 1
    ) -> None:
        seen = f' opacity="{opacity:g}"' if opacity != 1 else ""
        self.add(
            f'<rect x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}" rx="{num(r)}" '
            f'fill="{fill}"{seen}/>'
        )

    def oval(
        self, cx: float, cy: float, rx: float, ry: float, fill: str, opacity: float = 1
    ) -> None:
        seen = f' opacity="{opacity:g}"' if opacity != 1 else ""
        self.add(
            f'<ellipse cx="{num(cx)}" cy="{num(cy)}" rx="{num(rx)}" ry="{num(ry)}" fill="{fill}"{seen}/>'
        )

    def gloss(self, d: str, opacity: float = 0.3) -> None:
        """A reflection of the window."""
        self.path(d, "#FFFFFF", opacity)

    def open(self, transform: str) -> None:
        self.add(f'<g transform="{transform}">')

    def close(self) -> None:
        self.add("</g>")

    # -- shadow ------------------------------------------------------------------------------------

    @property
    def dusk(self) -> str:
        """The colour of the shadow: the ground, much darker."""
        return shade(self.ground, -0.42)

    def floor(self, cx: float, y: float, half: float, deep: float = 0.0) -> None:
        """The soft shadow of something that stands, `half` wide, on the ground at `y`."""
        deep = deep or max(20.0, half * 0.2)
        fill = self.radial([(0, self.dusk, 0.50), (0.45, self.dusk, 0.24), (1, self.dusk, 0)])
        self.oval(cx + half * 0.30, y + deep * 0.12, half * 1.55, deep * 1.5, fill)
        near = self.radial([(0, self.dusk, 0.65), (0.7, self.dusk, 0.35), (1, self.dusk, 0)])
        self.oval(cx + half * 0.04, y, half * 1.06, deep * 0.42, near)

    def lying(self, d: str, lift: float = 1.0, stroke: float = 0) -> None:
        """The soft shadow of something that lies or hangs: its own outline, moved and blurred."""
        if not self._blur:
            self._blur = "s"
            self._defs.append(
                '<filter id="s" x="-20%" y="-20%" width="140%" height="140%">'
                '<feGaussianBlur stdDeviation="13"/></filter>'
            )
        look = (
            f'fill="none" stroke="{self.dusk}" stroke-width="{num(stroke)}" stroke-linecap="round"'
            if stroke
            else f'fill="{self.dusk}"'
        )
        self.add(
            f'<path d="{d}" {look} opacity=".38" filter="url(#s)" '
            f'transform="translate({num(15 * lift)} {num(24 * lift)})"/>'
        )

    def svg(self) -> str:
        """The finished picture."""
        scene = "".join(self._body)
        if self.zoom != 1:
            shift = f"{400 * (1 - self.zoom):.1f} {self.middle * (1 - self.zoom):.1f}"
            scene = f'<g transform="translate({shift}) scale({self.zoom:g})">{scene}</g>'
        wall = shade(self.ground, 0.035)
        base = shade(self.ground, -0.045)
        sky = self.gradient([(0, wall), (0.66, self.ground), (1, base)], to=(0, 1))
        glow = self.radial([(0, "#FFFFFF", 0.42), (1, "#FFFFFF", 0)], 0.34, 0.22, 0.6)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" '
            f'height="{SIZE}"><defs>{"".join(self._defs)}</defs>'
            f'<path d="M0 0H{SIZE}V{SIZE}H0Z" fill="{sky}"/>'
            f'<path d="M0 0H{SIZE}V{SIZE}H0Z" fill="{glow}"/>{scene}</svg>'
        )
