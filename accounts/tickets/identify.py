"""Who is behind many credentials at once: a few statements however many there are.

The same judgement as `auth.caller` and Django's own sessions, one by one, for doors that take a rush: sync, to be
called in a thread, with everything that arrived while the last call ran. CSRF and origins are the doors' matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.people.models import User
from accounts.tickets.auth import Caller
from accounts.tickets.models import ApiToken
from accounts.tickets.services import BAD_TOKEN, Unsealed, digest_of, opened, unseal
from livestore.base.clock import database_now
from livestore.base.errors import LoginRequired

TICKET = "ticket."


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody shows: `bearer` as it stands after `Bearer ` (a personal token, or `ticket.` and a ticket),
    else the key of a `session`. A bearer goes before a session; neither is a guest."""

    bearer: str | None = None
    session: str | None = None


Identity = Caller | LoginRequired | None
"""Somebody known, a ticket or token that is not valid, or a guest (also: a session that ended)."""


def identify_many(shown: Sequence[Credentials]) -> list[Identity]:
    """`result[i]` is who shows `shown[i]`. At most four statements. Raises only what the database raises."""
    tickets: dict[str, Unsealed | LoginRequired] = {}
    tokens: dict[str, str] = {}
    for each in shown:
        if each.bearer is None:
            continue
        if not each.bearer.startswith(TICKET):
            tokens[each.bearer] = digest_of(each.bearer)
        elif each.bearer not in tickets:
            tickets[each.bearer] = _unsealed(each.bearer.removeprefix(TICKET))
    owners = _owners(tokens.values()) if tokens else {}
    # A cookie can spell a NUL, which PostgreSQL refuses: one such key may not cost the others their answer.
    keys = {each.session for each in shown if each.bearer is None and each.session}
    keys = {key for key in keys if "\0" not in key}
    sessions = _sessions(keys) if keys else {}
    wanted = {each.user_id for each in tickets.values() if isinstance(each, Unsealed)}
    wanted.update(owners.values())
    wanted.update(user_id for user_id, _ in sessions.values())
    people = User.objects.in_bulk(wanted) if wanted else {}
    now = database_now() if tickets else None

    def identity(each: Credentials) -> Identity:
        if each.bearer is None:
            user_id, proof = sessions.get(each.session or "", (0, ""))
            user = people.get(user_id)
            known = user is not None and user.is_active and _same_password(user, proof)
            return Caller(user) if user is not None and known else None
        unsealed = tickets.get(each.bearer)
        if unsealed is None:
            user = people.get(owners.get(tokens[each.bearer], 0))
            return Caller(user) if user is not None and user.is_active else LoginRequired(BAD_TOKEN)
        if isinstance(unsealed, LoginRequired):
            return unsealed
        assert now is not None
        try:
            ticket = opened(unsealed, people.get(unsealed.user_id), now)
        except LoginRequired as problem:
            return problem
        return Caller(ticket.user, ticket.channel)

    return [identity(each) for each in shown]


def _unsealed(ticket: str) -> Unsealed | LoginRequired:
    try:
        return unseal(ticket)
    except LoginRequired as problem:
        return problem


def _owners(digests: Iterable[str]) -> dict[str, int]:
    """Whose tokens these are, by digest; revoked ones are nobody's."""
    standing = ApiToken.objects.filter(digest__in=set(digests), revoked_at__isnull=True)
    return dict(standing.values_list("digest", "user_id"))


def _sessions(keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    """The person whom each running session claims, and its proof of the password it was opened with."""
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    reader = SessionStore()
    found = {}
    for key, data in rows.values_list("session_key", "session_data"):
        claims = reader.decode(data)
        if claims.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
            continue
        try:
            user_id = User._meta.pk.to_python(claims.get(SESSION_KEY))
        except ValidationError:
            continue
        found[key] = (user_id, str(claims.get(HASH_SESSION_KEY) or ""))
    return found


def _same_password(user: User, proof: str) -> bool:
    """Django's check: a session ends with the password it was opened with (or a secret key that was dropped)."""
    if not proof:
        return False
    if constant_time_compare(proof, user.get_session_auth_hash()):
        return True
    return any(constant_time_compare(proof, old) for old in user.get_session_auth_fallback_hash())
