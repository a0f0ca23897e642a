"""Every write about people: joining, address, card, follows, passwords."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.people.cards import BY_NUMBER, plain_number
from accounts.people.models import Address, Card, Follow, User
from livestore.base.clock import database_now
from livestore.base.errors import Invalid, NotAllowed, NotFound
from livestore.base.outbox import Fact, record

ADDRESS_FIELDS = ("full_name", "line1", "line2", "postal_code", "city", "country")
TAKEN = "Somebody already uses this name. Please choose another one."
EXPIRES = re.compile(r"(0[1-9]|1[0-2])/(\d\d)")


def _sentences(problem: ValidationError) -> dict[str, str]:
    """Django's errors as `{field: one sentence}`."""
    if not hasattr(problem, "error_dict"):
        return {"value": " ".join(problem.messages)}
    return {field: " ".join(texts) for field, texts in problem.message_dict.items()}


def sign_up(*, username: str, password: str, display_name: str = "", email: str = "") -> User:
    """A new viewer. `Invalid` names the fields: a taken or malformed user name, a weak password."""
    user = User(username=username.strip(), display_name=display_name.strip(), email=email.strip())
    fields: dict[str, str] = {}
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as problem:
        fields |= _sentences(problem)
    if not user.display_name.isprintable():
        fields["display_name"] = "Please use at most 60 plain letters."
    if "username" not in fields and User.objects.filter(username__iexact=user.username).exists():
        fields["username"] = TAKEN
    try:
        validate_password(password, user)
    except ValidationError as problem:
        fields["password"] = " ".join(problem.messages)
    if fields:
        raise Invalid(fields=fields)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as problem:  # somebody else was faster by a moment
        raise Invalid(fields={"username": TAKEN}) from problem
    return user


def rename(*, user: User, display_name: str) -> User:
    """What others see in rooms and hosts see on orders; empty falls back to the user name."""
    name = display_name.strip()
    if len(name) > 60 or not name.isprintable():
        raise Invalid(fields={"display_name": "Please use at most 60 plain letters."})
    user.display_name = name
    user.save(update_fields=["display_name"])
    return user


def checked_address(fields: Mapping[str, object]) -> Address:
    """An unsaved, validated address; `Invalid` names what is wrong. Also for orders with their own address."""
    unknown = sorted(set(fields) - set(ADDRESS_FIELDS))
    if unknown:
        raise Invalid(fields=dict.fromkeys(unknown, "An address has no such field."))
    values = {name: str(fields.get(name) or "").strip() for name in ADDRESS_FIELDS}
    values["country"] = (values["country"] or "DE").upper()
    address = Address(**values)
    wrong: dict[str, str] = {}
    try:
        address.clean_fields(exclude=["user"])
    except ValidationError as problem:
        wrong = _sentences(problem)
    for name, value in values.items():
        if not value.isprintable():  # a NUL would fail in PostgreSQL, a line break on the label
            wrong[name] = "Please use only letters that can be printed on a parcel."
    if not re.fullmatch(r"[A-Z]{2}", values["country"]):
        wrong["country"] = "Please give the country as two letters, such as DE."
    for name in ("full_name", "line1", "postal_code", "city"):
        if not values[name]:
            wrong[name] = "Please fill this in, the parcel needs it."
    if wrong:
        raise Invalid(fields=wrong)
    return address


def save_address(*, user: User, fields: Mapping[str, object]) -> Address:
    """Set the one address of a person (keys as in `Address.as_json`). Orders keep their own copies."""
    checked = checked_address(fields)
    address, _ = Address.objects.update_or_create(user=user, defaults=checked.as_json())
    address.user = user  # whoever holds this user object sees the new address too
    return address


def checked_card(number: str) -> str:
    """The plain digits of a test card, or `Invalid`: a real number is never taken."""
    digits = plain_number(number)
    if digits not in BY_NUMBER:
        raise Invalid(
            fields={"number": "This shop only simulates payments. Please choose a test card."}
        )
    return digits


def save_card(*, user: User, number: str, expires: str = "12/39") -> Card:
    """Set the one saved card of a person: a test number, `expires` as MM/YY in the future."""
    digits = checked_card(number)
    match = EXPIRES.fullmatch(expires.strip())
    if match is None:
        raise Invalid(fields={"expires": "Please write month and year like 09/31."})
    now = database_now()
    if (2000 + int(match[2]), int(match[1])) < (now.year, now.month):
        raise Invalid(fields={"expires": "This card has expired."})
    card, _ = Card.objects.update_or_create(
        user=user, defaults={"number": digits, "expires": expires.strip()}
    )
    card.user = user
    return card


def follow(*, follower: User, host: User) -> None:
    """Follow a host; twice is once. Following oneself is refused."""
    if follower.pk == host.pk:
        raise NotAllowed("You can not follow yourself.")
    if not host.is_host:
        raise NotFound("There is no such host.")
    Follow.objects.get_or_create(follower=follower, host=host)


def unfollow(*, follower: User, host: User) -> None:
    """Stop following; not following is fine."""
    Follow.objects.filter(follower=follower, host=host).delete()


def change_password(*, user: User, password: str) -> None:
    """Set a new password. Every other session, ticket and open socket of this person ends."""
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise Invalid(fields={"password": " ".join(problem.messages)}) from problem
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        record([Fact("accounts.signed_out", {"user": user.pk}, person=user.pk)])


def sign_out(*, user: User) -> None:
    """Tell the rooms that a person has logged out. The session itself is ended by Django."""
    with transaction.atomic():
        record([Fact("accounts.signed_out", {"user": user.pk}, person=user.pk)])


def deactivate(*, user: User) -> None:
    """Close an account without deleting its orders: no login, no ticket, no token, no socket."""
    with transaction.atomic():
        user.is_active = False
        user.save(update_fields=["is_active"])
        record([Fact("accounts.signed_out", {"user": user.pk}, person=user.pk)])
