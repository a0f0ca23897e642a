"""The whole product, started as people start it, and real browsers in front of it. No ORM here."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from livestore.stack import table
from livestore.stack.launch import Demo

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
PHONE = {"width": 390, "height": 844}
PATIENCE = 20_000  # milliseconds; a payment passes five processes, and the machine may be busy
expect.set_options(timeout=PATIENCE)
DESKTOP = {"width": 1440, "height": 900}


FIRST = ("test_orders_survive.py", "test_kills.py", "test_bench.py")
"""The longest files. Two files run at once: begun last, one of these would end alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST)
    )


@pytest.fixture(autouse=True)
def clean_valkey() -> None:
    """These tests have a stack of their own; the test servers are left alone."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo without a mock show, with two web processes, for all tests of this folder."""
    with Demo(data=tmp_path_factory.mktemp("demo") / "data", show=False, web=2) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def open_browser(playwright: Playwright) -> Iterator[Callable[[], Browser]]:
    """Start one more browser process."""
    executable = os.environ.get("LIVESTORE_CHROMIUM") or next(
        filter(None, map(shutil.which, CHROMIUM)), None
    )
    if executable is None:
        pytest.fail("No Chromium was found: install Debian's `chromium` or Google Chrome.")
    opened: list[Browser] = []

    def start() -> Browser:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=executable, args=[*QUIET, *sandbox])
        opened.append(browser)
        return browser

    yield start
    for browser in opened:
        browser.close()


@pytest.fixture(scope="session")
def browser(open_browser: Callable[[], Browser]) -> Browser:
    return open_browser()


class Watch:
    """Collects what a page must never do: throw, break the content policy, or ask for what is not there."""

    def __init__(self, page: Page) -> None:
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", self._said)

    def _said(self, message: Any) -> None:
        if message.type == "error" and "net::ERR" not in message.text:
            self.problems.append(f"console: {message.text}")


@pytest.fixture
def visitor(demo: Demo, browser: Browser) -> Iterator[Callable[..., Page]]:
    """`visitor("viewer")` is a fresh browser profile, logged in; `visitor()` is a guest."""
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def enter(
        username: str | None = None, *, size: dict[str, int] = DESKTOP, using: Browser | None = None
    ) -> Page:
        context = (using or browser).new_context(base_url=demo.origin, viewport=size)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page))
        if username:
            log_in(page, username)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert [problem for watch in watches for problem in watch.problems] == []


def log_in(page: Page, username: str, password: str = "demo") -> None:
    page.goto("/login/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


CSV_HEAD = (
    "Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,"
    "Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price\n"
)


def put_on_the_shelf(
    demo: Demo, folder: Path, handle: str, *, stock: int, price: str = "12.99"
) -> dict[str, Any]:
    """Import a new product of one variant into a running demo, as the API tells it."""
    file = folder / f"{handle}.csv"
    title = handle.replace("-", " ").capitalize()
    file.write_text(
        CSV_HEAD
        + f"{handle},{title},<p>For tests.</p>,Maker,Hair,TRUE,Title,Default Title,"
        + f"{handle.upper()},100,{stock},{price}\n"
    )
    demo.manage("import_catalog", str(file), "--currency", "EUR")
    status, body = table.get(f"{demo.origin}/api/v1/products/{handle}")
    assert status == 200, body
    product: dict[str, Any] = json.loads(body)
    return product


@pytest.fixture
def stocked(demo: Demo, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """`stocked("handle", stock=50)` puts a new product of one variant on the shelf and returns it."""
    return partial(put_on_the_shelf, demo, tmp_path)
