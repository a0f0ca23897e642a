"""Host commands: from a checked command to its service, and what the sender is told. The same on every door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.models import User
from streams.room.protocol import commands as protocol
from streams.room.protocol.commands import Command, HostCommand
from streams.selling import services as selling
from streams.shows import services
from streams.shows.models import Item, Show
from streams.video.captions import services as captions

Reply = dict[str, Any]


def _show(show: Show) -> Reply:
    return {"state": show.state, "rev": show.rev}


def _item(item: Item) -> Reply:
    return {"number": item.number, "rev": item.show.rev}


def _start(slug: str, by: User, command: Any) -> Reply:
    return _show(services.start(show_slug=slug, by=by))


def _pause(slug: str, by: User, command: Any) -> Reply:
    return _show(services.pause(show_slug=slug, by=by))


def _resume(slug: str, by: User, command: Any) -> Reply:
    return _show(services.resume(show_slug=slug, by=by))


def _end(slug: str, by: User, command: Any) -> Reply:
    return _show(services.end(show_slug=slug, by=by))


def _pin(slug: str, by: User, command: Any) -> Reply:
    assert isinstance(command, protocol.ItemPin)
    return _item(services.pin(show_slug=slug, by=by, number=command.number))


def _unpin(slug: str, by: User, command: Any) -> Reply:
    return _show(services.unpin(show_slug=slug, by=by))


def _next(slug: str, by: User, command: Any) -> Reply:
    return _item(services.next_item(show_slug=slug, by=by))


def _start_deal(slug: str, by: User, command: Any) -> Reply:
    assert isinstance(command, protocol.DealStart)
    deal = selling.start_deal(
        show_slug=slug,
        by=by,
        variant=command.variant,
        price_minor=command.price,
        currency=command.currency,
        units=command.units,
        per_buyer=command.per_buyer,
        seconds=command.seconds,
    )
    return {"deal": deal.pk, "rev": deal.rev}


def _stop_deal(slug: str, by: User, command: Any) -> Reply:
    assert isinstance(command, protocol.DealStop)
    deal = selling.stop_deal(show_slug=slug, by=by, deal=command.deal)
    return {"deal": deal.pk, "rev": deal.rev, "reason": deal.end_reason}


def _say(slug: str, by: User, command: Any) -> Reply:
    assert isinstance(command, protocol.CaptionSay)
    caption = captions.say(show_slug=slug, by=by, text=command.text)
    return {"seconds": caption.seconds, "rev": caption.show.rev}


ACTS: dict[type[Command], Callable[[str, User, Any], Reply]] = {
    protocol.ShowStart: _start,
    protocol.ShowPause: _pause,
    protocol.ShowResume: _resume,
    protocol.ShowEnd: _end,
    protocol.ItemPin: _pin,
    protocol.ItemUnpin: _unpin,
    protocol.ItemNext: _next,
    protocol.DealStart: _start_deal,
    protocol.DealStop: _stop_deal,
    protocol.CaptionSay: _say,
}


def run(*, show_slug: str, by: User, command: HostCommand) -> Reply:
    """Do what a host asks for: one transaction, the room hears of it by its events.

    Returns `{"state", "rev"}` of the show, `{"number", "rev"}` of what is on air, `{"deal", "rev"}`, or
    `{"seconds", "rev"}` of a caption.
    Raises what the services refuse (NotYourShow, WrongState, ...).
    """
    return ACTS[type(command)](show_slug, by, command)
