"""What a room says. Each event declares its lane; values are absolute, never differences."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import Field

from streams.room.protocol.values import (
    CartValue,
    Closed,
    CountsValue,
    DealValue,
    HoldValue,
    ItemDetail,
    ItemSummary,
    LineValue,
    OrderValue,
    PersonValue,
    ShowValue,
    SoldValue,
)


class Lane(StrEnum):
    """How an event travels."""

    LOG = "log"  # ordered, has a seq, kept, replayed
    LATEST = "latest"  # the newest value per key wins
    DIRECT = "direct"  # to one person's sockets
    FIRST = "first"  # the snapshot that begins a connection


class Event(Closed):
    """The `data` of an event. `key()` names the value that a LATEST event replaces."""

    type: ClassVar[str]
    lane: ClassVar[Lane]

    def key(self) -> str:
        return self.type

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=False)


class RoomSnapshot(Event):
    """Everything a newcomer needs; nothing personal. The event's `seq` is where the log goes on."""

    type = "room.snapshot"
    lane = Lane.FIRST
    show: ShowValue
    pinned: ItemDetail | None
    items: list[ItemSummary]
    deals: list[DealValue]
    chat: list[dict[str, Any]] = Field(
        description="The last 50 chat.message data, oldest first, each with `seq` and `at`. "
        "A seq below zero belongs to an earlier epoch; it can be deleted by it, but not resumed from."
    )
    requests: dict[str, int] = Field(
        description="How often each number was asked for since it was last on air."
    )
    counts: CountsValue


class LogEvent(Event):
    lane = Lane.LOG


class ShowChanged(LogEvent):
    type = "show.changed"
    show: ShowValue


class ItemPinned(LogEvent):
    type = "item.pinned"
    item: ItemDetail


class ItemUnpinned(LogEvent):
    type = "item.unpinned"
    number: int


class ItemChanged(LogEvent):
    """The run of show or a product in it changed: everything that follows from it, as it is now."""

    type = "item.changed"
    items: list[ItemSummary]
    pinned: ItemDetail | None
    deals: list[DealValue] = Field(
        default_factory=list,
        description="The running deals, with their numbers, titles and old prices.",
    )


class DealStarted(LogEvent):
    type = "deal.started"
    deal: DealValue


class DealEnded(LogEvent):
    type = "deal.ended"
    deal: DealValue


class ChatMessage(LogEvent):
    """`number` is set when the message asks for a numbered item. A tombstone has `deleted` and no text."""

    type = "chat.message"
    user: PersonValue
    text: str
    number: int | None = None
    deleted: bool = False


class ChatDeleted(LogEvent):
    type = "chat.deleted"
    seq: int = Field(description="The seq of the deleted message.")
    by: Literal["host", "moderator"]


class ItemRequested(LogEvent):
    """`total` is how often the number was asked for since it was last on air."""

    type = "item.requested"
    number: int
    total: int
    user: PersonValue


class OrderPlaced(LogEvent):
    """Somebody bought; nothing personal beyond the name that the room knows anyway."""

    type = "order.placed"
    name: str
    simulated: bool
    lines: list[LineValue]


class OrdersPlaced(LogEvent):
    """Many bought within a moment; in place of as many `order.placed`."""

    type = "orders.placed"
    orders: int
    simulated: int = Field(description="How many of these orders were placed by simulated viewers.")
    units: int
    lines: list[SoldValue] = Field(description="Units by variant, the most wanted first.")
    names: list[str] = Field(description="At most three of the buyers.")


class CaptionSaid(LogEvent):
    """What the host says, in words, for `seconds` from the event's `at`; the next line takes its place. No part of
    the snapshot: it is over in seconds."""

    type = "caption.said"
    text: str
    seconds: float


class LatestEvent(Event):
    lane = Lane.LATEST


class StockChanged(LatestEvent):
    type = "stock.changed"
    variant: int
    left: int
    deal_left: int | None = None

    def key(self) -> str:
        return f"stock.changed:{self.variant}"


class ItemStock(LatestEvent):
    """What is left of everything that an item sells together, running deals included.

    It is about the product (all variants) or the one variant, not about a number: a number may be given to
    another product. Its `rev` compares with `ItemSummary.rev` of the items that sell the same.
    """

    type = "item.stock"
    product: int
    variant: int | None = None
    left: int

    def key(self) -> str:
        return f"item.stock:{self.product}:{self.variant or 'all'}"


class RoomCounts(LatestEvent):
    type = "room.counts"
    people: int
    simulated: int


class RoomReactions(LatestEvent):
    """Totals since the show began."""

    type = "room.reactions"
    heart: int = 0
    clap: int = 0
    fire: int = 0
    wow: int = 0


class DirectEvent(Event):
    lane = Lane.DIRECT


class MeSnapshot(DirectEvent):
    type = "me.snapshot"
    user: PersonValue
    cart: CartValue
    holds: list[HoldValue] = Field(description="What cart and pending orders keep, as of now.")
    orders: list[OrderValue] = Field(
        description="Open orders: pending, or paid within the last hour."
    )
    muted: bool
    banned: bool = False
    has_address: bool
    has_card: bool
    address_line: str = ""
    card_last4: str = ""


class OrderUpdated(DirectEvent):
    type = "order.updated"
    order: OrderValue


class CartUpdated(DirectEvent):
    type = "cart.updated"
    cart: CartValue


class YouMuted(DirectEvent):
    type = "you.muted"
    show: str
    muted: bool


EVENTS: dict[str, type[Event]] = {
    event.type: event
    for event in (
        RoomSnapshot,
        ShowChanged,
        ItemPinned,
        ItemUnpinned,
        ItemChanged,
        DealStarted,
        DealEnded,
        ChatMessage,
        ChatDeleted,
        ItemRequested,
        OrderPlaced,
        OrdersPlaced,
        CaptionSaid,
        StockChanged,
        ItemStock,
        RoomCounts,
        RoomReactions,
        MeSnapshot,
        OrderUpdated,
        CartUpdated,
        YouMuted,
    )
}
