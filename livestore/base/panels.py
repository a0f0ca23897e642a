"""Places on pages that apps further up may fill, so that the page's own app need not know them.

The product page belongs to the shop; which shows have the product is known by streams only. The page
says `{% panels "product" product %}`, streams registers a function for "product" when it is loaded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

Panel = Callable[[HttpRequest, Any], str]
_panels: dict[str, list[Panel]] = defaultdict(list)


def panel(place: str) -> Callable[[Panel], Panel]:
    """Register a function `(request, subject) -> HTML` (escaped by a template, or "") for a place."""

    def add(function: Panel) -> Panel:
        if function not in _panels[place]:
            _panels[place].append(function)
        return function

    return add


def render(place: str, request: HttpRequest, subject: Any) -> SafeString:
    """Everything registered for a place, in the order of registration."""
    return format_html_join(
        "\n", "{}", ((SafeString(function(request, subject)),) for function in _panels[place])
    )
