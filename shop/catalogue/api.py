"""The catalogue over HTTP: everybody reads, admins write."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from accounts.models import User
from accounts.tickets.auth import caller_of, login_required_auth, optional_auth, user_of
from livestore.base.errors import Invalid, NotAllowed
from livestore.base.money import Money
from shop.catalogue import selectors, services
from shop.catalogue.errors import NoSuchVariant
from shop.catalogue.models import Category, Product, Variant
from shop.catalogue.pictures import address, picture_urls, pictures_of, tint_of
from shop.catalogue.specs import VariantSpec

router = Router(tags=["catalogue"])


class Body(Schema):
    """Closed: a field nobody declared is refused."""

    model_config = ConfigDict(extra="forbid")


class Amount(Body):
    """Minor units and an ISO 4217 currency."""

    minor: int = Field(ge=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$")

    def money(self) -> Money:
        return Money(self.minor, self.currency)


class Option(Body):
    name: str
    value: str
    swatch: str | None = None


class VariantBody(Body):
    """A new variant with its opening stock."""

    sku: str
    price: Amount
    title: str = ""
    options: list[Option] = []
    compare_at: Amount | None = None
    cost: Amount | None = None
    weight_grams: int = 0
    barcode: str = ""
    opening: int = 0

    def spec(self) -> VariantSpec:
        return VariantSpec(
            sku=self.sku,
            title=self.title,
            options=tuple(one.model_dump(exclude_none=True) for one in self.options),
            price=self.price.money(),
            compare_at=self.compare_at.money() if self.compare_at else None,
            cost=self.cost.money() if self.cost else None,
            weight_grams=self.weight_grams,
            barcode=self.barcode,
            opening=self.opening,
        )


class ProductBody(Body):
    title: str
    handle: str | None = None
    description: str = ""
    vendor: str = ""
    category: str | None = Field(default=None, description="A category's slug.")
    tags: list[str] = []
    attributes: dict[str, str] = {}
    status: Literal["draft", "active", "archived"] = "active"
    variants: list[VariantBody] = []


class ProductPatch(Body):
    """Only what is sent changes. `rev` is the one you looked at; another one answers `changed_meanwhile`."""

    rev: int | None = None
    title: str | None = None
    handle: str | None = None
    description: str | None = None
    vendor: str | None = None
    category: str | None = None
    tags: list[str] | None = None
    attributes: dict[str, str] | None = None
    status: Literal["draft", "active", "archived"] | None = None


class VariantPatch(Body):
    """Only what is sent changes; stock is moved, never set."""

    rev: int | None = None
    title: str | None = None
    options: list[Option] | None = None
    sku: str | None = None
    barcode: str | None = None
    price: Amount | None = None
    compare_at: Amount | None = None
    cost: Amount | None = None
    weight_grams: int | None = None


def variant_json(variant: Variant, picture: str | None) -> dict[str, Any]:
    """A variant as it is outside of any show. `left` is what can still be bought."""
    stock = getattr(variant, "stock", None)
    return {
        "id": variant.pk,
        "title": variant.title,
        "sku": variant.sku,
        "barcode": variant.barcode,
        "options": variant.options,
        "price": variant.price.as_json(),
        "compare_at": variant.compare_at.as_json() if variant.compare_at else None,
        "weight_grams": variant.weight_grams,
        "left": stock.left if stock else 0,
        "picture": picture,
    }


def summary_json(product: Product) -> dict[str, Any]:
    """A product as one card: its price range, what is left of all variants, and its best picture."""
    variants = list(product.variants.all())
    prices = sorted((one.price_minor, one.currency) for one in variants)
    low, high = (Money(*prices[0]), Money(*prices[-1])) if prices else (None, None)
    return {
        "id": product.pk,
        "handle": product.handle,
        "title": product.title,
        "vendor": product.vendor,
        "category": {"slug": product.category.slug, "name": product.category.name}
        if product.category
        else None,
        "tags": product.tags,
        "status": product.status,
        "price_from": low.as_json() if low else None,
        "price_to": high.as_json() if high else None,
        "left": sum(one.stock.left for one in variants if hasattr(one, "stock")),
        "variant_count": len(variants),
        "picture": selectors.picture_url(product),
        "rev": product.rev,
    }


def variants_json(product: Product) -> list[dict[str, Any]]:
    variants = list(product.variants.all())
    pictures = picture_urls(product, variants)
    return [variant_json(one, pictures[one.pk]) for one in variants]


def product_json(product: Product) -> dict[str, Any]:
    """A product with everything that can be said about it."""
    tint = tint_of(product)
    return summary_json(product) | {
        "description": product.description,
        "attributes": product.attributes,
        "pictures": [
            {"url": address(one, tint), "alt": one.alt, "variant": one.variant_id}
            for one in pictures_of(product)
        ],
        "variants": variants_json(product),
    }


def _keeper(request: HttpRequest) -> User:
    user = caller_of(request).in_person()
    if not user.is_staff:
        raise NotAllowed("Only an admin can change the catalogue.")
    return user


def _category(slug: str | None) -> Category | None:
    if not slug:
        return None
    found = Category.objects.filter(slug=slug).first()
    if found is None:
        raise Invalid(fields={"category": "There is no such category."})
    return found


@router.get("/categories", auth=optional_auth, summary="Every category")
def list_categories(request: HttpRequest) -> dict[str, Any]:
    items = [{"slug": each.slug, "name": each.name} for each in selectors.categories()]
    return {"items": items, "count": len(items)}


@router.get("/products", auth=optional_auth, summary="Products on sale, searched and filtered")
def list_products(
    request: HttpRequest,
    q: str = "",
    category: str = "",
    limit: Annotated[int, Field(ge=1, le=selectors.SEARCH_LIMIT)] = 50,
    offset: Annotated[int, Field(ge=0)] = 0,
) -> dict[str, Any]:
    found = selectors.search_products(q, category, limit, offset=offset)
    return {
        "items": [summary_json(each) | {"variants": variants_json(each)} for each in found],
        "count": selectors.count_products(q, category),
    }


@router.get("/products/{handle}", auth=optional_auth, summary="One product with its variants")
def get_product(request: HttpRequest, handle: str) -> dict[str, Any]:
    """By its handle, or by the id that a run of show names."""
    user = user_of(request)
    return product_json(
        selectors.product_by_handle(handle, drafts=user is not None and user.is_staff)
    )


@router.post(
    "/products", auth=login_required_auth, summary="A new product (admins)", response={201: Any}
)
def post_product(request: HttpRequest, body: ProductBody) -> Status[dict[str, Any]]:
    keeper = _keeper(request)
    made = services.create_product(
        title=body.title,
        handle=body.handle,
        description=body.description,
        vendor=body.vendor,
        category=_category(body.category),
        tags=body.tags,
        attributes=body.attributes,
        status=body.status,
        variants=[each.spec() for each in body.variants],
        by=keeper,
    )
    return Status(201, product_json(selectors.product_by_handle(made.handle, drafts=True)))


@router.patch("/products/{handle}", auth=login_required_auth, summary="Change a product (admins)")
def patch_product(request: HttpRequest, handle: str, body: ProductPatch) -> dict[str, Any]:
    keeper = _keeper(request)
    product = selectors.product_by_handle(handle, drafts=True)
    changes: Any = body.model_dump(exclude_unset=True, exclude={"rev"})
    if "category" in changes:
        changes["category"] = _category(changes["category"])
    changed = services.update_product(product=product, by=keeper, seen_rev=body.rev, **changes)
    return product_json(selectors.product_by_handle(changed.handle, drafts=True))


@router.post(
    "/products/{handle}/variants",
    auth=login_required_auth,
    summary="One more variant (admins)",
    response={201: Any},
)
def post_variant(request: HttpRequest, handle: str, body: VariantBody) -> Status[dict[str, Any]]:
    keeper = _keeper(request)
    product = selectors.product_by_handle(handle, drafts=True)
    services.add_variant(product=product, spec=body.spec(), by=keeper)
    return Status(201, product_json(selectors.product_by_handle(handle, drafts=True)))


@router.patch("/variants/{pk}", auth=login_required_auth, summary="Change a variant (admins)")
def patch_variant(request: HttpRequest, pk: int, body: VariantPatch) -> dict[str, Any]:
    keeper = _keeper(request)
    variant = Variant.objects.select_related("product").filter(pk=pk).first()
    if variant is None:
        raise NoSuchVariant
    changes: Any = body.model_dump(exclude_unset=True, exclude={"rev"}, exclude_none=False)
    for name in ("price", "compare_at", "cost"):
        amount = getattr(body, name)
        if name in changes:
            changes[name] = None if amount is None else amount.money()
    if "options" in changes and body.options is not None:
        changes["options"] = [one.model_dump(exclude_none=True) for one in body.options]
    services.update_variant(variant=variant, by=keeper, seen_rev=body.rev, **changes)
    return product_json(selectors.product_by_handle(variant.product.handle, drafts=True))
