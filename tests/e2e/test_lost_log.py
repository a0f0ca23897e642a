"""Valkey is killed under an open room: the chat of before stays on the page, and can still be moderated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from livestore.stack.launch import Demo
from tests.e2e.rooms import host_api, live_show, run
from tests.e2e.test_first_sale import say


async def open_a_show(demo: Demo, product: int) -> str:
    async with host_api(demo) as api:
        return await live_show(api, product, title="The forgetful hour")


def test_the_chat_of_before_survives_a_lost_log_and_can_be_moderated(
    demo: Demo, visitor: Callable[..., Page], stocked: Callable[..., dict[str, Any]]
) -> None:
    slug = run(open_a_show(demo, stocked("memory-box", stock=5)["id"]))
    mina, hana = visitor("viewer"), visitor("host")
    for page in (mina, hana):
        page.goto(f"/shows/{slug}/")
    say(mina, "Something rude")
    say(mina, "Something kind")
    expect(hana.locator("#chat")).to_contain_text("Something kind")
    demo.manage("shell", "-c", "from streams.room.tasks import archive; archive()")

    demo.kill_and_wait_back("valkey")
    say(hana, "Here we are again")
    for page in (mina, hana):
        expect(page.locator("#chat .line__text")).to_have_text(
            ["Something rude", "Something kind", "Here we are again"]
        )
    mina.reload()
    expect(mina.locator("#chat .line__text")).to_have_text(
        ["Something rude", "Something kind", "Here we are again"]
    )

    rude = hana.locator("#chat li", has_text="Something rude")
    rude.hover()
    rude.get_by_role("button", name="Moderate").click()
    hana.get_by_role("button", name="Remove the message").click()
    for page in (mina, hana):
        expect(page.locator("#chat")).to_contain_text("removed by a moderator")
        expect(page.locator("#chat")).not_to_contain_text("Something rude")
    mina.reload()
    expect(mina.locator("#chat")).to_contain_text("removed by a moderator")
    expect(mina.locator("#chat .line__text")).to_have_text(["Something kind", "Here we are again"])
