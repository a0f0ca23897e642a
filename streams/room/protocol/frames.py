"""The envelopes: one client frame, two kinds of reply, one batch of events."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from streams.room.protocol.values import Closed


class ClientFrame(Closed):
    """`ref` is chosen by the client and only matches the reply."""

    type: str = Field(max_length=40)
    ref: str = Field(min_length=1, max_length=64)
    data: dict[str, Any] = Field(default_factory=dict)


class OkReply(Closed):
    ref: str
    ok: Literal[True] = True
    data: dict[str, Any]


class ErrorBody(Closed):
    code: str
    message: str
    retry: bool
    retry_after_ms: int | None = None
    fields: dict[str, str] | None = None
    data: dict[str, Any] | None = None


class ErrorReply(Closed):
    ref: str
    ok: Literal[False] = False
    error: ErrorBody


class EventFrame(Closed):
    """`at` in server milliseconds since 1970; `seq` on LOG events and the snapshot; `rev` where state changed."""

    type: str
    at: int
    data: dict[str, Any]
    seq: int | None = None
    rev: int | None = None


class BatchFrame(Closed):
    """What a room says. In a busy room of thousands a batch may leave chat messages out on purpose; then it has
    `through` and `left_out`, and the room is all there when `left_out` plus the events of the log in this batch
    (those after your seq) are as many as `through` is past your seq. Resume with `since=<epoch>:<through>`.
    """

    epoch: str
    events: list[EventFrame]
    through: int | None = Field(
        default=None, description="This batch brings you up to this seq, over what was left out."
    )
    left_out: int | None = Field(
        default=None, description="How many chat messages before `through` were not sent to you."
    )
