"""Cables, chargers and small electronics."""

from __future__ import annotations

from shop.catalogue.drawing.canvas import Canvas, lathe, outline
from shop.catalogue.drawing.colour import lightness, shade
from shop.catalogue.drawing.kit import Options, kind


def _connector(c: Canvas, x: float, y: float, turn: float, o: Options) -> None:
    """A USB-C plug, pointing up before it is turned."""
    c.open(f"translate({x:g} {y:g}) rotate({turn:g})")
    shell = outline([(-30, -92, 12), (30, -92, 12), (30, 30, 10), (-30, 30, 10)])
    c.lying(shell, 0.6)
    c.path(outline([(-22, -140, 12), (22, -140, 12), (22, -84), (-22, -84)]), c.metal("silver"))
    c.path(outline([(-14, -136, 6), (14, -136, 6), (14, -126, 6), (-14, -126, 6)]), "#55585C")
    c.path(shell, c.shiny(o.accent))
    c.path(
        outline([(-16, 26, 4), (16, 26, 4), (12, 82, 6), (-12, 82, 6)]),
        c.tube(shade(o.colour, -0.08)),
    )
    for n in range(4):
        c.line(f"M-13 {38 + n * 11}H13", shade(o.colour, -0.2), 3, 0.7)
    c.close()


@kind("cable")
def cable(c: Canvas, o: Options) -> None:
    """A charging cable in a loose coil. turns: 2 (1 m) or 3 (2 m)."""
    turns = int(o.number("turns", 2, 1, 4))
    loops = ""
    for n in range(turns):
        r = 176 + n * 24
        loops += f"A{r} {r * 0.94:.0f} 0 1 1 {400 - r} 350A{r + 12} {(r + 12) * 0.94:.0f} 0 0 1 {400 + r + 24} 350"
    end = 400 + 176 + turns * 24
    wire = f"M250 612C330 590 400 520 470 470C540 430 576 400 576 350{loops}C{end} 470 {end - 20} 540 560 606"
    c.lying(wire, 0.7, 17)
    c.line(wire, shade(o.colour, -0.12), 19)
    c.line(wire, o.colour, 15)
    c.line(wire, shade(o.colour, 0.14), 4, 0.9)
    if o.word("jacket", "braided") == "braided":
        c.line(
            wire,
            shade(o.colour, -0.2),
            15,
            0.35,
            ' stroke-dasharray="2 8" style="stroke-linecap:butt"',
        )
    if o.word("band", "yes") == "yes":
        left = 400 - 176 - (turns - 1) * 24
        c.path(
            outline([(left - 28, 326, 8), (238, 326, 8), (238, 378, 8), (left - 28, 378, 8)]),
            c.sheen(o.accent),
        )
    _connector(c, 186, 634, -108, o)
    _connector(c, 522, 668, -150, o)


@kind("charger")
def charger(c: Canvas, o: Options) -> None:
    """A wall plug. ports: one to three."""
    c.zoom = 1.06
    ports = int(o.number("ports", 1, 1, 3))
    c.floor(410, 660, 158, 34)
    for x in (330, 420):
        c.path(lathe([(17, 120, 16), (17, 232)], x), c.metal("silver"))
    c.path(lathe([(96, 220, 20), (112, 262, 10)], 375), c.tube(shade(o.colour, -0.05)))
    c.path(
        outline([(230, 252, 40), (520, 252, 40), (520, 660, 40), (230, 660, 40)]), c.sheen(o.colour)
    )
    c.path(
        outline([(506, 266, 18), (566, 296, 30), (566, 620, 30), (506, 650, 18)]),
        c.gradient([(0, shade(o.colour, -0.08)), (1, shade(o.colour, -0.17))]),
    )
    for n in range(ports):
        y = 456 - (ports - 1) * 56 + n * 112
        c.rect(312, y - 22, 126, 44, shade(o.colour, -0.1), 22)
        c.rect(318, y - 17, 114, 34, "#2A2B2E", 17)
        c.rect(336, y - 5, 78, 10, "#6C6F75", 5)
    c.gloss(outline([(250, 288, 8), (268, 274, 8), (268, 628, 8), (250, 628, 8)]), 0.45)


@kind("power_bank")
def power_bank(c: Canvas, o: Options) -> None:
    """A power bank standing upright. lights: how full it is."""
    c.zoom = 1.06
    c.floor(404, 676, 142, 30)
    c.path(
        outline([(262, 132, 46), (520, 132, 46), (520, 676, 46), (262, 676, 46)]),
        c.sheen(o.colour, 1.2),
    )
    c.path(
        "M496 140C524 146 546 164 546 200V612C546 648 524 666 496 670C512 664 520 650 520 632V178C520 158 512 146 496 140Z",
        shade(o.colour, -0.14),
    )
    light = "#F4F6F5" if lightness(o.colour) < 0.6 else "#3A3E41"
    for n in range(4):
        c.oval(
            346 + n * 30,
            612,
            7,
            7,
            light if n < int(o.number("lights", 3, 1, 4)) else shade(o.colour, -0.1),
        )
    c.rect(336, 150, 110, 30, shade(o.colour, -0.16), 15)
    c.rect(350, 159, 82, 12, "#26282B", 6)
    for n in range(int(o.number("ribs", 0, 0, 9))):
        c.line(f"M296 {260 + n * 32}H486", shade(o.colour, -0.09), 7, 0.7)
        c.line(f"M296 {265 + n * 32}H486", shade(o.colour, 0.08), 3, 0.6)
    if not o.number("ribs", 0, 0, 9):
        c.oval(391, 372, 42, 42, shade(o.colour, 0.07))
        c.path("M398 340L370 380H388L382 406L412 364H394Z", shade(o.colour, -0.14))
    c.gloss(outline([(282, 190, 8), (298, 178, 8), (298, 640, 8), (282, 640, 8)]), 0.3)


@kind("earbuds")
def earbuds(c: Canvas, o: Options) -> None:
    """Wireless earphones standing in front of their open case."""
    c.zoom = 1.12
    c.floor(400, 664, 176, 36)
    c.path(
        "M236 350C236 214 300 160 400 160C500 160 564 214 564 350Z", c.sheen(shade(o.colour, -0.04))
    )
    c.path("M258 350C258 232 312 184 400 184C488 184 542 232 542 350Z", shade(o.colour, -0.17))
    c.path(
        outline([(224, 346, 16), (576, 346, 16), (580, 664, 120), (220, 664, 120)]),
        c.sheen(o.colour, 1.1),
    )
    c.path(
        outline([(228, 350, 14), (572, 350, 14), (572, 376, 10), (228, 376, 10)]),
        shade(o.colour, 0.08),
    )
    c.oval(400, 520, 8, 8, o.accent)
    for side in (-1, 1):
        x = 400 + side * 76
        c.path(lathe([(20, 300, 10), (18, 356)], x), c.tube(o.colour, 1.2))
        c.path(
            f"M{x - 46} 272C{x - 46} 236 {x - 20} 214 {x + 6 * side} 216C{x + 40} 218 {x + 50} 250 {x + 44} 280C{x + 36} 314 {x - 40} 320 {x - 46} 272Z",
            c.ball(o.colour),
        )
        c.oval(x - side * 34, 258, 22, 26, c.ball(o.accent))
        c.oval(x + side * 16, 262, 9, 12, shade(o.colour, -0.25))
    c.gloss(outline([(246, 420, 8), (262, 410, 8), (262, 590, 8), (246, 560, 8)]), 0.3)


@kind("headphones")
def headphones(c: Canvas, o: Options) -> None:
    """Over-ear headphones from the front."""
    c.floor(400, 690, 210, 26)
    band = "M214 470C190 250 270 128 400 128C530 128 610 250 586 470"
    c.line(band, shade(o.colour, -0.1), 44)
    c.line(band, o.colour, 36)
    c.line("M206 400C206 240 280 146 400 146", shade(o.colour, 0.16), 8, 0.7)
    c.line("M286 170C318 150 356 140 400 140C444 140 482 150 514 170", o.accent, 52)
    c.line("M300 158C330 144 364 136 400 136", shade(o.accent, 0.12), 6, 0.7)
    for side in (-1, 1):
        x = 400 + side * 190
        c.path(lathe([(15, 420, 4), (15, 520, 4)], x - side * 2), c.metal("silver"))
        c.open(f"rotate({side * -4} {x} 560)")
        c.path(
            outline(
                [
                    (x - 40 - side * 46, 452, 36),
                    (x + 40 - side * 46, 452, 36),
                    (x + 40 - side * 46, 682, 36),
                    (x - 40 - side * 46, 682, 36),
                ]
            ),
            c.tube(o.accent),
        )
        c.path(
            f"M{x - side * 34} 446C{x + side * 30} 440 {x + side * 66} 490 {x + side * 66} 566C{x + side * 66} 642 {x + side * 30} 692 {x - side * 34} 686C{x - side * 50} 640 {x - side * 50} 492 {x - side * 34} 446Z",
            c.shiny(o.colour, 0.8),
        )
        c.close()


@kind("charging_pad")
def charging_pad(c: Canvas, o: Options) -> None:
    """A round wireless charger, its cable running out of the picture."""
    wire = "M400 300C420 200 520 190 560 130C580 96 590 40 596 -10"
    c.lying(wire, 0.6, 13)
    c.line(wire, shade(o.accent, 0.03), 14)
    c.line(wire, shade(o.accent, 0.16), 4, 0.7)
    c.floor(400, 566, 236, 130)
    c.path("M170 470V504C170 584 274 644 400 644C526 644 630 584 630 504V470Z", c.metal("silver"))
    c.oval(400, 470, 230, 150, shade(o.colour, -0.05))
    c.oval(400, 466, 222, 142, c.sheen(o.colour, 1.2))
    for part in (0.62, 0.4):
        c.add(
            f'<ellipse cx="400" cy="466" rx="{222 * part:.0f}" ry="{142 * part:.0f}" fill="none" stroke="{shade(o.colour, -0.09)}" stroke-width="6"/>'
        )
    c.path("M408 434L372 474H396L390 500L428 458H404Z", shade(o.colour, -0.12))
    c.oval(400, 596, 7, 5, "#8FE0A8")


@kind("phone_case")
def phone_case(c: Canvas, o: Options) -> None:
    """The back of a phone in its case. pattern: plain, ring, stripe."""
    c.open("rotate(8 400 400)")
    case = outline([(252, 92, 62), (548, 92, 62), (548, 708, 62), (252, 708, 62)])
    c.lying(case)
    c.path(case, c.sheen(o.colour, 1.3))
    c.path(
        outline([(262, 102, 54), (538, 102, 54), (538, 698, 54), (262, 698, 54)]),
        shade(o.colour, 0.025),
    )
    pattern = o.word("pattern", "plain")
    if pattern == "ring":
        c.add(
            f'<circle cx="400" cy="440" r="88" fill="none" stroke="{o.accent}" stroke-width="13"/>'
        )
        c.line("M400 556V606", o.accent, 13)
    if pattern == "stripe":
        for n in range(3):
            c.path(
                f"M262 {430 + n * 74}L538 {350 + n * 74}V{386 + n * 74}L262 {466 + n * 74}Z",
                shade(o.accent, n * 0.08),
            )
    c.path(
        outline([(274, 114, 42), (428, 114, 42), (428, 268, 42), (274, 268, 42)]),
        shade(o.colour, -0.09),
    )
    for x, y in ((312, 152), (390, 152), (312, 230)):
        c.oval(x, y, 30, 30, "#1D1F22")
        c.oval(x, y, 19, 19, c.ball("#2F3A46"))
        c.oval(x - 7, y - 8, 5, 5, "#9FB4C8", 0.8)
    c.oval(390, 230, 12, 12, "#F1E7C9")
    c.gloss(outline([(268, 320, 6), (280, 320, 6), (280, 640, 6), (268, 640, 6)]), 0.3)
    c.close()


@kind("speaker")
def speaker(c: Canvas, o: Options) -> None:
    """A round speaker in woven cloth."""
    c.zoom = 1.12
    c.floor(400, 672, 150, 34)
    c.path(
        lathe([(132, 196, 60), (152, 260, 60), (152, 620, 70), (126, 672, 30)]),
        c.tube(o.colour, 1.2),
    )
    for row in range(14):
        y = 276 + row * 26
        c.line(f"M250 {y}C300 {y + 15} 500 {y + 15} 550 {y}", shade(o.colour, -0.09), 3, 0.55)
    for column in range(-6, 7):
        c.line(f"M{400 + column * 23.5} 282V630", shade(o.colour, 0.07), 2, 0.35)
    c.oval(400, 218, 132, 34, c.sheen(o.accent))
    c.oval(400, 216, 84, 20, "none")
    c.add(
        f'<ellipse cx="400" cy="216" rx="94" ry="22" fill="none" stroke="{o.hue("glow", "#F0B27A")}" stroke-width="6" opacity=".9"/>'
    )
    c.path(lathe([(150, 628, 30), (126, 672, 26)]), shade(o.accent, 0.02), 0.85)


@kind("stand")
def stand(c: Canvas, o: Options) -> None:
    """A folding phone stand with a phone on it."""
    c.floor(410, 676, 170, 34)
    c.path(
        outline([(250, 640, 12), (570, 640, 12), (590, 676, 14), (230, 676, 14)]), c.metal(o.metal)
    )
    c.path(outline([(388, 380, 8), (432, 380, 8), (440, 644), (380, 644)]), c.tube(o.colour))
    c.open("rotate(-4 400 360)")
    c.path(
        outline([(282, 120, 40), (518, 120, 40), (518, 580, 40), (282, 580, 40)]),
        c.sheen("#26282C"),
    )
    c.path(
        outline([(294, 132, 30), (506, 132, 30), (506, 568, 30), (294, 568, 30)]),
        c.gradient([(0, shade(o.accent, 0.1)), (1, shade(o.accent, -0.12))], to=(0.6, 1)),
    )
    c.oval(352, 236, 34, 34, shade(o.accent, 0.2), 0.9)
    c.path(
        "M294 500C350 440 400 470 440 430C470 404 490 410 506 400V538C506 558 496 568 476 568H324C304 568 294 558 294 538Z",
        shade(o.accent, -0.16),
        0.8,
    )
    c.close()
    c.path(
        outline([(270, 570, 10), (530, 570, 10), (530, 612, 12), (270, 612, 12)]),
        c.sheen(o.colour, 1.3),
    )
