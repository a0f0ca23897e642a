"""What a person sees while the stack starts: one short line per step, with its time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TextIO


class Console:
    """Lines for a terminal or a log. On a terminal a running step is shown and then completed."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.live = self.out.isatty()

    def line(self, text: str = "") -> None:
        """Print one line at once, also when the output is a pipe."""
        with suppress(OSError):  # whoever read us may have gone; the stack goes on
            print(text, file=self.out, flush=True)

    def done(self, label: str, seconds: float, note: str = "") -> None:
        """`PostgreSQL            0.6 s  note`."""
        self.line(f"  {label:<28}{seconds:6.1f} s" + (f"  {note}" if note else ""))

    @contextmanager
    def step(self, label: str) -> Iterator[list[str]]:
        """Time a block; notes appended to the yielded list are shown behind its line."""
        began = time.monotonic()
        notes: list[str] = []
        if self.live:
            self.out.write(f"  {label} ...\r")
            self.out.flush()
        yield notes
        self.done(label, time.monotonic() - began, ", ".join(notes))

    def table(self, rows: Sequence[tuple[str, str]]) -> None:
        """Two columns; an empty left cell continues the row above."""
        width = max(len(left) for left, _ in rows) + 3
        for left, right in rows:
            self.line(f"  {left:<{width}}{right}")
