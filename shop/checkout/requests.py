"""What can be asked of a checkout, and what it answers."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import orjson

from accounts.people.services import checked_address, checked_card
from livestore.base.errors import Invalid, Refusal
from livestore.base.money import Money
from livestore.base.tracing import request_id

MOST_LINES = 50
MOST_UNITS = 99
HIGHEST_ID = 2**62


@dataclass(frozen=True, slots=True)
class LineRequest:
    """`quantity` units of a variant. `seen_price` is the unit price (minor units) that the buyer saw;
    None takes any price, for programs that have shown none.
    """

    variant: int
    quantity: int
    seen_price: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """One order to be placed.

    key        idempotency key of this buyer: the same key and body is the same order
    channel    where it is bought (a show's slug), which decides the offers; "" has none
    address    as `Address.as_json`, or None for the saved one
    card_number  a test card, or None for the saved one
    from_cart  the lines come out of the buyer's cart: each is priced in the channel where it was put in,
               and leaves the cart
    request_id  what logs call the request that asks for it, no part of the order
    """

    user_id: int
    key: UUID
    lines: tuple[LineRequest, ...]
    channel: str = ""
    address: Mapping[str, str] | None = None
    card_number: str | None = None
    from_cart: bool = False
    request_id: str = field(default_factory=request_id, compare=False)

    def signature(self) -> tuple[object, ...] | None:
        """Equal for requests with the same body; None where equality would not do (1 == True == 1.0) or costs more."""
        if self.address is not None:
            return None
        parts: list[object] = [self.channel, self.card_number, self.from_cart]
        for line in self.lines:
            seen = line.seen_price
            if (
                type(line.variant) is not int
                or type(line.quantity) is not int
                or (seen is not None and type(seen) is not int)
            ):
                return None
            parts += (line.variant, line.quantity, seen)
        return tuple(parts)

    def body_hash(self) -> str:
        """SHA-256 of everything but buyer and key."""
        body = {
            "lines": [[line.variant, line.quantity, line.seen_price] for line in self.lines],
            "channel": self.channel,
            "address": dict(self.address) if self.address is not None else None,
            "card": self.card_number,
            "from_cart": self.from_cart,
        }
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


@dataclass(slots=True)
class FreshLine:
    """A line of an order that was placed a moment ago; `total` is `quantity` times `unit`."""

    variant: int
    title: str
    sku: str
    quantity: int
    unit: Money

    @property
    def total(self) -> Money:
        return self.unit * self.quantity


@dataclass(slots=True)
class Basket:
    """What was bought and what it costs. Orders of the same things at the same prices share one: in a rush, all."""

    channel: str
    lines: Sequence[FreshLine]
    items: Money
    shipping: Money
    total: Money


@dataclass(slots=True)
class FreshOrder:
    """An order as it was committed: pending, unpaid, revision 1. Read only.

    Everything that its buyer is told about it, so that nobody has to read the database for the answer.
    """

    id: int
    public_id: str
    key: UUID
    basket: Basket
    placed_at: dt.datetime
    expires_at: dt.datetime

    @property
    def channel(self) -> str:
        return self.basket.channel

    @property
    def lines(self) -> Sequence[FreshLine]:
        return self.basket.lines

    @property
    def items(self) -> Money:
        return self.basket.items

    @property
    def shipping(self) -> Money:
        return self.basket.shipping

    @property
    def total(self) -> Money:
        return self.basket.total


@dataclass(frozen=True, slots=True)
class Placed:
    """An order stands, committed. `replay`: it stood already, this was the same request again.

    order  what was committed, for an order of this very batch; None for one that stood before: it may have
           been paid or cancelled meanwhile, so whoever shows it has to read it
    """

    order_id: int
    public_id: str
    total: Money
    replay: bool = False
    order: FreshOrder | None = field(default=None, compare=False, repr=False)


Outcome = Placed | Refusal


@dataclass(slots=True)
class Body:
    """Everything of a request but buyer and key, looked at before anything is locked.

    problem  why it can not be placed whatever the stock is
    address  the order's own address as JSON, or None: the saved one is copied
    card     the plain digits of the order's own card, or None: the saved one
    """

    hash: str
    problem: Refusal | None
    address: str | None = None
    card: str | None = None


def bodies_of(requests: Sequence[PlaceRequest]) -> list[Body]:
    """The body of each request; in a rush everybody sends the same one, which is looked at once."""
    known: dict[tuple[object, ...], Body] = {}
    bodies = []
    for request in requests:
        signature = request.signature()
        body = known.get(signature) if signature is not None else None
        if body is None:
            body = body_of(request)
            if signature is not None and body.problem is None:
                known[signature] = body
        bodies.append(body)
    return bodies


def body_of(request: PlaceRequest) -> Body:
    problem = problem_of(request)
    if problem is not None:
        return Body("", problem)
    address = card = None
    if request.address is not None:
        address = orjson.dumps(checked_address(request.address).as_json()).decode()
    if request.card_number is not None:
        card = checked_card(request.card_number)
    return Body(request.body_hash(), None, address, card)


def problem_of(request: PlaceRequest) -> Refusal | None:
    """Why a request can not be placed whatever the stock is, or None. Touches no database.

    One bad value inside a batch would fail the statement for everybody in it, so nothing gets there
    that PostgreSQL could refuse.
    """
    fields: dict[str, str] = {}
    if not 1 <= len(request.lines) <= MOST_LINES:
        fields["lines"] = f"An order has between 1 and {MOST_LINES} lines."
    seen: set[int] = set()
    for place, line in enumerate(request.lines):
        if not _whole(line.variant, 1, HIGHEST_ID):
            fields[f"lines.{place}.variant"] = "There is no such variant."
        elif line.variant in seen:
            fields[f"lines.{place}.variant"] = "This variant is in the order twice."
        seen.add(line.variant)
        if not _whole(line.quantity, 1, MOST_UNITS):
            fields[f"lines.{place}.quantity"] = f"Order between 1 and {MOST_UNITS} of each."
        if line.seen_price is not None and not _whole(line.seen_price, 0, HIGHEST_ID):
            fields[f"lines.{place}.seen_price"] = "A price is a whole number of minor units."
    if not _text(request.channel, 120):
        fields["channel"] = "There is no such show."
    if request.address is not None:
        if not all(_text(str(value), 200) for value in request.address.values()):
            fields["address"] = "This address can not be printed on a parcel."
        else:
            try:
                checked_address(request.address)
            except Invalid as problem:
                fields |= {f"address.{name}": text for name, text in (problem.fields or {}).items()}
    if request.card_number is not None:
        try:
            checked_card(request.card_number)
        except Invalid as problem:
            fields["card"] = next(iter((problem.fields or {}).values()), problem.message)
    return Invalid(fields=fields) if fields else None


def _whole(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _text(value: str, longest: int) -> bool:
    """Whether PostgreSQL can keep it: not too long, no NUL, no half of a surrogate pair."""
    if len(value) > longest or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
