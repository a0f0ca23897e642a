"""Shows over HTTP: lists, planning, the state of a room, host commands, tickets, numbers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field, ValidationError

from accounts.tickets.auth import (
    caller_of,
    channel_of,
    login_required_auth,
    optional_auth,
    user_of,
)
from accounts.tickets.services import issue_ticket
from livestore.base.errors import Invalid
from livestore.base.money import Money
from streams.room.protocol import COMMANDS
from streams.room.protocol.commands import HostCommand
from streams.room.snapshot import state_sync
from streams.shows import selectors, services
from streams.shows.commands import run
from streams.shows.errors import NoSuchShow, NotYourShow, UnknownCommand
from streams.shows.models import Item, Show
from streams.shows.numbers import show_numbers
from streams.shows.values import show_value

router = Router(tags=["shows"])

TICKET_SECONDS = 600
"""A page asks for a new one whenever it opens a room."""


MODERATORS = "User names of those who tend the chat: the whole list."


class Body(Schema):
    """Closed: a field nobody declared is refused."""

    model_config = ConfigDict(extra="forbid")


class ShowBody(Body):
    """A new show. With a time it is announced at once, without one it is a draft."""

    title: str
    description: str = ""
    slug: str | None = None
    scheduled_for: dt.datetime | None = None
    currency: str = "EUR"
    mood: str = Field(default="#3A2A22", description="The light of the room, a colour.")
    moderators: list[str] = Field(default=[], max_length=20, description=MODERATORS)


class ShowPatch(Body):
    """Only what is sent changes. `state: scheduled` announces a draft that has no time yet."""

    title: str | None = None
    description: str | None = None
    scheduled_for: dt.datetime | None = None
    currency: str | None = None
    mood: str | None = None
    moderators: list[str] | None = Field(default=None, max_length=20, description=MODERATORS)
    state: Literal["scheduled"] | None = None


class Amount(Body):
    minor: int = Field(strict=True)
    currency: str = Field(pattern=r"^[A-Z]{3}$")


class ItemBody(Body):
    """One line of the run of show. `product`: id or handle; `variant`: id or SKU; one of them is needed."""

    number: int = Field(strict=True)
    product: int | str | None = None
    variant: int | str | None = None
    show_price: int | Amount | None = Field(
        default=None, description="Minor units of the show's currency, or an amount."
    )
    talking_points: str | None = None
    planned_seconds: int | None = None

    def spec(self) -> services.ItemSpec:
        price = self.show_price
        return services.ItemSpec(
            number=self.number,
            product=self.product,
            variant=self.variant,
            show_price=Money(price.minor, price.currency) if isinstance(price, Amount) else price,
            talking_points=self.talking_points or "",
            planned_seconds=180 if self.planned_seconds is None else self.planned_seconds,
        )


class CommandBody(Body):
    """A host command as on the socket, without `ref`."""

    type: str
    data: dict[str, Any] = {}


def _json(show: Show, count: int | None = None) -> dict[str, Any]:
    """A show's own facts, and how many items it has."""
    items = show.items.count() if count is None else count
    return show_value(show).model_dump(mode="json") | {"item_count": items}


def _visible(slug: str, request: HttpRequest) -> Show:
    """The show, when the caller may see it. A ticket for another show was refused before."""
    show = selectors.show_by_slug(slug)
    invited = channel_of(request) == slug
    if not selectors.may_see(show, user_of(request), invited=invited):
        raise NoSuchShow
    return show


def _with_items(slug: str, request: HttpRequest) -> dict[str, Any]:
    """With the run of show; whoever runs the show also reads back what was planned."""
    show = selectors.show_by_slug(slug)
    items = [line.model_dump(mode="json") for line in selectors.item_summaries(show)]
    if selectors.role_of(show, user_of(request)) == "host":
        planned = {item.number: item for item in show.items.all()}
        items = [line | _plan(planned[line["number"]], show) for line in items]
    return _json(show, len(items)) | {"items": items}


def _plan(item: Item, show: Show) -> dict[str, Any]:
    price = item.show_price(show.currency)
    return {
        "show_price": None if price is None else price.as_json(),
        "talking_points": item.talking_points,
        "planned_seconds": item.planned_seconds,
    }


@router.get("/shows", auth=optional_auth, summary="Shows by state")
def list_shows(
    request: HttpRequest,
    state: Literal["live", "paused", "scheduled", "ended", "draft", ""] = "",
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
    offset: Annotated[int, Field(ge=0)] = 0,
) -> dict[str, Any]:
    """`live` has shows in a break too, `paused` only those. Drafts are the caller's own. Without a state:
    all but drafts."""
    found = selectors.shows_in(state, user_of(request))
    page = found[offset : offset + limit]
    return {
        "items": [_json(show, show.item_count) for show in page],  # type: ignore[attr-defined]
        "count": found.count(),
    }


@router.post("/shows", auth=login_required_auth, summary="A new show (hosts)", response={201: Any})
def post_show(request: HttpRequest, body: ShowBody) -> Status[dict[str, Any]]:
    host = caller_of(request).in_person()
    with transaction.atomic():
        show = services.create_show(host=host, **body.model_dump(exclude={"moderators"}))
        names = services.set_moderators(show=show, by=host, usernames=body.moderators)
    return Status(201, _json(show) | {"moderators": names})


@router.get("/shows/{slug}", auth=optional_auth, summary="One show with its run of show")
def get_show(request: HttpRequest, slug: str) -> dict[str, Any]:
    _visible(slug, request)
    return _with_items(slug, request)


@router.patch("/shows/{slug}", auth=login_required_auth, summary="Change a show (its host)")
def patch_show(request: HttpRequest, slug: str, body: ShowPatch) -> dict[str, Any]:
    by = caller_of(request).in_person()
    changes: Any = body.model_dump(exclude_unset=True, exclude={"state", "moderators"})
    for name in ("title", "description", "currency", "mood"):
        if name in changes and changes[name] is None:
            raise Invalid(fields={name: "This can not be empty."})
    show = services.update_show(show_slug=slug, by=by, **changes)
    if body.state == "scheduled" and show.state == Show.State.DRAFT:
        show = services.schedule(show_slug=slug, by=by, scheduled_for=show.scheduled_for)
    if body.moderators is None:
        return _json(show)
    names = services.set_moderators(show=show, by=by, usernames=body.moderators)
    return _json(show) | {"moderators": names}


@router.put("/shows/{slug}/items", auth=login_required_auth, summary="The run of show (its host)")
def put_items(request: HttpRequest, slug: str, body: list[ItemBody]) -> dict[str, Any]:
    """Replaces the whole list, in its order. Errors name line and field: `{"3.product": "..."}`, from 0."""
    by = caller_of(request).user
    show = selectors.show_by_slug(slug)
    services.set_items(show=show, by=by, items=[line.spec() for line in body])
    return _with_items(slug, request)


@router.get("/shows/{slug}/state", auth=optional_auth, summary="The room as a newcomer sees it")
def get_state(request: HttpRequest, slug: str) -> dict[str, Any]:
    """The data of `room.snapshot` with the `epoch` and `seq` after which the log goes on."""
    _visible(slug, request)
    view, data = state_sync(slug)
    return data | {"epoch": view.top.epoch, "seq": view.top.top}


@router.post("/shows/{slug}/commands", auth=login_required_auth, summary="A host command")
def post_command(request: HttpRequest, slug: str, body: CommandBody) -> dict[str, Any]:
    """The host commands of the room's protocol: `show.*`, `item.*`, `deal.*`."""
    by = caller_of(request).user
    show = _visible(slug, request)
    kind = COMMANDS.get(body.type)
    if kind is None or not issubclass(kind, HostCommand):
        raise UnknownCommand
    if selectors.role_of(show, by) != "host":
        raise NotYourShow
    try:
        command = kind.model_validate(body.data)
    except ValidationError as problem:
        raise Invalid(
            fields={".".join(map(str, e["loc"])) or "data": e["msg"] for e in problem.errors()}
        ) from problem
    return run(show_slug=slug, by=by, command=command)


@router.post("/shows/{slug}/ticket", auth=login_required_auth, summary="A ticket for the room")
def post_ticket(request: HttpRequest, slug: str) -> dict[str, Any]:
    """For a socket without a cookie: valid for ten minutes, for the caller and this show only."""
    user = caller_of(request).in_person()
    show = _visible(slug, request)
    token = issue_ticket(user=user, channel=show.slug, seconds=TICKET_SECONDS)
    return {"token": token, "expires_in": TICKET_SECONDS}


@router.get("/shows/{slug}/numbers", auth=login_required_auth, summary="How the show is doing")
def get_numbers(request: HttpRequest, slug: str) -> dict[str, Any]:
    """For the host, moderators and admins."""
    user = caller_of(request).user
    show = _visible(slug, request)
    if selectors.role_of(show, user) == "viewer":
        raise NotYourShow("Only the host and moderators of this show can see its numbers.")
    return show_numbers(show)
