"""Colour cosmetics: what is inside is shade-true, what is outside is the brand's."""

from __future__ import annotations

from shop.catalogue.drawing.canvas import Canvas, lathe, outline
from shop.catalogue.drawing.colour import shade
from shop.catalogue.drawing.kit import Options, kind


@kind("lipstick")
def lipstick(c: Canvas, o: Options) -> None:
    """An open lipstick with its cap beside it. finish: matte, satin, gloss, metallic."""
    c.zoom = 1.22
    finish = o.word("finish", "satin")
    c.floor(550, 664, 66)
    c.floor(352, 664, 92)
    # The bullet: a cylinder cut on the slant; the cut faces the light.
    bullet = "M296 420V262C296 238 372 150 404 150C412 150 412 158 412 172V420Z"
    c.path(bullet, c.tube(o.colour, 1.0 if finish == "matte" else 1.25))
    cut = "M297 268C299 240 372 152 402 151C409 151 410 166 404 180C384 228 336 282 309 285C300 286 296 280 297 268Z"
    c.path(cut, c.gradient([(0, shade(o.colour, 0.12)), (1, shade(o.colour, 0.02))], to=(0.3, 1)))
    if finish in {"satin", "gloss"}:
        c.gloss(
            outline([(310, 306, 6), (322, 300, 6), (322, 412), (310, 412)]),
            0.22 if finish == "satin" else 0.4,
        )
    if finish == "gloss":
        c.gloss("M322 250C340 216 374 176 392 168C378 196 350 236 326 258Z", 0.35)
    if finish == "metallic":
        c.path(
            bullet,
            c.gradient(
                [
                    (0, "#FFFFFF", 0),
                    (0.3, "#FFF3DC", 0.45),
                    (0.5, "#FFFFFF", 0),
                    (0.72, "#FFF3DC", 0.28),
                    (1, "#FFFFFF", 0),
                ]
            ),
        )
    c.path(lathe([(65, 404, 3), (65, 480)], 354), c.metal(o.metal))
    c.path(lathe([(69, 398, 4), (69, 412, 4)], 354), c.metal(o.metal))
    c.path(lathe([(84, 474, 5), (84, 662, 8)], 354), c.shiny(o.accent))
    c.path(lathe([(84, 486), (84, 494)], 354), c.metal(o.metal))
    # The cap.
    c.path(lathe([(62, 396, 8), (62, 662, 7)], 548), c.shiny(o.accent))
    c.path(lathe([(62, 640), (62, 648)], 548), c.metal(o.metal))


@kind("polish")
def polish(c: Canvas, o: Options) -> None:
    """Nail polish: a squat bottle full of colour, a tall cap. finish: cream, shimmer, jelly."""
    c.zoom = 1.1
    finish = o.word("finish", "cream")
    c.floor(400, 664, 142)
    glass = lathe([(34, 398, 8), (60, 430, 26), (136, 470, 54), (142, 600, 60), (120, 664, 22)])
    c.path(glass, shade(c.ground, 0.06))
    liquid = lathe([(30, 436, 8), (120, 480, 48), (126, 598, 52), (104, 646, 18)])
    c.path(liquid, c.shiny(o.colour, 0.55 if finish == "cream" else 0.9))
    if finish == "shimmer":
        spots = (
            (322, 520, 5),
            (352, 590, 4),
            (380, 540, 3),
            (416, 610, 5),
            (444, 520, 4),
            (470, 572, 5),
            (494, 606, 3),
            (336, 624, 3),
            (402, 494, 3),
            (456, 626, 4),
            (300, 572, 3),
            (482, 536, 3),
        )
        for x, y, r in spots:
            c.oval(x, y, r, r, shade(o.colour, 0.26), 0.8)
    if finish == "jelly":
        c.path(liquid, c.gradient([(0, "#FFFFFF", 0.45), (1, "#FFFFFF", 0)], to=(0, 1)))
    c.path(glass, c.glass(o.colour, 0.3))
    c.gloss(outline([(286, 506, 14), (304, 492, 14), (304, 610, 8), (290, 618, 8)]), 0.5)
    c.path(lathe([(40, 386, 3), (40, 408, 3)]), c.metal(o.metal))
    c.path(lathe([(44, 136, 14), (56, 388, 5)]), c.shiny(o.accent))


@kind("mascara")
def mascara(c: Canvas, o: Options) -> None:
    """A standing tube and its wand leaning beside it; brush colour is the shade."""
    c.zoom = 1.14
    c.floor(310, 670, 60)
    c.path(lathe([(48, 360, 3), (54, 668, 16)], 310), c.shiny(o.accent))
    c.path(lathe([(48, 350, 2), (48, 372)], 310), c.metal(o.metal))
    c.path(lathe([(26, 318, 4), (26, 352)], 310), c.tube(shade(o.accent, 0.05)))
    c.floor(520, 670, 54)
    c.open("rotate(9 500 420)")
    c.path(lathe([(46, 402, 3), (52, 664, 16)], 500), c.shiny(o.accent))
    c.path(lathe([(46, 392, 2), (46, 412)], 500), c.metal(o.metal))
    c.rect(495, 276, 10, 120, shade(o.colour, 0.12), 3)
    fat = o.number("volume", 1, 0.6, 1.6)
    for step in range(26):
        y = 122 + step * 6.4
        half = fat * (16 + 15 * (step / 25) ** 0.6) * (0.72 if step < 2 else 1)
        c.line(
            f"M{500 - half:.1f} {y + 5:.1f}L{500 + half:.1f} {y - 5:.1f}",
            shade(o.colour, 0.05 if step % 2 else -0.02),
            3.6,
        )
    c.rect(497, 116, 6, 176, shade(o.colour, 0.2), 3)
    c.close()


@kind("gloss")
def gloss(c: Canvas, o: Options) -> None:
    """Lip gloss: a clear tube of colour under a tall cap, a drop of it in front."""
    c.zoom = 1.12
    c.floor(400, 668, 62)
    c.path(lathe([(58, 372, 4), (58, 668, 14)]), shade(c.ground, 0.05))
    c.path(lathe([(46, 378, 4), (46, 650, 16)]), c.shiny(o.colour, 0.8))
    c.rect(395, 380, 10, 168, shade(o.colour, -0.14), 4, 0.45)
    c.path(
        outline([(388, 548, 8), (412, 540, 8), (414, 604, 12), (390, 612, 12)]),
        shade(o.colour, -0.12),
        0.5,
    )
    c.path(lathe([(58, 372, 4), (58, 668, 14)]), c.glass(o.colour, 0.32))
    c.gloss(outline([(352, 392, 5), (366, 392, 5), (366, 640, 7), (352, 640, 7)]), 0.45)
    c.path(lathe([(60, 130, 12), (60, 366, 3)]), c.shiny(o.accent))
    c.path(lathe([(60, 348), (60, 374, 3)]), c.metal(o.metal))
    drop = "M500 676C500 656 540 648 580 650C622 652 650 662 646 678C642 696 600 704 560 702C526 700 500 694 500 676Z"
    c.lying(drop, 0.25)
    c.path(
        drop,
        c.gradient(
            [(0, shade(o.colour, 0.1)), (0.5, o.colour), (1, shade(o.colour, -0.1))], to=(0.3, 1)
        ),
    )
    c.gloss("M522 668C534 660 560 657 584 659C570 664 544 668 530 674Z", 0.6)


@kind("pencil")
def pencil(c: Canvas, o: Options) -> None:
    """Two crossing pencils, one sharpened towards us, one capped."""
    for turn, capped in ((-34, True), (24, False)):
        c.open(f"rotate({turn} 400 410)")
        body = outline([(374, 222, 2), (426, 222, 2), (426, 690, 8), (374, 690, 8)])
        shaft = "M374 150H426V690H374Z" if capped else "M400 112L426 226V690H374V226Z"
        c.lying(shaft, 0.9)
        c.path(body, c.shiny(o.colour if not capped else o.accent, 0.8))
        if capped:
            c.path(
                outline([(370, 118, 22), (430, 118, 22), (430, 330, 3), (370, 330, 3)]),
                c.shiny(o.accent),
            )
            c.path("M370 322H430V336H370Z", c.metal(o.metal))
            c.path("M374 560H426V690H374Z", c.shiny(o.colour, 0.8))
        else:
            c.path(
                "M374 224L392 146H408L426 224C416 216 408 216 400 222C392 216 384 216 374 224Z",
                c.tube("#D8B68A"),
            )
            c.path(
                "M392 146C394 132 397 118 400 112C403 118 406 132 408 146C404 150 396 150 392 146Z",
                c.tube(o.colour),
            )
            c.path("M374 600H426V614H374Z", c.metal(o.metal))
        c.close()


@kind("foundation")
def foundation(c: Canvas, o: Options) -> None:
    """A square glass bottle full of skin tone under a tall cap, with a swatch of it on the ground."""
    c.zoom = 1.1
    c.floor(400, 668, 118)
    c.path(
        outline([(282, 330, 26), (518, 330, 26), (518, 668, 22), (282, 668, 22)]),
        shade(c.ground, 0.08),
    )
    c.path(
        outline([(302, 352, 18), (498, 352, 18), (498, 634, 18), (302, 634, 18)]),
        c.tube(o.colour, 0.7),
    )
    c.path(
        outline([(282, 330, 26), (518, 330, 26), (518, 668, 22), (282, 668, 22)]),
        c.glass(o.colour, 0.3),
    )
    c.gloss(outline([(292, 372, 7), (306, 360, 7), (306, 640, 7), (292, 648, 7)]), 0.5)
    c.path(lathe([(62, 308, 4), (62, 332)]), c.metal(o.metal))
    c.path(lathe([(66, 132, 8), (66, 312, 4)]), c.shiny(o.accent))
    smear = "M548 672C556 640 616 622 652 586C672 566 706 574 704 602C702 634 664 640 650 672C640 700 604 712 574 706C552 702 544 690 548 672Z"
    c.lying(smear, 0.22)
    c.path(
        smear,
        c.gradient(
            [(0, shade(o.colour, 0.07)), (0.5, o.colour), (1, shade(o.colour, -0.06))], to=(0.6, 1)
        ),
    )
    c.line("M576 684C592 656 640 640 668 604", shade(o.colour, 0.09), 7, 0.7)
    c.line("M604 694C616 672 650 658 678 616", shade(o.colour, -0.07), 5, 0.5)


@kind("concealer")
def concealer(c: Canvas, o: Options) -> None:
    """A slim clear tube and its applicator lying in front."""
    c.zoom = 1.16
    c.floor(318, 660, 56)
    c.path(lathe([(46, 262, 4), (50, 660, 12)], 318), shade(c.ground, 0.06))
    c.path(lathe([(37, 330, 12), (40, 642, 14)], 318), c.tube(o.colour, 0.8))
    c.path(lathe([(46, 262, 4), (50, 660, 12)], 318), c.glass(o.colour, 0.3))
    c.gloss(outline([(278, 290, 5), (290, 290, 5), (289, 634, 6), (277, 634, 6)]), 0.5)
    c.path(lathe([(36, 234, 3), (36, 266)], 318), c.metal(o.metal))
    c.open("rotate(14 520 440)")
    wand = lathe([(44, 420, 8), (48, 668, 12)], 520)
    c.lying(wand, 0.8)
    c.path(wand, c.shiny(o.accent))
    c.path(lathe([(40, 404, 3), (40, 424)], 520), c.metal(o.metal))
    c.rect(514, 236, 12, 170, c.tube("#E9E2DA"), 4)
    c.path(
        "M506 250C504 214 510 170 520 160C532 168 538 212 535 250C532 262 510 262 506 250Z",
        c.tube(o.colour),
    )
    c.close()
