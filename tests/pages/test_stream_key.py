"""The stream key in the studio, in Chromium: read once, changed on purpose, and how OBS is doing."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings as django_settings
from django.template.loader import render_to_string
from django.urls import reverse
from playwright.sync_api import Page, expect

from streams.video import keys
from streams.video.models import Picture
from streams.video.path.feed import connect
from streams.video.rtmp import telling
from tests import cast
from tests.pages.test_in_a_browser import log_in, page, pytestmark  # noqa: F401

SLUG = "evening-edit"
SHOW_IT = """async (html) => {
  const box = document.createElement("div");
  box.innerHTML = html;
  document.querySelector("main").prepend(box);
  const { createKey } = await import("/static/streams/studio_key.js");
  createKey("evening-edit");
}"""


def open_studio(page: Page) -> None:  # noqa: F811
    """Only the part itself, in a page of the studio: the console around it lives by sockets."""
    page.goto(reverse("studio_plan", args=[SLUG]))
    page.evaluate(SHOW_IT, render_to_string("streams/parts/console_key.html"))


def test_a_host_makes_changes_and_revokes_the_key(page: Page, settings: Any) -> None:  # noqa: F811
    settings.RTMP_PORT = 1935
    cast.show(cast.hana(), cast.product("bonnet"), slug=SLUG)
    log_in(page, "hana", "/studio/")
    open_studio(page)
    field, made = page.locator("#sender-key"), page.locator("#sender-made")
    expect(page.locator("#sender-server")).to_have_value("rtmp://localhost:1935/live")
    expect(made).to_have_text("There is no key yet.")
    page.get_by_role("button", name="Make a stream key").click()
    expect(field).to_have_value(re.compile(r"^[\w-]{32}$"))
    first = field.input_value()
    assert keys.show_by_key(first) == SLUG

    page.get_by_role("button", name="Make a new key").click()
    page.get_by_role("button", name="Keep the old one").click()
    assert keys.show_by_key(first) == SLUG
    page.get_by_role("button", name="Make a new key").click()
    page.locator("dialog[open]").get_by_role("button", name="Make a new key").click()
    expect(field).not_to_have_value(first)
    second = field.input_value()
    assert [keys.show_by_key(each) for each in (first, second)] == [None, SLUG]

    open_studio(page)
    expect(made).to_contain_text("can not be read again")
    expect(field).to_be_hidden()
    assert second not in page.content()
    page.get_by_role("button", name="Revoke").click()
    page.locator("dialog[open]").get_by_role("button", name="Revoke").click()
    expect(made).to_have_text("There is no key yet.")
    assert not Picture.objects.get().key_digest


def test_the_studio_says_how_obs_is_doing(page: Page, settings: Any) -> None:  # noqa: F811
    cast.show(cast.hana(), cast.product("bonnet"), slug=SLUG)
    log_in(page, "hana", "/studio/")
    settings.RTMP_PORT = 0
    open_studio(page)
    expect(page.locator("#sender-closed")).to_be_visible()
    expect(page.locator("#sender-make")).to_be_hidden()
    settings.RTMP_PORT = 1935
    states: list[tuple[telling.State, str, str]] = [
        ("waiting", "The show is in a break.", "OBS is connected. The show is in a break."),
        ("refused", "Only AAC sound.", "OBS was refused. Only AAC sound."),
        ("sending", "On air.", "OBS is connected and films this show."),
    ]
    open_studio(page)
    for state, message, words in states:
        with connect(django_settings.VIDEO_REDIS_URL) as client:
            telling.tell(client, SLUG, state, message)
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        expect(page.locator("#sender-state")).to_contain_text(words)
