"""What is worn on the head and on the feet."""

from __future__ import annotations

from shop.catalogue.drawing.canvas import Canvas, lathe, outline
from shop.catalogue.drawing.colour import shade
from shop.catalogue.drawing.kit import Options, kind


@kind("hat")
def hat(c: Canvas, o: Options) -> None:
    """A knitted hat with a folded brim. bobble: yes or no."""
    c.floor(400, 596, 190, 40)
    c.path("M222 500C214 300 290 178 400 178C510 178 586 300 578 500Z", c.ball(o.colour, 0.9))
    for n in range(-6, 7):
        c.line(
            f"M{400 + n * 27} 490C{400 + n * 28} 380 {400 + n * 20} 270 {400 + n * 4} 190",
            shade(o.colour, -0.1),
            5,
            0.5,
        )
    c.path(
        outline([(204, 466, 30), (596, 466, 30), (600, 592, 34), (200, 592, 34)]),
        c.tube(shade(o.colour, 0.03)),
    )
    for x in range(222, 590, 17):
        c.line(f"M{x} 476V582", shade(o.colour, -0.11), 5, 0.5)
    c.path(outline([(452, 500, 4), (528, 500, 4), (528, 556, 4), (452, 556, 4)]), o.accent)
    if o.word("bobble", "no") == "yes":
        c.oval(400, 164, 62, 58, c.ball(o.accent))


@kind("boot")
def boot(c: Canvas, o: Options) -> None:
    """A lace-up boot from the side."""
    sole = o.hue("sole", "#3A2C22")
    c.floor(420, 662, 250, 36)
    c.path(
        "M226 600H668C684 600 692 612 690 630L688 662H560L552 640H400L392 662H222Z",
        c.gradient([(0, shade(sole, 0.1)), (1, sole)], to=(0, 1)),
    )
    c.path(
        "M230 150C300 138 380 140 420 150C428 260 440 320 470 368C540 396 640 420 676 480C694 520 692 570 684 604H224C214 480 236 300 230 150Z",
        c.gradient(
            [(0, shade(o.colour, 0.1)), (0.45, o.colour), (1, shade(o.colour, -0.13))], to=(0.5, 1)
        ),
    )
    c.path(
        "M560 404C620 424 664 452 678 490C692 524 690 570 684 604H566C580 530 584 470 560 404Z",
        shade(o.colour, 0.03),
    )
    c.line("M566 600C582 530 584 470 560 406", shade(o.colour, -0.15), 4, 0.8)
    c.line("M224 560C300 572 380 540 430 470", shade(o.colour, -0.14), 4, 0.7)
    c.path(
        "M230 150C300 138 380 140 420 150L424 190C370 180 290 180 232 192Z", shade(o.colour, -0.1)
    )
    for n in range(6):
        y = 216 + n * 32
        c.line(f"M{396 + n * 9} {y}L{446 + n * 12} {y + 14}", o.hue("lace", "#E9D9B8"), 9)
        c.oval(394 + n * 9, y, 6, 6, c.metal("copper"))


@kind("slippers")
def slippers(c: Canvas, o: Options) -> None:
    """A pair of soft slippers from above."""
    for x in (296, 504):
        foot = f"M{x} 150C{x + 84} 150 {x + 92} 250 {x + 84} 340C{x + 78} 430 {x + 84} 520 {x + 74} 590C{x + 66} 652 {x - 66} 652 {x - 74} 590C{x - 84} 520 {x - 78} 430 {x - 84} 340C{x - 92} 250 {x - 84} 150 {x} 150Z"
        c.lying(foot)
        c.path(foot, c.sheen(shade(o.accent, 0.08)))
        c.path(
            f"M{x} 136C{x + 96} 136 {x + 104} 250 {x + 94} 366C{x + 40} 400 {x - 40} 400 {x - 94} 366C{x - 104} 250 {x - 96} 136 {x} 136Z",
            c.ball(o.colour),
        )
        c.path(lathe([(60, 470, 50), (56, 606, 50)], x), shade(o.accent, 0.02), 0.6)
