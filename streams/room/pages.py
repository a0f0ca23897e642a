"""The room's page: the first view from the server, everything after it from the socket."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie

from accounts.models import User
from accounts.people import selectors as people
from accounts.people.cards import TEST_CARDS
from livestore.base.clock import database_now, milliseconds
from livestore.base.errors import NotFound
from streams.shows import selectors
from streams.shows.models import Item, Show
from streams.video.facts import page_facts as picture_facts


def known(request: HttpRequest) -> User | None:
    """The logged-in person, or None for a guest."""
    return request.user if isinstance(request.user, User) else None


def visible_show(request: HttpRequest, slug: str) -> Show:
    """The show, as far as the caller may see it; 404 otherwise."""
    try:
        show = selectors.show_by_slug(slug)
    except NotFound as missing:
        raise Http404 from missing
    if not selectors.may_see(show, known(request)):
        raise Http404
    return show


def first_snapshot(show: Show) -> dict[str, Any]:
    """`room.snapshot` without its live parts (chat, requests, counts), which the socket brings."""
    state = selectors.room_state(show)
    plain = {
        name: [each.model_dump(mode="json") for each in value]
        if isinstance(value, list)
        else (None if value is None else value.model_dump(mode="json"))
        for name, value in state.items()
    }
    return plain | {"chat": [], "requests": {}, "counts": {"people": 0, "simulated": 0}}


def me_value(show: Show, user: User | None) -> dict[str, Any] | None:
    """`me.snapshot` as far as the buy sheet needs it before the socket speaks."""
    if user is None:
        return None
    address, card = people.address_of(user), people.card_of(user)
    return {
        "user": people.public_person(user, role=selectors.role_of(show, user)),
        "cart": {"rev": -1, "lines": []},
        "orders": [],
        "muted": False,
        "banned": False,
        "has_address": address is not None,
        "has_card": card is not None,
        "address_line": f"{address.line1}, {address.postal_code} {address.city}" if address else "",
        "card_last4": card.last4 if card else "",
    }


def page_facts(request: HttpRequest, show: Show) -> dict[str, Any]:
    """What the page's scripts begin with; goes into the page as JSON, never as script."""
    user = known(request)
    return {
        "slug": show.slug,
        "now": milliseconds(database_now()),
        "role": selectors.role_of(show, user),
        "me": me_value(show, user),
        "snapshot": first_snapshot(show),
        "video": picture_facts(show),
        "host_username": show.host.username,
        "following": user is not None and people.follows(user, show.host),
        "items_url": reverse("room_items", args=[show.slug]),
        "cards": [{"number": card.number, "label": card.label} for card in TEST_CARDS],
    }


@never_cache
@ensure_csrf_cookie
def room(request: HttpRequest, slug: str) -> HttpResponse:
    """The room of a show, for everybody who may see it."""
    show = visible_show(request, slug)
    facts = page_facts(request, show)
    context = {"show": show, "facts": facts, "first": facts["snapshot"], "role": facts["role"]}
    return render(request, "streams/room.html", context)


@never_cache
def room_item(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """One item of the run of show as ItemDetail, by its number or by `?variant=`: what a sheet shows."""
    show = visible_show(request, slug)
    items = Item.objects.filter(show=show)
    if number is not None:
        item = items.filter(number=number).first()
    else:
        wanted = request.GET.get("variant", "")
        if not wanted.isdecimal() or len(wanted) > 18:
            raise Http404
        item = (
            items.filter(variant=int(wanted)).first()
            or items.filter(variant=None, product__variants=int(wanted)).first()
        )
    if item is None:
        raise Http404
    return JsonResponse(selectors.item_detail(item).model_dump(mode="json"))
