"""The studio: my shows, planning one, and the console from which it is run."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie

from accounts.models import User
from livestore.base.errors import Refusal
from streams.room.pages import page_facts, visible_show
from streams.shows import selectors, services
from streams.shows.forms import ShowForm
from streams.shows.models import Item, Show
from streams.shows.showcase import show_cards
from streams.video.embed.pages import allowed

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


def for_hosts(view: View[Rest]) -> View[Rest]:
    """Hosts and admins only; guests are asked to log in, others are told that they are not hosts."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not (user.is_host or user.is_staff):
            raise PermissionDenied("Only hosts have a studio.")
        return view(request, *args, **kwargs)

    return cast("View[Rest]", login_required(never_cache(guarded)))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _own_show(request: HttpRequest, slug: str, *, moderators: bool = False) -> Show:
    show = visible_show(request, slug)
    role = selectors.role_of(show, _user(request))
    if role != "host" and not (moderators and role == "moderator"):
        raise PermissionDenied("This is another host's show.")
    return show


def _take_errors(form: ShowForm, refusal: Refusal) -> None:
    """Puts a refusal under the fields it is about, so that nothing typed is lost."""
    for field, sentence in (refusal.fields or {}).items():
        form.add_error(field if field in form.fields else None, sentence)
    if not refusal.fields:
        form.add_error(None, refusal.message)


@for_hosts
def studio(request: HttpRequest) -> HttpResponse:
    """My shows: on air, coming, drafts, over."""
    cards = show_cards(selectors.shows_of(_user(request))[:100], with_people=True)
    groups = [
        ("On air", [Show.State.LIVE, Show.State.PAUSED]),
        ("Coming up", [Show.State.SCHEDULED]),
        ("Drafts", [Show.State.DRAFT]),
        ("Over", [Show.State.ENDED]),
    ]
    listed = [
        (title, [card for card in cards if card.show.state in states]) for title, states in groups
    ]
    return render(
        request,
        "streams/studio_home.html",
        {"groups": [(title, found) for title, found in listed if found], "any": bool(cards)},
    )


@for_hosts
def studio_new(request: HttpRequest) -> HttpResponse:
    """A new show."""
    form = ShowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts: Any = dict(form.cleaned_data)
        moderators = facts.pop("moderators")
        try:
            with transaction.atomic():
                show = services.create_show(host=_user(request), **facts)
                services.set_moderators(show=show, by=_user(request), usernames=moderators)
        except Refusal as refusal:
            _take_errors(form, refusal)
        else:
            return redirect("studio_plan", slug=show.slug)
    return render(
        request, "streams/studio_new.html", {"form": form}, status=422 if form.errors else 200
    )


@for_hosts
@ensure_csrf_cookie
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """The run of show and the facts of one show."""
    show = _own_show(request, slug)
    form = ShowForm(request.POST or None, show=show)
    if request.method == "POST" and form.is_valid():
        changes: Any = dict(form.cleaned_data)
        if show.is_open or (changes["scheduled_for"] is None and show.scheduled_for is None):
            changes.pop("scheduled_for")
        moderators = changes.pop("moderators")
        try:
            with transaction.atomic():
                services.update_show(show_slug=slug, by=_user(request), **changes)
                services.set_moderators(show=show, by=_user(request), usernames=moderators)
        except Refusal as refusal:
            _take_errors(form, refusal)
        else:
            messages.success(request, "Saved.")
            return redirect("studio_plan", slug=slug)
    facts, origins = plan_facts(show), allowed(show)
    context = {"show": show, "form": form, "facts": facts, "origins": origins}
    return render(request, "streams/studio_plan.html", context, status=422 if form.errors else 200)


def plan_facts(show: Show) -> dict[str, Any]:
    """What plan.js begins with: the run of show with what only its host knows."""
    notes = {item.number: item for item in Item.objects.filter(show=show).select_related("product")}
    items = []
    for line in selectors.item_summaries(show):
        own = notes.get(line.number)
        if own is None:
            continue  # taken out in this moment; the page is never cached
        items.append(
            line.model_dump(mode="json")
            | {
                "handle": own.product.handle,
                "show_price": own.show_price_minor,
                "talking_points": own.talking_points,
                "planned_seconds": own.planned_seconds,
            }
        )
    return {
        "slug": show.slug,
        "currency": show.currency,
        "state": show.state,
        "items": items,
    }


@login_required
@never_cache
@ensure_csrf_cookie
def console(request: HttpRequest, slug: str) -> HttpResponse:
    """The mixing desk of one show, for its host; moderators see it without the host's controls."""
    show = _own_show(request, slug, moderators=True)
    facts = page_facts(request, show) | {"plan": plan_facts(show)["items"]}
    return render(
        request,
        "streams/studio_console.html",
        {"show": show, "facts": facts, "role": facts["role"]},
    )
