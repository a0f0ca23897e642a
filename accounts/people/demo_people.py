"""The people of the demo. They exist in demo mode only, all with the password `demo`."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from accounts.people.cards import TEST_CARDS
from accounts.people.models import User
from accounts.people.services import follow, save_address, save_card
from livestore.base.errors import NotAllowed

PASSWORD = "demo"
PEOPLE: tuple[tuple[str, str, dict[str, bool]], ...] = (
    ("admin", "Ada Vogel", {"is_staff": True, "is_superuser": True}),
    ("host", "Hana Lindqvist", {"is_host": True}),
    ("moderator", "Omar Benali", {}),
    ("viewer", "Mina Castellanos", {}),
)


@transaction.atomic
def make_demo_people() -> dict[str, User]:
    """The four demo logins by user name; those that are there already are left as they are."""
    if not settings.DEMO:
        raise NotAllowed("Demo logins exist in demo mode only.")
    people: dict[str, User] = {}
    for username, name, roles in PEOPLE:
        user = User.objects.filter(username=username).first()
        if user is None:
            user = User(username=username, display_name=name, **roles)
            user.set_password(PASSWORD)
            user.save()
            address = {
                "full_name": name,
                "line1": "Lindenstraße 7",
                "postal_code": "10969",
                "city": "Berlin",
                "country": "DE",
            }
            save_address(user=user, fields=address)
            save_card(user=user, number=TEST_CARDS[0].number)
        people[username] = user
    if not people["viewer"].following.exists():
        follow(follower=people["viewer"], host=people["host"])
    return people
