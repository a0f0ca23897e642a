"""A buyer's orders: the list, one order with its timeline, and what can still be done about it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.people.cards import PAYS, TEST_CARDS
from accounts.people.forms import CardForm
from accounts.people.services import save_card
from livestore.base.errors import NotFound, Refusal
from shop.catalogue.lookup import looks
from shop.orders import selectors, services
from shop.orders.models import Order, OrderMove
from shop.payments import services as payments

Status = Order.Status
PAGE = 20
STEPS = (
    ("pending", "Ordered"),
    (Status.PAID, "Paid"),
    (Status.PACKED, "Packed"),
    (Status.SHIPPED, "On its way"),
    (Status.DELIVERED, "Delivered"),
)
OVER = {Status.EXPIRED, Status.CANCELLED}


@dataclass(frozen=True, slots=True)
class Step:
    """One point of the timeline. state: done, now, next, or failed."""

    label: str
    state: str
    at: dt.datetime | None = None


def timeline(order: Order, moves: list[OrderMove]) -> list[Step]:
    """What has happened and what comes next; an order that ended early shows only what happened."""
    times: dict[str, dt.datetime] = {"pending": order.placed_at}
    times |= {move.after: move.at for move in moves if move.before}
    if order.status in OVER:
        done = [Step(label, "done", times[key]) for key, label in STEPS if key in times]
        return [*done, Step(Status(order.status).label, "failed", times.get(order.status))]
    keys = [key for key, _ in STEPS]
    here = keys.index(order.status)
    steps = []
    for place, (key, label) in enumerate(STEPS):
        if place <= here:
            steps.append(Step(label, "done", times.get(key)))
        elif place == here + 1:
            steps.append(Step("Waiting for payment" if key == Status.PAID else label, "now"))
        else:
            steps.append(Step(label, "next"))
    return steps


def _mine(request: HttpRequest, public_id: str) -> Order:
    try:
        return selectors.order_of(cast(User, request.user), public_id)
    except NotFound as problem:
        raise Http404("There is no such order.") from problem


@never_cache
@login_required
def orders(request: HttpRequest) -> HttpResponse:
    """Everything this person has ordered, newest first."""
    pages = Paginator(selectors.orders_of(cast(User, request.user)), PAGE)
    page = pages.get_page(request.GET.get("page"))
    rows = list(page.object_list)
    seen = looks(line.variant_id for order in rows for line in order.lines.all())
    cards = []
    for order in rows:
        lines = list(order.lines.all())
        cards.append(
            {
                "order": order,
                "value": selectors.order_value(order),
                "looks": [seen[line.variant_id] for line in lines[:3]],
                "more": max(0, len(lines) - 3),
                "things": sum(line.quantity for line in lines),
                "first": lines[0].title if lines else "",
            }
        )
    return render(request, "shop/orders.html", {"page": page, "cards": cards})


@never_cache
@login_required
def order(request: HttpRequest, public_id: str) -> HttpResponse:
    """One order. Its page asks the API every two seconds while something is open."""
    found = _mine(request, public_id)
    template = "shop/parts/order_body.html" if request.htmx else "shop/order.html"  # type: ignore[attr-defined]
    return render(request, template, _context(found))


def _context(order: Order) -> dict[str, Any]:
    value = selectors.order_value(order)
    seen = looks(line["variant"] for line in value["lines"])
    moves = list(order.moves.order_by("id"))
    pending = order.status == Status.PENDING
    declined = value["payment"] == "declined"
    return {
        "order": order,
        "value": value,
        "lines": [line | {"look": seen[line["variant"]]} for line in value["lines"]],
        "steps": timeline(order, moves),
        "waiting": pending or value["payment"] == "refund_due",
        "other_card": pending and value["payment"] in {"declined", "requires_action"},
        "can_cancel": order.status in {Status.PENDING, Status.PAID},
        # A card that was just declined would be declined again: another one is chosen first.
        "card_form": CardForm(initial={"number": PAYS if declined else order.card_number}),
        "cards": TEST_CARDS,
        "payments": [each for each in order.payments.all()],
        "key": uuid.uuid4(),
    }


@require_POST
@login_required
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the order back, before it is packed."""
    try:
        services.cancel(order=_mine(request, public_id), by=cast(User, request.user))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("order", public_id)


@require_POST
@login_required
def other_card(request: HttpRequest, public_id: str) -> HttpResponse:
    """Pay a pending order with another card."""
    found = _mine(request, public_id)
    form = CardForm(request.POST)
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        key = uuid.uuid4()
    if not form.is_valid():
        messages.error(request, "Please choose a card.")
        return redirect("order", public_id)
    user, number = cast(User, request.user), form.cleaned_data["number"]
    try:
        payments.change_card(order=found, user=user, card_number=number, key=key)
    except Refusal as refusal:
        messages.error(request, next(iter((refusal.fields or {}).values()), refusal.message))
    else:
        save_card(
            user=user, number=number
        )  # the next order begins with the card that was chosen last
    return redirect("order", public_id)


@never_cache
@login_required
def confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    """The simulated bank's 3-D Secure page."""
    found = _mine(request, public_id)
    if request.method == "POST":
        try:
            payments.confirm_action(order=found, user=cast(User, request.user))
        except Refusal as refusal:
            messages.error(request, refusal.message)
        return redirect("order", public_id)
    value = selectors.order_value(found)
    if value["action"] is None:
        return redirect("order", public_id)
    return render(request, "shop/confirm.html", {"order": found, "value": value})
