"""One request, followed through the logs of three processes; and what must stand in none of them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from accounts.tickets.services import create_api_token, issue_ticket
from livestore.base import threads
from livestore.base.threads import in_database
from tests import cast
from tests.shop.buying import SHOW
from tests.streams.room.server import ROOT, WebProcess, environment, listening, relay_process
from tests.streams.room.visitor import SocketLine, Visitor

pytestmark = pytest.mark.django_db(transaction=True)
OURS = "from-the-proxy.42"
CARD, STREET, CHAT = "4242424242424242", "7 Elm Road", "a word between friends"


@dataclass
class House:
    """A web process, a relay and a worker that write JSON into files of their own."""

    web: WebProcess
    logs: dict[str, Path]

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [
            json.loads(line)
            for line in self.logs[name].read_text().splitlines()
            if line.startswith("{")
        ]

    def wait_for(self, name: str, message: str, **ids: Any) -> dict[str, Any]:
        """The first line with these ids whose message contains that."""
        end = time.monotonic() + 40
        while time.monotonic() < end:
            for line in self.lines(name):
                if message in line["message"] and ids.items() <= line.items():
                    return line
            time.sleep(0.1)
        raise AssertionError(f"{name} did not say {message!r}: {self.logs[name].read_text()}")


@pytest.fixture
def house(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    monkeypatch.setenv("LOG_FORMAT", "json")
    logs = {name: tmp_path / f"{name}.log" for name in ("web", "relay", "worker")}
    worker = ("-m", "celery", "-A", "livestore.celery", "worker", "--loglevel", "INFO")
    with ExitStack() as stack:
        stack.callback(threads.stop)  # the test's own: their connections would outlive the database
        files = {name: stack.enter_context(path.open("w+")) for name, path in logs.items()}
        web = WebProcess(
            stack.enter_context(listening()),
            files["web"],
            LIVESTORE_BEHIND_TLS="0",
            LIVESTORE_THIN_ORDERS="1",
        )
        stack.callback(web.kill)
        others = [
            relay_process(files["relay"]),
            subprocess.Popen(
                [sys.executable, *worker, "--pool", "threads", "--concurrency", "1"],
                cwd=ROOT,
                env=environment(),
                stdout=files["worker"],
                stderr=subprocess.STDOUT,
            ),
        ]
        for other in others:
            stack.callback(other.wait)
            stack.callback(other.kill)
        web.wait_ready()
        yield House(web, logs)


async def test_an_order_has_one_id_from_the_door_to_its_payment_and_tells_no_secrets(
    house: House,
) -> None:
    hana, mina = await in_database(cast.hana), await in_database(cast.mina)
    product = await in_database(cast.product, stock=5)
    variant = await in_database(cast.variant_of, product)
    await in_database(lambda: cast.show(hana, product, slug=SHOW, live=True))
    token = await in_database(lambda: create_api_token(user=mina))
    ticket = await in_database(lambda: issue_ticket(user=mina, channel=SHOW))
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
    body = {
        "lines": [{"variant": variant.pk, "quantity": 1, "seen_price": 1299}],
        "channel": SHOW,
        "card": CARD,
        "address": {
            "full_name": "Mina Sato",
            "line1": STREET,
            "line2": "",
            "postal_code": "91827",
            "city": "Townsend",
            "country": "DE",
        },
    }
    async with aiohttp.ClientSession() as http:
        address = f"{house.web.origin}/api/v1/orders"
        more = {"X-Request-ID": OURS}
        async with http.post(address, json=body, headers=headers | more) as answer:
            assert answer.status == 201, await answer.text()
            assert answer.headers["X-Request-ID"] == OURS
            order = (await answer.json())["order"]
        async with http.post(address, json={"lines": [{"variant": STREET}]}, headers=headers) as no:
            assert no.status == 422
            assert len(no.headers["X-Request-ID"]) == 16
        async with http.get(f"{house.web.origin}/", headers={"X-Request-ID": "not good"}) as page:
            assert page.headers["X-Request-ID"] != "not good"

        protocols = ["livestore.v1", f"ticket.{ticket}"]
        opened = await http.ws_connect(f"{house.web.origin}/ws/shows/{SHOW}/", protocols=protocols)
        visitor = Visitor(SocketLine(opened))
        await visitor.frame()
        assert (await visitor.command("chat.send", text=CHAT))["ok"]
        assert not (await visitor.command("chat.send", text=CHAT * 200))["ok"]
        bought = await visitor.command(
            "buy", key=str(uuid.uuid4()), variant=variant.pk, quantity=1, seen_price=1299
        )
        assert bought["ok"], bought
        await opened.close()

    placed = house.wait_for("web", order, request=OURS)
    assert (placed["show"], placed["user"], placed["level"]) == (SHOW, mina.pk, "INFO")
    assert placed["process"].startswith("web:")
    paid = house.wait_for("worker", "shop.payments.tasks.pay: success", request=OURS)
    assert paid["process"].startswith("worker:")

    # A command of a socket has an id of its own, which goes the same way.
    over_socket = house.wait_for("web", bought["data"]["order"])
    assert over_socket["request"] != OURS
    house.wait_for("worker", "shop.payments.tasks.pay: success", request=over_socket["request"])

    written = "".join(path.read_text() for path in house.logs.values())
    for secret in (CARD, STREET, CHAT, token, ticket, "91827", "Townsend"):
        assert secret not in written, secret
