"""A pytest plugin that leaves the counts of a run where `manage.py test` adds them up."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

OUTCOMES = ("failed", "passed", "skipped", "xfailed", "xpassed", "error")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write `{"passed": 12, ...}` to the file that LIVESTORE_TALLY names."""
    if path := os.environ.get("LIVESTORE_TALLY"):
        counts = {name: len(terminalreporter.stats.get(name, [])) for name in OUTCOMES}
        Path(path).write_text(json.dumps(counts))
