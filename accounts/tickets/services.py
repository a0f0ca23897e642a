"""Tickets for sockets and personal tokens for programs.

A ticket is `user~channel~expires~state~signature`, letters of [A-Za-z0-9._~-] only, so that it fits
a WebSocket subprotocol. It is signed, so a forged one costs no query; `state` is derived from the
password hash, so a new password ends it. Nothing is stored: a ticket is reusable until it expires.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer, b62_decode, b62_encode
from django.db import transaction
from django.db.models import DateTimeField, Func
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.people.cards import PAYS
from accounts.people.crowd import crowd
from accounts.people.models import Address, Card, User
from accounts.tickets.models import ApiToken
from livestore.base.clock import database_now
from livestore.base.errors import Invalid, LoginRequired, NotAllowed

DAY = 86_400
BATCH = 2_500
CHANNEL = re.compile(r"[A-Za-z0-9._-]{1,120}")
TOKEN_PREFIX = "lst_"
REFUSED = "This ticket is not valid any more. Please get a new one."


@dataclass(frozen=True, slots=True)
class Ticket:
    """An opened ticket: who, and in which channel."""

    user: User
    channel: str


def _signer() -> Signer:
    return Signer(sep="~", salt="accounts.tickets")


def _state(password: str) -> str:
    """Changes with the password; tells nothing about it."""
    return salted_hmac("accounts.tickets.state", password, algorithm="sha256").hexdigest()[:16]


def _write(user_id: int, password: str, channel: str, expires: int) -> str:
    return _signer().sign(f"{user_id}~{channel}~{b62_encode(expires)}~{_state(password)}")


def _checked(channel: str) -> str:
    if not CHANNEL.fullmatch(channel):
        raise Invalid(fields={"channel": "A ticket needs the name of a show."})
    return channel


def issue_ticket(*, user: User, channel: str, seconds: int = DAY) -> str:
    """A ticket for one person and one channel (a show's slug), valid for `seconds`."""
    expires = int(database_now().timestamp()) + seconds
    return _write(user.pk, user.password, _checked(channel), expires)


def open_ticket(token: str) -> Ticket:
    """Whose ticket this is, and for which channel; `LoginRequired` if it is forged, expired or withdrawn."""
    try:
        user_id, channel, expires, state = _signer().unsign(token).split("~")
        number, end = int(user_id), b62_decode(expires)
    except (BadSignature, ValueError) as problem:
        raise LoginRequired(REFUSED) from problem
    now = Func(function="clock_timestamp", output_field=DateTimeField())
    user = User.objects.filter(pk=number, is_active=True).annotate(now=now).first()
    if user is None or user.now.timestamp() >= end:
        raise LoginRequired(REFUSED)
    if not constant_time_compare(_state(user.password), state):
        raise LoginRequired(REFUSED)
    return Ticket(user, channel)


def read_ticket(token: str, *, channel: str) -> User:
    """The person of a ticket for this channel; `LoginRequired` for any other ticket."""
    ticket = open_ticket(token)
    if ticket.channel != channel:
        raise LoginRequired("This ticket is for another show.")
    return ticket.user


def issue_many(*, channel: str, count: int) -> Iterator[str]:
    """`count` new simulated buyers with an address and a card that pays; one ticket of each.

    Only in the demo and in tests (`NotAllowed` elsewhere). Written in batches, each in its own
    transaction: 15,000 take seconds.
    """
    if not settings.DEMO:
        raise NotAllowed("Tickets for simulated buyers are only made in the demo.")
    _checked(channel)
    if count < 1:
        raise Invalid(fields={"count": "Please ask for at least one ticket."})
    return _many(channel, count)


def _many(channel: str, count: int) -> Iterator[str]:
    expires = int(database_now().timestamp()) + DAY
    for start in range(0, count, BATCH):
        people = crowd(min(BATCH, count - start))
        with transaction.atomic():
            users = User.objects.bulk_create(
                [
                    User(
                        username=person.username,
                        display_name=person.name,
                        # Not a usable password, and different for each: tickets hang on it.
                        password=f"!{secrets.token_urlsafe(30)}",
                        is_simulated=True,
                    )
                    for person in people
                ]
            )
            Address.objects.bulk_create(
                [
                    Address(user=user, **person.address)
                    for user, person in zip(users, people, strict=True)
                ]
            )
            Card.objects.bulk_create([Card(user=user, number=PAYS) for user in users])
        for user in users:
            yield _write(user.pk, user.password, channel, expires)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_api_token(*, user: User, label: str = "program") -> str:
    """A personal token for a program, for the `Authorization: Bearer` header. It is shown only now."""
    name = label.strip()
    if not 1 <= len(name) <= 60:
        raise Invalid(fields={"label": "Please name the program in at most 60 letters."})
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, digest=_digest(token), label=name)
    return token


def read_api_token(token: str) -> User:
    """Whose token this is; `LoginRequired` if it is unknown or revoked, or its owner was deactivated."""
    found = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(token), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if found is None:
        raise LoginRequired("This token is not valid.")
    return found.user
