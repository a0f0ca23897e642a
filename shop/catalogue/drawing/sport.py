"""Things to move in and with."""

from __future__ import annotations

from shop.catalogue.drawing.canvas import Canvas, lathe, outline
from shop.catalogue.drawing.colour import shade
from shop.catalogue.drawing.kit import Options, kind


@kind("leggings")
def leggings(c: Canvas, o: Options) -> None:
    """Leggings, laid flat. panel: yes for a mesh side; length: full, 7/8 or short."""
    foot = {"full": 716, "cropped": 620, "short": 430}.get(o.word("length", "full"), 716)
    k = (foot - 430) / 286
    legs = (
        f"M298 96H502C514 190 540 300 528 430C{528 - 12 * k:.0f} {430 + 130 * k:.0f} {512 - 8 * k:.0f} {foot - 60 * k:.0f} {520 - 24 * k:.0f} {foot}H{432 + 4 * k:.0f}"
        f"C{432 - 2 * k:.0f} {430 + 100 * k:.0f} 420 380 400 326C380 380 {368 + 2 * k:.0f} {430 + 100 * k:.0f} {368 - 4 * k:.0f} {foot}H{280 + 24 * k:.0f}C{288 + 8 * k:.0f} {foot - 60 * k:.0f} {272 + 12 * k:.0f} {430 + 130 * k:.0f} 272 430C260 300 286 190 298 96Z"
    )
    c.lying(legs)
    c.path(legs, c.sheen(o.colour, 1.1))
    if o.word("panel") == "yes":
        for side in (-1, 1):
            c.path(
                f"M{400 + side * 116} 190C{400 + side * 138} 300 {400 + side * 134} 380 {400 + side * 128} 430L{400 + side * (126 - 12 * k):.0f} {430 + 110 * k:.0f}L{400 + side * (104 - 10 * k):.0f} {430 + 90 * k:.0f}C{400 + side * 112} 380 {400 + side * 112} 290 {400 + side * 106} 190Z",
                o.accent,
                0.85,
            )
    c.path("M298 96H502L509 160C440 172 360 172 291 160Z", c.sheen(shade(o.colour, 0.05)))
    c.line("M291 160C360 172 440 172 509 160", shade(o.colour, -0.13), 3)
    c.line("M400 170V326", shade(o.colour, -0.13), 3, 0.8)
    for side in (-1, 1):
        c.line(
            f"M{400 + side * 12} 336C{400 + side * 50} 356 {400 + side * 80} 350 {400 + side * 104} 330",
            shade(o.colour, -0.1),
            6,
            0.4,
        )
        c.line(
            f"M{400 + side * 84} 210C{400 + side * 96} 300 {400 + side * 92} 400 {400 + side * (84 - 8 * k):.0f} {400 + 200 * k:.0f}",
            shade(o.colour, 0.12),
            12,
            0.3,
        )
    c.oval(330, 132, 8, 8, o.accent)


@kind("bra")
def bra(c: Canvas, o: Options) -> None:
    """A sports bra. back: wide or cross straps."""
    top = "M268 150C270 140 312 138 316 150C318 230 350 290 400 292C450 290 482 230 484 150C488 138 530 140 532 150C534 240 560 310 606 352C612 420 610 500 596 566H204C190 500 188 420 194 352C240 310 266 240 268 150Z"
    c.lying(top)
    inner = "M284 150C288 144 308 144 316 150C318 230 350 290 400 292C450 290 482 230 484 150C492 144 512 144 516 150C510 250 470 330 400 332C330 330 290 250 284 150Z"
    c.path(top, c.sheen(o.colour, 1.1))
    c.path(inner, shade(o.colour, -0.12))
    if o.word("back") == "cross":
        c.line("M300 158C340 230 440 262 470 300", shade(o.colour, -0.02), 22)
        c.line("M500 158C460 230 360 262 330 300", shade(o.colour, -0.02), 22)
        c.path(
            "M316 150C318 230 350 290 400 292C450 290 482 230 484 150L516 150C520 260 500 330 400 350C300 330 280 260 284 150Z",
            "none",
        )
    c.path(
        "M268 150C270 140 312 138 316 150C318 230 350 290 400 292C450 290 482 230 484 150C488 138 530 140 532 150C534 240 560 310 606 352C612 420 610 500 596 566H204C190 500 188 420 194 352C240 310 266 240 268 150ZM316 150C318 250 340 322 400 324C460 322 482 250 484 150Z",
        "none",
    )
    c.path("M202 500H598L596 566H204Z", c.sheen(shade(o.colour, 0.04)))
    c.line("M198 500C330 512 470 512 602 500", shade(o.colour, -0.14), 3)
    c.line(
        "M212 384C280 440 350 430 400 412C450 430 520 440 588 384", shade(o.colour, -0.12), 4, 0.7
    )
    c.line("M236 372C280 410 340 410 380 398", shade(o.colour, 0.12), 9, 0.35)
    for side in (-1, 1):
        c.line(
            f"M{400 + side * 118} 152C{400 + side * 122} 240 {400 + side * 144} 310 {400 + side * 192} 356",
            shade(o.accent, 0),
            6,
            0.9,
        )
    c.rect(382, 520, 36, 22, o.accent, 4)


@kind("shoe")
def shoe(c: Canvas, o: Options) -> None:
    """A running shoe from the side. sole: its colour."""
    sole = o.hue("sole", "#F4F1EA")
    c.floor(410, 622, 290, 34)
    c.path(
        "M118 552C116 520 130 500 150 496L640 500C690 506 706 536 700 566C694 606 650 622 600 622H170C130 622 120 590 118 552Z",
        c.gradient([(0, sole), (1, shade(sole, -0.13))], to=(0, 1)),
    )
    c.path(
        "M122 572C240 596 520 600 700 566C694 606 650 622 600 622H170C136 622 124 600 122 572Z",
        shade(o.accent, -0.02),
    )
    upper = "M150 516C146 440 150 380 168 312C176 282 206 280 222 300C244 332 280 344 318 330C336 322 344 308 352 296C366 276 396 278 408 296C448 360 520 412 600 432C664 448 694 480 690 522C560 540 300 540 150 516Z"
    c.path(
        upper,
        c.gradient(
            [(0, shade(o.colour, 0.09)), (0.5, o.colour), (1, shade(o.colour, -0.1))], to=(0.35, 1)
        ),
    )
    c.path(
        "M150 516C146 450 150 390 166 320C196 400 220 460 290 526C240 524 190 522 150 516Z",
        shade(o.colour, -0.1),
    )
    c.path(
        "M600 432C664 448 694 480 690 522C660 526 620 530 584 532C600 500 596 460 572 424Z",
        shade(o.colour, -0.07),
    )
    c.path("M330 524C380 500 430 440 452 366L500 396C484 450 470 500 440 530Z", o.accent, 0.95)
    c.path("M250 526C300 490 350 430 372 350L398 330C392 420 360 490 310 528Z", o.accent, 0.55)
    c.path(
        "M222 300C244 332 280 344 318 330C336 322 344 308 352 296C362 282 380 280 394 286C366 330 330 364 284 366C248 366 226 336 222 300Z",
        shade(o.colour, -0.2),
    )
    for n in range(5):
        x, y = 392 + n * 34, 314 + n * 27
        c.line(f"M{x} {y}L{x - 34} {y + 40}", o.hue("lace", "#FBF8F2"), 10)
    c.line("M176 306C196 330 214 350 250 366", shade(o.colour, 0.14), 6, 0.6)
    c.line("M150 512C300 536 560 536 690 518", shade(sole, -0.2), 4, 0.7)
    c.line("M140 548C300 566 540 568 694 546", "#FFFFFF", 4, 0.5)


@kind("cap")
def cap(c: Canvas, o: Options) -> None:
    """A cap, its peak to the left."""
    c.floor(420, 560, 226, 40)
    c.path(
        "M250 540C252 360 330 246 460 246C590 246 652 360 648 530C560 566 360 572 250 540Z",
        c.ball(o.colour, 0.9),
    )
    c.line("M458 248C404 330 384 440 388 556", shade(o.colour, -0.12), 4, 0.7)
    c.line("M462 248C540 320 580 420 584 546", shade(o.colour, -0.12), 4, 0.7)
    c.path(
        "M112 566C150 500 220 470 290 476C350 480 400 506 424 548C360 570 300 566 240 580C190 592 140 604 116 596C104 592 104 580 112 566Z",
        c.gradient(
            [(0, shade(o.accent, 0.1)), (0.6, o.accent), (1, shade(o.accent, -0.14))], to=(0.2, 1)
        ),
    )
    c.line("M136 574C180 520 240 494 300 498", shade(o.accent, 0.14), 4, 0.7)
    c.oval(460, 246, 18, 10, shade(o.accent, 0.04))
    c.path(
        outline([(436, 370, 10), (520, 372, 10), (520, 436, 10), (436, 434, 10)]),
        shade(o.accent, 0.03),
    )
    c.line("M454 402H502", shade(o.colour, 0.1), 5, 0.8)
    c.line("M300 352C330 300 380 270 430 262", "#FFFFFF", 10, 0.18)


@kind("bottle")
def bottle(c: Canvas, o: Options) -> None:
    """A steel drinking bottle with a loop lid."""
    c.zoom = 1.1
    c.floor(400, 684, 96)
    c.path(lathe([(58, 236, 16), (94, 300, 50), (94, 684, 20)]), c.shiny(o.colour, 1.1))
    c.path(lathe([(94, 628), (94, 684, 20)]), c.metal("silver"))
    c.path(lathe([(58, 232, 4), (58, 252, 4)]), c.metal("silver"))
    c.path(lathe([(62, 168, 12), (62, 234, 4)]), c.tube(o.accent))
    c.line("M358 172C358 110 442 110 442 172", shade(o.accent, -0.04), 20)
    c.line("M356 160C360 118 400 112 420 124", shade(o.accent, 0.14), 5, 0.7)
    c.path(
        "M400 430C424 462 432 476 432 494C432 514 418 526 400 526C382 526 368 514 368 494C368 476 376 462 400 430Z",
        shade(o.colour, 0.16),
        0.8,
    )


@kind("mat")
def mat(c: Canvas, o: Options) -> None:
    """A yoga mat, half unrolled towards us."""
    c.floor(400, 480, 300, 40)
    sheet = "M176 430L624 430L706 690H94Z"
    c.lying(sheet, 0.5)
    c.path(sheet, c.gradient([(0, shade(o.colour, -0.05)), (1, shade(o.colour, 0.04))], to=(0, 1)))
    c.path("M94 690H706L708 704H92Z", shade(o.colour, -0.12))
    for n in range(6):
        y = 486 + n * 34
        c.line(
            f"M{176 - (y - 430) * 0.315 + 14:.0f} {y}H{624 + (y - 430) * 0.315 - 14:.0f}",
            shade(o.colour, 0.08),
            2,
            0.5,
        )
    c.path(
        "M168 300H632C662 300 676 340 676 384C676 430 660 466 632 466H168Z",
        c.gradient(
            [(0, shade(o.colour, 0.1)), (0.3, o.colour), (1, shade(o.colour, -0.15))], to=(0, 1)
        ),
    )
    c.oval(168, 383, 52, 83, shade(o.colour, -0.06))
    for n in range(5):
        c.add(
            f'<ellipse cx="168" cy="383" rx="{46 - n * 9}" ry="{75 - n * 14}" fill="none" stroke="{shade(o.accent, 0.04)}" stroke-width="6" opacity=".8"/>'
        )
    for x in (300, 500):
        c.path(
            f"M{x} 300H{x + 34}V466H{x}Z",
            c.gradient([(0, shade(o.accent, 0.12)), (1, shade(o.accent, -0.12))], to=(0, 1)),
        )


@kind("socks")
def socks(c: Canvas, o: Options) -> None:
    """A pair of sports socks, one over the other."""
    for dx, dy in ((86, -34), (0, 0)):
        sock = "M240 130H392V392C392 430 420 452 470 476C530 504 556 540 540 588C524 634 462 640 400 616L270 560C236 544 230 510 232 470Z"
        c.open(f"translate({dx} {dy})")
        c.lying(sock, 0.8)
        c.path(sock, c.sheen(o.colour, 1.1))
        c.path(
            "M470 476C530 504 556 540 540 588C526 630 476 638 422 624C416 570 436 520 470 476Z",
            shade(o.accent, 0.02),
        )
        c.path(
            "M232 470C236 430 250 440 290 470C310 490 300 540 276 562C240 544 230 510 232 470Z",
            shade(o.accent, 0.02),
        )
        for y in (184, 216):
            c.path(f"M239 {y}H392V{y + 18}H239Z", o.accent)
        for x in range(252, 390, 14):
            c.line(f"M{x} 134V172", shade(o.colour, -0.09), 3, 0.6)
        c.line("M262 250C260 340 262 400 300 450", "#FFFFFF", 12, 0.2)
        c.close()


@kind("dumbbell")
def dumbbell(c: Canvas, o: Options) -> None:
    """A pair of dumbbells. size: heavier is bigger."""
    c.zoom = 1.16
    k = o.number("size", 1, 0.6, 1.5)
    for y, turn in ((350, -7), (560, 5)):
        c.open(f"rotate({turn} 400 {y})")
        half, long = 66 * k, 70 * k
        if y == 560:
            c.floor(400, y + half, 220 + 20 * k, 34)
        else:
            c.lying(
                f"M{250 - long:.0f} {y - half:.0f}h{300 + 2 * long:.0f}v{2 * half:.0f}h{-300 - 2 * long:.0f}z",
                0.7,
            )
        c.rect(
            230,
            y - 21,
            340,
            42,
            c.gradient([(0, "#E4E6E8"), (0.35, "#B6BBC0"), (1, "#70767C")], to=(0, 1)),
            8,
        )
        for n in range(9):
            c.line(f"M{330 + n * 17} {y - 16}L{340 + n * 17} {y + 16}", "#7E858B", 3, 0.6)
        for x in (270 - long, 530):
            w = long
            c.path(
                outline(
                    [
                        (x, y - half, 16),
                        (x + w, y - half, 16),
                        (x + w, y + half, 16),
                        (x, y + half, 16),
                    ]
                ),
                c.gradient(
                    [(0, shade(o.colour, 0.13)), (0.3, o.colour), (1, shade(o.colour, -0.15))],
                    to=(0, 1),
                ),
            )
            c.rect(
                x + w * 0.42, y - half + 3, w * 0.16, 2 * half - 6, shade(o.accent, 0.02), 2, 0.8
            )
        c.close()


@kind("bands")
def bands(c: Canvas, o: Options) -> None:
    """Three loop bands, light to strong."""
    c.zoom = 1.3
    for n, (dy, width) in enumerate(((-120, 26), (0, 40), (130, 56))):
        y = 400 + dy
        loop = f"M220 {y}C220 {y - 70} 300 {y - 84} 400 {y - 84}C500 {y - 84} 580 {y - 70} 580 {y}C580 {y + 62} 500 {y + 72} 400 {y + 72}C300 {y + 72} 220 {y + 62} 220 {y}Z"
        colour = (o.colour, o.accent, shade(o.colour, -0.16))[n]
        c.lying(loop, 0.6, width)
        c.line(loop, shade(colour, -0.12), width)
        c.line(
            f"M222 {y + 8}C230 {y + 62} 304 {y + 70} 400 {y + 70}C496 {y + 70} 570 {y + 62} 578 {y + 8}",
            colour,
            width - 4,
        )
        c.line(
            f"M262 {y + 50}C300 {y + 64} 360 {y + 66} 420 {y + 66}",
            shade(colour, 0.14),
            width * 0.2,
            0.7,
        )
