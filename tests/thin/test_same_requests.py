"""However a request is put, three ways to an answer give the same one (who and what: test_same.py)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.thin.doors import Ask, Doors
from tests.thin.stage import OTHER, SECRET, Stage, set_stage

pytestmark = pytest.mark.django_db(transaction=True)


# ---- how it is asked


@pytest.mark.parametrize(
    "key", [None, "", " ", "k" * 255, "k" * 256, "order-17", "{6fa459ea}", "ä"]
)
def test_any_key_is_read_alike(stage: Stage, key: str | None) -> None:
    answer = stage.one(Ask(stage.body(), {**stage.bearer(), "Idempotency-Key": key}))
    assert answer.status == (422 if not (key or "").strip() or len(key or "") > 255 else 201)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json; charset=latin1",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ],
)
@pytest.mark.parametrize("with_session", [True, False])
def test_any_content_type_is_read_alike(
    stage: Stage, content_type: str | None, with_session: bool
) -> None:
    shown = stage.cookies() if with_session else stage.bearer()
    answer = stage.one(Ask(stage.body(), {**shown, "Content-Type": content_type}))
    assert answer.status == (400 if content_type and "multipart" in content_type else 201)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1:8000", "[::1]", "evil.example", "127.0.0.1.evil.example", "", None],
)
def test_only_our_hosts_are_answered(stage: Stage, host: str | None) -> None:
    answer = stage.one(Ask(stage.body(), {**stage.bearer(), "Host": host}))
    ours = host in {"localhost", "127.0.0.1:8000", "[::1]"}
    assert answer.status == 201 if ours else answer.status in {201, 400}


REFUSED = {"Authorization": 401, "Host": 400, "Content-Length": 400, "Bad Name": 400}
"""What is not put up with; everything else is an order."""


@pytest.mark.parametrize(
    "more",
    [
        ("Idempotency-Key", "another"),
        ("Authorization", "Bearer another"),
        ("Content-Type", "text/plain"),
        ("Host", "localhost"),
        ("Cookie", "sessionid=x"),
        ("Content-Length", "3"),
        ("X_Forwarded_Proto", "https"),
        ("Transfer-Encoding", "identity"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "https"),
        ("Upgrade", "h2c"),
        ("Bad Name", "x"),
        ("X-Folded", "a\r\n b"),
        ("X-Latin", "é"),
        ("X-Tab", "a\tb"),
        ("Connection", "close"),
        ("Connection", "keep-alive"),
        ("Connection", "Keep-Alive, x"),
    ],
)
def test_odd_headers_are_read_alike(stage: Stage, more: tuple[str, str]) -> None:
    first, *_ = stage.same(
        Ask(stage.body(), stage.bearer(), [more]), Ask(stage.body(2), stage.bearer())
    )
    assert first.status == REFUSED.get(more[0], 201)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /api/v1/orders HTTP/1.1", 200),
        ("HEAD /api/v1/orders HTTP/1.1", 405),
        ("PUT /api/v1/orders HTTP/1.1", 405),
        ("DELETE /api/v1/orders HTTP/1.1", 405),
        ("OPTIONS /api/v1/orders HTTP/1.1", 405),
        ("post /api/v1/orders HTTP/1.1", 201),
        ("POST /api/v1/orders/ HTTP/1.1", 404),
        ("POST /api/v1/orders?limit=1 HTTP/1.1", 201),
        ("POST /api/v1/orders? HTTP/1.1", 201),
        ("POST /api/v1//orders HTTP/1.1", 404),
        ("POST /api/v1/%6frders HTTP/1.1", 201),
        ("POST http://127.0.0.1/api/v1/orders HTTP/1.1", 404),
        ("POST /api/v1/orders HTTP/1.0", 201),
        ("POST /api/v1/orders", 400),
    ],
)
def test_other_methods_and_addresses_are_answered_alike(
    stage: Stage, line: str, status: int
) -> None:
    assert stage.one(Ask(stage.body(), stage.bearer(), line=line)).status == status


def test_a_body_in_chunks_is_an_order_like_any_other(stage: Stage) -> None:
    body = Ask(stage.body()).raw().partition(b"\r\n\r\n")[2]
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, body[:10], len(body) - 10, body[10:])
    shown = {**stage.bearer(), "Content-Length": None, "Transfer-Encoding": "chunked"}
    assert stage.one(Ask(chunks, shown)).status == 201


# ---- behind TLS, as in production


@pytest.fixture
def tls(tls_doors: Doors) -> Stage:
    return set_stage(tls_doors)


@pytest.mark.parametrize("proto", [None, "http", "https", "https, http", "http, https", "HTTPS"])
def test_behind_tls_plain_http_is_sent_to_https(tls: Stage, proto: str | None) -> None:
    more = [("X-Forwarded-Proto", proto)] if proto else []
    answer = tls.one(Ask(tls.body(), tls.bearer(), more))
    secure = (proto or "").startswith("https")
    assert answer.status == (201 if secure else 301)
    assert ("Strict-Transport-Security" in dict(answer.headers)) is secure


@pytest.mark.parametrize(
    ("referer", "status"),
    [
        (None, 403),
        ("https://127.0.0.1/checkout", 201),
        ("http://127.0.0.1/checkout", 403),
        ("https://evil.example/", 403),
        ("nonsense", 403),
    ],
)
def test_behind_tls_a_session_needs_a_referer_of_ours(
    tls: Stage, referer: str | None, status: int
) -> None:
    more = [("X-Forwarded-Proto", "https"), *([("Referer", referer)] if referer else [])]
    assert tls.one(Ask(tls.body(), tls.cookies(), more)).status == status


# ---- anything


WORDS: dict[str, list[str | None]] = {
    "Host": ["127.0.0.1", "localhost", "evil.example", ""],
    "Content-Type": ["application/json", "text/plain", None],
    "Idempotency-Key": ["a", "", None, "6fa459ea-ee8a-4ca4-894e-db77e160355e"],
    "Origin": [None, "http://127.0.0.1", "http://evil.example"],
    "X-CSRFToken": [SECRET, OTHER, None],
    "Connection": [None, "keep-alive", "close"],
}


def shapes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["variant", "quantity", "seen_price", "lines", "x"])
    return st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**64) | st.floats() | st.text(max_size=4),
    shapes,
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_request_is_answered_alike(stage: Stage, data: st.DataObject) -> None:
    shown = data.draw(st.sampled_from(["token", "ticket", "session", "nobody", "broken"]))
    headers: dict[str, str | None] = {
        "token": stage.bearer(),
        "ticket": stage.bearer(stage.ticket),
        "session": stage.cookies(),
        "nobody": {},
        "broken": stage.bearer("ticket.broken"),
    }[shown]
    for name, words in WORDS.items():
        if data.draw(st.integers(0, 4)) == 0:
            headers = {**headers, name: data.draw(st.sampled_from(words))}
    body: Any = stage.body(data.draw(st.integers(1, 6)), data.draw(st.sampled_from([1299, 1, 0])))
    for name in ("lines", "channel", "card", "address", "from_cart", "extra"):
        if data.draw(st.integers(0, 5)) == 0:
            body[name] = data.draw(VALUES)
    stage.one(Ask(body, headers))
