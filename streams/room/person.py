"""Who sits behind a socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from streams.room.protocol.values import PersonValue

Role = Literal["viewer", "moderator", "host"]
RANK: dict[Role, int] = {"viewer": 0, "moderator": 1, "host": 2}


@dataclass(slots=True)
class Person:
    """A known person in one room. `muted` follows what the room is told; the rest is as on arrival."""

    id: int
    name: str
    role: Role = "viewer"
    simulated: bool = False
    muted: bool = False
    is_host: bool = False
    """The show's own host, not an admin in that role."""

    @property
    def value(self) -> PersonValue:
        return PersonValue(id=self.id, name=self.name, simulated=self.simulated, role=self.role)
