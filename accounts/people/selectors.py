"""Reads about people."""

from __future__ import annotations

from typing import Any

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
