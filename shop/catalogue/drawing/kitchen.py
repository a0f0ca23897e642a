"""Small appliances."""

from __future__ import annotations

from shop.catalogue.drawing.canvas import Canvas, lathe, outline
from shop.catalogue.drawing.colour import shade
from shop.catalogue.drawing.kit import Options, kind


@kind("kettle")
def kettle(c: Canvas, o: Options) -> None:
    """A gooseneck or a jug kettle (form: goose, jug)."""
    c.zoom = 1.1
    c.floor(400, 676, 180, 34)
    c.path(lathe([(150, 650, 8), (160, 676, 10)]), c.tube("#2E2C2B"))
    if o.word("form", "goose") == "goose":
        spout = "M290 610C220 600 190 540 190 470C190 400 180 350 132 330"
        c.line(spout, shade(o.colour, -0.13), 30)
        c.line(spout, o.colour, 24)
        c.line(
            "M270 596C214 580 200 530 200 470C200 410 190 360 150 336",
            shade(o.colour, 0.16),
            6,
            0.7,
        )
        c.path(lathe([(104, 330, 16), (140, 640, 30), (136, 654, 8)]), c.shiny(o.colour))
    else:
        c.path("M300 340L206 300C190 296 184 308 194 322L290 452Z", c.shiny(o.colour))
        c.path(lathe([(110, 286, 20), (150, 600, 80), (144, 654, 14)]), c.shiny(o.colour))
    c.path(
        "M500 380C590 372 640 400 636 470C632 552 600 600 548 612L544 578C580 566 600 530 600 474C602 428 570 412 508 416Z",
        c.sheen(o.accent),
    )
    top = 330 if o.word("form", "goose") == "goose" else 286
    c.path(lathe([(66, top - 26, 30), (106, top + 8, 6)]), c.shiny(shade(o.colour, 0.02)))
    c.path(lathe([(20, top - 70, 14), (14, top - 22, 3)]), c.tube(o.accent))
    c.oval(400, 664, 6, 4, "#FFB068")


@kind("toaster")
def toaster(c: Canvas, o: Options) -> None:
    """A two-slot toaster, two slices up."""
    c.zoom = 1.06
    c.floor(400, 648, 240, 34)
    for x in (310, 470):
        c.path(
            f"M{x - 62} 330V220C{x - 78} 200 {x - 72} 162 {x - 36} 162H{x + 36}C{x + 72} 162 {x + 78} 200 {x + 62} 220V330Z",
            "#B87A42",
        )
        c.path(
            f"M{x - 50} 330V226C{x - 64} 206 {x - 58} 176 {x - 30} 176H{x + 30}C{x + 58} 176 {x + 64} 206 {x + 50} 226V330Z",
            c.sheen("#E6BC84"),
        )
    body = outline([(176, 280, 90), (604, 280, 90), (630, 640, 24), (150, 640, 24)])
    c.path(
        body,
        c.gradient(
            [
                (0, shade(o.colour, 0.12)),
                (0.3, shade(o.colour, 0.02)),
                (0.75, shade(o.colour, -0.04)),
                (1, shade(o.colour, -0.14)),
            ],
            to=(0.12, 1),
        ),
    )
    c.path(outline([(244, 286, 8), (384, 286, 8), (388, 306, 8), (240, 306, 8)]), "#2A2725", 0.8)
    c.path(outline([(406, 286, 8), (546, 286, 8), (550, 306, 8), (402, 306, 8)]), "#2A2725", 0.8)
    c.path(
        "M150 612H630L632 636C632 646 626 650 616 650H164C154 650 148 646 148 636Z",
        c.metal("silver"),
    )
    c.rect(570, 380, 12, 150, shade(o.colour, -0.2), 6)
    c.rect(546, 400, 62, 30, c.shiny(o.accent), 10)
    c.oval(250, 520, 44, 44, c.metal("silver"))
    c.oval(250, 520, 34, 34, c.ball(shade(o.colour, 0.05)))
    c.line("M250 520L268 498", o.accent, 6)
    c.gloss(
        "M206 350C212 318 234 304 262 304H330C276 314 240 342 228 400C214 400 202 376 206 350Z",
        0.35,
    )


@kind("blender")
def blender(c: Canvas, o: Options) -> None:
    """A stand blender with something in it (juice: its colour)."""
    c.zoom = 1.04
    juice = o.hue("juice", "#E88A5A")
    c.floor(400, 680, 130, 32)
    jug = lathe([(116, 170, 10), (84, 470, 14)])
    c.path(
        "M508 220C580 214 592 260 580 330C572 380 550 410 498 412L502 384C536 380 548 352 552 316C556 270 546 246 508 250Z",
        c.glass("#DDE5E8", 0.6),
    )
    c.path(jug, shade(c.ground, 0.07))
    c.path(lathe([(104, 286, 4), (82, 462, 12)]), c.shiny(juice, 0.7))
    c.oval(400, 288, 103, 14, shade(juice, 0.09))
    c.path(jug, c.glass("#FFFFFF", 0.34))
    for n in range(4):
        c.line(f"M452 {300 + n * 38}H{478 - n * 4}", "#FFFFFF", 4, 0.7)
    c.path(lathe([(120, 140, 12), (120, 182, 8)]), c.shiny(o.accent))
    c.path(lathe([(46, 108, 12), (52, 144, 4)]), c.shiny(o.accent))
    c.path(lathe([(88, 466, 6), (94, 506, 6)]), c.metal("silver"))
    c.path(lathe([(98, 500, 14), (128, 660, 40), (124, 680, 10)]), c.shiny(o.colour))
    c.oval(400, 590, 40, 40, c.metal("silver"))
    c.oval(400, 590, 30, 30, c.ball("#34312F"))
    c.line("M400 590V568", "#F4EFE8", 5)


@kind("iron")
def iron(c: Canvas, o: Options) -> None:
    """A steam iron from the side."""
    c.floor(410, 600, 270, 34)
    c.path(
        "M134 590C150 520 220 470 300 462L640 470C664 480 676 540 676 590Z",
        c.gradient(
            [(0, shade(o.colour, 0.1)), (0.5, o.colour), (1, shade(o.colour, -0.12))], to=(0.2, 1)
        ),
    )
    c.path(
        "M118 584H684C694 584 698 590 696 598C694 606 688 610 680 610H124C110 610 106 590 118 584Z",
        c.gradient([(0, "#E9ECEE"), (0.5, "#AEB4B9"), (1, "#7C838A")], to=(0, 1)),
    )
    c.path(
        "M300 462C320 350 400 300 520 300H604C646 300 664 330 656 372L640 470H574L586 396C590 372 580 360 560 360H500C440 360 400 400 384 464Z",
        c.gradient(
            [(0, shade(o.accent, 0.14)), (0.5, o.accent), (1, shade(o.accent, -0.1))], to=(0, 1)
        ),
    )
    c.path(
        "M226 520C250 496 290 486 340 486H470C480 500 470 540 440 548H210C208 540 214 530 226 520Z",
        c.sheen(shade(o.colour, 0.16)),
        0.8,
    )
    c.path(
        "M222 534C260 524 330 530 454 526C452 540 446 548 440 548H210C210 544 214 540 222 534Z",
        "#BFE0EC",
        0.8,
    )
    c.oval(540, 520, 40, 30, shade(o.colour, -0.12))
    c.oval(540, 516, 34, 24, c.ball("#F4F1EC"))
    c.oval(476, 330, 12, 10, "#E5484D" if o.word("light") == "on" else shade(o.accent, 0.3))
    cord = "M652 350C700 330 716 270 700 210C690 170 700 130 740 110"
    c.line(cord, shade(o.accent, -0.02), 14)


@kind("grinder")
def grinder(c: Canvas, o: Options) -> None:
    """A hand coffee grinder with a crank, a few beans in front."""
    c.zoom = 1.06
    c.floor(390, 676, 100, 30)
    c.path(lathe([(82, 260, 12), (78, 452, 4)], 390), c.shiny(o.colour))
    c.path(lathe([(84, 448, 3), (84, 470, 3)], 390), c.metal(o.metal))
    c.path(lathe([(80, 468), (88, 676, 18)], 390), c.tube(o.accent))
    c.path(lathe([(60, 224, 20), (84, 264, 6)], 390), c.metal(o.metal))
    c.line("M390 214C440 196 520 190 566 196", "#8E949A", 16)
    c.line("M392 208C440 192 516 186 560 190", "#E4E7E9", 5)
    c.path(lathe([(24, 120, 22), (17, 200, 6)], 572), c.tube("#7A4A2B"))
    c.oval(390, 214, 16, 11, c.metal(o.metal))
    for x, y, turn in ((556, 676, 20), (610, 660, -30), (596, 700, 60), (514, 704, -12)):
        c.open(f"translate({x} {y}) rotate({turn})")
        c.oval(4, 9, 25, 12, c.dusk, 0.25)
        c.oval(0, 0, 25, 17, c.ball("#5A3621"))
        c.line("M-18 3C-8 -7 8 7 18 -3", "#331C10", 3.4)
        c.close()


@kind("moka")
def moka(c: Canvas, o: Options) -> None:
    """A stove-top espresso pot."""
    c.zoom = 1.12
    c.floor(390, 680, 128, 32)
    c.path(
        outline(
            [(296, 452), (484, 452), (514, 664, 12), (500, 680, 6), (280, 680, 6), (266, 664, 12)]
        ),
        c.metal(o.colour),
    )
    c.path(lathe([(92, 432, 6), (96, 456, 6)], 390), c.metal(shade(o.colour, -0.06)))
    c.path(
        outline(
            [(296, 436), (484, 436), (508, 252, 6), (282, 252, 6), (240, 226, 6), (258, 276, 10)]
        ),
        c.metal(o.colour),
    )
    c.path(
        outline([(274, 254, 8), (346, 206, 30), (434, 206, 30), (512, 254, 8)]),
        c.metal(shade(o.colour, 0.03)),
    )
    c.path(lathe([(17, 158, 16), (12, 210, 3)], 390), c.tube(o.accent))
    c.path(
        "M506 268H590C612 268 620 282 616 302L592 430C588 446 566 446 566 428L580 312H502Z",
        c.sheen(o.accent),
    )
    c.oval(452, 570, 9, 9, c.metal("gold"))


@kind("coffee_maker")
def coffee_maker(c: Canvas, o: Options) -> None:
    """A filter coffee machine with a full jug."""
    c.zoom = 1.06
    c.floor(410, 680, 186, 34)
    c.path(
        outline([(246, 130, 30), (580, 130, 30), (580, 300, 10), (246, 300, 10)]),
        c.sheen(o.colour, 1.2),
    )
    c.path(
        outline([(480, 290), (580, 290), (580, 640), (480, 640)]),
        c.gradient([(0, shade(o.colour, -0.05)), (1, shade(o.colour, -0.15))]),
    )
    c.path(
        outline([(232, 630, 14), (594, 630, 14), (594, 680, 16), (232, 680, 16)]),
        c.sheen(o.colour, 1.2),
    )
    c.path(lathe([(76, 300, 4), (46, 366, 6)], 362), c.shiny(o.accent))
    jug = lathe([(70, 396, 10), (106, 470, 50), (100, 626, 30)], 362)
    c.path(jug, shade(c.ground, 0.05))
    c.path(lathe([(102, 486, 14), (98, 620, 28)], 362), c.shiny("#3B2217", 0.8))
    c.path(jug, c.glass("#FFFFFF", 0.3))
    c.path(lathe([(74, 380, 6), (74, 404, 4)], 362), c.tube(o.accent))
    c.line("M264 420C216 420 214 560 272 566", o.accent, 20)
    c.oval(530, 216, 17, 17, c.metal("silver"))
    c.oval(530, 216, 8, 8, "#FFB068")
    c.gloss(outline([(262, 160, 8), (280, 150, 8), (280, 280, 6), (262, 280, 6)]), 0.4)
