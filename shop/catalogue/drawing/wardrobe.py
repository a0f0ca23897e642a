"""Shirts, hoodies, jackets, trousers: laid flat, as if just smoothed with a hand."""

from __future__ import annotations

from shop.catalogue.drawing.canvas import Canvas, outline
from shop.catalogue.drawing.colour import shade
from shop.catalogue.drawing.kit import Options, kind

TEE = "M306 150C340 176 460 176 494 150L560 170C596 182 616 204 632 236L694 366C698 376 694 384 684 388L596 420C586 424 578 420 574 410L552 350V668C552 682 546 688 532 688H268C254 688 248 682 248 668V350L226 410C222 420 214 424 204 420L116 388C106 384 102 376 106 366L168 236C184 204 204 182 240 170Z"
LONG = "M306 150C340 176 460 176 494 150L556 168C590 178 608 200 618 232L700 604C702 614 698 620 688 624L622 640C612 642 604 638 602 628L552 388V668C552 682 546 688 532 688H268C254 688 248 682 248 668V388L198 628C196 638 188 642 178 640L112 624C102 620 98 614 100 604L182 232C192 200 210 178 244 168Z"


def folds(c: Canvas, colour: str, lines: tuple[str, ...]) -> None:
    """Soft creases: each a dark line with a light one beside it."""
    for line in lines:
        c.line(line, shade(colour, -0.1), 8, 0.3)


TORSO = (
    "M300 420C340 440 352 520 330 640",
    "M500 400C470 450 466 530 486 650",
    "M262 300C300 330 330 340 372 336",
    "M538 300C500 330 470 338 440 334",
)


def _neck(c: Canvas, colour: str, deep: float = 52) -> None:
    c.path(
        f"M306 150C340 176 460 176 494 150C482 {172 + deep:.0f} 440 {186 + deep:.0f} 400 {186 + deep:.0f}C360 {186 + deep:.0f} 318 {172 + deep:.0f} 306 150Z",
        shade(colour, -0.15),
    )
    c.path(
        "M306 150C340 176 460 176 494 150L486 170C450 192 350 192 314 170Z", shade(colour, -0.04)
    )
    c.line(
        f"M304 152C316 {176 + deep:.0f} 360 {190 + deep:.0f} 400 {190 + deep:.0f}C440 {190 + deep:.0f} 484 {176 + deep:.0f} 496 152",
        shade(colour, 0.05),
        14,
    )
    c.line(
        f"M296 156C308 {186 + deep:.0f} 356 {202 + deep:.0f} 400 {202 + deep:.0f}C444 {202 + deep:.0f} 492 {186 + deep:.0f} 504 156",
        shade(colour, -0.12),
        2.4,
        0.8,
    )


def _hems(c: Canvas, colour: str, long: bool) -> None:
    c.line("M250 664H550", shade(colour, -0.12), 2.6, 0.8)
    ends = (
        ("M108 596L190 614", "M692 596L610 614")
        if long
        else ("M112 352L222 394", "M688 352L578 394")
    )
    for line in ends:
        c.line(line, shade(colour, -0.12), 2.6, 0.8)
    for side in (-1, 1):
        c.line(
            f"M{400 + side * 152} {388 if long else 350}C{400 + side * 150} 300 {400 + side * 146} 236 {400 + side * 156} 172",
            shade(colour, -0.12),
            3,
            0.7,
        )


@kind("tee")
def tee(c: Canvas, o: Options) -> None:
    """A T-shirt. sleeve: short or long; print: plain, stripes, pocket, sun, chest."""
    long = o.word("sleeve", "short") == "long"
    shape = LONG if long else TEE
    c.lying(shape)
    c.path(shape, c.sheen(o.colour))
    printed = o.word("print", "plain")
    if printed == "stripes":
        for y in range(270, 660, 52):
            c.path(f"M249 {y}H551V{y + 20}H249Z", o.accent, 0.9)
    if printed == "sun":
        c.oval(400, 356, 70, 70, o.accent, 0.9)
        for n in range(4):
            c.rect(322, 372 + n * 17, 156, 6, o.colour)
    if printed == "chest":
        c.rect(322, 318, 156, 26, o.accent, 4, 0.9)
        c.rect(322, 354, 96, 10, o.accent, 4, 0.9)
    folds(c, o.colour, TORSO)
    _neck(c, o.colour)
    _hems(c, o.colour, long)
    if printed == "pocket":
        c.path(
            outline([(438, 292, 3), (520, 292, 3), (520, 372, 6), (479, 394, 6), (438, 372, 6)]),
            shade(o.colour, -0.03),
        )
        c.line("M438 306H520", shade(o.colour, -0.14), 3, 0.8)


@kind("shirt")
def shirt(c: Canvas, o: Options) -> None:
    """A button-down. check: yes for plaid."""
    c.lying(LONG)
    c.path(LONG, c.sheen(o.colour))
    if o.word("check") == "yes":
        for x in range(262, 548, 48):
            c.path(f"M{x} 190H{x + 15}V686H{x}Z", o.accent, 0.4)
        for y in range(220, 670, 56):
            c.path(f"M249 {y}H551V{y + 17}H249Z", o.accent, 0.4)
    folds(c, o.colour, TORSO)
    _hems(c, o.colour, True)
    c.path("M306 150C340 176 460 176 494 150L400 236Z", shade(o.colour, -0.16))
    c.path("M306 144L400 236L344 276L276 162Z", c.sheen(shade(o.colour, 0.07)))
    c.path("M494 144L400 236L456 276L524 162Z", c.sheen(shade(o.colour, 0.04)))
    c.path("M386 240H414V686H386Z", shade(o.colour, 0.05))
    c.line("M386 250V686M414 250V686", shade(o.colour, -0.12), 2, 0.7)
    for n in range(6):
        c.oval(400, 290 + n * 68, 6, 6, o.hue("button", "#F3ECDF"))
    for x in (292, 438):
        c.path(
            outline([(x, 310, 3), (x + 74, 310, 3), (x + 74, 390, 8), (x, 390, 8)]),
            shade(o.colour, 0.025),
        )
        c.line(f"M{x} 328H{x + 74}", shade(o.colour, -0.13), 2.6, 0.8)


@kind("sweater")
def sweater(c: Canvas, o: Options) -> None:
    """Knitwear. open: yes for a cardigan; knit: cable, rib or plain."""
    c.lying(LONG, 1.15)
    c.path(LONG, c.sheen(o.colour, 1.1))
    if o.word("knit", "plain") != "plain":
        for n, x in enumerate(range(274, 540, 42)):
            if o.word("knit") == "cable" and n % 2:
                c.line(
                    "M"
                    + "".join(
                        f"{'L' if k else ''}{x + (10 if k % 2 else -10)} {250 + k * 22}"
                        for k in range(19)
                    ),
                    shade(o.colour, -0.09),
                    6,
                    0.6,
                )
                c.line(
                    "M"
                    + "".join(
                        f"{'L' if k else ''}{x + (-10 if k % 2 else 10)} {250 + k * 22}"
                        for k in range(19)
                    ),
                    shade(o.colour, 0.07),
                    6,
                    0.6,
                )
            else:
                c.line(f"M{x} 240V640", shade(o.colour, -0.09), 4, 0.5)
    folds(c, o.colour, TORSO)
    _neck(c, o.colour, 26)
    for x in range(256, 548, 13):
        c.line(f"M{x} 640V684", shade(o.colour, -0.1), 4, 0.6)
    for side in (-1, 1):
        c.line(f"M{400 + side * 291} 570L{400 + side * 197} 592", shade(o.colour, -0.12), 3, 0.7)
        c.line(
            f"M{400 + side * 152} 388C{400 + side * 150} 300 {400 + side * 146} 236 {400 + side * 156} 172",
            shade(o.colour, -0.12),
            3,
            0.7,
        )
    if o.word("open") == "yes":
        c.path(
            "M340 176C372 320 384 500 386 688H414C416 500 428 320 460 176C440 186 360 186 340 176Z",
            shade(o.colour, -0.18),
        )
        c.path(
            "M330 172C360 320 372 500 374 688H392C390 500 380 320 350 178Z", shade(o.colour, 0.06)
        )
        c.path(
            "M470 172C440 320 428 500 426 688H408C410 500 420 320 450 178Z", shade(o.colour, 0.06)
        )
        for n in range(4):
            c.oval(383 + n, 400 + n * 72, 8, 8, o.accent)


@kind("hoodie")
def hoodie(c: Canvas, o: Options) -> None:
    """A hoodie. zip: yes or no."""
    c.lying(LONG, 1.15)
    c.path(LONG, c.sheen(o.colour, 1.1))
    folds(c, o.colour, TORSO)
    hood = "M400 92C478 92 520 132 524 196C500 240 450 262 400 270C350 262 300 240 276 196C280 132 322 92 400 92Z"
    c.path(hood, c.sheen(shade(o.colour, 0.04)))
    c.path(
        "M400 128C450 128 480 150 482 190C460 222 430 240 400 250C370 240 340 222 318 190C320 150 350 128 400 128Z",
        shade(o.colour, -0.17),
    )
    c.path(
        "M400 128C450 128 480 150 482 190C460 180 340 180 318 190C320 150 350 128 400 128Z",
        shade(o.colour, -0.09),
    )
    c.path(
        "M304 500C304 484 312 476 328 476H472C488 476 496 484 496 500L528 610H272Z",
        shade(o.colour, 0.025),
    )
    c.line("M322 478L282 600M478 478L518 600", shade(o.colour, -0.14), 4, 0.8)
    c.line("M272 612H528", shade(o.colour, -0.14), 3, 0.7)
    for side in (-1, 1):
        c.line(
            f"M{400 + side * 36} 238C{400 + side * 40} 290 {400 + side * 34} 330 {400 + side * 38} 384",
            o.accent,
            7,
        )
        c.rect(400 + side * 38 - 5, 380, 10, 20, c.metal("silver"), 3)
        c.line(
            f"M{400 + side * 152} 388C{400 + side * 150} 300 {400 + side * 146} 236 {400 + side * 156} 172",
            shade(o.colour, -0.12),
            3,
            0.7,
        )
        c.line(f"M{400 + side * 291} 572L{400 + side * 196} 594", shade(o.colour, -0.12), 3, 0.7)
    for x in range(256, 548, 13):
        c.line(f"M{x} 644V684", shade(o.colour, -0.1), 4, 0.6)
    if o.word("zip") == "yes":
        c.path("M390 252H410V688H390Z", shade(o.colour, -0.12))
        c.line(
            "M400 256V686",
            o.hue("teeth", "#D9DCDF"),
            4,
            1,
            ' stroke-dasharray="5 5" style="stroke-linecap:butt"',
        )
        c.rect(392, 286, 16, 34, c.metal("silver"), 4)


@kind("jacket")
def jacket(c: Canvas, o: Options) -> None:
    """A jacket with a stand-up collar. quilt: yes or no."""
    c.lying(LONG, 1.25)
    c.path(LONG, c.sheen(o.colour, 1.15))
    if o.word("quilt") == "yes":
        for y in range(250, 680, 62):
            c.line(f"M250 {y}C330 {y + 16} 470 {y + 16} 550 {y}", shade(o.colour, -0.13), 5, 0.7)
            c.line(
                f"M254 {y + 9}C330 {y + 25} 470 {y + 25} 546 {y + 9}", shade(o.colour, 0.09), 5, 0.5
            )
    folds(c, o.colour, TORSO)
    _hems(c, o.colour, True)
    c.path(
        outline([(306, 110, 22), (494, 110, 22), (502, 196, 10), (400, 250, 4), (298, 196, 10)]),
        c.sheen(shade(o.accent, 0.03)),
    )
    c.path("M392 238H408V688H392Z", shade(o.colour, -0.16))
    c.line("M400 240V686", "#D9DCDF", 4, 1, ' stroke-dasharray="5 5" style="stroke-linecap:butt"')
    c.rect(391, 262, 18, 40, c.metal("silver"), 5)
    for side in (-1, 1):
        c.line(f"M{400 + side * 62} 480L{400 + side * 104} 580", shade(o.colour, -0.18), 9)
        c.path(
            outline(
                [
                    (400 + side * 88 - 34, 318, 4),
                    (400 + side * 88 + 34, 318, 4),
                    (400 + side * 88 + 34, 390, 6),
                    (400 + side * 88 - 34, 390, 6),
                ]
            ),
            shade(o.colour, 0.03),
        )


@kind("shorts")
def shorts(c: Canvas, o: Options) -> None:
    """Running shorts."""
    shape = "M246 218H554C566 330 590 440 622 560C624 570 620 576 610 578L440 600C430 600 424 596 422 588L400 430L378 588C376 596 370 600 360 600L190 578C180 576 176 570 178 560C210 440 234 330 246 218Z"
    c.lying(shape)
    c.path(shape, c.sheen(o.colour, 1.1))
    for side in (-1, 1):
        c.path(
            f"M{400 + side * 160} 300C{400 + side * 174} 400 {400 + side * 198} 480 {400 + side * 222} 560L{400 + side * 196} 574C{400 + side * 170} 490 {400 + side * 150} 400 {400 + side * 146} 300Z",
            o.accent,
        )
        c.line(
            f"M{400 + side * 30} 320C{400 + side * 60} 380 {400 + side * 70} 460 {400 + side * 66} 560",
            shade(o.colour, -0.1),
            8,
            0.35,
        )
    c.path("M246 218H554L559 274H241Z", c.sheen(shade(o.colour, 0.05)))
    for x in range(254, 556, 14):
        c.line(f"M{x} 224V268", shade(o.colour, -0.1), 4, 0.6)
    c.line("M400 276V430", shade(o.colour, -0.13), 3, 0.8)
    c.line(
        "M386 262C376 320 380 350 372 372M414 262C424 320 420 346 430 364",
        o.hue("lace", "#F6F2EA"),
        6,
    )


@kind("trousers")
def trousers(c: Canvas, o: Options) -> None:
    """Trousers, laid flat."""
    shape = "M290 100H510L548 690C548 700 542 706 532 706H446C436 706 430 700 430 690L404 318H396L370 690C370 700 364 706 354 706H268C258 706 252 700 252 690Z"
    c.lying(shape)
    c.path(shape, c.sheen(o.colour, 1.1))
    c.path("M290 100H510L513 146H287Z", shade(o.colour, 0.04))
    c.line("M400 146V318", shade(o.colour, -0.13), 3, 0.8)
    for side in (-1, 1):
        c.line(f"M{400 + side * 112} 170L{400 + side * 70} 250", shade(o.colour, -0.14), 4, 0.7)
        c.line(f"M{400 + side * 74} 330L{400 + side * 92} 690", shade(o.colour, -0.09), 5, 0.5)
    for x in (316, 384, 470):
        c.rect(x, 96, 14, 56, shade(o.colour, -0.07), 3)
    c.oval(400, 124, 9, 9, c.metal("copper"))


@kind("dress")
def dress(c: Canvas, o: Options) -> None:
    """A sleeveless summer dress."""
    shape = "M312 110H340C350 170 450 170 460 110H488C494 170 510 210 536 236C516 290 504 330 500 372C540 480 596 600 612 690C540 716 260 716 188 690C204 600 260 480 300 372C296 330 284 290 264 236C290 210 306 170 312 110Z"
    c.lying(shape)
    c.path(shape, c.sheen(o.colour, 1.2))
    c.path("M300 372C340 384 460 384 500 372L504 402C460 414 340 414 296 402Z", o.accent)
    for x, end in ((330, 250), (372, 350), (428, 452), (470, 550)):
        c.line(f"M{x} 412C{x} 500 {end} 590 {end} 690", shade(o.colour, -0.1), 9, 0.35)
    c.line("M340 116C352 180 448 180 460 116", shade(o.colour, -0.13), 5, 0.8)
