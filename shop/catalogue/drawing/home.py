"""Light and table."""

from __future__ import annotations

from shop.catalogue.drawing.canvas import Canvas, lathe, outline
from shop.catalogue.drawing.colour import mix, shade
from shop.catalogue.drawing.kit import Options, kind


@kind("lamp")
def lamp(c: Canvas, o: Options) -> None:
    """A table lamp, lit. form: mushroom, cone or ball."""
    form = o.word("form", "mushroom")
    c.oval(
        400,
        300,
        330,
        300,
        c.radial([(0, "#FFE9BF", 0.75), (0.5, "#FFE3B0", 0.3), (1, "#FFE3B0", 0)]),
    )
    c.floor(400, 676, 110, 30)
    c.path(lathe([(96, 652, 10), (112, 676, 8)]), c.shiny(o.accent))
    c.path(lathe([(15, 380), (18, 600, 10), (70, 660, 20)]), c.metal(o.metal))
    if form == "ball":
        c.oval(
            400,
            270,
            140,
            140,
            c.radial(
                [(0, "#FFF8E6"), (0.6, shade(mix(o.colour, "#FFF1D2", 0.6), 0.02)), (1, o.colour)],
                0.5,
                0.55,
                0.55,
            ),
        )
        c.path(lathe([(52, 388, 8), (44, 430, 10)]), c.metal(o.metal))
        return
    shape = (
        "M188 384C188 226 276 150 400 150C524 150 612 226 612 384C612 396 604 400 592 400H208C196 400 188 396 188 384Z"
        if form == "mushroom"
        else outline([(312, 150, 16), (488, 150, 16), (596, 400, 12), (204, 400, 12)])
    )
    c.oval(400, 396, 188, 26, "#FFF3D6")
    c.path(
        shape,
        c.gradient(
            [
                (0, o.colour),
                (0.55, mix(o.colour, "#FFE2AE", 0.35)),
                (1, mix(o.colour, "#FFEFCB", 0.75)),
            ],
            to=(0, 1),
        ),
    )
    c.path(
        shape,
        c.gradient(
            [
                (0, "#000000", 0.10),
                (0.3, "#FFFFFF", 0.14),
                (0.6, "#FFFFFF", 0),
                (1, "#000000", 0.16),
            ]
        ),
    )
    c.line("M460 412V470", "#8E8272", 3)
    c.oval(460, 478, 8, 8, c.metal(o.metal))


@kind("candle")
def candle(c: Canvas, o: Options) -> None:
    """A candle in a glass, burning."""
    c.zoom = 1.14
    c.oval(
        400,
        210,
        190,
        180,
        c.radial([(0, "#FFE4AE", 0.9), (0.5, "#FFE0A6", 0.3), (1, "#FFE0A6", 0)]),
    )
    c.floor(400, 668, 146, 34)
    glass = outline([(262, 320, 6), (538, 320, 6), (532, 668, 30), (268, 668, 30)])
    c.path(glass, shade(c.ground, 0.06))
    c.path(outline([(276, 404), (524, 404), (520, 646, 20), (280, 646, 20)]), c.tube(o.colour, 0.8))
    c.oval(400, 404, 124, 26, shade(o.colour, 0.08))
    c.oval(400, 406, 70, 13, mix(o.colour, "#FFF3CF", 0.7))
    c.line("M400 404V352", "#4A3B30", 6)
    c.path(
        "M400 242C432 292 430 326 422 340C414 356 386 356 378 340C370 326 372 290 400 242Z",
        c.radial([(0, "#FFFBEA"), (0.6, "#FFD678"), (1, "#F79B3C")], 0.5, 0.72, 0.6),
    )
    c.path(glass, c.glass("#FFFFFF", 0.3))
    c.path(
        outline([(322, 466, 4), (478, 466, 4), (478, 592, 4), (322, 592, 4)]),
        shade(mix(o.colour, "#FFFFFF", 0.75), 0.02),
    )
    c.oval(400, 506, 14, 14, o.accent, 0.85)
    c.line("M362 540H438M374 558H426", o.accent, 4, 0.6)
    c.gloss(outline([(276, 350, 6), (290, 350, 6), (290, 620, 6), (276, 620, 6)]), 0.5)


@kind("mug")
def mug(c: Canvas, o: Options) -> None:
    """A mug. glaze: yes for a dipped rim."""
    c.zoom = 1.12
    c.floor(380, 650, 160, 36)
    c.line("M530 380C640 370 650 540 520 552", shade(o.colour, -0.09), 44)
    c.line("M530 374C630 366 640 526 522 540", shade(o.colour, 0.02), 30)
    c.path(
        "M222 300V560C222 626 290 650 380 650C470 650 538 626 538 560V300Z", c.tube(o.colour, 1.1)
    )
    if o.word("glaze", "yes") == "yes":
        c.path(
            "M222 300V420C260 448 300 410 350 430C400 452 450 412 538 434V300Z",
            c.tube(o.accent, 1.1),
        )
    c.oval(
        380, 300, 158, 46, shade(o.accent if o.word("glaze", "yes") == "yes" else o.colour, 0.06)
    )
    c.oval(380, 304, 144, 38, shade(o.colour, -0.16))
    c.path(
        "M238 312C262 286 498 286 522 312C500 350 262 350 238 312Z",
        c.gradient([(0, "#4A2C1C"), (1, "#6B432B")], to=(1, 1)),
    )
    c.gloss(outline([(242, 360, 7), (258, 366, 7), (258, 590, 9), (244, 570, 9)]), 0.3)


@kind("vase")
def vase(c: Canvas, o: Options) -> None:
    """A vase with three dried stems."""
    c.zoom = 1.04
    c.floor(400, 676, 118, 32)
    for x, top, bend in ((330, 130, -40), (408, 92, 10), (486, 150, 46)):
        c.line(f"M400 400C{400 + bend / 2:.0f} 320 {x} 260 {x} {top + 60}", "#8B7650", 6)
        c.path(
            f"M{x} {top - 20}C{x + 40} {top + 20} {x + 36} {top + 100} {x} {top + 130}C{x - 36} {top + 100} {x - 40} {top + 20} {x} {top - 20}Z",
            c.ball(o.accent),
        )
        c.line(f"M{x} {top}V{top + 120}", shade(o.accent, -0.12), 3, 0.6)
    c.path(
        lathe([(44, 350, 10), (40, 400, 20), (124, 520, 90), (118, 620, 50), (72, 676, 20)]),
        c.tube(o.colour, 1.15),
    )
    c.oval(400, 352, 43, 11, shade(o.colour, -0.18))


@kind("cushion")
def cushion(c: Canvas, o: Options) -> None:
    """A cushion. weave: plain, line or check."""
    shape = "M168 190C240 214 560 214 632 190C652 184 664 200 658 218C632 300 632 500 658 594C664 612 650 626 632 618C560 594 240 594 168 618C150 626 136 612 142 594C168 500 168 300 142 218C136 200 150 184 168 190Z"
    c.lying(shape, 1.2)
    c.path(
        shape,
        c.radial(
            [(0, shade(o.colour, 0.1)), (0.55, o.colour), (1, shade(o.colour, -0.12))],
            0.4,
            0.34,
            0.75,
        ),
    )
    weave = o.word("weave", "plain")
    for n in range(1, 6):
        if weave in {"line", "check"}:
            c.line(
                f"M160 {210 + n * 66}C300 {222 + n * 62} 500 {222 + n * 62} 640 {210 + n * 66}",
                o.accent,
                7,
                0.6,
            )
        if weave == "check":
            c.line(
                f"M{160 + n * 80} 206C{172 + n * 77} 320 {172 + n * 77} 480 {160 + n * 80} 602",
                o.accent,
                7,
                0.6,
            )
    for line in (
        "M190 230C230 260 250 290 262 330",
        "M610 230C570 260 552 290 540 326",
        "M196 580C230 552 250 520 260 488",
    ):
        c.line(line, shade(o.colour, -0.12), 9, 0.4)


@kind("towel")
def towel(c: Canvas, o: Options) -> None:
    """Three folded towels, one on the other."""
    c.floor(400, 640, 230, 34)
    for n, colour in enumerate((shade(o.colour, -0.05), o.colour, shade(o.colour, 0.05))):
        y, w = 640 - n * 116, 226 - n * 8
        c.path(
            outline(
                [(400 - w, y - 116, 40), (400 + w, y - 116, 24), (400 + w, y, 24), (400 - w, y, 40)]
            ),
            c.gradient(
                [(0, shade(colour, 0.08)), (0.5, colour), (1, shade(colour, -0.1))], to=(0.1, 1)
            ),
        )
        c.line(f"M{400 - w + 40} {y - 58}H{400 + w - 6}", shade(colour, -0.14), 6, 0.8)
        c.path(f"M{440 + w * 0.2:.0f} {y - 114}h34v114h-34z", o.accent, 0.7)
