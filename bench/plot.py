"""A plain picture of a report: one bar for each contestant, drawn as SVG by hand."""

from __future__ import annotations

from html import escape
from pathlib import Path

from bench.scenario import Column, Report

WIDTH, LABEL, BAR, GAP, RIGHT = 860, 220, 22, 10, 90
CUT = 20
INK, SOFT, OURS, THEIRS = "#17130F", "#7A7067", "#B3424A", "#C9BFB4"


def svg(report: Report) -> str:
    """One group of bars for each figure of which less or more is better."""
    groups = [column for column in report.columns if column.better]
    parts: list[str] = []
    y = 58
    for column in groups:
        drawn, y = _group(report, column, y)
        parts += drawn
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}">'
        f'<rect width="{WIDTH}" height="{y}" fill="#FBF9F6"/>'
    )
    title = f'<text x="20" y="32" font-size="18" font-weight="600">{escape(report.title)}</text>'
    return "\n".join([head, title, *parts, "</svg>", ""])


def _group(report: Report, column: Column, y: int) -> tuple[list[str], int]:
    values = [
        (row.name, value)
        for row in report.rows
        if (value := report.number(row.name, column.key)) is not None
    ]
    if not values:
        return [], y
    most = _longest([value for _, value in values])
    room = WIDTH - LABEL - RIGHT
    word = "less is better" if column.better == "less" else "more is better"
    parts = [
        f'<text x="20" y="{y + 14}" font-weight="600">{escape(column.heading)}</text>',
        f'<text x="{WIDTH - 20}" y="{y + 14}" text-anchor="end" fill="{SOFT}">{word}</text>',
    ]
    y += 26
    for name, value in values:
        colour = OURS if name.startswith("ours") else THEIRS
        width = max(2.0, room * min(1.0, value / most))
        middle = y + BAR / 2 + 4.5
        parts += [
            f'<text x="{LABEL - 10}" y="{middle:.1f}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="{BAR}" rx="4" fill="{colour}"/>',
            f'<text x="{LABEL + width + 8:.1f}" y="{middle:.1f}" fill="{SOFT}">{value:,.{column.digits}f}</text>',
        ]
        if value > most:  # it would dwarf the others: its bar is cut, and says so
            cut = LABEL + width - 40
            parts.append(
                f'<path d="M{cut} {y + BAR + 2}l10 -{BAR + 4}m8 0l-10 {BAR + 4}" stroke="#FBF9F6" stroke-width="4"/>'
            )
        y += BAR + GAP
    return parts, y + 18


def _longest(values: list[float]) -> float:
    """The figure of a full bar: the largest, but those over CUT times the first one's are not asked."""
    shown = [value for value in values if not values[0] or value <= CUT * values[0]]
    return max(shown, default=0) or 1.0


def write(path: Path, report: Report) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(report))
