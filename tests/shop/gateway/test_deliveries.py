"""The postman posts over real HTTP: signed, at least once, and again when he was not answered."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest
from django.conf import settings
from django.db import connection

from livestore.base.money import Money
from shop.gateway import services as gateway
from shop.gateway.deliveries import MOST_EVENTS, PATH, deliver
from shop.gateway.services import ChargeRequest
from shop.gateway.signature import HEADER, signed_at
from shop.models import Charge, Delivery
from shop.payments.api import LONGEST
from tests import cast
from tests.shop.paying import NOISY, SLOW

pytestmark = pytest.mark.django_db


class Receiver(ThreadingHTTPServer):
    """Remembers what came; answers with the next of `answers`, then with 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.letters: list[tuple[str, bytes, str]] = []
        self.answers: list[int] = []
        self.peers: set[int] = set()
        self.guard = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        receiver = self.server
        assert isinstance(receiver, Receiver)
        with receiver.guard:
            receiver.letters.append((self.path, raw, self.headers[HEADER]))
            receiver.peers.add(self.client_address[1])
            status = receiver.answers.pop(0) if receiver.answers else 200
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def charged(card: str = cast.PAYS, count: int = 1) -> None:
    gateway.charge([ChargeRequest(uuid.uuid4(), Money(500, "EUR"), card) for _ in range(count)])


def everything_is_due() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE gateway_delivery SET due_at = clock_timestamp()")


def test_a_webhook_arrives_signed_and_is_posted_once(receiver: Receiver) -> None:
    charged()
    assert deliver(base_url=receiver.url) == 1
    ((path, raw, signature),) = receiver.letters
    assert path == PATH
    assert signed_at(raw, signature, secret=settings.WEBHOOK_SECRET) is not None
    assert Delivery.objects.get().delivered_at is not None
    everything_is_due()
    assert deliver(base_url=receiver.url) == 0
    assert len(receiver.letters) == 1


def test_under_a_rush_a_few_connections_carry_letters_of_several_events(receiver: Receiver) -> None:
    charged(count=300)
    assert deliver(base_url=receiver.url) == 300
    events = [
        event["id"] for _, raw, _ in receiver.letters for event in orjson.loads(raw)["events"]
    ]
    assert len(events) == len(set(events)) == 300
    assert len(receiver.letters) <= 8
    assert 1 <= len(receiver.peers) <= 8


def test_a_handful_of_events_is_one_letter(receiver: Receiver) -> None:
    charged(count=9)
    assert deliver(base_url=receiver.url) == 9
    assert len(receiver.letters) == 1


def test_the_largest_letter_is_one_that_the_door_takes() -> None:
    charged(count=1)
    event = len(orjson.dumps(Delivery.objects.get().body))
    assert MOST_EVENTS * (event + len(",") + 120) < LONGEST, "120: the longest reason"


def test_a_letter_of_several_events_that_was_refused_comes_again_as_a_whole(
    receiver: Receiver,
) -> None:
    charged(count=20)
    receiver.answers = [500]
    first = deliver(base_url=receiver.url)
    assert 0 < first < 20
    everything_is_due()
    assert first + deliver(base_url=receiver.url) == 20


def test_a_webhook_that_was_refused_is_posted_again_later(receiver: Receiver) -> None:
    charged()
    receiver.answers = [500, 302]
    for tries in (1, 2):
        assert deliver(base_url=receiver.url) == 0
        delivery = Delivery.objects.get()
        assert (delivery.tries, delivery.delivered_at) == (tries, None)
        assert deliver(base_url=receiver.url) == 0  # not due yet
        assert len(receiver.letters) == tries
        everything_is_due()
    assert deliver(base_url=receiver.url) == 1
    assert len({raw for _, raw, _ in receiver.letters}) == 1


def test_nothing_is_lost_while_nobody_listens() -> None:
    charged(count=5)
    assert deliver(base_url="http://127.0.0.1:9") == 0
    assert Delivery.objects.filter(delivered_at=None, tries=1).count() == 5


def test_a_slow_charge_is_made_when_its_webhook_leaves(receiver: Receiver) -> None:
    charged(SLOW)
    assert deliver(base_url=receiver.url) == 0
    assert Charge.objects.get().state == Charge.State.WAITING
    everything_is_due()
    assert deliver(base_url=receiver.url) == 1
    assert Charge.objects.get().state == Charge.State.SUCCEEDED


def test_the_noisy_card_sends_everything_twice_and_out_of_order(receiver: Receiver) -> None:
    charged(NOISY)
    for _ in range(4):
        with connection.cursor() as cursor:  # the next one only, as time would bring them
            cursor.execute(
                "UPDATE gateway_delivery SET due_at = clock_timestamp() WHERE id = "
                "(SELECT min(id) FROM gateway_delivery WHERE delivered_at IS NULL)"
            )
        deliver(base_url=receiver.url)
    events = [raw.split(b'"kind":"payment.')[1].split(b'"')[0] for _, raw, _ in receiver.letters]
    assert events == [b"succeeded", b"processing", b"succeeded", b"processing"]
