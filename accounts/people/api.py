"""What a program may know and change about its own person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.people import selectors, services
from accounts.people.models import User
from accounts.tickets.auth import caller_of, login_required_auth
from livestore.base.errors import NotFound

router = Router(tags=["people"], auth=login_required_auth)


class Person(Schema):
    """Somebody as everybody sees them."""

    id: int
    name: str
    simulated: bool
    role: str = "viewer"


class AddressBody(Schema):
    full_name: str
    line1: str
    line2: str = ""
    postal_code: str
    city: str
    country: str = "DE"


class CardBody(Schema):
    """`number` is one of the test cards; `expires` is MM/YY."""

    number: str
    expires: str = "12/39"


class CardShown(Schema):
    last4: str
    expires: str


class Me(Schema):
    """The caller. `can_buy`: an address and a card are saved."""

    id: int
    username: str
    name: str
    host: bool
    simulated: bool
    can_buy: bool
    address: AddressBody | None
    card: CardShown | None


class Host(Schema):
    username: str
    name: str
    followers: int


class Hosts(Schema):
    items: list[Host]
    count: int


def _me(user: User) -> dict[str, Any]:
    address, card = selectors.address_of(user), selectors.card_of(user)
    return {
        "id": user.pk,
        "username": user.username,
        "name": user.name,
        "host": user.is_host,
        "simulated": user.is_simulated,
        "can_buy": address is not None and card is not None,
        "address": address.as_json() if address else None,
        "card": {"last4": card.last4, "expires": card.expires} if card else None,
    }


def _hosts(user: User) -> dict[str, Any]:
    items = [
        {"username": host.username, "name": host.name, "followers": selectors.followers_count(host)}
        for host in selectors.followed_hosts(user)
    ]
    return {"items": items, "count": len(items)}


def _host(username: str) -> User:
    host = selectors.host_by_username(username)
    if host is None:
        raise NotFound("There is no such host.")
    return host


@router.get("/me", response=Me, summary="Who am I")
def me(request: HttpRequest) -> dict[str, Any]:
    return _me(caller_of(request).user)


@router.put("/me/address", response=Me, summary="Save the address")
def put_address(request: HttpRequest, body: AddressBody) -> dict[str, Any]:
    user = caller_of(request).in_person()
    services.save_address(user=user, fields=body.dict())
    return _me(user)


@router.put("/me/card", response=Me, summary="Save a test card")
def put_card(request: HttpRequest, body: CardBody) -> dict[str, Any]:
    user = caller_of(request).in_person()
    services.save_card(user=user, number=body.number, expires=body.expires)
    return _me(user)


@router.get("/follows", response=Hosts, summary="Hosts I follow")
def follows(request: HttpRequest) -> dict[str, Any]:
    return _hosts(caller_of(request).user)


@router.put("/follows/{username}", response=Hosts, summary="Follow a host")
def put_follow(request: HttpRequest, username: str) -> dict[str, Any]:
    user = caller_of(request).in_person()
    services.follow(follower=user, host=_host(username))
    return _hosts(user)


@router.delete("/follows/{username}", response=Hosts, summary="Stop following a host")
def delete_follow(request: HttpRequest, username: str) -> dict[str, Any]:
    user = caller_of(request).in_person()
    services.unfollow(follower=user, host=_host(username))
    return _hosts(user)
