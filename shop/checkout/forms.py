"""What the checkout pages send: the lines as they were seen, an address and a card."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.models import User
from accounts.people import selectors, services
from accounts.people.cards import TEST_CARDS, TestCard
from accounts.people.forms import AddressForm, CardForm, add_refusal
from livestore.base.errors import Refusal
from shop.checkout.requests import LineRequest, PlaceRequest


@dataclass
class CheckoutForm:
    """Address and card of one checkout, filled with what is saved or with what was typed.

    `problem` is the refusal of the last try; `open_address` and `open_card` say which part has to be seen.
    """

    user: User
    address: AddressForm
    card: CardForm
    has_address: bool
    has_card: bool
    key: uuid.UUID = field(default_factory=uuid.uuid4)
    problem: Refusal | None = None
    cards: list[TestCard] = field(default_factory=lambda: TEST_CARDS)

    @classmethod
    def fresh(cls, user: User) -> CheckoutForm:
        address, card = selectors.address_of(user), selectors.card_of(user)
        form = AddressForm.of(address)
        if address is None:
            form.initial["full_name"] = user.display_name
        return cls(
            user,
            form,
            CardForm(initial={"number": card.number} if card else None),
            address is not None,
            card is not None,
        )

    @classmethod
    def typed(cls, user: User, data: Mapping[str, str]) -> CheckoutForm:
        form = cls.fresh(user)
        form.address, form.card = AddressForm(data), CardForm(data)
        return form

    @property
    def open_address(self) -> bool:
        return not self.has_address or bool(self.address.errors)

    @property
    def open_card(self) -> bool:
        return not self.has_card or bool(self.card.errors)

    @property
    def address_line(self) -> str:
        """The address as it stands now, in one line."""
        value = {name: self.address[name].value() or "" for name in self.address.fields}
        return "{full_name}, {line1}, {postal_code} {city}".format(**value)

    @property
    def card_line(self) -> str:
        number = str(self.card["number"].value() or "")
        return f"Test card ending in {number[-4:]}"

    def is_valid(self) -> bool:
        return all([self.address.is_valid(), self.card.is_valid()])

    def request(
        self, data: Mapping[str, str], lines: list[str], *, from_cart: bool, channel: str = ""
    ) -> PlaceRequest:
        """The order to place; `lines` as `variant:quantity:seen price`. ValueError for a broken page."""
        return PlaceRequest(
            user_id=self.user.pk,
            key=uuid.UUID(data["key"]),
            lines=tuple(LineRequest(*map(int, line.split(":"))) for line in lines),
            channel=channel,
            address=self.address.cleaned_data,
            card_number=self.card.cleaned_data["number"],
            from_cart=from_cart,
        )

    def refuse(self, refusal: Refusal) -> None:
        """Keep why the order was not placed; sentences about the address go under its fields."""
        self.problem = refusal
        fields = refusal.fields or {}
        address = {
            name.removeprefix("address."): text
            for name, text in fields.items()
            if name.startswith("address.")
        }
        if address:
            add_refusal(self.address, Refusal(fields=address))
        if "card" in fields:
            self.card.add_error("number", fields["card"])

    def remember(self) -> None:
        """Keep address and card for the next time, once the order stands."""
        services.save_address(user=self.user, fields=self.address.cleaned_data)
        services.save_card(user=self.user, number=self.card.cleaned_data["number"])
