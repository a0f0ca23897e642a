"""One suite of raw requests, three ways to an answer, one answer: status, headers and body."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.models import ApiToken
from accounts.tickets.services import create_api_token, issue_ticket
from shop.models import Product
from tests import cast
from tests.shop.buying import SHOW
from tests.thin.doors import Ask
from tests.thin.stage import OTHER, SECRET, Stage

pytestmark = pytest.mark.django_db(transaction=True)
# ---- who may order


def test_a_token_a_ticket_and_a_session_buy(stage: Stage) -> None:
    for shown in (stage.bearer(), stage.bearer(stage.ticket), stage.cookies()):
        answer = stage.one(Ask(stage.body(2), shown))
        assert answer.status == 201, answer
        assert answer.value["total"] == {"minor": 2 * 1299 + 490, "currency": "EUR"}
    headers = dict(stage.one(Ask(stage.body(), stage.bearer())).headers)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Type"] == "application/json; charset=utf-8"


def test_a_masked_csrf_token_is_as_good_as_the_secret(stage: Stage) -> None:
    from django.middleware.csrf import _mask_cipher_secret

    masked = _mask_cipher_secret(SECRET)
    assert stage.one(Ask(stage.body(), stage.cookies(token=masked))).status == 201
    assert stage.one(Ask(stage.body(), stage.cookies(token=masked, secret=masked))).status == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": None},
        {"token": OTHER},
        {"token": "short"},
        {"token": "ä" * 32},
        {"secret": None},
        {"secret": "?" * 32},
    ],
)
def test_a_session_without_its_csrf_token_does_not_buy(stage: Stage, wrong: dict[str, Any]) -> None:
    answer = stage.one(Ask(stage.body(), stage.cookies(**wrong)))
    assert (answer.status, answer.code) == (403, "csrf")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1", 201),
        ("http://127.0.0.1:1", 403),
        ("https://127.0.0.1", 403),
        ("http://evil.example", 403),
        ("null", 403),
    ],
)
def test_only_our_own_page_buys_with_a_session(stage: Stage, origin: str, status: int) -> None:
    asked = Ask(stage.body(), stage.cookies(), [("Origin", origin)])
    assert stage.one(asked).status == status
    # A page that has no session to steal may come from anywhere.
    assert stage.one(Ask(stage.body(), stage.bearer(), [("Origin", origin)])).status == 201


@pytest.mark.parametrize(
    "shown",
    [
        "Bearer nonsense",
        "Bearer ",
        "Bearer",
        "Basic abc",
        "Bearer ticket.1~x~2~y~z",
        "Bearer ticket.",
        "x",
    ],
)
def test_a_bad_header_is_refused_even_with_a_good_session(stage: Stage, shown: str) -> None:
    answer = stage.one(Ask(stage.body(), {**stage.cookies(), "Authorization": shown}))
    assert (answer.status, answer.code) == (401, "login_required")


def test_a_guest_is_asked_to_log_in(stage: Stage) -> None:
    assert stage.one(Ask(stage.body())).code == "login_required"
    assert stage.one(Ask(stage.body(), {"Cookie": "sessionid=unknown-key"})).status == 401
    assert stage.one(Ask(stage.body(), {"Cookie": f"csrftoken={SECRET}"})).status == 401


def test_a_bearer_is_read_as_loosely_as_django_reads_it(stage: Stage) -> None:
    for shown in (f"bearer {stage.token}", f"BEARER   {stage.token}"):
        assert stage.one(Ask(stage.body(), {"Authorization": shown})).status == 201
    assert stage.one(Ask(stage.body(), {**stage.cookies(), **stage.bearer()})).status == 201


def test_what_was_withdrawn_does_not_buy(stage: Stage) -> None:
    expired = "ticket." + issue_ticket(user=stage.mina, channel=SHOW, seconds=-1)
    assert stage.one(Ask(stage.body(), stage.bearer(expired))).code == "login_required"
    ApiToken.objects.update(revoked_at=timezone.now())
    assert stage.one(Ask(stage.body(), stage.bearer())).code == "login_required"
    SessionStore.get_model_class().objects.update(
        expire_date=timezone.now() - dt.timedelta(seconds=1)
    )
    assert stage.one(Ask(stage.body(), stage.cookies())).code == "login_required"


@pytest.mark.parametrize("change", ["closed", "new password"])
def test_a_closed_account_and_a_new_password_end_everything(stage: Stage, change: str) -> None:
    if change == "closed":
        stage.mina.is_active = False
    else:
        stage.mina.set_password("another")
        stage.token = "unknown"
    stage.mina.save()
    for shown in (stage.bearer(), stage.bearer(stage.ticket), stage.cookies()):
        assert stage.one(Ask(stage.body(), shown)).status == 401


def test_a_ticket_buys_in_its_own_show_only(stage: Stage) -> None:
    shown = stage.bearer(stage.ticket)
    assert stage.one(Ask(stage.body(channel=SHOW), shown)).value["channel"] == SHOW
    assert stage.one(Ask(stage.body(channel="other"), shown)).code == "not_allowed"


# ---- what is asked


def test_refusals_are_the_same(stage: Stage) -> None:
    assert stage.one(Ask(stage.body(6), stage.bearer())).code == "sold_out"
    assert stage.one(Ask(stage.body(1, 1), stage.bearer())).code == "price_changed"
    noor = cast.person("noor")
    shown = stage.bearer(create_api_token(user=noor))
    assert stage.one(Ask(stage.body(), shown)).code == "address_needed"
    Product.objects.update(status="archived")
    assert stage.one(Ask(stage.body(), stage.bearer())).code == "not_for_sale"


def test_the_same_key_is_the_same_order_and_another_body_is_refused(stage: Stage) -> None:
    asked = Ask(stage.body(), stage.bearer())
    first, again, other = stage.same(asked, asked, Ask(stage.body(2), stage.bearer()))
    assert (first.status, again.status, other.status) == (201, 201, 409)
    assert (other.code, first.value["lines"]) == ("key_reused", again.value["lines"])


def test_requests_sent_at_once_are_answered_in_their_order(stage: Stage) -> None:
    keys = [{"Idempotency-Key": f"order {number}"} for number in range(3)]
    asked = [
        Ask(stage.body(number), {**stage.bearer(), **key}) for number, key in enumerate(keys, 1)
    ]
    look = Ask(b"", stage.bearer(), line="GET /api/v1/cart HTTP/1.1")
    answers = stage.same(asked[0], look, asked[1], Ask(b"{", stage.bearer()), asked[2])
    assert [each.status for each in answers] == [201, 200, 201, 400, 409]


BODIES: list[bytes] = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"lines"',
    b"NaN",
    b'{"lines": [NaN]}',
    b"\xff",
    b"\xef\xbb\xbf{}",
    b'{"lines": []}',
    b'{"lines": {}}',
    b'{"lines": [{}]}',
    b'{"lines": [{"variant": 1, "quantity": 0, "seen_price": 1}]}',
    b'{"lines": [{"variant": "1", "quantity": 1, "seen_price": 1}]}',
    b'{"lines": [{"variant": 1.0, "quantity": 1, "seen_price": 1}]}',
    b'{"lines": [{"variant": true, "quantity": 1, "seen_price": 1}]}',
    b'{"lines": [{"variant": 99999999999999999999999999, "quantity": 1, "seen_price": 1}]}',
    b'{"lines": [{"variant": 999999999, "quantity": 1, "seen_price": 1}]}',
    b'{"lines": [{"variant": 1, "seen_price": 1}], "lines": []}',
    b'{"lines": [{"variant": 1, "seen_price": 1}], "channel": "\\ud800"}',
    b'{"lines": [{"variant": 1, "seen_price": 1}], "channel": "\\u0000"}',
    b'{"lines": [{"variant": 1, "seen_price": 1}], "card": "5555555555554444"}',
    b'{"lines": [{"variant": 1, "seen_price": 1}], "from_cart": "yes"}',
    b'{"lines": [{"variant": 1, "seen_price": 1}], "address": {"full_name": "x"}}',
    b'{"lines": [{"variant": 1, "seen_price": 1}], "total": 1}',
    b"[" * 2000 + b"]" * 2000,
    b'{"lines": [' + b" " * 70_000 + b"]}",
    b'{"lines": [' + b" " * (2 * 1024 * 1024) + b"]}",
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:60]))
def test_whatever_is_sent_is_answered_alike(stage: Stage, body: bytes) -> None:
    assert 400 <= stage.one(Ask(body, stage.bearer())).status < 500


def test_a_number_that_is_written_otherwise_is_the_same_number(stage: Stage) -> None:
    text = f'{{"lines":[{{"variant":{stage.bonnet.pk},"quantity":1,"seen_price":1299}}],"channel":"\\u0061"}}'
    assert stage.one(Ask(text.encode(), stage.bearer())).status == 201
    twice = f'{{"channel":"b","lines":[],{text[1:]}'
    assert stage.one(Ask(twice.encode(), stage.bearer())).value["channel"] == "a"
