"""Silhouettes for catalogues that come without pictures: boxes, bags, books and the rest."""

from __future__ import annotations

from shop.catalogue.drawing.canvas import Canvas, lathe, outline
from shop.catalogue.drawing.colour import shade
from shop.catalogue.drawing.kit import Options, kind


@kind("box")
def box(c: Canvas, o: Options) -> None:
    """A closed carton with a strip of tape."""
    c.zoom = 1.1
    c.floor(410, 664, 226, 40)
    c.path(
        "M184 330L400 388V672L184 606Z",
        c.gradient([(0, shade(o.colour, 0.04)), (1, shade(o.colour, -0.03))]),
    )
    c.path(
        "M616 330L400 388V672L616 606Z",
        c.gradient([(0, shade(o.colour, -0.07)), (1, shade(o.colour, -0.15))]),
    )
    c.path("M184 330L400 276L616 330L400 388Z", shade(o.colour, 0.10))
    c.path("M274 307.500L490 364V420L466 426V371L250 313.500Z", o.accent, 0.28)
    c.path("M214 470L296 492V548L214 526Z", shade(o.colour, 0.14), 0.9)
    c.line("M230 494L280 507", o.accent, 5, 0.5)
    c.line("M230 512L264 521", o.accent, 5, 0.5)


@kind("gift_tin")
def gift_tin(c: Canvas, o: Options) -> None:
    """A kit in a tin: a rectangular tin with small things looking out."""
    c.zoom = 1.08
    c.floor(400, 650, 220, 36)
    for x, top, half, colour in (
        (280, 250, 44, "#F4EEE4"),
        (384, 200, 36, o.accent),
        (476, 270, 48, shade(o.colour, 0.16)),
        (556, 230, 30, "#E7D9C4"),
    ):
        c.path(
            lathe(
                [
                    (half * 0.6, top, 8),
                    (half * 0.6, top + 40, 4),
                    (half, top + 60, 14),
                    (half, 470),
                ],
                x,
            ),
            c.tube(colour),
        )
    c.path(
        outline([(190, 400, 20), (610, 400, 20), (602, 650, 26), (198, 650, 26)]), c.metal(o.colour)
    )
    c.path(outline([(300, 470, 6), (500, 470, 6), (500, 590, 6), (300, 590, 6)]), "#F6F0E6", 0.92)
    c.oval(400, 510, 17, 17, o.accent, 0.8)
    c.line("M346 548H454M364 566H436", o.accent, 4, 0.5)


@kind("backpack")
def backpack(c: Canvas, o: Options) -> None:
    """A backpack. form: roll (rolled top), flap, zip."""
    form = o.word("form", "flap")
    c.floor(400, 676, 186, 36)
    c.line("M346 150C346 96 454 96 454 150", shade(o.accent, 0.02), 20)
    for side in (-1, 1):
        c.path(
            outline(
                [
                    (400 + side * 176 - 34, 420, 26),
                    (400 + side * 176 + 34, 420, 26),
                    (400 + side * 176 + 30, 660, 30),
                    (400 + side * 176 - 30, 660, 30),
                ]
            ),
            c.tube(shade(o.colour, -0.05)),
        )
    c.path(
        outline([(246, 150, 80), (554, 150, 80), (580, 676, 40), (220, 676, 40)]),
        c.sheen(o.colour, 1.3),
    )
    if form == "flap":
        c.path(
            outline([(236, 140, 80), (564, 140, 80), (572, 372, 40), (228, 372, 40)]),
            c.sheen(shade(o.colour, 0.05)),
        )
        for x in (310, 490):
            c.rect(x - 17, 300, 34, 150, c.tube(o.accent), 6)
            c.rect(x - 24, 396, 48, 34, c.metal("copper"), 6)
    elif form == "roll":
        c.path(
            outline([(232, 134, 30), (568, 134, 30), (568, 206, 30), (232, 206, 30)]),
            c.gradient([(0, shade(o.colour, 0.1)), (1, shade(o.colour, -0.1))], to=(0, 1)),
        )
        c.rect(384, 128, 32, 300, c.tube(o.accent), 6)
        c.rect(376, 330, 48, 34, c.metal("copper"), 6)
    else:
        c.line("M262 300C300 210 500 210 538 300", shade(o.colour, -0.16), 8)
        c.rect(528, 296, 14, 44, c.metal("silver"), 5)
    c.path(
        outline([(274, 470, 26), (526, 470, 26), (532, 648, 30), (268, 648, 30)]),
        c.sheen(shade(o.colour, 0.025), 1.2),
    )
    c.line("M276 514H524", shade(o.colour, -0.14), 5, 0.8)
    c.rect(366, 548, 68, 44, shade(o.accent, 0.03), 5)


@kind("tote")
def tote(c: Canvas, o: Options) -> None:
    """A tote, a duffel (form: duffel) or a lunch bag (form: lunch)."""
    form = o.word("form", "tote")
    if form == "duffel":
        c.floor(400, 620, 280, 36)
        c.line("M300 380C300 220 500 220 500 380", o.accent, 24)
        c.path(
            outline([(118, 360, 90), (682, 360, 90), (690, 620, 70), (110, 620, 70)]),
            c.gradient(
                [(0, shade(o.colour, 0.1)), (0.4, o.colour), (1, shade(o.colour, -0.12))],
                to=(0.1, 1),
            ),
        )
        for x in (284, 484):
            c.path(f"M{x} 362H{x + 32}V620H{x}Z", c.sheen(o.accent))
        c.line("M190 404H610", shade(o.colour, -0.17), 7)
        c.oval(160, 640, 30, 30, "#2B2A2D")
        c.oval(640, 640, 30, 30, "#2B2A2D")
        return
    if form == "lunch":
        c.floor(400, 660, 168, 36)
        c.path(
            outline([(250, 300), (550, 300), (566, 660, 20), (234, 660, 20)]),
            c.sheen(o.colour, 1.2),
        )
        c.path("M250 300L566 660L560 660L420 300Z", shade(o.colour, -0.07), 0.6)
        c.path(
            outline([(246, 190, 14), (554, 190, 14), (554, 312, 10), (246, 312, 10)]),
            c.gradient([(0, shade(o.colour, 0.09)), (1, shade(o.colour, -0.08))], to=(0, 1)),
        )
        c.rect(376, 180, 48, 250, c.tube(o.accent), 8)
        c.rect(368, 370, 64, 36, c.metal("copper"), 6)
        return
    c.floor(400, 676, 190, 36)
    c.line("M300 330C300 110 380 110 380 110M500 330C500 110 420 110 420 110", "none", 1, 0)
    c.line("M304 340C300 80 500 80 496 340", shade(o.accent, -0.02), 22)
    c.path(
        outline([(214, 300, 10), (586, 300, 10), (600, 676, 22), (200, 676, 22)]),
        c.sheen(o.colour, 1.2),
    )
    c.line("M214 330H586", shade(o.colour, -0.12), 3, 0.7)
    c.line(
        "M300 420C330 500 320 580 300 660M500 400C470 480 478 570 498 650",
        shade(o.colour, -0.1),
        9,
        0.35,
    )
    c.path(outline([(352, 452, 6), (448, 452, 6), (448, 540, 6), (352, 540, 6)]), o.accent, 0.85)


@kind("wallet")
def wallet(c: Canvas, o: Options) -> None:
    """A folded wallet with cards showing."""
    c.open("rotate(-6 400 430)")
    shape = outline([(176, 290, 30), (624, 290, 30), (624, 580, 34), (176, 580, 34)])
    c.lying(shape)
    for n, colour in enumerate(("#C9B79C", "#8FA3AD", "#E2D7C4")):
        c.path(
            outline(
                [(226, 236 + n * 20, 14), (574, 236 + n * 20, 14), (574, 400, 4), (226, 400, 4)]
            ),
            c.sheen(colour),
        )
    c.path(shape, c.sheen(o.colour, 1.3))
    c.path(
        outline([(190, 304, 22), (610, 304, 22), (610, 566, 24), (190, 566, 24)]),
        shade(o.colour, 0.03),
    )
    c.rect(560, 400, 64, 60, shade(o.accent, 0.02), 10)
    c.oval(592, 430, 13, 13, c.metal(o.metal))
    c.close()


@kind("book")
def book(c: Canvas, o: Options) -> None:
    """Notebooks or books, stacked. count: one to three."""
    count = int(o.number("count", 2, 1, 3))
    for n in range(count):
        c.open(f"translate({(n - 1) * 26} {(1 - n) * 30}) rotate({-10 + n * 9} 400 400)")
        cover = outline([(250, 150, 12), (560, 150, 12), (560, 640, 12), (250, 640, 12)])
        c.lying(cover, 0.9)
        c.path(outline([(258, 158, 8), (572, 158, 8), (572, 650, 8), (258, 650, 8)]), "#F1EADC")
        colour = (shade(o.colour, -0.1), o.accent, o.colour)[n + (3 - count)]
        c.path(cover, c.sheen(colour, 1.2))
        c.path(
            "M250 162C250 154 254 150 262 150H292V640H262C254 640 250 636 250 628Z",
            shade(colour, -0.1),
        )
        c.path(
            outline([(348, 240, 4), (508, 240, 4), (508, 350, 4), (348, 350, 4)]), "#F4EEE2", 0.9
        )
        c.line("M374 282H482M388 306H468", "#3A322A", 5, 0.5)
        c.close()


@kind("stool")
def stool(c: Canvas, o: Options) -> None:
    """A folding camp stool."""
    c.floor(400, 686, 210, 34)
    for d in ("M236 340L566 684", "M564 340L234 684"):
        c.line(d, shade(o.accent, -0.1), 30)
        c.line(d, shade(o.accent, 0.06), 20)
    c.path(
        "M190 300C300 350 500 350 610 300L622 344C500 400 300 400 178 344Z",
        c.gradient([(0, shade(o.colour, 0.08)), (1, shade(o.colour, -0.1))], to=(0, 1)),
    )
    c.path("M190 300C300 270 500 270 610 300C500 350 300 350 190 300Z", c.sheen(o.colour, 1.3))
    c.oval(400, 512, 17, 17, c.metal("silver"))


@kind("headlamp")
def headlamp(c: Canvas, o: Options) -> None:
    """A head lamp on its strap."""
    strap = "M150 420C150 250 270 180 400 180C530 180 650 250 650 420"
    c.lying(strap, 0.8, 60)
    c.line(strap, shade(o.colour, -0.08), 62)
    c.line(strap, o.colour, 54)
    c.line("M160 400C168 262 282 196 400 196", o.accent, 7, 0.7, ' stroke-dasharray="20 14"')
    c.line(
        "M150 420C150 560 260 610 300 610M650 420C650 560 540 610 500 610",
        shade(o.colour, -0.03),
        54,
    )
    shell = outline([(266, 460, 50), (534, 460, 50), (540, 690, 60), (260, 690, 60)])
    c.lying(shell, 1)
    c.path(shell, c.sheen(shade(o.accent, 0.06), 1.3))
    c.oval(400, 572, 84, 84, c.metal("silver"))
    c.oval(400, 572, 70, 70, c.radial([(0, "#FFFDF2"), (0.5, "#FFF1C4"), (1, "#D9C48E")]))
    c.rect(372, 444, 56, 22, shade(o.colour, 0.1), 8)


@kind("bag_of")
def bag_of(c: Canvas, o: Options) -> None:
    """A stand-up pouch: coffee, tea, sweets, seeds."""
    c.zoom = 1.08
    c.floor(400, 676, 160, 34)
    pouch = "M262 150H538L546 210C552 360 568 560 556 652C552 676 540 680 520 680H280C260 680 248 676 244 652C232 560 248 360 254 210Z"
    c.path(pouch, c.tube(o.colour, 1.1))
    c.path("M262 150H538L546 210H254Z", shade(o.colour, -0.06))
    c.line("M256 210H544", shade(o.colour, -0.16), 4, 0.8)
    c.path(outline([(300, 300, 8), (500, 300, 8), (500, 540, 8), (300, 540, 8)]), "#F6F0E6", 0.94)
    c.oval(400, 376, 36, 36, o.accent, 0.85)
    c.line("M342 450H458M358 474H442M374 498H426", "#3A322A", 5, 0.5)
    c.line("M272 240C262 380 256 520 266 640", "#FFFFFF", 10, 0.3)


@kind("toy")
def toy(c: Canvas, o: Options) -> None:
    """A soft bear, sitting."""
    c.zoom = 1.04
    c.floor(400, 680, 180, 36)
    for x in (300, 500):
        c.oval(x, 214, 52, 52, c.ball(o.colour))
        c.oval(x, 216, 28, 28, shade(o.accent, 0.2))
        c.oval(x + (x - 400) * 0.36, 480, 52, 84, c.ball(shade(o.colour, -0.03)))
    c.oval(400, 540, 146, 140, c.ball(o.colour))
    c.oval(400, 556, 88, 90, shade(o.colour, 0.1))
    for x in (310, 490):
        c.oval(x, 640, 66, 56, c.ball(shade(o.colour, 0.02)))
    c.oval(400, 300, 140, 124, c.ball(o.colour))
    c.oval(400, 340, 62, 48, shade(o.colour, 0.13))
    for x in (352, 448):
        c.oval(x, 286, 12, 13, "#241D18")
    c.oval(400, 322, 19, 14, "#241D18")
    c.line("M400 336V352C390 364 376 362 372 356M400 352C410 364 424 362 428 356", "#241D18", 4)
