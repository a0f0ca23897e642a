"""Why a socket was closed. 1000: all is said. 4400-4499: trying again may help. 4500-4599: it will not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum


class CloseCode(IntEnum):
    OVER = 1000
    TOO_SLOW = 4408
    RESTARTING = 4410
    TOO_FAST = 4429
    BAD_FRAMES = 4500
    WHO_ARE_YOU = 4501
    NOT_ALLOWED = 4503
    NO_SUCH_SHOW = 4504


SENTENCES = {
    CloseCode.OVER: ("over", "The show is over."),
    CloseCode.TOO_SLOW: ("too_slow", "Your connection could not keep up with the room."),
    CloseCode.RESTARTING: ("restarting", "The room moves to a fresh server."),
    CloseCode.TOO_FAST: ("too_fast", "Too many messages in a short time."),
    CloseCode.BAD_FRAMES: ("bad_frames", "What you sent is not the livestore.v1 protocol."),
    CloseCode.WHO_ARE_YOU: ("who_are_you", "Your ticket or login is not valid any more."),
    CloseCode.NOT_ALLOWED: ("not_allowed", "You can not enter this room."),
    CloseCode.NO_SUCH_SHOW: ("no_such_show", "There is no such show."),
}


@dataclass(frozen=True, slots=True)
class Closing:
    """A close code and its reason. A close frame holds 123 bytes of reason, so sentences are short."""

    code: CloseCode
    retry_after_ms: int | None = None

    @property
    def reason(self) -> str:
        word, sentence = SENTENCES[self.code]
        body: dict[str, object] = {"code": word, "message": sentence}
        if self.retry_after_ms is not None:
            body["retry_after_ms"] = self.retry_after_ms
        return json.dumps(body, separators=(",", ":"))
