"""What a host says in words is seen over the picture, and a show is seen in a page of another site that it names."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from livestore.stack.launch import Demo
from tests.e2e.conftest import PHONE
from tests.e2e.rooms import host_api, live_show, run

Visitor = Callable[..., Page]
PAGES = """
async () => {
  const { pagesOf, pageAt } = await import("/static/streams/captions.js");
  const lines = [{ at: 0, text: "Old", seconds: 9 }, { at: 1000, text: "New", seconds: 2 }];
  return [pagesOf("a ".repeat(84).trim()), pageAt(lines, 2900, 42), pageAt(lines, 3100, 42)];
}
"""


async def begin(demo: Demo, product: int) -> str:
    async with host_api(demo) as api:
        slug = await live_show(api, product, title="Words and frames")
        line = {"number": 1, "product": product, "talking_points": "Soft as a cloud\nMade in Lyon"}
        await api.call("PUT", f"/shows/{slug}/items", [line])
    return slug


@pytest.fixture
def neighbour() -> Iterator[Callable[[str], int]]:
    """`neighbour(address)` serves a page that frames this address, on a port of its own. A real server: browsers do not
    let a page from nowhere look at this machine."""
    servers: list[ThreadingHTTPServer] = []

    def serve(address: str) -> int:
        body = f'<!doctype html><title>Friend</title><iframe src="{address}" width="360" height="640"></iframe>'

        class Friend(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Friend))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return int(servers[-1].server_address[1])

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_words_are_seen_and_a_show_is_framed_by_its_friends_only(
    demo: Demo,
    visitor: Visitor,
    stocked: Callable[..., dict[str, Any]],
    neighbour: Callable[[str], int],
) -> None:
    product = stocked("walnut-brush", stock=30, price="24.00")
    slug = run(begin(demo, product["id"]))
    host, viewer = visitor("host"), visitor("viewer", size=PHONE)
    seen = viewer.locator(".captions")
    viewer.goto(f"/shows/{slug}/")

    # By hand, by a click on a note, and by itself with a pin.
    host.goto(f"/studio/{slug}/console/")
    host.get_by_placeholder("Say it in words").fill("Hello <b>you</b>")
    host.keyboard.press("Enter")
    expect(seen).to_have_text("Hello <b>you</b>")
    expect(seen).to_be_hidden()
    with host.expect_response(re.compile("/picture/captions")) as kept:
        host.get_by_label("Captions from my notes").check()
    assert kept.value.ok
    host.locator("#next-item").click()
    expect(seen).to_have_text("Soft as a cloud")
    host.get_by_role("button", name="Made in Lyon").click()
    expect(seen).to_have_text("Made in Lyon")

    # A long line comes in pages, the newest line counts, and it goes when it has been read.
    assert viewer.evaluate(PAGES) == [["a " * 41 + "a", "a " * 41 + "a"], "New", None]

    # Who does not want them has none, next time neither.
    viewer.evaluate("localStorage.setItem('captions', 'off')")
    heard: list[str] = []
    viewer.on(
        "websocket", lambda socket: socket.on("framereceived", lambda text: heard.append(str(text)))
    )
    viewer.reload()
    expect(viewer.locator("#buy-pinned")).to_be_enabled()
    host.get_by_role("button", name="Made in Lyon").click()
    for _ in range(500):
        if any("caption.said" in each for each in heard):
            break
        viewer.wait_for_timeout(20)
    assert any("caption.said" in each for each in heard)
    expect(seen).to_be_hidden()

    # In a frame: nobody, until the host names the site.
    address = f"{demo.origin}/embed/{slug}"
    port = neighbour(address)
    guest = visitor()
    host.goto(f"/studio/{slug}/")
    expect(host.locator("#sites-none")).to_be_visible()
    host.get_by_label("Add a site").fill(f"LOCALHOST:{port}/")
    host.get_by_role("button", name="Add", exact=True).click()
    expect(host.locator("#sites-list")).to_have_text(f"http://localhost:{port}")
    assert f'src="{address}"' in host.get_by_label("The code for the page").input_value()

    guest.goto(f"http://localhost:{port}/")
    frame = guest.frame_locator("iframe")
    expect(frame.locator("#card")).to_contain_text("Walnut brush")
    assert guest.context.cookies() == []
    with guest.expect_popup() as opened:
        frame.get_by_role("link", name=re.compile("^Buy: Walnut brush")).click()
    room = opened.value
    expect(room.get_by_role("dialog")).to_contain_text("Walnut brush")
    assert f"/shows/{slug}/" in room.url

    # The control: the same page on a site that the list does not name gets nothing.
    stranger = guest.context.new_page()  # not watched: its console says why it shows nothing
    stranger.goto(f"http://127.0.0.1:{port}/")
    stranger.wait_for_function("frames.length === 1")
    expect(stranger.frame_locator("iframe").locator("#card")).to_have_count(0)
    assert all("/embed/" not in each.url for each in stranger.frames)
