"""A report as a table for people and as JSON for later."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import machine
from bench.scenario import Check, Report, Value


def shown(value: Value, digits: int) -> str:
    """`12,345.6`; a dash for what was not measured."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"{len(value)} values"
    return f"{value:,.{digits}f}"


def ratios(report: Report) -> list[float | None]:
    """How many times the first row's figure each row's is, for the column that is compared."""
    base = report.number(report.rows[0].name, report.compare) if report.rows else None
    found: list[float | None] = []
    for row in report.rows:
        value = report.number(row.name, report.compare)
        found.append(value / base if base and value is not None else None)
    return found


def table(report: Report) -> str:
    """A line for each figure and a column for each contestant; below it how their work differs."""
    compared = ratios(report) if report.compare else []
    values = [row.values for row in report.rows]
    lines = [["", *(row.name for row in report.rows)]]
    for column in report.columns:
        cells = [shown(found.get(column.key), column.digits) for found in values]
        if any(cell != "-" for cell in cells):
            lines.append([column.heading, *cells])
        if column.key == report.compare and len(compared) > 1:
            lines.append([f"  times {report.rows[0].name}", *(shown(each, 2) for each in compared)])
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    text = [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    text.insert(1, "-" * max(map(len, text)))
    text += ["", *(f"{row.name}: {row.about}" for row in report.rows if row.about)]
    return "\n".join(text)


def promises(checks: Sequence[Check]) -> str:
    """One line a promise: kept, kept with room, or not."""
    lines = []
    for check in checks:
        word = "better" if check.stretched else "kept" if check.met else "NOT KEPT"
        sign = ">=" if check.at_least else "<="
        hope = "" if check.stretch is None else f", hoped for {sign} {check.stretch:,g}"
        lines.append(
            f"{word:<9} {check.what}: {check.value:,.4g}{check.unit} (must {sign} {check.limit:,g}{hope})"
        )
    return "\n".join(lines)


def as_json(report: Report, command: Sequence[str]) -> dict[str, Any]:
    """Everything: machine, command, each run, medians, promises."""
    return {
        "scenario": report.name,
        "title": report.title,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "command": " ".join(command),
        "machine": machine.describe(),
        "compare": report.compare,
        "columns": {column.key: column.heading for column in report.columns},
        "rows": [
            {"name": row.name, "about": row.about, "median": row.values, "runs": row.runs}
            for row in report.rows
        ],
        "checks": [
            {
                "what": check.what,
                "value": check.value,
                "must": check.limit,
                "stretch": check.stretch,
                "at_least": check.at_least,
                "met": check.met,
            }
            for check in report.checks
        ],
        "notes": report.notes,
    }


def write_json(path: Path, report: Report, command: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(as_json(report, command), indent=1, default=str) + "\n")
