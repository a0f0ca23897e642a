"""What every page of the admin shares: refusals become messages, and what is only for reading stays so.

The admin is a door like any other: it decodes a form and calls one service. A `Refusal` of the service
undoes the whole request and is shown as a message; nothing of the form was saved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline

from livestore.base.errors import Refusal
from livestore.base.money import Money


def sentence(refusal: Refusal) -> str:
    """A refusal with what it says about single fields, in one line."""
    return " ".join([refusal.message, *(refusal.fields or {}).values()])


def amount(minor: int | None, currency: str) -> str:
    """Money for a column, a dash for none."""
    return "–" if minor is None else str(Money(minor, currency))


def thumbnail(url: str | None, words: str = "", size: int = 48) -> SafeString:
    """A small picture for a column, an empty frame without one."""
    if not url:
        return format_html(
            '<span style="display:block;width:{0}px;height:{0}px;border-radius:8px;'
            'border:1px dashed currentColor;opacity:.25"></span>',
            size,
        )
    return format_html(
        '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy" '
        'style="border-radius:8px;object-fit:cover;max-width:none">',
        url, words, size, size,
    )  # fmt: skip


def go(url: str) -> HttpResponse:
    """The answer of an action's dialog: leave it for another page (htmx follows this header)."""
    return HttpResponse(headers={"HX-Redirect": url})


class Desk(ModelAdmin):
    """A page of the admin whose services may refuse."""

    list_fullwidth = True
    warn_unsaved_form = True
    list_per_page = 50

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            messages.error(request, sentence(refusal))
            typed = {
                name: value
                for name, value in request.POST.items()
                if value and not name.startswith(("csrf", "_"))
            }
            query = f"?{urlencode(typed)}" if object_id is None else ""
            return HttpResponseRedirect(request.path + query)

    def each(
        self, request: HttpRequest, rows: Any, act: Callable[[Any], object], done: str
    ) -> None:
        """A bulk action: `act` on every row by itself; says how many were done and why the others were not."""
        count = 0
        for row in rows:
            try:
                act(row)
                count += 1
            except Refusal as refusal:
                messages.error(request, f"{row}: {sentence(refusal)}")
        if count:
            messages.success(request, f"{count} {done}.")


class ReadOnly:
    """Can be looked at, by whoever may open it, and never changed here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyDesk(ReadOnly, Desk):
    """A list of something that only services write."""


class ReadOnlyInline(ReadOnly, TabularInline):
    """Rows below something else that only services write."""

    extra = 0
    can_delete = False
    hide_title = True
