"""Tickets for sockets and personal tokens for programs.

A ticket is `user~channel~expires~state~signature`, letters of [A-Za-z0-9._~-] only, so that it fits
a WebSocket subprotocol. It is signed, so a forged one costs no query; `state` is derived from the
password hash, so a new password ends it. Nothing is stored: a ticket is reusable until it expires.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.signing import BadSignature, b62_decode, b62_encode
from django.db.models import DateTimeField, Func
from django.utils.crypto import constant_time_compare

from accounts.people.models import User
from accounts.people.simulated import check_simulating, make_simulated_people
from accounts.tickets.models import ApiToken
from livestore.base.clock import database_now
from livestore.base.errors import Invalid, LoginRequired, NotFound
from livestore.base.signatures import Signatures, keyed_hash

DAY = 86_400
BATCH = 5_000
CHANNEL = re.compile(r"[A-Za-z0-9._-]{1,120}")
TOKEN_PREFIX = "lst_"
BAD_TOKEN = "This token is not valid."
SIGNATURES = Signatures(salt="accounts.tickets", sep="~")
REFUSED = "This ticket is not valid any more. Please get a new one."


@dataclass(frozen=True, slots=True)
class Ticket:
    """An opened ticket: who, and in which channel."""

    user: User
    channel: str


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What the signature of a ticket vouches for. `expires` in seconds since 1970, `state` of the password."""

    user_id: int
    channel: str
    expires: int
    state: str


def _state(password: str) -> str:
    """Changes with the password; tells nothing about it."""
    return keyed_hash("accounts.tickets.state", password)[:16]


def _write(user_id: int, password: str, channel: str, expires: int) -> str:
    return SIGNATURES.sign(f"{user_id}~{channel}~{b62_encode(expires)}~{_state(password)}")


def _checked(channel: str) -> str:
    if not CHANNEL.fullmatch(channel):
        raise Invalid(fields={"channel": "A ticket needs the name of a show."})
    return channel


def issue_ticket(*, user: User, channel: str, seconds: int = DAY) -> str:
    """A ticket for one person and one channel (a show's slug), valid for `seconds`."""
    expires = int(database_now().timestamp()) + seconds
    return _write(user.pk, user.password, _checked(channel), expires)


def unseal(token: str) -> Unsealed:
    """What a ticket says, its signature checked, nothing looked up; `LoginRequired` if it is forged."""
    try:
        user_id, channel, expires, state = SIGNATURES.unsign(token).split("~")
        return Unsealed(int(user_id), channel, b62_decode(expires), state)
    except (BadSignature, ValueError) as problem:
        raise LoginRequired(REFUSED) from problem


def opened(unsealed: Unsealed, user: User | None, now: dt.datetime) -> Ticket:
    """The ticket, if its person (looked up by `user_id`) may still use it `now`; else `LoginRequired`."""
    if user is None or not user.is_active or now.timestamp() >= unsealed.expires:
        raise LoginRequired(REFUSED)
    if not constant_time_compare(_state(user.password), unsealed.state):
        raise LoginRequired(REFUSED)
    return Ticket(user, unsealed.channel)


def open_ticket(token: str) -> Ticket:
    """Whose ticket this is, and for which channel; `LoginRequired` if it is forged, expired or withdrawn."""
    unsealed = unseal(token)
    now = Func(function="clock_timestamp", output_field=DateTimeField())
    user = User.objects.filter(pk=unsealed.user_id).annotate(now=now).first()
    if user is None:
        raise LoginRequired(REFUSED)
    return opened(unsealed, user, user.now)


def read_ticket(token: str, *, channel: str) -> User:
    """The person of a ticket for this channel; `LoginRequired` for any other ticket."""
    ticket = open_ticket(token)
    if ticket.channel != channel:
        raise LoginRequired("This ticket is for another show.")
    return ticket.user


def issue_tickets(*, users: Iterable[int], channel: str, seconds: int = DAY) -> list[str]:
    """A ticket for each of these people (ids), in their order; `NotFound` when one of them has no account.

    Reads in steps and signs; 18,000 take a fraction of a second.
    """
    _checked(channel)
    expires = int(database_now().timestamp()) + seconds
    wanted = list(users)
    tickets: list[str] = []
    for start in range(0, len(wanted), BATCH):
        step = wanted[start : start + BATCH]
        active = User.objects.filter(pk__in=step, is_active=True)
        passwords = dict(active.values_list("pk", "password"))
        if len(passwords) < len(set(step)):
            raise NotFound("One of these people has no account.")
        tickets += [_write(user, passwords[user], channel, expires) for user in step]
    return tickets


def issue_many(*, channel: str, count: int) -> Iterator[str]:
    """`count` new simulated buyers with an address and a card that pays; one ticket of each.

    Only in the demo and in tests (`NotAllowed` elsewhere).
    """
    check_simulating(count)
    _checked(channel)
    return _many(channel, count)


def _many(channel: str, count: int) -> Iterator[str]:
    for start in range(0, count, BATCH):
        people = make_simulated_people(min(BATCH, count - start))
        yield from issue_tickets(users=people, channel=channel)


def digest_of(token: str) -> str:
    """What is kept of a personal token."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_api_token(*, user: User, label: str = "program") -> str:
    """A personal token for a program, for the `Authorization: Bearer` header. It is shown only now."""
    name = label.strip()
    if not 1 <= len(name) <= 60:
        raise Invalid(fields={"label": "Please name the program in at most 60 letters."})
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, digest=digest_of(token), label=name)
    return token


def read_api_token(token: str) -> User:
    """Whose token this is; `LoginRequired` if it is unknown or revoked, or its owner was deactivated."""
    found = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(token), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if found is None:
        raise LoginRequired(BAD_TOKEN)
    return found.user
