from streams.room.models import ArchivedEvent
from streams.shows.models import Item, Restriction, Show

__all__ = ["ArchivedEvent", "Item", "Restriction", "Show"]
