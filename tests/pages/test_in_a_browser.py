"""The pages in Chromium: nothing is wider than a phone, nothing breaks the policy, and what moves by itself moves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from playwright.sync_api import Page, expect, sync_playwright

from shop.models import Hold, Order
from tests import cast

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def page(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A phone in Berlin. The test fails if a page writes an error to its console."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright keeps a loop in this thread
    # The server's threads give their connections back after each request, not when they are collected.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            base_url=live_server.url, viewport=PHONE, locale="en-GB", timezone_id="Europe/Berlin"
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: (
                wrong.append(said.text)
                if said.type == "error" and "status of 4" not in said.text
                else None
            ),
        )
        yield page
        browser.close()
        connections.close_all()  # beside a running loop the test has a connection of its own
    assert not wrong


def log_in(page: Page, username: str, wanted: str = "/") -> None:
    page.goto(f"/login/?next={wanted}")
    page.fill("#id_username", username)
    page.fill("#id_password", "demo")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(f"**{wanted}")


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_no_page_is_wider_than_a_phone(page: Page) -> None:
    cast.mina()
    hana = cast.hana()
    hana.display_name = "Lena Aurelia Konstantinopoulos-Weber"
    hana.save()
    long = cast.product(
        "espressomaschine-mit-siebtraeger-und-mahlwerk-in-mattschwarz", price=129900
    )
    show = cast.show(hana, long, *(cast.product(f"thing-{each}") for each in range(8)), live=True)
    show.title = "Küchenstunde mit Espressomaschinen, Wasserkochern und Handmühlen"
    show.save()
    for address in (
        "/",
        "/products/",
        f"/products/{long.handle}/",
        "/login/",
        "/signup/",
        "/nothing/",
    ):
        page.goto(address)
        assert not is_too_wide(page), address
    log_in(page, "mina", f"/products/{long.handle}/")
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_url("**/cart/")
    assert not is_too_wide(page)
    for address in ("/account/", "/orders/", f"/buy/{cast.variant_of(long).pk}/"):
        page.goto(address)
        assert not is_too_wide(page), address


def test_a_hold_that_runs_out_says_so_by_itself(page: Page) -> None:
    cast.mina()
    cast.product()
    log_in(page, "mina", "/products/silk-bonnet/")
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_selector("text=Kept for")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stock_hold SET expires_at = clock_timestamp() + interval '2 s'")
    page.reload()
    page.wait_for_selector("text=Kept for 0:0")
    before = Hold.objects.get().expires_at
    page.get_by_role("button", name="Hold again").click()
    page.wait_for_selector("text=Kept for 10:00")
    assert Hold.objects.get().expires_at > before


def test_an_order_page_turns_by_itself_when_the_order_does(page: Page) -> None:
    cast.mina()
    cast.product()
    log_in(page, "mina", "/products/silk-bonnet/")
    page.get_by_role("button", name="Buy now").click()
    page.get_by_role("button", name="Buy for €17.89").click()
    page.wait_for_selector("h1:has-text('Almost yours')")
    Order.objects.update(status="paid", rev=9)
    page.wait_for_selector("h1:has-text('It is yours')")
    assert page.get_attribute("[data-order]", "data-waiting") is None


def test_a_shade_is_found_by_its_name_and_the_page_keeps_its_place(page: Page) -> None:
    names = tuple(f"{number:03} Shade {number}" for number in range(1, 41))
    cast.product("velvet-lipstick", shades=names)
    page.goto("/products/velvet-lipstick/")
    page.fill("input[data-find]", "037")
    page.keyboard.press("Enter")
    page.wait_for_selector(".option-value:has-text('037 Shade 37')")
    assert "?variant=" in page.url


def test_a_chosen_theme_stays_and_does_not_flash(page: Page) -> None:
    page.goto("/products/")
    page.click("[data-theme-choice=dark]")
    page.reload(wait_until="commit")
    page.wait_for_selector("html[data-theme=dark]")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(15, 13, 11)"
    page.click("[data-theme-choice='']")
    page.reload()
    assert page.get_attribute("html", "data-theme") is None


def test_without_javascript_one_can_still_buy(page: Page, live_server: Any) -> None:
    cast.mina()
    cast.product()
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False).new_page()
    log_in(plain, "mina", "/products/silk-bonnet/")
    plain.get_by_role("button", name="Add to cart").click()
    plain.get_by_role("button", name="One more of").click()
    plain.wait_for_selector("output:text-is('2')")
    plain.get_by_role("button", name="Buy for").click()
    plain.wait_for_url("**/orders/ord_*/")
    assert Order.objects.get().items_minor == 2 * 1299


ASKED_ONCE = """
  const ask = window.fetch;
  let first;
  window.looks = 0;
  window.fetch = async (...what) => {
    window.looks += 1;
    return (await (first ??= ask(...what))).clone();
  };
"""
"""The figures of the first look answer all others: they come without the network, as fast as a clock is set."""


def test_the_operators_page_speaks_of_two_minutes_when_they_have_passed(page: Page) -> None:
    cast.ada()
    log_in(page, "ada")
    page.clock.install()
    page.add_init_script(ASKED_ONCE)
    page.goto("/admin/operations/")
    said = page.locator("[data-card=orders] [data-more]")
    expect(said).to_have_text("none since this page was opened")
    while page.evaluate("looks") < 55:
        page.clock.run_for(4_000)
    expect(said).to_have_text("none since this page was opened")
    while page.evaluate("looks") < 60:  # the last two minutes are kept as sixty looks
        page.clock.run_for(1_000)
    expect(said).to_have_text("none in two minutes")
