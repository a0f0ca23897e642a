"""What a client may ask for. Commands that move money or stock carry `key`, the idempotency key."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field, WithJsonSchema, model_validator

from streams.room.protocol.values import Closed

Quantity = Annotated[int, Field(ge=1, le=99, strict=True)]
Number = Annotated[int, Field(ge=1, le=9999, strict=True)]
Id = Annotated[int, Field(ge=1, le=2**62, strict=True)]
Minor = Annotated[int, Field(ge=0, le=100_000_000, strict=True)]


Price = Annotated[
    Minor,
    WithJsonSchema(
        {
            "description": "Minor units of the show's currency, or an amount.",
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 100_000_000},
                {
                    "type": "object",
                    "properties": {
                        "minor": {"type": "integer", "minimum": 0, "maximum": 100_000_000},
                        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                    },
                    "required": ["minor", "currency"],
                    "additionalProperties": False,
                },
            ],
        }
    ),
]


class Command(Closed):
    """The `data` of a client frame. `who` is the least role that may send it."""

    type: ClassVar[str]
    who: ClassVar[Literal["viewer", "moderator", "host"]] = "viewer"


class ChatSend(Command):
    type = "chat.send"
    text: str = Field(min_length=1, max_length=300)


class React(Command):
    type = "react"
    kind: Literal["heart", "clap", "fire", "wow"] = "heart"
    count: int = Field(default=1, ge=1, le=50, strict=True)


class ItemRequest(Command):
    type = "item.request"
    number: Number


class CartAdd(Command):
    type = "cart.add"
    variant: Id
    quantity: Quantity = 1
    key: UUID


class Buy(Command):
    type = "buy"
    variant: Id
    quantity: Quantity = 1
    seen_price: Minor
    key: UUID


class HostCommand(Command):
    who = "host"


class ShowStart(HostCommand):
    type = "show.start"


class ShowPause(HostCommand):
    type = "show.pause"


class ShowResume(HostCommand):
    type = "show.resume"


class ShowEnd(HostCommand):
    type = "show.end"


class ItemPin(HostCommand):
    type = "item.pin"
    number: Number


class ItemUnpin(HostCommand):
    type = "item.unpin"


class ItemNext(HostCommand):
    type = "item.next"


class DealStart(HostCommand):
    type = "deal.start"
    variant: Id
    price: Price
    currency: str | None = Field(
        default=None,
        description="The show's currency; it need not be said, but another one is refused.",
    )
    units: int = Field(ge=1, le=1_000_000, strict=True)
    per_buyer: int | None = Field(default=None, ge=1, le=99, strict=True)
    seconds: int = Field(ge=5, le=86_400, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _amount(cls, data: Any) -> Any:
        """Money is `{"minor", "currency"}` wherever we say it, so it may be said to us like that too."""
        price = data.get("price") if isinstance(data, dict) else None
        if isinstance(price, dict) and set(price) == {"minor", "currency"}:
            return data | {"price": price["minor"], "currency": price["currency"]}
        return data


class DealStop(HostCommand):
    type = "deal.stop"
    deal: Id


class CaptionSay(HostCommand):
    """Words over the picture."""

    type = "caption.say"
    text: str = Field(min_length=1, max_length=200)


class ModeratorCommand(Command):
    who = "moderator"


class ChatDelete(ModeratorCommand):
    """`seq` as the message was told with; below zero for one from before the log began anew."""

    type = "chat.delete"
    seq: int = Field(gt=-(2**53), lt=2**53, strict=True)


class ViewerMute(ModeratorCommand):
    type = "viewer.mute"
    user: Id


class ViewerBan(ModeratorCommand):
    type = "viewer.ban"
    user: Id


COMMANDS: dict[str, type[Command]] = {
    command.type: command
    for command in (
        ChatSend,
        React,
        ItemRequest,
        CartAdd,
        Buy,
        ShowStart,
        ShowPause,
        ShowResume,
        ShowEnd,
        ItemPin,
        ItemUnpin,
        ItemNext,
        DealStart,
        DealStop,
        CaptionSay,
        ChatDelete,
        ViewerMute,
        ViewerBan,
    )
}
