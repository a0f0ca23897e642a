"""Reading a Shopify product export: rows become products, and every row that can not be used has a reason.

A product is all rows of one handle: the first carries its title and texts, each row with a price is a
variant, each row with an image alone is a picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.text import slugify

from shop.catalogue import figures
from shop.catalogue.csvrows import Problem, Row, rows
from shop.catalogue.figures import BadFigure
from shop.catalogue.hues import colour_of
from shop.catalogue.specs import VariantSpec

# The names of the older export are the ones used below; the newer export calls some differently.
ALIASES = {
    "url handle": "handle",
    "description": "body (html)",
    "published on online store": "published",
    "option1 name": "option1 name",
    "sku": "variant sku",
    "barcode": "variant barcode",
    "price": "variant price",
    "compare-at price": "variant compare at price",
    "inventory quantity": "variant inventory qty",
    "weight value (grams)": "variant grams",
    "product image url": "image src",
    "image alt text": "image alt text",
}
COLOUR_NAMES = {"color", "colour", "farbe", "shade", "couleur"}
SIZE_NAMES = {"size", "größe", "grösse", "taille"}
_PLAIN = {"default title", "default", "title", ""}


@dataclass(slots=True)
class ReadVariant:
    line: int
    spec: VariantSpec
    own_sku: bool  # False: the file had none, it was made from handle and options


@dataclass(slots=True)
class ReadProduct:
    """One product of the file. `facts` are cells that say something about it, by column."""

    line: int
    handle: str
    title: str
    body: str = ""
    vendor: str = ""
    kind: str = ""
    tags: list[str] = field(default_factory=list)
    status: str = "active"
    facts: dict[str, str] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    variants: list[ReadVariant] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """What a file holds: products with at least one variant, rejected rows, and smaller remarks."""

    products: list[ReadProduct] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    rows: int = 0


class _BadRow(Exception):
    """The message is the reason."""


class _Reader:
    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.found: dict[str, ReadProduct] = {}
        self.skus: dict[str, int] = {}
        self.dropped: dict[str, int] = {}  # handle -> line of the row that was refused
        self.result = Reading()

    def take(self, row: Row) -> None:
        self.result.rows += 1
        try:
            self._take(row)
        except (_BadRow, BadFigure) as problem:
            self.result.problems.append(Problem(row.line, str(problem)))

    def _take(self, row: Row) -> None:
        handle = slugify(row.get("handle"))
        if not row.get("handle"):
            raise _BadRow("has no handle")
        if not handle or len(handle) > 120:
            raise _BadRow(f"the handle {row.get('handle')[:40]!r} can not be an address")
        title = row.get("title")
        product = self.found.get(handle)
        if title and product is not None and title != product.title:
            self.dropped[handle] = row.line
            raise _BadRow(
                f"the handle {handle!r} is already used by {product.title!r} on line {product.line}"
            )
        if not title and handle in self.dropped:
            raise _BadRow(
                f"belongs to the product on line {self.dropped[handle]}, which could not be used"
            )
        if title and product is not None:
            self.dropped.pop(handle, None)
        if product is None:
            product = self._product(row, handle, title)
        self._link(row, product)
        if self._is_variant(row):
            self._variant(row, product)
        elif not row.get("image src"):
            raise _BadRow("has neither a price nor a picture")

    def _product(self, row: Row, handle: str, title: str) -> ReadProduct:
        if not title or len(title) > 160:
            self.dropped[handle] = row.line
            raise _BadRow(
                "the first row of a product needs a title" if not title else "the title is too long"
            )
        options = [row.get(f"option{at} name") for at in (1, 2, 3)]
        product = ReadProduct(
            line=row.line,
            handle=handle,
            title=title,
            body=row.get("body (html)"),
            vendor=row.get("vendor")[:80],
            kind=row.get("type") or row.get("product category").split(">")[-1].strip(),
            tags=[tag.strip() for tag in row.get("tags").split(",") if tag.strip()],
            status=_status(row),
            options=options,
            facts={
                name.removeprefix("google shopping / "): text.strip()
                for name, text in row.cells.items()
                if name.startswith("google shopping / ") and text.strip()
            },
        )
        self.found[handle] = product
        return product

    @staticmethod
    def _is_variant(row: Row) -> bool:
        return any(
            row.get(name)
            for name in (
                "variant price",
                "variant sku",
                "option1 value",
                "option2 value",
                "option3 value",
            )
        )

    def _link(self, row: Row, product: ReadProduct) -> None:
        link = row.get("image src")
        if not link:
            return
        if not link.startswith(("https://", "http://")) or len(link) > 500 or " " in link:
            self.result.notes.append(
                Problem(row.line, f"the picture {link[:60]!r} is not a web address")
            )
        elif all(link != known for known, _ in product.links):
            product.links.append((link, row.get("image alt text")[:200]))

    def _options(self, row: Row, product: ReadProduct) -> tuple[dict[str, str], ...]:
        found: list[dict[str, str]] = []
        for at, name in enumerate(product.options, start=1):
            value = row.get(f"option{at} value")
            if not name and not value:
                continue
            if (
                at == 1
                and value.lower() in {*_PLAIN, product.title.lower()}
                and name.lower() in _PLAIN
            ):
                continue
            if not value:
                raise _BadRow(f"has no {name}")
            if len(value) > 60:
                raise _BadRow(f"the {name or 'option'} {value[:40]!r} is too long")
            option = {"name": "Kind" if name.lower() in _PLAIN else name[:40], "value": value}
            colour = colour_of(value) if name.lower() in COLOUR_NAMES else None
            found.append(option | ({"swatch": colour} if colour else {}))
        return tuple(found)

    def _variant(self, row: Row, product: ReadProduct) -> None:
        options = self._options(row, product)
        values = [one["value"] for one in options]
        for other in product.variants:
            if [one["value"] for one in other.spec.options] == values:
                words = " / ".join(values)
                raise _BadRow(
                    f"is the same variant ({words}) as line {other.line}"
                    if words
                    else f"a product without options has one row, and that is line {other.line}"
                )
        if not row.get("variant price"):
            raise _BadRow("has no price")
        price = figures.price(row.get("variant price"), self.currency)
        own = row.get("variant sku").lstrip("'").strip()
        sku = own or self._made_sku(product.handle, values)
        if len(sku) > 64:
            raise _BadRow(f"the SKU {sku[:40]!r} is too long")
        if sku in self.skus:
            raise _BadRow(f"the SKU {sku!r} is already used on line {self.skus[sku]}")
        was = row.get("variant compare at price")
        compare = figures.price(was, self.currency, "compare-at price") if was else None
        if compare is not None and compare.minor <= price.minor:
            if compare.minor:
                self.result.notes.append(
                    Problem(
                        row.line,
                        f"the compare-at price {was} is not higher than the price and was left out",
                    )
                )
            compare = None
        cost = row.get("cost per item")
        spec = VariantSpec(
            sku=sku,
            price=price,
            options=options,
            compare_at=compare,
            cost=figures.price(cost, self.currency, "cost") if cost else None,
            weight_grams=figures.grams(row.get("variant grams")),
            barcode=self._barcode(row),
            opening=figures.quantity(row.get("variant inventory qty")),
        )
        if not price.minor:
            self.result.notes.append(
                Problem(row.line, "costs nothing; check the price before it goes on air")
            )
        self.skus[sku] = row.line
        product.variants.append(ReadVariant(row.line, spec, bool(own)))

    def _made_sku(self, handle: str, values: list[str]) -> str:
        return "-".join([handle[:36], *(slugify(value)[:12] or "x" for value in values)]).upper()[
            :64
        ]

    def _barcode(self, row: Row) -> str:
        barcode = row.get("variant barcode").lstrip("'").strip()
        if not barcode or (barcode.isascii() and barcode.isalnum() and len(barcode) <= 32):
            return barcode
        self.result.notes.append(Problem(row.line, f"the barcode {barcode[:40]!r} was left out"))
        return ""

    def finish(self) -> Reading:
        for product in self.found.values():
            if product.variants:
                self.result.products.append(product)
            else:
                self.result.problems.append(
                    Problem(product.line, f"{product.title!r} has no row that could be used")
                )
        self.result.problems.sort(key=lambda one: one.line)
        return self.result


def _status(row: Row) -> str:
    status = row.get("status").lower()
    if status in {"active", "draft", "archived"}:
        return status
    return "draft" if row.get("published").lower() in {"false", "no", "0"} else "active"


def read(data: bytes, *, currency: str) -> Reading:
    """The products of a Shopify CSV. Prices are taken to be in `currency`; nothing is written."""
    reader = _Reader(currency)
    for row in rows(data, ALIASES):
        if isinstance(row, Problem):
            reader.result.problems.append(row)
        elif "handle" not in row.cells or "variant price" not in row.cells:
            missing = "Handle" if "handle" not in row.cells else "Variant Price"
            reader.result.problems = [
                Problem(
                    0, f"There is no column called {missing}; is this a Shopify product export?"
                )
            ]
            return reader.result
        else:
            reader.take(row)
    return reader.finish()
