"""What a source process is told before it sends: which take it makes, and where to. Made by `streams.video.takes`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class TakeOrder:
    """`folder` and `budget` (bytes) are the recording's; `lease` is the name under which the sender holds the show;
    `small`: there may be a 360p rendition beside the source."""

    redis_url: str
    slug: str
    source: str
    ordinal: int
    msn: int
    folder: str
    budget: int
    lease: str
    small: bool = False

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))
