"""One sale from beginning to end, by clicks: a host plans and sells, two viewers in two browsers, an admin."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, expect

from livestore.stack.launch import Demo
from tests.e2e.conftest import PHONE, log_in

Visitor = Callable[..., Page]


def process_of(page: Page, url: str) -> int:
    """Open a room and return the pid of the web process that holds its socket."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    seen: list[str] = []

    def handshake(event: dict[str, Any]) -> None:
        headers = {k.lower(): v for k, v in event["response"]["headers"].items()}
        seen.append(headers["livestore-process"])

    session.on("Network.webSocketHandshakeResponseReceived", handshake)
    page.goto(url)
    expect(page.locator("#room")).to_be_visible()
    for _ in range(100):
        if seen:
            break
        page.wait_for_timeout(50)
    session.detach()
    return int(seen[-1])


def enter_on_another_process(page: Page, url: str, taken: int | None) -> int:
    """The kernel deals sockets to the web processes; come in again until it is another one."""
    for _ in range(40):
        pid = process_of(page, url)
        if pid != taken:
            return pid
    raise AssertionError(f"forty sockets in a row were served by process {taken}")


def test_a_show_is_planned_sold_and_seen_by_everybody(
    demo: Demo,
    visitor: Visitor,
    open_browser: Callable[[], Browser],
    stocked: Callable[..., dict[str, Any]],
) -> None:
    product = stocked("walnut-comb", stock=30, price="24.00")
    host, admin = visitor("host"), visitor("admin")
    slug = plan_a_show(host, "The comb hour", "Walnut comb")
    url = f"/shows/{slug}/"

    host.goto(f"/studio/{slug}/console/")
    host.locator("#show-start").click()
    expect(host.locator("#state-badge")).to_have_text(re.compile("live", re.IGNORECASE))
    host.locator("#next-item").click()
    expect(host.locator("#pinned")).to_contain_text("Walnut comb")

    mina = visitor("viewer", size=PHONE)
    theo = visitor("moderator", size=PHONE, using=open_browser())
    first = enter_on_another_process(mina, url, None)
    second = enter_on_another_process(theo, url, first)
    web = {pid for name, pid in demo.pids().items() if name.startswith("web")}
    assert {first, second} == web

    for viewer in (mina, theo):
        expect(viewer.locator("#pinned")).to_contain_text("Walnut comb")
        expect(viewer.locator("#pinned")).to_contain_text("24.00")

    start_a_deal(host, price="19.50", units="10", seconds="300")
    for viewer in (mina, theo):
        expect(viewer.locator("#pinned")).to_contain_text("19.50")
        expect(viewer.locator("#pinned")).to_contain_text("10 left")

    say(mina, "Is the walnut oiled?")
    say(theo, "It is, and it smells nice.")
    for viewer in (mina, theo):
        expect(viewer.locator("#chat")).to_contain_text("Is the walnut oiled?")
        expect(viewer.locator("#chat")).to_contain_text("It is, and it smells nice.")

    # Two taps, counted from a fresh page.
    mina.goto(url)
    mina.locator("#pinned .pinned__buy").click()
    mina.locator("#buy-now").click()
    expect(mina.get_by_text(re.compile("paid", re.IGNORECASE)).first).to_be_visible()
    for viewer in (mina, theo):
        expect(viewer.locator("#pinned")).to_contain_text("9 left")
    expect(host.locator("#n-orders")).to_have_text("1")

    mina.goto("/orders/")
    expect(mina.get_by_text("Walnut comb").first).to_be_visible()
    mina.get_by_text("Walnut comb").first.click()
    expect(mina.get_by_text(re.compile("paid", re.IGNORECASE)).first).to_be_visible()
    expect(mina.locator("main")).to_contain_text("19.50")

    admin.goto("/admin/shop/order/")
    row = admin.locator("#result_list tbody tr").first
    expect(row).to_contain_text(re.compile("paid", re.IGNORECASE))
    expect(row).to_contain_text("24.40")  # 19.50 and 4.90 for shipping
    assert product["variants"][0]["left"] == 30


def plan_a_show(host: Page, title: str, product: str) -> str:
    """By clicks: a new show with one product; returns its slug."""
    host.goto("/studio/new/")
    host.get_by_label("Title").fill(title)
    host.get_by_role("button", name="Go on to the items").click()
    host.wait_for_url(re.compile(r"/studio/[a-z0-9-]+/$"))
    host.locator("#find").fill(product)
    host.locator("#found").get_by_text(product).first.click()
    expect(host.locator("#planlist")).to_contain_text(product)
    expect(host.locator("#plan-status")).to_have_text(re.compile("saved", re.IGNORECASE))
    return host.url.rstrip("/").rsplit("/", 1)[-1]


def start_a_deal(host: Page, *, price: str, units: str, seconds: str) -> None:
    host.locator("#deal-price").fill(price)
    host.locator("#deal-units").fill(units)
    host.locator("#deal-seconds").fill(seconds)
    host.locator("#deal-start").click()
    expect(host.locator("#deals")).to_contain_text("19.50")


def say(viewer: Page, text: str) -> None:
    viewer.locator("#chat-input").fill(text)
    viewer.locator("#chat-input").press("Enter")


def test_a_guest_comes_back_from_login_with_the_act_still_in_hand(
    demo: Demo, visitor: Visitor, stocked: Callable[..., dict[str, Any]]
) -> None:
    stocked("linen-apron", stock=5, price="31.00")
    host, guest = visitor("host"), visitor(size=PHONE)
    slug = plan_a_show(host, "The apron minute", "Linen apron")
    host.goto(f"/studio/{slug}/console/")
    host.locator("#show-start").click()
    host.locator("#next-item").click()
    expect(host.locator("#pinned")).to_contain_text("Linen apron")

    guest.goto(f"/shows/{slug}/")
    guest.locator("#pinned .pinned__buy").click()
    guest.locator("#buy-now").click()
    guest.wait_for_url(re.compile("/login/"))
    guest.get_by_label("User name").fill("viewer")
    guest.get_by_label("Password", exact=True).fill("demo")
    guest.get_by_role("button", name="Log in").click()
    guest.wait_for_url(re.compile(f"/shows/{slug}/"))
    guest.locator("#buy-now").click()
    expect(guest.get_by_text(re.compile("paid", re.IGNORECASE)).first).to_be_visible()


def test_logging_out_elsewhere_ends_the_room_for_that_person(demo: Demo, visitor: Visitor) -> None:
    room = visitor("viewer")
    room.goto("/shows/evening-edit/")
    expect(room.locator("#chat-input")).to_be_enabled()
    elsewhere = visitor()
    log_in(elsewhere, "viewer")
    elsewhere.goto("/account/")
    assert "/login/" not in elsewhere.url
