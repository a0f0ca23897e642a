"""What the database knows of a show's picture: its source, its takes, its captions."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from streams.shows.models import Show


class Source(models.TextChoices):
    """Where a picture comes from."""

    SIMULATED = "simulated", "Simulated camera"
    BROWSER = "browser", "Camera of this computer"
    RTMP = "rtmp", "OBS or another sender"


class Picture(models.Model):
    """How a show is filmed and where else it may be seen. A show without a row has no picture yet."""

    show = models.OneToOneField(
        Show, on_delete=models.CASCADE, primary_key=True, related_name="picture"
    )
    source = models.CharField(
        max_length=10, choices=Source, blank=True, help_text="What the host wants on air."
    )
    key_digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the stream key; empty when there is none."
    )
    key_made_at = models.DateTimeField(null=True, blank=True)
    embed_origins = models.JSONField(
        default=list,
        blank=True,
        help_text="Sites that may show the player, as https://shop.example.",
    )
    captions_from_notes = models.BooleanField(default=False)

    class Meta:
        db_table = "show_picture"

    def __str__(self) -> str:
        return f"Picture of {self.show}"


class Take(models.Model):
    """One unbroken feed of one source, and its recording. Its file may be removed to keep the disk bounded."""

    show = models.ForeignKey(Show, on_delete=models.CASCADE, related_name="takes")
    ordinal = models.PositiveIntegerField()
    source = models.CharField(max_length=10, choices=Source)
    first_msn = models.PositiveBigIntegerField()
    last_msn = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="As far as it was recorded."
    )
    budget = models.PositiveBigIntegerField(
        default=0, help_text="Bytes that its recording may use; kept free while it runs."
    )
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=10, blank=True)
    seconds = models.FloatField(default=0.0)
    bytes = models.PositiveBigIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "show_take"
        ordering = ["show", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["show", "ordinal"], name="take_ordinal_once"),
            # One picture at a time: who begins the next take ends the one before.
            models.UniqueConstraint(
                fields=["show"], condition=models.Q(ended_at=None), name="take_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Take {self.ordinal} of {self.show}"


class Caption(models.Model):
    """A line that was said, as text. Shown for `seconds` from `at`."""

    show = models.ForeignKey(Show, on_delete=models.CASCADE, related_name="captions")
    at = models.DateTimeField(db_default=Now())
    text = models.CharField(max_length=200)
    seconds = models.FloatField(default=4.0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        db_table = "show_caption"
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["show", "at"], name="caption_time")]

    def __str__(self) -> str:
        return self.text
