"""The catalogue in the admin. Every write goes through the services; stock is shown and never typed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, QuerySet, Sum, URLField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display

from livestore.base.desk import Desk, amount, thumbnail
from livestore.base.errors import Invalid
from shop.catalogue import services
from shop.catalogue.adminforms import CategoryForm, PictureForm, ProductForm, VariantForm
from shop.catalogue.models import Category, Picture, Product, Variant
from shop.catalogue.pictures import address, picture_url, tint_of
from shop.catalogue.selectors import with_pictures
from shop.catalogue.specs import VariantSpec

STATUS_COLOURS = {
    Product.Status.ACTIVE: "success",
    Product.Status.DRAFT: "warning",
    Product.Status.ARCHIVED: "info",
}


def stock_words(variant: Variant) -> SafeString | str:
    """`12 left`, with what is on the shelf and held below it."""
    stock = getattr(variant, "stock", None)
    if stock is None:
        return "–"
    return format_html(
        '<span style="white-space:nowrap"><strong>{}</strong> left</span><br>'
        '<span style="white-space:nowrap;opacity:.65">{} on the shelf, {} held</span>',
        stock.left, stock.on_hand, stock.reserved,
    )  # fmt: skip


def move_link(variant: Variant) -> SafeString | str:
    """A link to the form that posts a movement for this variant."""
    if variant.pk is None:
        return "–"
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500 whitespace-nowrap" '
        'href="{}?variant={}">Move stock</a>',
        reverse("admin:shop_movement_add"), variant.pk,
    )  # fmt: skip


class VariantInline(TabularInline):
    model = Variant
    form = VariantForm
    fields = (
        "look",
        "title",
        "stock_now",
        "move",
        "price",
        "compare_at",
        "cost",
        "sku",
        "weight_grams",
        "barcode",
    )
    readonly_fields = ("look", "stock_now", "move")
    extra = 0
    can_delete = False
    hide_title = True
    per_page = 25

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return (
            super()
            .get_queryset(request)
            .select_related("stock", "product__category")
            .prefetch_related("product__pictures")
            .order_by("position", "id")
        )

    @display(description="Picture")
    def look(self, variant: Variant) -> SafeString:
        url = picture_url(variant.product, variant) if variant.pk else None
        return thumbnail(url, variant.title)

    @display(description="Stock now")
    def stock_now(self, variant: Variant) -> SafeString | str:
        return stock_words(variant) if variant.pk else "opens at 0"

    @display(description="Movement")
    def move(self, variant: Variant) -> SafeString | str:
        return move_link(variant)


class PictureInline(TabularInline):
    model = Picture
    form = PictureForm
    fields = ("look", "image", "link", "drawing", "alt", "position")
    readonly_fields = ("look",)
    extra = 0
    hide_title = True
    per_page = 10

    def get_queryset(self, request: HttpRequest) -> QuerySet[Picture]:
        return super().get_queryset(request).select_related("product__category")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="Picture")
    def look(self, picture: Picture) -> SafeString:
        return thumbnail(
            address(picture, tint_of(picture.product)) if picture.pk else None, picture.alt
        )


@admin.register(Product)
class ProductAdmin(Desk):
    form = ProductForm
    inlines = (VariantInline, PictureInline)
    list_display = (
        "look",
        "title",
        "category",
        "vendor",
        "state",
        "prices",
        "left",
        "variant_count",
    )
    list_display_links = ("look", "title")
    list_filter = ("status", "category", "vendor")
    search_fields = (
        "title",
        "handle",
        "vendor",
        "variants__sku",
        "variants__barcode",
        "variants__title",
    )
    search_help_text = "Title, vendor, SKU or barcode"
    autocomplete_fields = ("category",)
    actions = ("put_on_sale", "take_back", "archive")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "handle"),
                    ("vendor", "category"),
                    ("status", "tags"),
                    "seen_rev",
                )
            },
        ),
        ("What to say about it", {"fields": ("description", "attributes")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return with_pictures(super().get_queryset(request)).annotate(
            left_now=Sum(F("variants__stock__on_hand") - F("variants__stock__reserved")),
            number_of_variants=Count("variants"),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # orders and shows point to products: they are archived instead

    @display(description="Picture")
    def look(self, product: Product) -> SafeString:
        return thumbnail(picture_url(product), product.title)

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def state(self, product: Product) -> tuple[str, str]:
        return product.status, product.get_status_display()

    @display(description="Price")
    def prices(self, product: Product) -> str:
        found = sorted((one.price_minor, one.currency) for one in product.variants.all())
        if not found:
            return "–"
        low, high = amount(*found[0]), amount(*found[-1])
        return low if low == high else f"{low} – {high}"

    @display(description="Left", ordering="left_now")
    def left(self, product: Any) -> int:
        return product.left_now or 0

    @display(description="Variants", ordering="number_of_variants")
    def variant_count(self, product: Any) -> int:
        return product.number_of_variants

    def save_model(
        self, request: HttpRequest, obj: Product, form: ProductForm, change: bool
    ) -> None:
        user: Any = request.user
        if change:
            # Locks the product for the whole request, so the variants below are saved against the same rev.
            saved = services.update_product(
                product=obj, by=user, seen_rev=form.cleaned_data["seen_rev"], **form.changes()
            )
        else:
            values = {name: form.cleaned_data[name] for name in ProductForm.Meta.fields}
            saved = services.create_product(by=user, **values)
            obj.pk = saved.pk
        obj.refresh_from_db()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is Variant:
            self._save_variants(request, form.instance, formset)
            return
        super().save_formset(request, form, formset, change)
        if formset.new_objects or formset.changed_objects or formset.deleted_objects:
            user: Any = request.user
            services.pictures_changed(product=form.instance, by=user)

    @staticmethod
    def _save_variants(request: HttpRequest, product: Product, formset: Any) -> None:
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        user: Any = request.user
        for each in formset.forms:
            if not each.has_changed():
                continue
            if each.instance.pk:
                changes = each.changes()
                services.update_variant(
                    variant=Variant.objects.get(pk=each.instance.pk), by=user, **changes
                )
                formset.changed_objects.append((each.instance, list(changes)))
                continue
            price = each.money("price")
            if price is None:
                raise Invalid(fields={"price": "A variant needs a price."})
            made = services.add_variant(
                product=product,
                spec=VariantSpec(
                    sku=each.cleaned_data["sku"],
                    title=each.cleaned_data["title"],
                    price=price,
                    compare_at=each.money("compare_at"),
                    cost=each.money("cost"),
                    weight_grams=each.cleaned_data.get("weight_grams") or 0,
                    barcode=each.cleaned_data.get("barcode") or "",
                ),
                by=user,
            )
            formset.new_objects.append(made)

    @admin.action(description="Put on sale")
    def put_on_sale(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        user: Any = request.user
        self.each(
            request, queryset, lambda one: services.publish(product=one, by=user), "now on sale"
        )

    @admin.action(description="Take back to draft")
    def take_back(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        user: Any = request.user
        self.each(
            request, queryset, lambda one: services.withdraw(product=one, by=user), "now drafts"
        )

    @admin.action(description="Archive")
    def archive(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        user: Any = request.user
        self.each(request, queryset, lambda one: services.archive(product=one, by=user), "archived")


@admin.register(Category)
class CategoryAdmin(Desk):
    form = CategoryForm
    list_display = ("name", "slug", "colour", "position", "products_in_it")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(count=Count("products"))

    def save_model(
        self, request: HttpRequest, obj: Category, form: CategoryForm, change: bool
    ) -> None:
        obj.save(update_fields=form.changed_data if change else None)

    @display(description="Tint")
    def colour(self, category: Category) -> SafeString:
        return format_html(
            '<span style="display:inline-block;width:36px;height:20px;border-radius:6px;'
            'border:1px solid rgba(0,0,0,.15);background:{}"></span>',
            category.tint,
        )

    @display(description="Products", ordering="count")
    def products_in_it(self, category: Any) -> int:
        return category.count
