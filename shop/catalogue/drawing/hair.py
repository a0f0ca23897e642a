"""Wigs, bonnets and what goes through hair."""

from __future__ import annotations

from math import cos, pi, sin

from shop.catalogue.drawing.canvas import Canvas, lathe, outline
from shop.catalogue.drawing.colour import shade
from shop.catalogue.drawing.kit import Options, kind

SKIN = "#CDB49E"


def _bust(c: Canvas, colour: str = SKIN) -> None:
    """A faceless stand: head, neck and foot."""
    c.floor(400, 690, 110, 26)
    c.path(lathe([(46, 470), (44, 560, 40), (110, 640, 50), (112, 690, 14)]), c.tube(colour))
    c.path(
        "M400 196C480 196 512 262 508 344C504 432 458 512 400 512C342 512 296 432 292 344C288 262 320 196 400 196Z",
        c.tube(colour, 0.9),
    )
    c.path(
        "M346 500C372 530 428 530 454 500L448 540C430 556 370 556 352 540Z",
        shade(colour, -0.12),
        0.6,
    )


def _strands(c: Canvas, lines: list[str], colour: str, width: float = 4) -> None:
    for at, line in enumerate(lines):
        c.line(line, shade(colour, (0.08, -0.07, 0.13, -0.04)[at % 4]), width, 0.6)


def _fall(c: Canvas, colour: str, tip: str) -> str:
    """A fill that runs from the root colour to the tips."""
    return c.gradient(
        [(0, shade(colour, 0.07)), (0.25, colour), (0.6, tip), (1, shade(tip, -0.05))], to=(0.15, 1)
    )


@kind("wig_long")
def wig_long(c: Canvas, o: Options) -> None:
    """Long hair with a middle parting. wave: 0 straight to 1 wavy; tip: an ombre's end."""
    tip, wave = o.hue("tip", o.colour), o.number("wave", 0.3, 0, 1)
    k = 58 * wave
    back = f"M400 138C270 138 232 240 236 350C238 {430 - k / 2:.0f} {214 - k:.0f} 500 {224 - k / 2:.0f} 590C228 640 {246 - k / 2:.0f} 664 262 672H538C554 664 {572 + k / 2:.0f} 640 {576 + k / 2:.0f} 590C{586 + k:.0f} 500 562 {430 - k / 2:.0f} 564 350C568 240 530 138 400 138Z"
    c.floor(400, 690, 190, 26)
    c.path(back, shade(o.colour, -0.14))
    _bust(c)
    for side in (-1, 1):
        x = [
            400 + side * v
            for v in (2, 104, 172, 168, 188 + k, 160, 150, 112, 96, 128 + k / 2, 100, 108, 90, 6)
        ]
        lock = (
            f"M{x[0]:.1f} 140C{x[1]:.1f} 136 {x[2]:.1f} 216 {x[3]:.1f} 340C{x[3] - side * k:.1f} 430 {x[4]:.1f} 500 {x[5]:.1f} 610"
            f"C{x[6]:.1f} 664 {x[7]:.1f} 676 {x[8]:.1f} 670C{x[9]:.1f} 590 {x[10] - side * k:.1f} 500 {x[11]:.1f} 410C{x[12]:.1f} 300 {x[13] + side * 50:.1f} 214 {x[0]:.1f} 176Z"
        )
        c.path(lock, _fall(c, o.colour, tip))
        rows = [
            f"M{400 + side * (14 + n * 9):.1f} {150 + n * 4}C{400 + side * (70 + n * 13):.1f} {190 + n * 6} {400 + side * (104 + n * 12):.1f} 300 {400 + side * (112 + n * 11 - k * 0.6):.1f} 410S{400 + side * (116 + n * 13 + k):.1f} 560 {400 + side * (104 + n * 10):.1f} {650 - n * 5}"
            for n in range(5)
        ]
        _strands(c, rows, o.colour if tip == o.colour else tip)
    c.line("M400 142V196", shade(o.colour, -0.16), 3, 0.8)
    c.gloss(
        "M300 214C318 176 352 160 384 160C352 182 326 220 312 262C302 252 296 232 300 214Z", 0.14
    )


@kind("wig_bob")
def wig_bob(c: Canvas, o: Options) -> None:
    """A chin-length bob. fringe: yes or no."""
    tip = o.hue("tip", o.colour)
    c.path(
        "M400 140C278 140 236 236 238 346L232 520H568L562 346C564 236 522 140 400 140Z",
        shade(o.colour, -0.15),
    )
    _bust(c)
    for side in (-1, 1):
        x = [400 + side * v for v in (0, 118, 178, 166, 182, 176, 118, 96, 112, 92)]
        lock = f"M{x[0]} 138C{x[1]} 134 {x[2]} 226 {x[3]} 340L{x[4]} 512C{x[5]} 534 {x[6]} 540 {x[7]} 528C{x[8]} 470 {x[8]} 420 {x[8]} 380C{x[9]} 290 {400 + side * 56} 220 {x[0]} 178Z"
        c.path(lock, _fall(c, o.colour, tip))
        _strands(
            c,
            [
                f"M{400 + side * (12 + n * 10)} {152 + n * 5}C{400 + side * (80 + n * 14)} {190 + n * 8} {400 + side * (112 + n * 11)} 300 {400 + side * (114 + n * 13)} {516 - n * 3}"
                for n in range(5)
            ],
            tip,
        )
    if o.word("fringe", "yes") == "yes":
        c.path(
            "M302 316C296 220 340 150 400 148C460 150 504 220 498 316C470 326 440 322 400 328C360 322 330 326 302 316Z",
            _fall(c, shade(o.colour, 0.02), o.colour),
        )
        _strands(
            c,
            [
                f"M{400 + n * 9} 156C{400 + n * 16} 200 {400 + n * 20} 260 {400 + n * 20.5} 316"
                for n in range(-4, 5)
            ],
            o.colour,
            3,
        )
    c.gloss(
        "M292 232C306 190 346 166 384 164C350 186 322 220 308 268C296 260 288 246 292 232Z", 0.16
    )


def _curl(c: Canvas, x: float, y: float, r: float, colour: str, at: int) -> None:
    c.oval(x, y, r, r * 0.94, c.ball(shade(colour, (0.02, -0.03, 0.05)[at % 3]), 0.75))
    c.line(
        f"M{x - r * 0.5:.1f} {y + r * 0.25:.1f}A{r * 0.55:.1f} {r * 0.5:.1f} 0 1 1 {x + r * 0.45:.1f} {y + r * 0.3:.1f}",
        shade(colour, 0.13),
        3.4,
        0.55,
    )
    c.line(
        f"M{x - r * 0.2:.1f} {y + r * 0.1:.1f}A{r * 0.25:.1f} {r * 0.22:.1f} 0 1 1 {x + r * 0.2:.1f} {y + r * 0.16:.1f}",
        shade(colour, -0.1),
        3,
        0.6,
    )


@kind("wig_curly")
def wig_curly(c: Canvas, o: Options) -> None:
    """A cloud of curls. size: small to large curls."""
    size = o.number("size", 1, 0.7, 1.4)
    tip = o.hue("tip", o.colour)
    c.floor(400, 690, 170, 26)
    c.oval(400, 330, 206, 206, shade(o.colour, -0.16))
    for at in range(26):
        turn = at * 2 * pi / 26
        _curl(c, 400 + 196 * cos(turn), 336 + 196 * sin(turn), 44 * size, tip, at)
    _bust(c)
    for at in range(13):
        turn = pi + at * pi / 12
        _curl(c, 400 + 152 * cos(turn), 330 + 138 * sin(turn), 48 * size, o.colour, at + 1)
    for at in range(9):
        turn = pi * 1.06 + at * pi * 0.88 / 8
        _curl(c, 400 + 106 * cos(turn), 300 + 96 * sin(turn), 42 * size, o.colour, at)
    for side in (-1, 1):
        for at in range(5):
            _curl(c, 400 + side * (150 + 8 * sin(at * 2)), 372 + at * 42, 44 * size, tip, at)
    for x, y in ((352, 208), (400, 190), (448, 208), (376, 244), (424, 244)):
        _curl(c, x, y, 38 * size, o.colour, int(x))


@kind("bonnet")
def bonnet(c: Canvas, o: Options) -> None:
    """A silk bonnet on the stand: soft gathers, a wide band, a bow."""
    c.zoom = 1.06
    _bust(c)
    crown = "M400 104C520 100 596 176 590 268C586 330 548 372 520 384C450 352 350 352 280 384C252 372 214 330 210 268C204 176 280 100 400 104Z"
    c.path(
        crown,
        c.radial(
            [(0, shade(o.colour, 0.16)), (0.45, o.colour), (1, shade(o.colour, -0.12))],
            0.36,
            0.26,
            0.8,
        ),
    )
    for n, x in enumerate((-150, -104, -56, 0, 56, 104, 150)):
        c.line(
            f"M{400 + x * 0.9:.0f} {370 - abs(x) * 0.02:.0f}C{400 + x * 1.12:.0f} 300 {400 + x:.0f} 210 {400 + x * 0.4:.0f} 132",
            shade(o.colour, 0.14 if n % 2 else -0.1),
            6,
            0.5,
        )
    c.gloss(
        "M268 226C284 170 336 134 384 134C340 160 304 204 292 262C278 258 264 244 268 226Z", 0.28
    )
    band = "M272 384C344 344 456 344 528 384L522 424C452 388 348 388 278 424Z"
    c.path(band, c.tube(o.accent))
    c.line("M284 396C352 362 448 362 516 396", shade(o.accent, 0.1), 3, 0.7)
    if o.word("bow", "yes") == "yes":
        c.path(
            "M400 376C372 348 330 344 326 366C324 392 366 400 400 380C434 400 476 392 474 366C470 344 428 348 400 376Z",
            c.sheen(shade(o.accent, 0.05)),
        )
        c.oval(400, 376, 17, 19, c.ball(o.accent))


@kind("paddle")
def paddle(c: Canvas, o: Options) -> None:
    """A paddle brush, its cushion towards us."""
    c.open("rotate(24 400 400)")
    body = "M400 96C492 96 512 140 512 230C512 330 500 384 448 412C436 420 434 440 436 470L444 676C444 704 424 716 400 716C376 716 356 704 356 676L364 470C366 440 364 420 352 412C300 384 288 330 288 230C288 140 308 96 400 96Z"
    c.lying(body)
    c.path(body, c.tube(o.colour))
    c.oval(400, 240, 92, 128, shade(o.accent, -0.02))
    c.oval(400, 238, 84, 119, c.ball(o.accent, 0.8))
    for row in range(9):
        for column in range(7):
            x, y = 400 + (column - 3) * 24 + (row % 2) * 8 - 4, 138 + row * 25
            if ((x - 400) / 74) ** 2 + ((y - 238) / 108) ** 2 < 1:
                c.line(f"M{x} {y}l-3 -11", shade(o.accent, 0.38), 3)
                c.oval(x - 3, y - 12, 3.4, 3.4, o.hue("pins", "#F2E7D6"))
    c.oval(400, 682, 10, 10, c.ground)
    c.close()


@kind("comb")
def comb(c: Canvas, o: Options) -> None:
    """A wide-tooth comb of tortoise or wood."""
    c.open("rotate(-28 400 400)")
    teeth = "".join(
        f"M{152 + n * 29} 372h{17}l-3 {176 - abs(n - 8) * 2}q-5 10 -11 0z" for n in range(17)
    )
    spine = outline([(132, 268, 40), (668, 268, 40), (668, 380, 10), (132, 380, 10)])
    c.lying(spine + teeth)
    c.path(spine + teeth, c.sheen(o.colour, 1.3))
    for n, (x, y) in enumerate(
        ((190, 300), (300, 338), (390, 296), (480, 346), (560, 306), (630, 348), (240, 352))
    ):
        c.oval(x, y, 34 - n % 3 * 8, 14 + n % 2 * 6, o.accent, 0.4)
    c.line("M160 284H640", "#FFFFFF", 5, 0.35)
    c.close()


@kind("claw")
def claw(c: Canvas, o: Options) -> None:
    """A claw clip, closed."""
    shape = "M170 330C190 214 300 176 400 176C500 176 610 214 630 330C640 392 620 470 590 560C584 580 566 578 564 560L556 470C550 440 530 440 526 470L516 586C514 606 496 606 494 586L484 478C480 450 460 450 456 478L446 606C444 626 426 626 424 606L416 484C412 462 388 462 384 484L376 606C374 626 356 626 354 606L344 478C340 450 320 450 316 478L306 586C304 606 286 606 284 586L274 470C270 440 250 440 244 470L236 560C234 578 216 580 210 560C180 470 160 392 170 330Z"
    c.lying(shape)
    c.path(shape, c.sheen(o.colour, 1.5))
    for n, (x, y) in enumerate(
        ((250, 300), (340, 250), (440, 300), (540, 280), (300, 380), (500, 390), (400, 400))
    ):
        c.oval(x, y, 40 - n % 3 * 9, 20 + n % 2 * 8, o.accent, 0.34)
    c.line("M206 330C226 252 310 214 400 214C460 214 520 230 556 262", "#FFFFFF", 10, 0.4)
    c.rect(356, 156, 88, 44, c.metal(o.metal), 14)
    c.oval(400, 178, 9, 9, shade(o.colour, -0.2), 0.6)


@kind("scrunchie")
def scrunchie(c: Canvas, o: Options) -> None:
    """A silk scrunchie seen from above."""
    count = 16
    ring = "".join(
        f"{'M' if n == 0 else 'Q'}{400 + (232 if n else 214) * cos(n * pi / count - pi / 2 - (pi / count / 2 if n else 0)) * (1.06 if n % 2 else 1):.1f} "
        f"{400 + (232 if n else 214) * sin(n * pi / count - pi / 2 - (pi / count / 2 if n else 0)) * (1.06 if n % 2 else 1):.1f}"
        + (
            f" {400 + 208 * cos(n * pi / count - pi / 2):.1f} {400 + 208 * sin(n * pi / count - pi / 2):.1f}"
            if n
            else ""
        )
        for n in range(2 * count + 1)
    )
    hole = "M400 306A94 94 0 1 0 400 494A94 94 0 1 0 400 306Z"
    c.lying("M400 186A214 214 0 1 1 399 186Z" + hole, 1.1)
    c.add(f'<path d="{ring}Z{hole}" fill-rule="evenodd" fill="{c.ball(o.colour)}"/>')
    for n in range(30):
        turn = n * 2 * pi / 30 + (n % 3) * 0.05
        near, far, bend = 100 + n % 2 * 12, 196 - n % 3 * 10, turn + 0.12
        c.line(
            f"M{400 + near * cos(turn):.1f} {400 + near * sin(turn):.1f}Q{400 + 150 * cos(bend):.1f} {400 + 150 * sin(bend):.1f} {400 + far * cos(turn):.1f} {400 + far * sin(turn):.1f}",
            shade(o.colour, 0.13 if n % 2 else -0.11), 7, 0.55,
        )  # fmt: skip
    c.add(
        f'<path d="{hole}" fill="none" stroke="{shade(o.colour, -0.16)}" stroke-width="7" opacity=".6"/>'
    )


@kind("dryer")
def dryer(c: Canvas, o: Options) -> None:
    """A hair dryer from the side."""
    handle = outline([(404, 430, 20), (500, 430, 20), (474, 690, 26), (396, 690, 26)])
    c.floor(436, 692, 76)
    c.path(handle, c.tube(o.accent))
    c.rect(424, 500, 30, 58, shade(o.accent, 0.14), 14)
    c.rect(428, 506, 22, 22, o.colour, 10)
    barrel = "M250 236C250 224 262 218 276 218L520 190C600 184 654 246 654 330C654 414 600 476 520 470L276 442C262 442 250 436 250 424Z"
    c.path(
        barrel,
        c.gradient(
            [
                (0, shade(o.colour, 0.1)),
                (0.3, shade(o.colour, 0.03)),
                (0.7, shade(o.colour, -0.05)),
                (1, shade(o.colour, -0.15)),
            ],
            to=(0, 1),
        ),
    )
    c.path(
        "M190 232H256V428H190C178 428 172 420 172 410V250C172 240 178 232 190 232Z",
        c.gradient(
            [(0, shade(o.accent, 0.14)), (0.4, o.accent), (1, shade(o.accent, -0.1))], to=(0, 1)
        ),
    )
    c.oval(562, 330, 74, 112, shade(o.colour, -0.08))
    c.oval(562, 330, 62, 98, c.ball(o.accent, 0.8))
    for n in range(6):
        c.oval(562, 330, 54 - n * 9, 86 - n * 14, "none")
        c.add(
            f'<ellipse cx="562" cy="330" rx="{54 - n * 9}" ry="{86 - n * 14}" fill="none" stroke="{shade(o.accent, 0.18)}" stroke-width="3" opacity=".6"/>'
        )
    c.gloss("M280 244L500 216C510 214 514 226 504 228L282 262Z", 0.4)
    c.rect(
        256,
        218,
        12,
        224,
        c.gradient([(0, shade(o.accent, 0.3)), (1, shade(o.accent, 0.05))], to=(0, 1)),
    )
