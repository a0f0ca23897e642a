"""Bottles, jars, tubes and tins."""

from __future__ import annotations

from shop.catalogue.drawing.canvas import Canvas, Point, lathe, outline
from shop.catalogue.drawing.colour import lightness, shade
from shop.catalogue.drawing.kit import Options, kind


def label(c: Canvas, x: float, y: float, w: float, h: float, colour: str, ink: str) -> None:
    """A paper label without words: a mark and three hairlines."""
    c.rect(x, y, w, h, c.tube(colour, 0.5), 3)
    c.oval(x + w / 2, y + h * 0.28, w * 0.09, w * 0.09, ink, 0.75)
    for at, part in ((0.52, 0.56), (0.62, 0.4), (0.78, 0.3)):
        c.line(f"M{x + w * (1 - part) / 2:.1f} {y + h * at:.1f}h{w * part:.1f}", ink, 3, 0.45)


def _ink(colour: str) -> str:
    return "#2B2622" if lightness(colour) > 0.55 else "#F4EEE6"


@kind("dropper")
def dropper(c: Canvas, o: Options) -> None:
    """A serum bottle with a pipette."""
    c.zoom = 1.16
    c.floor(400, 668, 112)
    body: list[Point] = [(44, 330, 6), (46, 352, 14), (112, 392, 44), (112, 668, 20)]
    c.path(lathe(body), c.shiny(o.colour, 0.9))
    c.path(lathe([(94, 430, 20), (96, 648, 14)]), shade(o.colour, -0.1), 0.35)
    c.path(lathe(body), c.glass(o.colour, 0.22))
    label(c, 304, 462, 192, 150, o.hue("label", "#F6F0E6"), o.accent)
    c.gloss(outline([(302, 424, 6), (316, 412, 6), (316, 456), (302, 456)]), 0.5)
    c.path(lathe([(54, 250, 5), (54, 334, 4)]), c.shiny(o.accent))
    c.path(lathe([(56, 322, 2), (56, 336, 2)]), c.metal(o.metal))
    c.path(
        lathe([(26, 128, 26), (34, 170, 16), (34, 232, 10), (40, 252, 4)]),
        c.tube(shade(o.accent, 0.1)),
    )


@kind("jar")
def jar(c: Canvas, o: Options) -> None:
    """A cream jar, its lid leaning on it, cream swirled inside."""
    c.zoom = 1.16
    cream = o.hue("cream", "#FBF4EA")
    c.floor(370, 652, 196, 42)
    c.path(
        "M178 420L190 600C192 634 276 654 370 654C464 654 548 634 550 600L562 420Z",
        c.shiny(o.colour, 0.7),
    )
    c.oval(370, 420, 192, 60, shade(o.colour, -0.06))
    c.oval(370, 420, 176, 52, c.gradient([(0, shade(cream, -0.07)), (1, cream)], to=(0, 1)))
    c.line(
        "M236 424C270 396 430 388 476 412C510 430 420 452 350 446C296 440 318 414 372 412C406 411 424 420 414 428",
        shade(cream, -0.09),
        6,
        0.75,
    )
    c.path(
        "M356 412C370 384 386 376 392 382C400 390 398 410 410 420C396 428 364 424 356 412Z",
        c.ball(cream, 0.7),
    )
    label(c, 284, 500, 172, 112, o.hue("label", "#F6F0E6"), o.accent)
    lid = "M560 664C532 650 518 560 536 486C548 436 578 420 600 430C636 446 646 520 632 590C620 650 590 680 560 664Z"
    c.lying(lid, 0.6)
    c.path(
        "M560 664C532 650 518 560 536 486C548 436 578 420 600 430L640 444C676 458 684 534 670 602C658 660 624 690 596 678Z",
        c.shiny(o.accent),
    )
    c.path(lid, c.sheen(shade(o.accent, 0.08)))


@kind("pump")
def pump(c: Canvas, o: Options) -> None:
    """A bottle with a pump. form: round or square."""
    c.zoom = 1.14
    half = 104
    c.floor(400, 672, half)
    corner = 56 if o.word("form", "round") == "round" else 16
    c.path(lathe([(40, 320, 5), (half, 336, corner), (half, 672, 20)]), c.tube(o.colour, 1.1))
    c.gloss(outline([(312, 396, 7), (328, 388, 7), (328, 650, 7), (312, 650, 7)]), 0.35)
    label(c, 322, 430, 156, 176, o.hue("label", "#F6F0E6"), _ink(o.hue("label", "#F6F0E6")))
    c.path(lathe([(44, 266, 8), (44, 324, 4)]), c.shiny(o.accent))
    c.path(lathe([(14, 206), (14, 270)]), c.tube(shade(o.accent, 0.05)))
    c.path(
        outline(
            [
                (298, 176, 12),
                (436, 176, 16),
                (436, 212, 10),
                (330, 212, 6),
                (312, 238, 6),
                (290, 232, 6),
            ]
        ),
        c.shiny(o.accent),
    )


@kind("tube")
def squeeze(c: Canvas, o: Options) -> None:
    """A tube standing on its cap."""
    c.zoom = 1.06
    c.floor(400, 676, 74)
    c.path(
        outline(
            [(292, 128, 5), (508, 128, 5), (508, 172), (474, 590, 14), (326, 590, 14), (292, 172)]
        ),
        c.tube(o.colour, 1.05),
    )
    c.path(outline([(292, 128, 5), (508, 128, 5), (508, 168), (292, 168)]), shade(o.colour, -0.05))
    for x in range(300, 506, 9):
        c.line(f"M{x} 134V162", shade(o.colour, 0.05), 2.4, 0.6)
    band = outline([(304, 300), (496, 300), (484, 440), (316, 440)])
    c.path(band, c.tube(o.hue("label", shade(o.colour, 0.12)), 0.7))
    ink = _ink(o.hue("label", shade(o.colour, 0.12)))
    c.oval(400, 342, 17, 17, ink, 0.75)
    c.line("M352 384H448", ink, 4, 0.5)
    c.line("M366 404H434", ink, 3, 0.45)
    c.path(lathe([(72, 588, 6), (66, 676, 10)]), c.shiny(o.accent))
    for x in range(338, 466, 12):
        c.line(f"M{x} 602V660", shade(o.accent, -0.05), 2, 0.5)


@kind("tin")
def tin(c: Canvas, o: Options) -> None:
    """A small round tin, open, balm inside, lid propped behind."""
    c.zoom = 1.16
    balm = o.hue("balm", "#F3D9C4")
    c.floor(380, 640, 190, 44)
    c.oval(470, 356, 178, 168, c.shiny(o.accent))
    c.oval(462, 352, 164, 155, c.sheen(o.colour))
    c.oval(462, 352, 64, 60, shade(o.colour, 0.12), 0.9)
    c.line("M434 352H490", o.accent, 4, 0.6)
    c.line("M444 370H480", o.accent, 3, 0.45)
    c.path("M196 540V582C196 622 280 650 380 650C480 650 564 622 564 582V540Z", c.metal(o.metal))
    c.oval(380, 540, 184, 74, shade(c.ground, 0.07))
    c.oval(
        380,
        542,
        168,
        64,
        c.gradient([(0, shade(balm, -0.09)), (0.4, balm), (1, shade(balm, 0.06))], to=(0.2, 1)),
    )
    c.path(
        "M300 532C330 512 420 510 452 532C424 546 392 552 366 566C340 560 316 548 300 532Z",
        shade(balm, -0.07),
        0.6,
    )
    c.gloss("M266 560C300 584 380 594 430 588C380 600 300 596 266 560Z", 0.5)


@kind("soap")
def soap(c: Canvas, o: Options) -> None:
    """Two bars of soap, the upper one turned. flecks: how much is in them."""
    c.zoom, c.middle = 1.1, 470
    flecks = int(o.number("flecks", 0, 0, 40))
    c.floor(400, 650, 222, 40)
    for lift, turn, light in ((0, -2, -0.035), (142, 6, 0.0)):
        body = shade(o.colour, light)
        c.open(f"translate({lift * 0.14:.0f} {-lift}) rotate({turn} 400 570)")
        if lift:
            c.oval(404, 664, 176, 18, c.dusk, 0.22)
        c.path(
            "M176 552C176 640 190 656 236 656H564C610 656 624 640 624 552Z",
            c.gradient(
                [(0, shade(body, -0.03)), (0.3, shade(body, -0.06)), (1, shade(body, -0.15))]
            ),
        )
        c.path(
            "M176 548C176 498 216 480 290 478H510C584 480 624 498 624 548C624 596 584 606 510 608H290C216 606 176 596 176 548Z",
            c.sheen(shade(body, 0.03), 1.2),
        )
        c.path(
            "M256 546C256 516 286 508 330 507H470C514 508 544 516 544 546C544 574 514 580 470 581H330C286 580 256 574 256 546Z",
            shade(body, -0.075),
        )
        c.path(
            "M260 549C260 521 288 513 332 512H468C512 513 540 521 540 549C540 573 512 578 468 579H332C288 578 260 573 260 549Z",
            shade(body, -0.005),
        )
        for at in range(flecks):
            x, y = 204 + (at * 97) % 392, 494 + (at * 53) % 150
            c.oval(x, y, 3 + at % 3, 2 + at % 2, o.accent, 0.55)
        c.line("M206 528C222 500 268 490 320 489", "#FFFFFF", 7, 0.45)
        c.close()


@kind("spray")
def spray(c: Canvas, o: Options) -> None:
    """A slim mist bottle with a clear hood."""
    c.zoom = 1.14
    c.floor(400, 672, 78)
    c.path(lathe([(52, 330, 10), (78, 356, 30), (78, 672, 18)]), c.shiny(o.colour, 0.8))
    c.path(lathe([(66, 420, 10), (66, 656, 14)]), shade(o.colour, -0.08), 0.3)
    c.path(lathe([(78, 400), (78, 672, 18)]), c.glass(o.colour, 0.18))
    label(c, 334, 440, 132, 170, o.hue("label", "#F6F0E6"), o.accent)
    c.path(lathe([(34, 232, 6), (34, 300, 3)]), c.shiny(o.accent))
    c.oval(372, 258, 5, 6, shade(o.accent, 0.4))
    c.path(lathe([(48, 296, 3), (48, 334, 3)]), c.metal(o.metal))
    c.path(lathe([(54, 158, 22), (54, 332, 3)]), c.glass("#FFFFFF", 0.3))
