"""Every write about a show, for doors to import from one place."""

from streams.shows.planning import (
    ShowChanges,
    add_moderator,
    create_show,
    schedule,
    set_moderators,
    update_show,
)
from streams.shows.running import (
    end,
    host_back,
    host_gone,
    next_item,
    pause,
    pin,
    resume,
    settle_left_live,
    start,
    unpin,
)
from streams.shows.runofshow import ItemSpec, set_items

__all__ = [
    "ItemSpec",
    "ShowChanges",
    "add_moderator",
    "create_show",
    "end",
    "host_back",
    "host_gone",
    "next_item",
    "pause",
    "pin",
    "resume",
    "schedule",
    "set_items",
    "set_moderators",
    "settle_left_live",
    "start",
    "unpin",
    "update_show",
]
