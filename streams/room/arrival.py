"""Who comes in, and whether they may: one visit to the database for however many come at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.http.cookie import parse_cookie

from accounts.tickets.auth import Caller
from accounts.tickets.identify import Credentials, Identity, identify_many
from accounts.tickets.services import TOKEN_PREFIX
from livestore.base.errors import LoginRequired
from streams.models import Restriction, Show
from streams.room.origin import Headers, header, may_enter
from streams.room.person import Person, Role
from streams.room.presence import GUEST_COOKIE, guest_member
from streams.room.protocol import CloseCode

SUBPROTOCOL = "livestore.v1"
TICKET = "ticket."
NOWHERE: frozenset[str] = frozenset()
# By hand, because a query of the ORM costs half a millisecond before it is sent, however few come.
ROOMS = "SELECT slug, id, state, host_id FROM show WHERE slug = ANY(%s)"
SEATS = """SELECT show_id, user_id, kind FROM show_restriction WHERE show_id = ANY(%s) AND user_id = ANY(%s)
     UNION ALL
    SELECT show_id, user_id, 'moderator' FROM show_moderators WHERE show_id = ANY(%s) AND user_id = ANY(%s)"""


class Refused(Exception):
    """This socket is closed with `code` before anything is told."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """What a handshake says about who comes. `ticket` is a ticket or the personal token of a program."""

    slug: str
    session: str | None
    ticket: str | None
    guest: str | None

    @property
    def credentials(self) -> Credentials:
        if self.ticket is None or self.ticket.startswith(TOKEN_PREFIX):
            return Credentials(self.ticket, self.session)
        return Credentials(f"{TICKET}{self.ticket}", self.session)


@dataclass(frozen=True, slots=True)
class Arrival:
    person: Person | None
    member: str


def read_handshake(slug: str, headers: Headers, subprotocols: list[str]) -> Request:
    """Raises Refused for a client of another protocol, for a page of another origin and for an
    `Authorization` that is no `Bearer`. A ticket may come in that header too: pages can not write it."""
    headers = list(headers)
    cookies = parse_cookie("; ".join(header(headers, b"cookie")))
    session = cookies.get(settings.SESSION_COOKIE_NAME)
    allowed = may_enter(
        header(headers, b"origin"), has_session=bool(session), allowed=settings.ORIGINS
    )
    if not allowed:
        raise Refused(CloseCode.NOT_ALLOWED)
    if SUBPROTOCOL not in subprotocols:
        raise Refused(CloseCode.BAD_FRAMES)
    tickets = [each.removeprefix(TICKET) for each in subprotocols if each.startswith(TICKET)]
    tickets += [_bearer(value) for value in header(headers, b"authorization")]
    return Request(slug, session, tickets[0] if tickets else None, cookies.get(GUEST_COOKIE))


def look_up(requests: Sequence[Request]) -> list[Arrival | Refused]:
    """Sync; at most six queries, however many come. A ticket or token names the person, else the session does,
    else it is a guest.

    Refused is not raised: 4501 for a ticket or token that is not valid, 4504 for no such show (drafts are only
    for those who run them or hold a ticket), 4503 for the banned.
    """
    callers = identify_many([each.credentials for each in requests])
    rooms = _rooms({each.slug for each in requests})
    ids = {caller.user.pk for caller in callers if isinstance(caller, Caller)}
    seats = _seats(rooms.values(), ids) if ids else {}
    return [
        _judge(request, caller, rooms.get(request.slug), seats)
        for request, caller in zip(requests, callers, strict=True)
    ]


class _Room(NamedTuple):
    pk: int
    state: str
    host: int


def _rooms(slugs: Collection[str]) -> dict[str, _Room]:
    with connection.cursor() as cursor:
        cursor.execute(ROOMS, [list(slugs)])
        return {slug: _Room(*rest) for slug, *rest in cursor.fetchall()}


def _seats(rooms: Iterable[_Room], users: Collection[int]) -> dict[tuple[int, int], set[str]]:
    """What is special about these people in these rooms, by (show, user): "moderator", "mute", "ban"."""
    where = [[room.pk for room in rooms], list(users)]
    found: dict[tuple[int, int], set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SEATS, [*where, *where])
        for show, user, what in cursor.fetchall():
            found.setdefault((show, user), set()).add(what)
    return found


def _judge(
    request: Request,
    caller: Identity,
    room: _Room | None,
    seats: Mapping[tuple[int, int], set[str]],
) -> Arrival | Refused:
    if isinstance(caller, LoginRequired):
        return Refused(CloseCode.WHO_ARE_YOU)
    if caller is not None and caller.channel not in {None, request.slug}:
        return Refused(CloseCode.WHO_ARE_YOU)  # a ticket for another show
    if room is None:
        return Refused(CloseCode.NO_SUCH_SHOW)
    draft = room.state == Show.State.DRAFT
    if caller is None:
        if draft:
            return Refused(CloseCode.NO_SUCH_SHOW)
        return Arrival(None, guest_member(request.guest))
    user = caller.user
    seat = seats.get((room.pk, user.pk), NOWHERE)
    is_host = user.pk == room.host
    role: Role = "viewer"
    if is_host or user.is_staff:
        role = "host"
    elif "moderator" in seat:
        role = "moderator"
    if draft and caller.channel is None and role == "viewer":
        return Refused(CloseCode.NO_SUCH_SHOW)
    if Restriction.Kind.BAN in seat:
        return Refused(CloseCode.NOT_ALLOWED)
    muted = Restriction.Kind.MUTE in seat
    person = Person(user.pk, user.name, role, user.is_simulated, muted, is_host)
    return Arrival(person, f"u{user.pk}")


def _bearer(authorization: str) -> str:
    scheme, _, credentials = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise Refused(CloseCode.WHO_ARE_YOU)
    return credentials.strip().removeprefix(TICKET)
