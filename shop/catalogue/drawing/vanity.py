"""Compacts, palettes, powders, brushes and scent."""

from __future__ import annotations

from shop.catalogue.drawing.canvas import Canvas, lathe, outline
from shop.catalogue.drawing.colour import mix, shade
from shop.catalogue.drawing.kit import Options, kind


@kind("palette")
def palette(c: Canvas, o: Options) -> None:
    """An open eye palette: mirror lid above, pans below. pans: twelve colours."""
    lid = outline([(196, 170, 18), (604, 170, 18), (622, 398, 10), (178, 398, 10)])
    tray = outline([(172, 400, 10), (628, 400, 10), (664, 640, 20), (136, 640, 20)])
    c.floor(400, 648, 268, 34)
    c.path(lid, c.sheen(o.accent))
    mirror = outline([(216, 190, 10), (584, 190, 10), (598, 380, 6), (202, 380, 6)])
    c.path(
        mirror,
        c.gradient(
            [(0, "#EEF3F4"), (0.45, "#C9D3D8"), (0.5, "#E4EBED"), (1, "#B4C0C7")], to=(1, 0.6)
        ),
    )
    c.path(tray, c.sheen(shade(o.accent, 0.04)))
    c.path(
        "M136 622C136 634 140 640 152 640H648C660 640 664 634 664 622L666 640C666 652 660 658 648 658H152C140 658 134 652 134 640Z",
        shade(o.accent, -0.06),
    )
    pans = o.hues(
        "pans",
        [
            "#E9CDB6",
            "#C98F74",
            "#8A4B3C",
            "#5B2E2A",
            "#D9A9A0",
            "#A8626B",
            "#6E3B4C",
            "#2F2027",
            "#E8D7B0",
            "#B98D4E",
            "#7B6A58",
            "#3C3833",
        ],
    )[:12]
    for at, colour in enumerate(pans):
        row, column = divmod(at, 4)
        top, bottom = 418 + row * 72, 480 + row * 72
        spread = [
            (192 + k * 107 - (y - 400) * 0.150 * (1 - k / 2), y)
            for k in (column, column + 1)
            for y in (top, bottom)
        ]
        (ax, ay), (bx, by), (dx, dy), (ex, ey) = spread
        pan = outline([(ax + 6, ay, 9), (dx - 6, dy, 9), (ex - 6, ey, 9), (bx + 6, by, 9)])
        c.path(
            pan,
            c.gradient(
                [(0, shade(colour, -0.06)), (0.25, colour), (1, shade(colour, 0.05))], to=(0.2, 1)
            ),
        )
        if at % 3 == 1:
            c.path(
                pan,
                c.gradient(
                    [(0, "#FFFFFF", 0), (0.5, "#FFFFFF", 0.35), (1, "#FFFFFF", 0)], to=(1, 1)
                ),
            )
    c.rect(352, 392, 96, 14, c.metal(o.metal), 5)


@kind("compact")
def compact(c: Canvas, o: Options) -> None:
    """A round open compact: mirror behind, pressed colour in front."""
    c.zoom = 1.12
    c.floor(400, 640, 196, 40)
    c.oval(400, 284, 190, 176, c.shiny(o.accent))
    c.oval(
        400,
        286,
        160,
        147,
        c.gradient(
            [(0, "#EFF3F3"), (0.48, "#C7D1D6"), (0.54, "#E6ECEE"), (1, "#B2BEC5")], to=(1, 0.7)
        ),
    )
    c.path("M204 520V552C204 612 292 652 400 652C508 652 596 612 596 552V520Z", c.shiny(o.accent))
    c.oval(400, 520, 196, 96, c.metal(o.metal))
    c.oval(400, 518, 188, 90, c.sheen(o.accent))
    c.oval(400, 520, 152, 70, shade(o.colour, -0.12))
    c.oval(
        400,
        524,
        150,
        67,
        c.gradient(
            [(0, shade(o.colour, -0.03)), (0.5, o.colour), (1, shade(o.colour, 0.06))], to=(0.3, 1)
        ),
    )
    for half, y in ((92, 506), (112, 524), (92, 542)):
        c.line(f"M{400 - half} {y}Q400 {y + 26} {400 + half} {y}", shade(o.colour, 0.07), 5, 0.7)
    c.rect(370, 424, 60, 18, c.metal(o.metal), 6)


@kind("powder")
def powder(c: Canvas, o: Options) -> None:
    """A low jar of loose powder with its puff leaning on it."""
    c.zoom = 1.12
    c.floor(360, 650, 190, 40)
    c.path(
        "M172 470V590C172 626 256 652 360 652C464 652 548 626 548 590V470Z", shade(c.ground, 0.07)
    )
    c.path(
        "M186 520V586C186 616 262 640 360 640C458 640 534 616 534 586V520Z", c.tube(o.colour, 0.7)
    )
    c.path(
        "M172 470V590C172 626 256 652 360 652C464 652 548 626 548 590V470Z", c.glass("#FFFFFF", 0.4)
    )
    c.path("M166 420V486C166 520 254 546 360 546C466 546 554 520 554 486V420Z", c.shiny(o.accent))
    c.oval(
        360,
        420,
        194,
        62,
        c.gradient([(0, shade(o.accent, 0.16)), (1, shade(o.accent, 0.02))], to=(1, 1)),
    )
    c.oval(360, 420, 178, 54, c.sheen(shade(o.accent, 0.05)))
    puff = "M470 600C466 520 520 470 582 474C648 478 690 536 682 602C674 656 630 676 576 672C514 668 474 650 470 600Z"
    c.lying(puff, 0.7)
    c.path(puff, c.ball(shade(o.colour, 0.08), 0.8))
    c.line("M494 606C494 546 530 500 582 494", shade(o.colour, 0.14), 8, 0.6)
    c.path(
        "M478 560C530 520 630 522 684 568C690 588 688 612 680 628C630 580 530 576 472 624C466 604 470 578 478 560Z",
        c.sheen(shade(o.accent, 0.1)),
    )
    c.line("M486 566C536 530 626 532 678 574", shade(o.accent, 0.3), 3, 0.5)


def _brush(c: Canvas, x: float, turn: float, size: float, o: Options, shape: str) -> None:
    c.open(f"rotate({turn:g} {x:g} 690)")
    top = 160 if shape == "fan" else 190
    c.lying(
        f"M{x - 10 * size:.1f} 690L{x - 16 * size:.1f} 330L{x - 40 * size:.1f} {top}H{x + 40 * size:.1f}L{x + 16 * size:.1f} 330L{x + 10 * size:.1f} 690Z",
        0.8,
    )
    w = 46 * size
    head = {
        "dome": f"M{x - 22 * size:.1f} 350C{x - w:.1f} 280 {x - w:.1f} 190 {x:.1f} 176C{x + w:.1f} 190 {x + w:.1f} 280 {x + 22 * size:.1f} 350Z",
        "slant": f"M{x - 22 * size:.1f} 350C{x - w:.1f} 290 {x - w:.1f} 230 {x - w * 0.7:.1f} 226L{x + w * 0.8:.1f} 176C{x + w:.1f} 210 {x + w:.1f} 290 {x + 22 * size:.1f} 350Z",
        "point": f"M{x - 20 * size:.1f} 350C{x - w * 0.9:.1f} 290 {x - w * 0.4:.1f} 210 {x:.1f} 166C{x + w * 0.4:.1f} 210 {x + w * 0.9:.1f} 290 {x + 20 * size:.1f} 350Z",
    }[shape]
    c.path(
        head,
        c.gradient(
            [(0, shade(o.colour, 0.14)), (0.45, o.colour), (1, shade(o.colour, -0.16))], to=(0, 1)
        ),
    )
    for step in (-0.5, -0.18, 0.18, 0.5):
        c.line(
            f"M{x + step * 30 * size:.1f} 340Q{x + step * w * 1.4:.1f} 280 {x + step * w:.1f} 214",
            shade(o.colour, -0.08),
            2.4,
            0.45,
        )
    c.path(lathe([(24 * size, 346, 3), (18 * size, 440, 2)], x), c.metal(o.metal))
    c.path(
        lathe([(17 * size, 438), (19 * size, 520, 40), (9 * size, 700, 8)], x), c.shiny(o.accent)
    )
    c.close()


@kind("brushes")
def brushes(c: Canvas, o: Options) -> None:
    """A fan of five make-up brushes."""
    for x, turn, size, shape in (
        (300, -25, 0.8, "point"),
        (500, 25, 0.75, "slant"),
        (345, -12, 1.05, "slant"),
        (455, 12, 1.0, "point"),
        (400, 0, 1.3, "dome"),
    ):
        _brush(c, x, turn, size, o, shape)


@kind("perfume")
def perfume(c: Canvas, o: Options) -> None:
    """A heavy glass flacon. form: square, round, tall."""
    c.zoom = 1.14
    form = o.word("form", "square")
    bodies = {
        "square": (
            outline([(254, 330, 22), (546, 330, 22), (546, 664, 18), (254, 664, 18)]),
            outline([(278, 400, 8), (522, 400, 8), (522, 632, 14), (278, 632, 14)]),
            146,
        ),
        "round": (
            lathe([(50, 322, 14), (176, 372, 120), (176, 610, 130), (100, 664, 30)]),
            lathe([(156, 440, 40), (156, 596, 110), (90, 640, 26)]),
            120,
        ),
        "tall": (
            outline([(306, 280, 60), (494, 280, 60), (494, 664, 16), (306, 664, 16)]),
            outline([(326, 380, 6), (474, 380, 6), (474, 634, 12), (326, 634, 12)]),
            94,
        ),
    }
    glass, liquid, half = bodies.get(form, bodies["square"])
    c.floor(400, 664, half)
    c.path(glass, shade(mix(c.ground, "#FFFFFF", 0.5), 0.03))
    c.path(liquid, c.shiny(o.colour, 0.6))
    c.path(glass, c.glass(o.colour, 0.42))
    c.gloss(
        outline(
            [
                (400 - half * 0.86, 390, 7),
                (400 - half * 0.74, 390, 7),
                (400 - half * 0.74, 610, 7),
                (400 - half * 0.86, 610, 7),
            ]
        ),
        0.55,
    )
    c.path(
        outline([(356, 470, 4), (444, 470, 4), (444, 556, 4), (356, 556, 4)]),
        shade(mix(o.colour, "#FFFFFF", 0.82), 0.02),
        0.9,
    )
    c.line("M376 500H424", o.accent, 4, 0.7)
    c.line("M384 520H416", o.accent, 3, 0.5)
    neck = 280 if form == "tall" else 330
    c.path(lathe([(38, neck - 30, 4), (38, neck + 4, 3)]), c.metal(o.metal))
    c.path(
        lathe(
            [
                (64 if form != "tall" else 52, neck - 150, 10),
                (64 if form != "tall" else 52, neck - 26, 5),
            ]
        ),
        c.shiny(o.accent),
    )
