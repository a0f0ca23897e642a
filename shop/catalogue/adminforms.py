"""Forms of the catalogue in the admin: prices as people write them, facts as lines, and the rev they saw."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from livestore.base.money import Money
from shop.catalogue.drawing.colour import is_colour
from shop.catalogue.errors import ChangedMeanwhile
from shop.catalogue.models import Category, Product, Variant


class FactsField(forms.CharField):
    """`{"material": "silk"}`, written as one `material: silk` a line."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return "\n".join(f"{name}: {fact}" for name, fact in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        facts: dict[str, str] = {}
        for line in (super().to_python(value) or "").splitlines():
            if not line.strip():
                continue
            name, colon, fact = line.partition(":")
            if not colon or not name.strip() or not fact.strip():
                raise forms.ValidationError(
                    f'Write each fact as "name: what it is", not "{line.strip()[:60]}".'
                )
            facts[name.strip().lower().replace(" ", "_")] = fact.strip()
        return facts

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or {}) != self.to_python(data))
        except forms.ValidationError:
            return True


class WordsField(forms.CharField):
    """A list of words, written with commas."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [
            word.strip() for word in (super().to_python(value) or "").split(",") if word.strip()
        ]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    """`seen_rev` is the product's rev when the page was opened: an older page is refused, not merged."""

    seen_rev = forms.IntegerField(widget=forms.HiddenInput, required=False)
    attributes = FactsField(
        label="Facts",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 9}),
        help_text="What a host can say about it, one a line: material: silk",
    )
    tags = WordsField(required=False, widget=UnfoldAdminTextInputWidget, help_text="With commas.")

    class Meta:
        model = Product
        fields = (
            "title", "handle", "vendor", "category", "status", "tags", "description", "attributes",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_rev"] = self.instance.rev if self.instance.pk else None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.instance.pk and self.cleaned_data.get("seen_rev") != self.initial["seen_rev"]:
            raise forms.ValidationError(
                f"{ChangedMeanwhile.message} Nothing of this page was saved; what you typed is still here."
            )
        return cleaned

    def changes(self) -> dict[str, Any]:
        """What the admin really changed, for the service."""
        return {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if name in self._meta.fields  # type: ignore[operator]
        }


class VariantForm(forms.ModelForm):  # type: ignore[type-arg]
    """A variant without its stock: stock is moved, never typed."""

    price = forms.DecimalField(min_value=0, max_digits=9, widget=UnfoldAdminDecimalFieldWidget)
    compare_at = forms.DecimalField(
        min_value=0,
        max_digits=9,
        required=False,
        label="Old price",
        widget=UnfoldAdminDecimalFieldWidget,
    )
    cost = forms.DecimalField(
        min_value=0, max_digits=9, required=False, widget=UnfoldAdminDecimalFieldWidget
    )

    class Meta:
        model = Variant
        fields = ("title", "sku", "barcode", "weight_grams")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        digits = Money(0, self.instance.currency).exponent
        for name in ("title", "sku", "barcode"):
            self.fields[name].widget.attrs["style"] = "min-width: 10rem"
        for name in ("price", "compare_at", "cost"):
            field = self.fields[name]
            field.widget.attrs["style"] = "min-width: 6rem"
            assert isinstance(field, forms.DecimalField)
            field.widget.attrs["step"] = str(Decimal(1).scaleb(-digits))
            minor = getattr(self.instance, f"{name}_minor")
            if minor is not None:
                self.initial[name] = Decimal(minor).scaleb(-digits)

    def money(self, name: str) -> Money | None:
        value = self.cleaned_data.get(name)
        if value is None:
            return None
        currency = self.instance.currency
        return Money(int(value.scaleb(Money(0, currency).exponent)), currency)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        digits = Money(0, self.instance.currency).exponent
        for name in ("price", "compare_at", "cost"):
            value = self.cleaned_data.get(name)
            if value is not None and value.scaleb(digits) != int(value.scaleb(digits)):
                self.add_error(name, f"At most {digits} decimals.")
        price, was = self.cleaned_data.get("price"), self.cleaned_data.get("compare_at")
        if price is not None and was is not None and was <= price:
            self.add_error("compare_at", "The old price has to be higher than the price.")
        return cleaned

    def changes(self) -> dict[str, Any]:
        """What the admin really changed, for the service."""
        named = {"title", "sku", "barcode", "weight_grams"}
        found: dict[str, Any] = {}
        for name in self.changed_data:
            if name in named:
                found[name] = self.cleaned_data[name]
            elif name in {"price", "compare_at", "cost"}:
                found[name] = self.money(name)
        return found


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    """Fields carry the value that was on the page, so only what was really changed is saved."""

    class Meta:
        model = Category
        fields = ("name", "slug", "tint", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean_tint(self) -> str:
        tint = str(self.cleaned_data["tint"])
        if not is_colour(tint):
            raise forms.ValidationError("A tint is a colour like #EFE7DD.")
        return tint


class PictureForm(forms.ModelForm):  # type: ignore[type-arg]
    """A drawing, an uploaded picture or a link; the inline says which model and fields."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        data = self.cleaned_data
        if not (data.get("drawing") or data.get("image") or data.get("link")):
            raise forms.ValidationError("Upload a picture, give a link, or describe a drawing.")
        if data.get("drawing") and not isinstance(data["drawing"], dict):
            self.add_error("drawing", 'A drawing looks like {"kind": "mug", "colour": "#9C4A4F"}.')
        return cleaned
