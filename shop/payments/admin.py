"""Payments in the admin, to be read. The whole card number is never shown."""

from __future__ import annotations

from django.contrib import admin
from unfold.decorators import display

from livestore.base.desk import ReadOnlyDesk
from shop.payments.models import Payment

STATE_COLOURS = {
    "started": "info",
    "requires_action": "warning",
    "succeeded": "success",
    "declined": "danger",
    "refund_due": "warning",
    "refunded": "primary",
}


@admin.register(Payment)
class PaymentAdmin(ReadOnlyDesk):
    list_display = ("attempt", "order", "state_word", "money", "card", "tries", "created_at")
    list_filter = ("state", ("created_at", admin.DateFieldListFilter))
    search_fields = ("attempt", "order__public_id", "order__user__username")
    list_select_related = ("order",)
    fields = (
        "attempt",
        "order",
        "state",
        "money",
        "card",
        "reason",
        "tries",
        "next_try_at",
        "created_at",
        "decided_at",
    )
    readonly_fields = ("attempt", "money", "card")

    @display(description="State", ordering="state", label=STATE_COLOURS)
    def state_word(self, payment: Payment) -> tuple[str, str]:
        return payment.state, payment.get_state_display()

    @display(description="Amount", ordering="amount_minor")
    def money(self, payment: Payment) -> str:
        return str(payment.amount)

    @display(description="Card")
    def card(self, payment: Payment) -> str:
        return f"•••• {payment.card_last4}"
