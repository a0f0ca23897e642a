"""Where a guest goes after logging in, and what they had in hand.

A page sends a guest to `/login/?next=/shows/evening-edit/?act=buy:12:1`; login and sign-up lead back
to exactly that address, and the page takes up the act.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

SENTENCES = {
    "buy": "Log in to buy. What you picked will still be here.",
    "cart": "Log in to fill your cart. What you picked will still be here.",
    "chat": "Log in to say something in the chat.",
    "follow": "Log in to follow this host.",
    "like": "Log in to send hearts.",
    "ask": "Log in to ask the host for this item.",
}


def safe_next(request: HttpRequest, default: str = settings.LOGIN_REDIRECT_URL) -> str:
    """The wanted page if it is one of ours, else `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if allowed else default


def sentence_for(page: str) -> str:
    """What the login page says about the act that waits, or ""."""
    parts = urlsplit(page)
    act = parse_qs(parts.query).get("act", [""])[0].split(":")[0]
    if act in SENTENCES:
        return SENTENCES[act]
    if parts.path.startswith("/follow/"):
        return SENTENCES["follow"]
    if parts.path.startswith("/buy/"):
        return SENTENCES["buy"]
    if parts.path.startswith("/cart/"):
        return "Log in to see your cart."
    if parts.path.startswith("/orders/"):
        return "Log in to see your orders."
    if parts.path.startswith("/studio/"):
        return "The studio is for hosts. Please log in."
    return ""
