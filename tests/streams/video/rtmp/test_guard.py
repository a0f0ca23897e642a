"""Who may come in at the RTMP door."""

from __future__ import annotations

from streams.video.rtmp.guard import MOST, MOST_OF_ONE, MOST_WRONG, REMEMBERED, Guard, place


def test_one_address_has_so_many_connections_and_all_together_so_many() -> None:
    guard = Guard()
    assert all(guard.enter("10.0.0.1") for _ in range(MOST_OF_ONE))
    assert not guard.enter("10.0.0.1")
    guard.leave("10.0.0.1")
    assert guard.enter("10.0.0.1")
    others = [guard.enter(f"10.0.1.{number}") for number in range(MOST)]
    assert others.count(True) == MOST - MOST_OF_ONE


def test_whoever_shows_wrong_keys_waits_a_minute_and_nobody_else_does() -> None:
    now = 100.0
    guard = Guard(lambda: now)
    for _ in range(MOST_WRONG):
        assert not guard.is_guessing("10.0.0.1")
        guard.wrong("10.0.0.1")
        now += 1
    assert guard.is_guessing("10.0.0.1")
    assert not guard.is_guessing("10.0.0.2")
    now = 160.5
    assert not guard.is_guessing("10.0.0.1")
    guard.wrong("10.0.0.1")
    assert guard.is_guessing("10.0.0.1"), "the fifth within a minute again"


def test_it_remembers_so_many_addresses() -> None:
    guard = Guard()
    for _ in range(MOST_WRONG):
        guard.wrong("10.9.9.9")
    for number in range(REMEMBERED):
        guard.wrong(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}")
    assert not guard.is_guessing("10.9.9.9")
    assert len(guard._wrong) == REMEMBERED


def test_an_ipv6_customer_is_one_however_many_addresses_it_has() -> None:
    assert place("2001:db8:1:2::7") == place("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert place("2001:db8:1:3::7") != place("2001:db8:1:2::7")
    assert place("::ffff:10.0.0.1") == "10.0.0.1"
    assert place("fe80::1%eth0") == "fe80::/64"
    assert place("/run/a.sock") == "/run/a.sock"
