"""Rows of a CSV file that somebody exported somewhere: each with its line, the unusable ones with a reason."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line (counted from 1, the header is line 1) was not used; line 0 is the whole file."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One record; `line` is where it begins, quoted line breaks may make it longer."""

    line: int
    cells: dict[str, str]

    def get(self, name: str) -> str:
        return self.cells.get(name, "").strip()


def _text(data: bytes) -> str:
    """UTF-8 with or without a byte order mark, or UTF-16 with one; wrong bytes survive as surrogates."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace").replace("�", "\udcff")
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="surrogateescape")


def _delimiter(header: str) -> str:
    """Comma, or what a spreadsheet of another country writes instead."""
    return max(",;\t", key=header.count)


def _readable(cells: list[str]) -> str | None:
    for cell in cells:
        if "\x00" in cell:
            return "holds a zero byte"
        try:
            cell.encode()
        except UnicodeEncodeError:
            return "holds bytes that are not UTF-8"
    return None


def rows(data: bytes, aliases: dict[str, str] | None = None) -> Iterator[Row | Problem]:
    """Every record below the header, as `{column: text}`; columns are compared without case.

    aliases: `{other name: name}` for columns that are called differently elsewhere (both lower case).
    """
    if len(data) > MOST_BYTES:
        yield Problem(0, f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
        return
    text = _text(data)
    if not text.strip():
        yield Problem(0, "The file is empty.")
        return
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_delimiter(text.split("\n", 1)[0]), strict=True
    )
    names: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            reason = (
                "a quotation mark opens here and never closes; nothing below it could be read"
                if "unexpected end" in str(problem)
                else f"can not be read ({problem})"
            )
            yield Problem(line, reason)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            found = [cell.strip().lower() for cell in cells]
            names = [(aliases or {}).get(name, name) for name in found]
            continue
        broken = _readable(cells)
        if broken:
            yield Problem(line, broken)
        elif len(cells) > len(names):
            yield Problem(line, f"has {len(cells)} cells, the header has {len(names)}")
        else:
            yield Row(line, dict(zip(names, cells, strict=False)))
