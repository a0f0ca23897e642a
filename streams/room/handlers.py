"""What each command does: a door to one service. Roles and fields are checked before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from accounts.models import User
from livestore.base.errors import LoginRequired, Refusal
from livestore.base.threads import in_database
from shop.carts.services import add as add_to_cart
from shop.checkout.batcher import process_batcher
from shop.checkout.requests import LineRequest, Placed, PlaceRequest
from shop.checkout.waiting import Answer
from shop.orders.selectors import order_of
from streams.chat import services as chat
from streams.chat import talking
from streams.room.hub import Hub
from streams.room.person import Person
from streams.room.protocol import Command
from streams.room.protocol import commands as c
from streams.selling import services as selling
from streams.shows import selectors as shows_selectors
from streams.shows import services as shows
from streams.shows.errors import ShowNotLive
from streams.video.captions import services as captions


@dataclass(frozen=True, slots=True)
class Act:
    """A person in a room who asks for something."""

    hub: Hub
    person: Person

    @property
    def slug(self) -> str:
        return self.hub.slug


Data = dict[str, Any]
Handler = Callable[[Act, Any], Awaitable[Data]]
C = TypeVar("C", bound=Command)
HANDLERS: dict[type[Command], Handler] = {}


def handles(kind: type[C]) -> Callable[[Callable[[Act, C], Awaitable[Data]]], Handler]:
    def register(handler: Callable[[Act, C], Awaitable[Data]]) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return register


async def handle(act: Act, command: Command) -> Data:
    """The reply's data, of every command but `buy`. Raises Refusal, `valkey.Trouble`, database errors."""
    return await HANDLERS[type(command)](act, command)


async def _open(act: Act) -> None:
    """Raises ShowNotLive. A show that began a moment ago may not be in the hub's facts yet: the database knows."""
    facts = act.hub.facts
    if facts.is_open:
        return
    if facts.state != "ended" and await in_database(shows_selectors.is_open, act.slug):
        return
    raise ShowNotLive("The show is over." if facts.state == "ended" else "The show has not begun.")


def _user(person: Person) -> User:
    """The account as it is now: who was closed a moment ago does nothing more."""
    user = User.objects.filter(pk=person.id, is_active=True).first()
    if user is None:
        raise LoginRequired
    return user


# -- viewers ---------------------------------------------------------------------------------------


@handles(c.ChatSend)
async def chat_send(act: Act, command: c.ChatSend) -> Data:
    await _open(act)
    seq = await talking.say(
        slug=act.slug, person=act.person, text=command.text, numbers=act.hub.facts.numbers
    )
    return {"seq": seq}


@handles(c.React)
async def react(act: Act, command: c.React) -> Data:
    await _open(act)
    act.hub.reactions.add(command.kind, command.count)
    return {}


@handles(c.ItemRequest)
async def item_request(act: Act, command: c.ItemRequest) -> Data:
    await _open(act)
    await talking.ask_for(
        slug=act.slug, person=act.person, number=command.number, numbers=act.hub.facts.numbers
    )
    return {"number": command.number}


@handles(c.CartAdd)
async def cart_add(act: Act, command: c.CartAdd) -> Data:
    def add() -> Data:
        line = add_to_cart(
            user=_user(act.person),
            variant=command.variant,
            quantity=command.quantity,
            channel=act.slug,
            key=command.key,
        )
        return {"line": line.pk if line else None, "quantity": line.quantity if line else 0}

    return await in_database(add)


def buy(act: Act, command: c.Buy, request_id: str, answered: Callable[[Answer], None]) -> None:
    """Ask for it; `answered` hears in this event loop what came of it. In a rush nearly everything is this."""
    asked = PlaceRequest(
        user_id=act.person.id,
        key=command.key,
        lines=(LineRequest(command.variant, command.quantity, command.seen_price),),
        channel=act.slug,
        request_id=request_id,
    )
    process_batcher().ask(asked, answered)


def bought(placed: Placed, status: str = "pending") -> Data:
    """`{"order", "status", "total"}`; the order's later life comes as order.updated."""
    return {"order": placed.public_id, "status": status, "total": placed.total.as_json()}


async def bought_before(act: Act, placed: Placed) -> Data:
    """The same, asked again after a lost reply: the order may have gone on meanwhile."""
    status = await in_database(lambda: order_of(_user(act.person), placed.public_id).status)
    return bought(placed, status)


def not_bought(refusal: Refusal) -> Refusal:
    """A command has no lines: the refusal names its own fields."""
    if refusal.fields:
        refusal.fields = {
            name.removeprefix("lines.0."): text for name, text in refusal.fields.items()
        }
    return refusal


# -- the host --------------------------------------------------------------------------------------


async def _host(act: Act, service: Callable[..., Any], **fields: Any) -> Any:
    return await in_database(lambda: service(show_slug=act.slug, by=_user(act.person), **fields))


@handles(c.ShowStart)
async def show_start(act: Act, command: c.ShowStart) -> Data:
    await _host(act, shows.start)
    return {}


@handles(c.ShowPause)
async def show_pause(act: Act, command: c.ShowPause) -> Data:
    await _host(act, shows.pause)
    return {}


@handles(c.ShowResume)
async def show_resume(act: Act, command: c.ShowResume) -> Data:
    await _host(act, shows.resume)
    return {}


@handles(c.ShowEnd)
async def show_end(act: Act, command: c.ShowEnd) -> Data:
    await _host(act, shows.end)
    return {}


@handles(c.ItemPin)
async def item_pin(act: Act, command: c.ItemPin) -> Data:
    item = await _host(act, shows.pin, number=command.number)
    return {"number": item.number}


@handles(c.ItemUnpin)
async def item_unpin(act: Act, command: c.ItemUnpin) -> Data:
    await _host(act, shows.unpin)
    return {}


@handles(c.ItemNext)
async def item_next(act: Act, command: c.ItemNext) -> Data:
    item = await _host(act, shows.next_item)
    return {"number": item.number}


@handles(c.DealStart)
async def deal_start(act: Act, command: c.DealStart) -> Data:
    offer = await _host(
        act,
        selling.start_deal,
        variant=command.variant,
        price_minor=command.price,
        currency=command.currency,
        units=command.units,
        per_buyer=command.per_buyer,
        seconds=command.seconds,
    )
    return {"deal": offer.pk}


@handles(c.DealStop)
async def deal_stop(act: Act, command: c.DealStop) -> Data:
    await _host(act, selling.stop_deal, deal=command.deal)
    return {"deal": command.deal}


@handles(c.CaptionSay)
async def caption_say(act: Act, command: c.CaptionSay) -> Data:
    caption = await _host(act, captions.say, text=command.text)
    return {"seconds": caption.seconds}


# -- the host and the moderators -------------------------------------------------------------------


@handles(c.ChatDelete)
async def chat_delete(act: Act, command: c.ChatDelete) -> Data:
    await talking.take_back(slug=act.slug, by=act.person.id, epoch=act.hub.epoch, seq=command.seq)
    return {"seq": command.seq}


@handles(c.ViewerMute)
async def viewer_mute(act: Act, command: c.ViewerMute) -> Data:
    await in_database(chat.mute, show_slug=act.slug, by=act.person.id, user=command.user)
    return {"user": command.user}


@handles(c.ViewerBan)
async def viewer_ban(act: Act, command: c.ViewerBan) -> Data:
    await in_database(chat.ban, show_slug=act.slug, by=act.person.id, user=command.user)
    return {"user": command.user}
