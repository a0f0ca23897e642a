"""The picture of a show in the admin: what was filmed, and what is kept of it. Read only."""

from __future__ import annotations

from django.template.defaultfilters import filesizeformat
from unfold.decorators import display

from livestore.base.desk import ReadOnlyInline
from streams.video.models import Picture, Take


class PictureInline(ReadOnlyInline):
    model = Picture
    verbose_name_plural = "picture"
    fields = ("source", "stream_key", "sites", "captions_from_notes")
    readonly_fields = ("stream_key", "sites")

    @display(description="Stream key")
    def stream_key(self, picture: Picture) -> str:
        made = picture.key_made_at
        return f"made {made:%d %b %Y, %H:%M}" if picture.key_digest and made else "–"

    @display(description="May be shown on")
    def sites(self, picture: Picture) -> str:
        return ", ".join(picture.embed_origins) or "–"


class TakeInline(ReadOnlyInline):
    model = Take
    verbose_name_plural = "takes"
    fields = ("ordinal", "source", "started_at", "ended_at", "length", "size", "reason", "kept")
    readonly_fields = ("length", "size", "kept")

    @display(description="Length")
    def length(self, take: Take) -> str:
        minutes, seconds = divmod(round(take.seconds), 60)
        return f"{minutes}:{seconds:02d}" if take.ended_at else "–"

    @display(description="Size")
    def size(self, take: Take) -> str:
        return filesizeformat(take.bytes)

    @display(description="Recording")
    def kept(self, take: Take) -> str:
        if take.removed_at:
            return f"removed {take.removed_at:%d %b %Y} to make room"
        if take.ended_at is None:
            return "running"
        return "kept" if take.bytes else "nothing was recorded"
