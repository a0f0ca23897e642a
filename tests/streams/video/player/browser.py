"""Starting Chromium for tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser, Playwright


def start(playwright: Playwright, names: Sequence[str]) -> Browser:
    """The first Chromium that is installed under one of `names`."""
    found = os.environ.get("LIVESTORE_CHROMIUM") or next(
        filter(None, map(shutil.which, names)), None
    )
    if found is None:
        pytest.fail("No Chromium was found: install Debian's `chromium` or Google Chrome.")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=found, args=sandbox)
