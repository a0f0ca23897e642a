"""Who is calling the API: a session, a ticket of one show, or a personal token.

`Authorization: Bearer ticket.<ticket>` and `Bearer <token>` need no CSRF token, a session does for
every unsafe method. Routes say `auth=login_required_auth` or `auth=optional_auth` and ask
`caller_of(request)` or `user_of(request)`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from ninja.security.base import AuthBase

from accounts.people.models import User
from accounts.tickets.services import open_ticket, read_api_token
from livestore.base.errors import LoginRequired, NotAllowed

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
OTHER_SHOW = "This ticket is for another show."


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody known. `channel` is set for the bearer of a ticket: the only show it opens."""

    user: User
    channel: str | None = None

    def in_channel(self, asked: str = "") -> str:
        """The channel an act belongs to: the asked one, or the ticket's own. `NotAllowed` if they differ."""
        if self.channel is None:
            return asked
        if asked not in {"", self.channel}:
            raise NotAllowed(OTHER_SHOW)
        return self.channel

    def in_person(self) -> User:
        """The user, for acts that a ticket does not cover (address, card, follows)."""
        if self.channel is not None:
            raise NotAllowed("A ticket is for its show only. Please log in to do this.")
        return self.user


@dataclass(frozen=True, slots=True)
class Guest:
    """Nobody known: sees everything, does nothing."""

    user: None = None
    channel: None = None


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own check; a refusal is only noted, nobody needs its page here."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


def is_forged(request: HttpRequest) -> bool:
    """Whether an unsafe request of a session comes without its CSRF token, or from another site."""
    check = _CsrfCheck(lambda request: HttpResponse())
    check.process_request(request)
    # API views are exempt from the middleware, which has left its mark; this check is the one that counts.
    request.csrf_processing_done = False  # type: ignore[attr-defined]
    return check.process_view(request, lambda request: HttpResponse(), (), {}) is not None


def caller(request: HttpRequest) -> Caller | None:
    """Who calls, or None for a guest. A bad ticket or token is `LoginRequired`, never a silent guest."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, credentials = header.partition(" ")
        if scheme.lower() != "bearer" or not credentials.strip():
            raise LoginRequired("Please send `Authorization: Bearer` with a ticket or a token.")
        return _bearer(request, credentials.strip())
    user = request.user
    if not isinstance(user, User) or not user.is_authenticated:
        return None
    if request.method not in SAFE and is_forged(request):
        raise NotAllowed("Please reload the page and try again.", code="csrf")
    return Caller(user)


def _bearer(request: HttpRequest, credentials: str) -> Caller:
    if not credentials.startswith("ticket."):
        return Caller(read_api_token(credentials))
    ticket = open_ticket(credentials.removeprefix("ticket."))
    # Every route below /shows/{slug} is refused here for another show's ticket, so none can forget it.
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    if slug is not None and slug != ticket.channel:
        raise NotAllowed(OTHER_SHOW)
    return Caller(ticket.user, ticket.channel)


class _Required(AuthBase):
    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Caller | None:
        return caller(request)


class _Optional(AuthBase):
    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Caller | Guest:
        return caller(request) or Guest()


login_required_auth = _Required()
optional_auth = _Optional()


def caller_of(request: HttpRequest) -> Caller:
    """The caller of a route with an `auth`; `LoginRequired` for a guest."""
    found = getattr(request, "auth", None)
    if not isinstance(found, Caller):
        raise LoginRequired()
    return found


def user_of(request: HttpRequest) -> User | None:
    """The user of a route with `optional_auth`, None for a guest."""
    found = getattr(request, "auth", None)
    return found.user if isinstance(found, Caller) else None


def channel_of(request: HttpRequest) -> str | None:
    """The only show that the caller's ticket opens, None without a ticket."""
    found = getattr(request, "auth", None)
    return found.channel if isinstance(found, Caller) else None
