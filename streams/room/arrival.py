"""Who comes in, and whether they may: one visit to the database for each new socket."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from accounts.models import User
from accounts.tickets.services import TOKEN_PREFIX, read_api_token, read_ticket
from livestore.base.errors import LoginRequired, NotFound
from streams.models import Restriction
from streams.room.origin import Headers, header, may_enter
from streams.room.person import Person
from streams.room.presence import GUEST_COOKIE, guest_member
from streams.room.protocol import CloseCode
from streams.shows.selectors import may_see, role_of, show_by_slug

SUBPROTOCOL = "livestore.v1"
TICKET = "ticket."


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


def arrive(request: Request) -> Arrival:
    """Sync. A ticket or token names the person, else the session does, else it is a guest.

    Raises Refused: 4501 for a ticket or token that is not valid, 4504 for no such show (drafts are only for
    those who run them or hold a ticket), 4503 for the banned.
    """
    user = _who(request)
    try:
        show = show_by_slug(request.slug)
    except NotFound as problem:
        raise Refused(CloseCode.NO_SUCH_SHOW) from problem
    if not may_see(show, user, invited=_holds_ticket(request)):
        raise Refused(CloseCode.NO_SUCH_SHOW)
    if user is None:
        return Arrival(None, guest_member(request.guest))
    kinds = set(Restriction.objects.filter(show=show, user=user).values_list("kind", flat=True))
    if Restriction.Kind.BAN in kinds:
        raise Refused(CloseCode.NOT_ALLOWED)
    person = Person(
        id=user.pk,
        name=user.name,
        role=role_of(show, user),
        simulated=user.is_simulated,
        muted=Restriction.Kind.MUTE in kinds,
        is_host=user.pk == show.host_id,
    )
    return Arrival(person, f"u{user.pk}")


def _bearer(authorization: str) -> str:
    scheme, _, credentials = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise Refused(CloseCode.WHO_ARE_YOU)
    return credentials.strip().removeprefix(TICKET)


def _holds_ticket(request: Request) -> bool:
    return request.ticket is not None and not request.ticket.startswith(TOKEN_PREFIX)


def _who(request: Request) -> User | None:
    if request.ticket is not None:
        try:
            if request.ticket.startswith(TOKEN_PREFIX):
                return read_api_token(request.ticket)
            return read_ticket(request.ticket, channel=request.slug)
        except LoginRequired as problem:
            raise Refused(CloseCode.WHO_ARE_YOU) from problem
    if request.session:
        return _of_session(request.session)
    return None


def _of_session(key: str) -> User | None:
    """Django's own reading of a session, with its check that the password is still the same."""
    store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(key)
    if SESSION_KEY not in store:
        return None
    asking = HttpRequest()
    asking.session = store
    user = get_user(asking)
    return user if isinstance(user, User) and user.is_active else None
