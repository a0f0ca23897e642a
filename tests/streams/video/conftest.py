"""Recordings of tests lie in a folder of each test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def video_root(tmp_path: Path, settings: Any) -> Path:
    settings.VIDEO_ROOT = tmp_path / "video"
    return tmp_path / "video"
