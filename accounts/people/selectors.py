"""Reads about people."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from accounts.people.models import Address, Card, Follow, User


def public_person(user: User, *, role: str = "viewer") -> dict[str, Any]:
    """What everybody may see: `{"id", "name", "simulated", "role"}`, the protocol's PersonValue."""
    return {"id": user.pk, "name": user.name, "simulated": user.is_simulated, "role": role}


def address_of(user: User) -> Address | None:
    return Address.objects.filter(user=user).first()


def card_of(user: User) -> Card | None:
    return Card.objects.filter(user=user).first()


def payable(user: User) -> bool:
    """Whether two taps are enough: an address and a card are saved."""
    return Address.objects.filter(user=user).exists() and Card.objects.filter(user=user).exists()


class Wallet(NamedTuple):
    """What somebody needs to buy in two taps; `address` in one line, None where nothing is saved."""

    address: str | None
    card: str | None


WALLETS_OF = """SELECT person.id, line1, postal_code, city, card.number
      FROM person LEFT JOIN address ON address.user_id = person.id LEFT JOIN card ON card.user_id = person.id
     WHERE person.id = ANY(%s) AND is_active"""


def wallets(users: Collection[int]) -> dict[int, Wallet]:
    """The wallets of those whose accounts are open, by user id, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(WALLETS_OF, [list(users)])
        return {
            user: Wallet(None if line1 is None else _line(line1, postal_code, city), card)
            for user, line1, postal_code, city, card in cursor.fetchall()
        }


def _line(line1: str, postal_code: str, city: str) -> str:
    return ", ".join(part for part in (line1, f"{postal_code} {city}".strip()) if part)


def followers_count(host: User) -> int:
    return Follow.objects.filter(host=host).count()


def follows(follower: User, host: User) -> bool:
    return Follow.objects.filter(follower=follower, host=host).exists()


def followed_hosts(follower: User) -> QuerySet[User]:
    """The hosts somebody follows, newest first."""
    return User.objects.filter(followers__follower=follower, is_active=True).order_by(
        "-followers__since"
    )


def host_by_username(username: str) -> User | None:
    return User.objects.filter(username=username, is_host=True, is_active=True).first()
