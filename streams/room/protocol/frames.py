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
    epoch: str
    events: list[EventFrame]
