"""Template tags of every page: prices, pictures, icons, faces, form fields, panels.

`{% load livestore %}`; every tag escapes what it is given.
"""

from __future__ import annotations

import zlib
from typing import Any

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from livestore.base import panels as panel_registry
from livestore.base.clock import database_now, milliseconds
from livestore.base.money import Money

register = template.Library()


def _money(value: Any) -> Money:
    """Money itself, or as the protocol's values carry it: a mapping or a model with the same two names."""
    if isinstance(value, Money):
        return value
    if isinstance(value, dict):
        return Money(value["minor"], value["currency"])
    return Money(value.minor, value.currency)


@register.filter
def price(value: Any, size: str = "") -> SafeString:
    """`{{ money|price }}` or `{{ money|price:"large" }}`: currency small, number large; "" for None."""
    if not value:
        return SafeString("")
    money = _money(value)
    return format_html(
        '<span class="price{}"><span class="price-currency">{}</span>{}</span>',
        f" price-{size}" if size else "",
        money.symbol,
        money.figure,
    )


@register.filter
def price_old(value: Any) -> SafeString:
    """A former price, struck through and named as such for screen readers."""
    if not value:
        return SafeString("")
    return format_html(
        '<s class="price-old"><span class="unseen">before </span>{}</s>', str(_money(value))
    )


@register.filter
def money(value: Any) -> str:
    """Plain words: `€12.99`."""
    return str(_money(value)) if value else ""


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """`{% icon "cart" %}`, sizes 16, 20, 24. Decorative: the word beside it, or an aria-label, says it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        "" if size == 20 else f" icon-{size}",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def picture(url: str | None, alt: str = "", eager: bool = False) -> SafeString:
    """A picture that fills its frame (`.thumb`, `.frame`), or a quiet sign where there is none."""
    if not url:
        return format_html('<span class="no-picture">{}</span>', icon("tag", 24))
    return format_html(
        '<img src="{}" alt="{}" width="800" height="800" loading="{}" decoding="async">',
        url,
        alt,
        "eager" if eager else "lazy",
    )


def initials(name: str) -> str:
    """`MK` of "Mina Kowalski", `H` of "Hana"."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@register.simple_tag
def avatar(person: Any, size: int = 36) -> SafeString:
    """The face of a person: their drawn one, else initials on a tint of their own. Decorative."""
    name = str(getattr(person, "name", person))
    face = getattr(person, "avatar_url", None)
    if face:
        inside = format_html('<img src="{}" alt="" width="64" height="64">', face)
    else:
        inside = format_html("{}", initials(name))
    return format_html(
        '<span class="avatar{}" style="--avatar: oklch(82% 0.07 {})" aria-hidden="true">{}</span>',
        "" if size == 36 else f" avatar-{size}",
        zlib.crc32(name.encode()) % 360,
        inside,
    )


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, wide: bool = False) -> dict[str, Any]:
    """A form field: label above, hint and error under it in a sentence, the typed value kept."""
    return {
        "field": bound,
        "widget": bound.as_widget(attrs={"class": "input"}),
        "wide": wide,
        "optional": not bound.field.required,
    }


@register.inclusion_tag("parts/notice.html")
def notice(text: str, kind: str = "info") -> dict[str, str]:
    """A sentence about what happened; kind: info, success, look, warning, error."""
    icons = {"success": "check", "look": "clock", "warning": "alert", "error": "alert"}
    return {"text": text, "kind": kind, "icon_name": icons.get(kind, "info")}


@register.simple_tag
def server_now() -> int:
    """The database's clock in milliseconds since 1970; countdowns in the browser start from it."""
    return milliseconds(database_now())


@register.simple_tag(takes_context=True)
def panels(context: template.Context, place: str, subject: Any) -> SafeString:
    """What other apps add to a page of this app, see livestore.base.panels."""
    request: HttpRequest = context["request"]
    return panel_registry.render(place, request, subject)
