"""Stock in the admin: shown live, changed only by movements with a reason."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.core.cache import cache
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from livestore.base.desk import Desk, ReadOnlyDesk, thumbnail
from livestore.base.errors import Conflict, Refusal
from shop.catalogue.admin import move_link
from shop.catalogue.models import Variant
from shop.catalogue.pictures import picture_url
from shop.stock.models import Hold, Movement, Stock
from shop.stock.services import post_movement

LOW = 5
KEPT_SECONDS = 86_400


class HowMuch(admin.SimpleListFilter):
    title = "how much is left"
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "Sold out"), ("low", f"At most {LOW}"), ("some", f"More than {LOW}")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Stock]) -> QuerySet[Stock]:
        left = {
            "none": {"left_now": 0},
            "low": {"left_now__lte": LOW},
            "some": {"left_now__gt": LOW},
        }
        return queryset.filter(**left.get(self.value() or "", {}))


@admin.register(Stock)
class StockAdmin(ReadOnlyDesk):
    list_display = ("look", "thing", "sku", "left_column", "on_hand", "reserved", "move")
    list_display_links = ("thing",)
    list_filter = (HowMuch, "variant__product__category")
    search_fields = (
        "variant__sku",
        "variant__title",
        "variant__product__title",
        "variant__barcode",
    )
    search_help_text = "Product, variant, SKU or barcode"
    ordering = ("variant__product__title", "variant__position")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stock]:
        return (
            super()
            .get_queryset(request)
            .annotate(left_now=F("on_hand") - F("reserved"))
            .select_related("variant__product__category")
            .prefetch_related("variant__product__pictures")
        )

    @display(description="Picture")
    def look(self, stock: Stock) -> SafeString:
        return thumbnail(picture_url(stock.variant.product, stock.variant), stock.variant.title)

    @display(description="Variant", ordering="variant__product__title")
    def thing(self, stock: Stock) -> str:
        return str(stock.variant)

    @display(description="SKU", ordering="variant__sku")
    def sku(self, stock: Stock) -> str:
        return stock.variant.sku

    @display(
        description="Left",
        ordering="left_now",
        label={"out": "danger", "low": "warning", "some": "success"},
    )
    def left_column(self, stock: Stock) -> tuple[str, str]:
        return "out" if not stock.left else "low" if stock.left <= LOW else "some", str(stock.left)

    @display(description="Movement")
    def move(self, stock: Stock) -> SafeString | str:
        return move_link(stock.variant)


class MovementForm(forms.ModelForm):  # type: ignore[type-arg]
    """A movement by hand. `once` belongs to the opened page: sent twice, it is posted once."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=40)

    class Meta:
        model = Movement
        fields = ("variant", "kind", "quantity", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].choices = [  # type: ignore[attr-defined]
                (Movement.Kind.RECEIVED, "Received: adds to the shelf"),
                (Movement.Kind.CORRECTION, "Correction: adds, or takes away with a minus"),
            ]
            self.fields["reason"].required = True
            self.fields[
                "reason"
            ].help_text = "For example: delivery 4711, or broken in the store room."
            self.initial.setdefault("once", uuid.uuid4().hex)


@admin.register(Movement)
class MovementAdmin(Desk):
    form = MovementForm
    list_display = ("at", "thing", "kind_word", "signed", "reason", "order", "by")
    list_filter = ("kind", ("at", admin.DateFieldListFilter))
    search_fields = ("variant__sku", "variant__product__title", "reason", "order__public_id")
    autocomplete_fields = ("variant",)
    fieldsets = ((None, {"fields": ("variant", "kind", "quantity", "reason", "once")}),)
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Movement]:
        return super().get_queryset(request).select_related("variant__product", "order", "by")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.fieldsets
        return ((None, {"fields": ("variant", "kind", "quantity", "reason", "order", "by", "at")}),)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="Variant", ordering="variant__product__title")
    def thing(self, movement: Movement) -> str:
        return str(movement.variant)

    @display(
        description="Kind",
        ordering="kind",
        label={
            "received": "success",
            "correction": "warning",
            "sold": "info",
            "returned": "primary",
        },
    )
    def kind_word(self, movement: Movement) -> tuple[str, str]:
        return movement.kind, movement.get_kind_display()

    @display(description="Units", ordering="quantity")
    def signed(self, movement: Movement) -> str:
        return f"{movement.quantity:+d}"

    def save_model(
        self, request: HttpRequest, obj: Movement, form: MovementForm, change: bool
    ) -> None:
        user: Any = request.user
        key = f"movement:{user.pk}:{form.cleaned_data['once']}"
        if not cache.add(key, 1, KEPT_SECONDS):
            raise Conflict("This movement was posted already.")
        try:
            posted = post_movement(
                variant=obj.variant,
                kind=obj.kind,
                quantity=obj.quantity,
                reason=obj.reason,
                by=user,
            )
        except Refusal:
            cache.delete(key)
            raise
        obj.pk = posted.pk
        obj.refresh_from_db()


@admin.register(Variant)
class VariantAdmin(ReadOnlyDesk):
    """Only for finding variants by name; they are changed on their product's page."""

    list_display = ("__str__", "sku", "stock_left")
    search_fields = ("sku", "title", "product__title", "barcode")
    list_select_related = ("product", "stock")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    @display(description="Left")
    def stock_left(self, variant: Variant) -> int:
        return variant.stock.left if hasattr(variant, "stock") else 0


@admin.register(Hold)
class HoldAdmin(ReadOnlyDesk):
    list_display = ("variant", "quantity", "owner", "owner_id", "expires_at", "created_at")
    list_filter = ("owner",)
    search_fields = ("variant__sku", "variant__product__title")
    list_select_related = ("variant__product",)
