"""Shows in the admin: words and time can be changed, the run of show and the state belong to the studio."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from livestore.base.desk import Desk, ReadOnlyInline, amount, thumbnail
from shop.catalogue.pictures import picture_url
from streams.models import Item, Restriction, Show
from streams.shows import planning
from streams.video.admin import PictureInline, TakeInline

STATE_COLOURS = {
    "draft": "info",
    "scheduled": "primary",
    "live": "danger",
    "paused": "warning",
    "ended": "info",
}
EDITABLE = ("title", "description", "mood", "scheduled_for")


class ShowForm(forms.ModelForm):  # type: ignore[type-arg]
    """Every field carries the value that was on the page, so only what was really changed is saved."""

    class Meta:
        model = Show
        fields = EDITABLE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True


class ItemInline(ReadOnlyInline):
    model = Item
    fk_name = "show"
    verbose_name_plural = "run of show"
    fields = ("number", "look", "thing", "price", "left", "planned_seconds", "shown_at")
    readonly_fields = ("look", "thing", "price", "left")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        return (
            super()
            .get_queryset(request)
            .select_related("product__category", "variant__stock", "show")
            .prefetch_related("product__pictures", "product__variants__stock")
        )

    @display(description="Picture")
    def look(self, item: Item) -> SafeString:
        return thumbnail(picture_url(item.product, item.variant), item.product.title)

    @display(description="Product")
    def thing(self, item: Item) -> str:
        return str(item.variant or item.product)

    @display(description="Show price")
    def price(self, item: Item) -> str:
        return amount(item.show_price_minor, item.show.currency)

    @display(description="Left")
    def left(self, item: Item) -> int:
        variants = [item.variant] if item.variant else list(item.product.variants.all())
        return sum(one.stock.left for one in variants if hasattr(one, "stock"))


class RestrictionInline(ReadOnlyInline):
    model = Restriction
    verbose_name_plural = "muted and banned"
    fields = ("user", "kind", "by", "at")


@admin.register(Show)
class ShowAdmin(Desk):
    form = ShowForm
    inlines = (ItemInline, PictureInline, TakeInline, RestrictionInline)
    list_display = (
        "title",
        "state_word",
        "host",
        "items_planned",
        "scheduled_for",
        "started_at",
        "ended_at",
    )
    list_filter = ("state", "currency", ("scheduled_for", admin.DateFieldListFilter))
    search_fields = ("title", "slug", "host__username", "host__display_name")
    list_select_related = ("host",)
    readonly_fields = (
        "slug",
        "state_now",
        "host",
        "helpers",
        "currency",
        "started_at",
        "ended_at",
        "links",
    )
    fieldsets = (
        (None, {"fields": (("title", "slug"), ("state_now", "host"), "helpers", "description")}),
        (
            "When and how",
            {
                "fields": (
                    "scheduled_for",
                    ("started_at", "ended_at"),
                    ("mood", "currency"),
                    "links",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Show]:
        return super().get_queryset(request).annotate(planned=Count("items"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # shows are planned in the studio, by their host

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="State", ordering="state", label=STATE_COLOURS)
    def state_word(self, show: Show) -> tuple[str, str]:
        return show.state, show.get_state_display()

    @display(description="State")
    def state_now(self, show: Show) -> str:
        return show.get_state_display()

    @display(description="Moderators")
    def helpers(self, show: Show) -> str:
        return ", ".join(one.name for one in show.moderators.all()) or "–"

    @display(description="Items", ordering="planned")
    def items_planned(self, show: Any) -> int:
        return show.planned

    @display(description="Open")
    def links(self, show: Show) -> SafeString:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">Room</a> · '
            '<a class="text-primary-600 dark:text-primary-500" href="{}">Plan in the studio</a>',
            reverse("room", args=[show.slug]), reverse("studio_plan", args=[show.slug]),
        )  # fmt: skip

    def save_model(self, request: HttpRequest, obj: Show, form: ShowForm, change: bool) -> None:
        by: Any = request.user
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in EDITABLE}
        if changes:
            planning.update_show(show_slug=obj.slug, by=by, **changes)
        obj.refresh_from_db()
