"""The archive of room logs."""

from __future__ import annotations

from django.db import models

from streams.shows.models import Show


class ArchivedEvent(models.Model):
    """One event of a room's log, kept for good. A deleted chat message is kept as a tombstone."""

    id = models.BigAutoField(primary_key=True)
    show = models.ForeignKey(Show, on_delete=models.CASCADE, related_name="archive")
    epoch = models.CharField(max_length=32)
    seq = models.PositiveBigIntegerField()
    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    rev = models.PositiveIntegerField(null=True)
    data = models.JSONField()

    class Meta:
        db_table = "room_archive"
        constraints = [
            models.UniqueConstraint(fields=["show", "epoch", "seq"], name="archive_seq_once")
        ]
        indexes = [models.Index(fields=["show", "at"], name="archive_time")]

    def __str__(self) -> str:
        return f"{self.type} {self.epoch}:{self.seq}"
