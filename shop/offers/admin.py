"""Offers in the admin, to be read: they are started and stopped in the studio."""

from __future__ import annotations

from django.contrib import admin
from unfold.decorators import display

from livestore.base.desk import ReadOnlyDesk
from shop.offers.models import Offer


@admin.register(Offer)
class OfferAdmin(ReadOnlyDesk):
    list_display = (
        "variant",
        "kind",
        "price_now",
        "channel",
        "units_sold",
        "state_word",
        "starts_at",
        "ends_at",
    )
    list_filter = ("kind", "state", "end_reason")
    search_fields = ("channel", "variant__sku", "variant__product__title")
    list_select_related = ("variant__product",)

    @display(description="Price", ordering="price_minor")
    def price_now(self, offer: Offer) -> str:
        return str(offer.price)

    @display(description="Sold")
    def units_sold(self, offer: Offer) -> str:
        return "–" if offer.units is None else f"{offer.sold} of {offer.units}"

    @display(description="State", ordering="state", label={"running": "success", "ended": "info"})
    def state_word(self, offer: Offer) -> tuple[str, str]:
        words = offer.get_state_display()
        return (
            offer.state,
            f"{words}: {offer.get_end_reason_display()}" if offer.end_reason else words,
        )
