"""Rings, chains and watches, larger than life."""

from __future__ import annotations

from math import cos, pi, sin

from shop.catalogue.drawing.canvas import METALS, Canvas, lathe, outline
from shop.catalogue.drawing.colour import lightness, shade
from shop.catalogue.drawing.kit import Options, kind


def gem(c: Canvas, x: float, y: float, r: float, colour: str) -> None:
    """A brilliant from above: a ring of facets around a table."""
    count = 8
    outer = [
        (x + r * cos(n * pi / 4 + pi / 8), y + r * sin(n * pi / 4 + pi / 8)) for n in range(count)
    ]
    inner = [(x + r * 0.52 * cos(n * pi / 4), y + r * 0.52 * sin(n * pi / 4)) for n in range(count)]
    c.path(outline(outer), colour)
    for n in range(count):
        (ax, ay), (bx, by) = outer[n], outer[(n + 1) % count]
        ix, iy = inner[(n + 1) % count]
        tone = (0.16, -0.04, -0.12, -0.16, -0.06, 0.06, 0.18, 0.24)[n]
        c.path(f"M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}L{ix:.1f} {iy:.1f}Z", shade(colour, tone))
        jx, jy = inner[n]
        c.path(
            f"M{ax:.1f} {ay:.1f}L{ix:.1f} {iy:.1f}L{jx:.1f} {jy:.1f}Z",
            shade(colour, tone * 0.6 + 0.04),
        )
    c.path(outline(inner), c.sheen(shade(colour, 0.1), 1.6))
    c.gloss(
        outline(
            [(x - r * 0.34, y - r * 0.3), (x - r * 0.02, y - r * 0.44), (x - r * 0.2, y - r * 0.02)]
        ),
        0.75,
    )


def _band(c: Canvas, cx: float, cy: float, rx: float, ry: float, width: float, o: Options) -> None:
    """A ring standing up: an elliptic band with its inside in shadow."""
    colour = METALS[o.metal]
    d = f"M{cx - rx:g} {cy:g}A{rx:g} {ry:g} 0 1 1 {cx + rx:g} {cy:g}A{rx:g} {ry:g} 0 1 1 {cx - rx:g} {cy:g}Z"
    c.line(d, shade(colour, -0.2), width + 6)
    c.line(d, c.metal(o.metal), width)
    c.line(
        f"M{cx - rx * 0.96:g} {cy - ry * 0.2:g}A{rx:g} {ry:g} 0 0 1 {cx - rx * 0.3:g} {cy - ry * 0.95:g}",
        shade(colour, 0.3),
        width * 0.3,
        0.9,
    )
    c.line(
        f"M{cx + rx * 0.3:g} {cy + ry * 0.95:g}A{rx:g} {ry:g} 0 0 0 {cx + rx * 0.96:g} {cy + ry * 0.2:g}",
        shade(colour, 0.22),
        width * 0.2,
        0.7,
    )


@kind("ring")
def ring(c: Canvas, o: Options) -> None:
    """A ring. form: solitaire, band, signet or halo."""
    form = o.word("form", "solitaire")
    c.floor(400, 664, 150, 34)
    _band(c, 400, 472, 168, 172, {"band": 46.0, "signet": 34.0}.get(form, 26.0), o)
    if form == "signet":
        c.path(
            outline([(306, 226, 50), (494, 226, 50), (494, 356, 50), (306, 356, 50)]),
            c.metal(o.metal),
        )
        c.path(
            outline([(324, 242, 40), (476, 242, 40), (476, 340, 40), (324, 340, 40)]),
            c.sheen(o.colour, 1.4),
        )
    elif form == "band":
        for n in range(-3, 4):
            gem(c, 400 + 168 * sin(n * 0.27), 472 - 172 * cos(n * 0.27), 19, o.colour)
    else:
        for side in (-1, 1):
            c.line(
                f"M{400 + side * 40} 312L{400 + side * 58} 226", shade(METALS[o.metal], -0.02), 11
            )
        c.path("M346 262H454L424 324H376Z", c.metal(o.metal))
        if form == "halo":
            for n in range(14):
                turn = n * pi / 7
                gem(c, 400 + 90 * cos(turn), 220 + 90 * sin(turn), 18, "#E9EEF2")
        gem(c, 400, 220, 74, o.colour)
        for turn in (45, 135, 225, 315):
            c.oval(
                400 + 70 * cos(turn * pi / 180),
                220 + 70 * sin(turn * pi / 180),
                9,
                9,
                c.ball(METALS[o.metal]),
            )


@kind("necklace")
def necklace(c: Canvas, o: Options) -> None:
    """A fine chain with a pendant. form: drop, disc, pearl, bar."""
    colour = METALS[o.metal]
    chain = "M120 60C150 320 280 500 400 520C520 500 650 320 680 60"
    c.lying(chain, 0.7, 9)
    c.line(chain, shade(colour, -0.16), 10)
    c.line(chain, shade(colour, 0.1), 9, 1, ' stroke-dasharray="1 12"')
    c.line(chain, shade(colour, 0.25), 4, 0.8, ' stroke-dasharray="1 23"')
    form = o.word("form", "drop")
    c.add(
        f'<circle cx="400" cy="532" r="15" fill="none" stroke="{shade(colour, -0.04)}" stroke-width="7"/>'
    )
    if form == "drop":
        shape = "M400 540C440 596 462 626 462 660C462 700 434 724 400 724C366 724 338 700 338 660C338 626 360 596 400 540Z"
        c.lying(shape, 0.7)
        c.path(shape, c.metal(o.metal))
        gem(c, 400, 660, 44, o.colour)
    elif form == "disc":
        c.lying("M400 544A78 78 0 1 1 399 544Z", 0.7)
        c.oval(400, 624, 78, 78, c.metal(o.metal))
        c.oval(400, 624, 66, 66, c.sheen(shade(colour, 0.06), 1.6))
        c.path(
            "M400 580L411 612L444 612L418 632L428 664L400 645L372 664L382 632L356 612L389 612Z",
            shade(colour, -0.14),
        )
    elif form == "bar":
        c.lying("M380 544H420V736H380Z", 0.7)
        c.path(
            outline([(380, 546, 8), (420, 546, 8), (420, 730, 8), (380, 730, 8)]), c.metal(o.metal)
        )
        gem(c, 400, 700, 13, o.colour)
    else:
        c.lying("M400 546A64 64 0 1 1 399 546Z", 0.7)
        c.oval(
            400,
            610,
            64,
            64,
            c.radial(
                [
                    (0, "#FFFFFF"),
                    (0.4, shade(o.colour, 0.06)),
                    (0.8, shade(o.colour, -0.08)),
                    (1, shade(o.colour, -0.02)),
                ],
                0.36,
                0.3,
                0.75,
            ),
        )
        c.path(lathe([(14, 538, 4), (22, 556, 6)]), c.metal(o.metal))


@kind("hoops")
def hoops(c: Canvas, o: Options) -> None:
    """A pair of hoop earrings. width: fine to bold."""
    width = o.number("width", 26, 12, 56)
    for x, turn in ((252, -7), (548, 7)):
        c.open(f"rotate({turn} {x} 420)")
        c.lying(f"M{x} 272A118 168 0 1 1 {x - 1} 272Z", 0.9, width)
        _band(c, x, 440, 118, 168, width, o)
        c.line(f"M{x} 272C{x - 2} 240 {x + 8} 214 {x + 26} 220", shade(METALS[o.metal], -0.05), 8)
        if o.word("stones") == "yes":
            for n in range(-3, 4):
                gem(c, x + 118 * sin(n * 0.3), 440 + 168 * cos(n * 0.3), 16, o.colour)
        c.close()


@kind("studs")
def studs(c: Canvas, o: Options) -> None:
    """A pair of ear studs. form: gem, pearl, knot."""
    for x, y in ((286, 390), (520, 450)):
        c.lying(f"M{x} {y - 104}A104 104 0 1 1 {x - 1} {y - 104}Z", 1)
        form = o.word("form", "gem")
        if form == "pearl":
            c.oval(
                x,
                y,
                106,
                106,
                c.radial(
                    [
                        (0, "#FFFFFF"),
                        (0.4, shade(o.colour, 0.06)),
                        (0.8, shade(o.colour, -0.09)),
                        (1, shade(o.colour, -0.02)),
                    ],
                    0.36,
                    0.3,
                    0.75,
                ),
            )
            c.line(f"M{x - 60} {y - 66}q22 -22 54 -22", "#FFFFFF", 10, 0.8)
        elif form == "knot":
            for turn in (0, 60, 120):
                c.open(f"rotate({turn} {x} {y})")
                c.line(
                    f"M{x - 88} {y}A88 40 0 1 1 {x + 88} {y}A88 40 0 1 1 {x - 88} {y}Z",
                    shade(METALS[o.metal], -0.18),
                    34,
                )
                c.line(
                    f"M{x - 88} {y}A88 40 0 1 1 {x + 88} {y}A88 40 0 1 1 {x - 88} {y}Z",
                    c.metal(o.metal),
                    27,
                )
                c.close()
        else:
            c.oval(x, y, 106, 106, c.metal(o.metal))
            gem(c, x, y, 90, o.colour)
            for turn in (45, 135, 225, 315):
                c.oval(
                    x + 92 * cos(turn * pi / 180),
                    y + 92 * sin(turn * pi / 180),
                    13,
                    13,
                    c.ball(METALS[o.metal]),
                )


@kind("bracelet")
def bracelet(c: Canvas, o: Options) -> None:
    """A bracelet. form: bangle, beads, chain."""
    form = o.word("form", "bangle")
    c.floor(400, 590, 250, 60)
    if form == "beads":
        count = 26
        for n in sorted(range(count), key=lambda at: sin(at * 2 * pi / count)):
            turn = n * 2 * pi / count
            size = 30 + 9 * sin(turn)
            tone = o.colour if n % 6 else METALS[o.metal]
            c.oval(
                400 + 226 * cos(turn),
                440 + 130 * sin(turn),
                size,
                size,
                c.ball(shade(tone, 0.03 * sin(turn)), 1.1),
            )
        return
    loop = "M170 420A230 128 0 1 1 630 420A230 128 0 1 1 170 420Z"
    colour = METALS[o.metal]
    if form == "chain":
        for n in range(34):
            turn = n * 2 * pi / 34
            c.open(
                f"translate({400 + 228 * cos(turn):.1f} {440 + 130 * sin(turn):.1f}) rotate({(turn + pi / 2) * 180 / pi:.0f})"
            )
            c.add(
                f'<ellipse rx="27" ry="{15 + 4 * sin(turn):.1f}" fill="none" stroke="{shade(colour, (-0.14, 0.08)[n % 2] + 0.05 * sin(turn))}" stroke-width="9"/>'
            )
            c.close()
        gem(c, 400, 574, 30, o.colour)
        return
    c.line(loop, shade(colour, -0.2), 62)
    c.line("M170 420A230 128 0 0 1 630 420", shade(colour, -0.12), 54)
    c.line("M630 424A230 128 0 1 1 170 424", c.metal(o.metal), 56)
    c.line("M196 480A230 128 0 0 0 400 548", shade(colour, 0.28), 12, 0.8)
    gem(c, 400, 550, 34, o.colour)


@kind("watch")
def watch(c: Canvas, o: Options) -> None:
    """A wrist watch, ten past ten. strap is the colour, face the accent."""
    for y, h in ((60, 210), (530, 212)):
        c.lying(f"M318 {y}H482V{y + h}H318Z", 0.8)
        edge = 24 if y < 200 else 4
        c.path(
            outline(
                [
                    (326 if y < 200 else 312, y, edge),
                    (474 if y < 200 else 488, y, edge),
                    (488 if y < 200 else 474, y + h, 28 - edge),
                    (312 if y < 200 else 326, y + h, 28 - edge),
                ]
            ),
            c.tube(o.colour, 1.2),
        )
        for x in (334, 466):
            c.line(
                f"M{x} {y + 18}V{y + h - 18}",
                shade(o.colour, 0.14),
                3,
                0.7,
                ' stroke-dasharray="9 9"',
            )
    c.lying("M400 236A164 164 0 1 1 399 236Z", 1)
    c.rect(556, 380, 34, 40, c.metal(o.metal), 8)
    c.oval(400, 400, 166, 166, c.metal(o.metal))
    c.oval(400, 400, 146, 146, shade(METALS[o.metal], -0.14))
    c.oval(400, 400, 140, 140, c.sheen(o.accent, 1.3))
    ink = "#F6F1E7" if lightness(o.accent) < 0.6 else "#2C2825"
    for n in range(12):
        turn = n * pi / 6
        far, near = 124, 98 if n % 3 == 0 else 108
        c.line(
            f"M{400 + near * sin(turn):.1f} {400 - near * cos(turn):.1f}L{400 + far * sin(turn):.1f} {400 - far * cos(turn):.1f}",
            ink,
            8 if n % 3 == 0 else 5,
        )
    c.line("M400 400L348 336", ink, 11)
    c.line("M400 400L478 344", ink, 8)
    c.line("M392 424L432 300", "#F0532D", 3.4)
    c.oval(400, 400, 10, 10, c.metal(o.metal))
    c.gloss(
        "M300 320C330 276 372 262 420 264C370 290 330 340 306 410C290 386 286 350 300 320Z", 0.2
    )
