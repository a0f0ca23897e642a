from streams.room.models import ArchivedEvent
from streams.shows.models import Item, Restriction, Show
from streams.video.models import Caption, Picture, Take

__all__ = ["ArchivedEvent", "Caption", "Item", "Picture", "Restriction", "Show", "Take"]
