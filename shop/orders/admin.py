"""Orders in the admin: to be read, and moved on by the same services as everywhere."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.dataclasses import ActionDialog
from unfold.decorators import action, display

from livestore.base.desk import ReadOnlyDesk, ReadOnlyInline, amount, go, sentence
from livestore.base.errors import Refusal
from shop.orders import services
from shop.orders.models import Order, OrderLine, OrderMove
from shop.payments.models import Payment
from shop.stock.models import Movement

STATUS_COLOURS = {
    "pending": "warning",
    "paid": "success",
    "packed": "info",
    "shipped": "info",
    "delivered": "primary",
    "expired": "danger",
    "cancelled": "danger",
}
ACTS = {
    "pack": (services.pack, "packed"),
    "ship": (services.ship, "shipped"),
    "deliver": (services.deliver, "delivered"),
    "cancel": (services.cancel, "cancelled"),
}


def _dialog(title: str, words: str, button: str) -> ActionDialog:
    return ActionDialog(title=title, description=words, form_class=None, form_submit_text=button)


class LineInline(ReadOnlyInline):
    model = OrderLine
    verbose_name_plural = "lines"
    fields = ("title", "sku", "quantity", "unit", "sum", "offer")

    @display(description="Unit price")
    def unit(self, line: OrderLine) -> str:
        return amount(line.unit_minor, line.order.currency)

    @display(description="Total")
    def sum(self, line: OrderLine) -> str:
        return amount(line.total_minor, line.order.currency)

    readonly_fields = ("unit", "sum")


class PaymentInline(ReadOnlyInline):
    model = Payment
    verbose_name_plural = "payments"
    fields = (
        "attempt",
        "state",
        "money",
        "card_last4",
        "reason",
        "tries",
        "created_at",
        "decided_at",
    )
    readonly_fields = ("attempt", "money")

    @display(description="Amount")
    def money(self, payment: Payment) -> str:
        return str(payment.amount)


class MoveInline(ReadOnlyInline):
    model = OrderMove
    verbose_name_plural = "history"
    fields = ("at", "before", "after", "reason", "by")


class MovementInline(ReadOnlyInline):
    model = Movement
    verbose_name_plural = "stock movements"
    fields = ("at", "variant", "kind", "quantity", "reason")


@admin.register(Order)
class OrderAdmin(ReadOnlyDesk):
    list_display = (
        "public_id",
        "buyer",
        "state",
        "sum",
        "units",
        "channel",
        "simulated",
        "placed_at",
    )
    list_filter = ("status", "is_simulated", "currency", ("placed_at", admin.DateFieldListFilter))
    search_fields = ("public_id", "user__username", "user__display_name", "channel", "lines__sku")
    search_help_text = "Order number, buyer, show or SKU"
    date_hierarchy = "placed_at"
    inlines = (LineInline, PaymentInline, MoveInline, MovementInline)
    actions = ("pack", "ship", "deliver", "cancel")
    actions_detail = ("pack_one", "ship_one", "deliver_one", "cancel_one")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("public_id", "status"),
                    ("user", "channel"),
                    ("placed_at", "paid_at"),
                    "expires_at",
                )
            },
        ),
        ("Money", {"fields": (("items", "shipping"), ("discount", "sum"), "rules_version")}),
        ("Parcel", {"fields": (("parcel", "simulated"),)}),
    )
    readonly_fields = ("items", "discount", "shipping", "sum", "parcel", "simulated")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("user").prefetch_related("lines")

    @display(description="Buyer", ordering="user__username")
    def buyer(self, order: Order) -> str:
        return order.user.name

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def state(self, order: Order) -> tuple[str, str]:
        return order.status, order.get_status_display()

    @display(description="Total", ordering="total_minor")
    def sum(self, order: Order) -> str:
        return str(order.total)

    @display(description="Items")
    def items(self, order: Order) -> str:
        return amount(order.items_minor, order.currency)

    @display(description="Discount")
    def discount(self, order: Order) -> str:
        return amount(order.discount_minor, order.currency)

    @display(description="Shipping")
    def shipping(self, order: Order) -> str:
        return amount(order.shipping_minor, order.currency)

    @display(description="Units")
    def units(self, order: Order) -> int:
        return sum(line.quantity for line in order.lines.all())

    @display(description="Simulated", ordering="is_simulated")
    def simulated(self, order: Order) -> str:
        return "simulated" if order.is_simulated else "–"

    @display(description="Address")
    def parcel(self, order: Order) -> str:
        to = {name: str(part) for name, part in order.address.items()}
        town = f"{to.get('postal_code', '')} {to.get('city', '')}".strip()
        parts = (to.get("full_name"), to.get("line1"), to.get("line2"), town, to.get("country"))
        return ", ".join(part for part in parts if part)

    def _many(self, request: HttpRequest, queryset: QuerySet[Order], name: str) -> None:
        act, done = ACTS[name]
        user: Any = request.user
        self.each(request, queryset, lambda order: act(order=order, by=user), done)

    @admin.action(description="Pack")
    def pack(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._many(request, queryset, "pack")

    @admin.action(description="Ship")
    def ship(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._many(request, queryset, "ship")

    @admin.action(description="Deliver")
    def deliver(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._many(request, queryset, "deliver")

    @admin.action(description="Cancel and refund")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._many(request, queryset, "cancel")

    def _one(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        act, done = ACTS[name]
        user: Any = request.user
        try:
            order = act(order=Order.objects.get(pk=object_id), by=user)
            messages.success(request, f"{order} is {done}.")
        except Refusal as refusal:
            messages.error(request, sentence(refusal))
        return go(reverse("admin:shop_order_change", args=[object_id]))

    @action(
        description="Pack",
        url_path="pack",
        permissions=["view"],
        dialog=_dialog("Pack this order?", "After this it can not be cancelled any more.", "Pack"),
    )
    def pack_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._one(request, object_id, "pack")

    @action(
        description="Ship",
        url_path="ship",
        permissions=["view"],
        dialog=_dialog(
            "Ship this order?", "The buyer is told that the parcel is on its way.", "Ship"
        ),
    )
    def ship_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._one(request, object_id, "ship")

    @action(
        description="Deliver",
        url_path="deliver",
        permissions=["view"],
        dialog=_dialog("Mark as delivered?", "The parcel has arrived.", "Delivered"),
    )
    def deliver_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._one(request, object_id, "deliver")

    @action(
        description="Cancel and refund",
        url_path="cancel",
        permissions=["view"],
        dialog=_dialog(
            "Cancel this order?",
            "Its units go back to the shelf, and what was paid is paid back.",
            "Yes, cancel and refund",
        ),
    )
    def cancel_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._one(request, object_id, "cancel")
