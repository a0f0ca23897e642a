"""The player's modules in a real Chromium, without a server: a socket of the page's own plays the server's part."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from streams.video.path.parts import Piece, encode
from tests.e2e.conftest import CHROMIUM
from tests.streams.test_the_browsers_store import ORIGIN, Evaluate, serve
from tests.streams.video.player import browser

SCRIPTS = Path(__file__).parent / "scripts"


def script(name: str) -> str:
    """A JavaScript function of the folder `scripts`, for `evaluate`."""
    return (SCRIPTS / f"{name}.js").read_text()


def as_text(pieces: Sequence[Piece]) -> list[str]:
    """Encoded as the server does, and then so that they can be handed to a page."""
    return [base64.b64encode(encode(piece)).decode() for piece in pieces]


@pytest.fixture(scope="session")
def evaluate_in_chromium() -> Iterator[Any]:
    with ThreadPoolExecutor(1) as thread:
        playwright = thread.submit(sync_playwright().start).result()
        chromium = thread.submit(browser.start, playwright, CHROMIUM).result()

        def fresh() -> Page:
            page = chromium.new_context().new_page()
            page.add_init_script(script("server"))
            page.route("**/*", serve)
            page.goto(ORIGIN + "/")
            return page

        yield lambda work: thread.submit(work, fresh).result()
        thread.submit(playwright.stop).result()


@pytest.fixture
def in_page(evaluate_in_chromium: Any) -> Iterator[Evaluate]:
    """`in_page(script, argument)` in a page of this test's own, in a profile of its own."""
    pages: list[Page] = []

    def evaluate(script: str, argument: Any = None) -> Any:
        def work(fresh: Any) -> Any:
            if not pages:
                pages.append(fresh())
            return pages[0].evaluate(script, argument)

        return evaluate_in_chromium(work)

    yield evaluate
    for page in pages:
        evaluate_in_chromium(lambda _, context=page.context: context.close())


@pytest.fixture(scope="module")
def in_chromium(evaluate_in_chromium: Any) -> Iterator[Evaluate]:
    """`in_chromium(script, argument)` in one page for all tests of a module: for what leaves nothing behind."""
    pages: list[Page] = []

    def begin(fresh: Any) -> None:
        pages.append(fresh())

    evaluate_in_chromium(begin)
    yield lambda script, argument: evaluate_in_chromium(
        lambda _: pages[0].evaluate(script, argument)
    )
    evaluate_in_chromium(lambda _: pages[0].context.close())
