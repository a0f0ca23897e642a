"""The server's time in the picture, for measuring: whoever reads a frame back knows when it was drawn.

Two rows of 21 cells of 20 x 20 pixels of a picture that is 480 wide, the first cell's corner at (30, 20), row by row
from the upper left: 40 bits of milliseconds since 1970 modulo 2^40, the highest first, then one bit that makes the
number of ones even; the last cell is black. White is 1. Around it a white border of 10 pixels.
"""

from __future__ import annotations

from streams.video.camera.planes import Bytes, Planes

LEFT, TOP, CELL, COLUMNS, ROWS, BITS = 30, 20, 20, 21, 2, 40
BORDER = 10
BLACK, WHITE = 16, 235


def cells(ms: int) -> list[int]:
    """The bits in their order, the parity bit and the black cell after them."""
    value = ms % (1 << BITS)
    bits = [value >> place & 1 for place in reversed(range(BITS))]
    return [*bits, sum(bits) % 2, 0]


def draw(frame: Planes, ms: int) -> None:
    """Into a picture of 480 pixels' width."""
    right, bottom = LEFT + COLUMNS * CELL, TOP + ROWS * CELL
    frame.y[TOP - BORDER : bottom + BORDER, LEFT - BORDER : right + BORDER] = WHITE
    for plane in (frame.u, frame.v):
        plane[
            (TOP - BORDER) // 2 : (bottom + BORDER) // 2,
            (LEFT - BORDER) // 2 : (right + BORDER) // 2,
        ] = 128
    for place, bit in enumerate(cells(ms)):
        x, y = LEFT + place % COLUMNS * CELL, TOP + place // COLUMNS * CELL
        frame.y[y : y + CELL, x : x + CELL] = WHITE if bit else BLACK


def read(bright: Bytes) -> int | None:
    """The time in a picture's brightness, whatever its width; None when it can not be read."""
    scale = bright.shape[1] / 480
    bits = []
    for place in range(BITS + 1):
        x = (LEFT + (place % COLUMNS + 0.5) * CELL) * scale
        y = (TOP + (place // COLUMNS + 0.5) * CELL) * scale
        around = bright[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2]
        bits.append(int(around.mean() > 126))
    if sum(bits) % 2:
        return None
    return int("".join(map(str, bits[:BITS])), 2)
