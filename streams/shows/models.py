"""A show, its run of show, and who is kept out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from livestore.base.money import Money
from shop.catalogue.models import Product, Variant


class Show(models.Model):
    """A live sale. `rev` grows with every change that the room can see; host commands lock the row."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"  # only the host sees it
        SCHEDULED = "scheduled", "Coming up"
        LIVE = "live", "Live"
        PAUSED = "paused", "Paused"
        ENDED = "ended", "Ended"

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True, max_length=2000)
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shows"
    )
    moderators = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="moderated_shows"
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    currency = models.CharField(max_length=3, default="EUR")
    mood = models.CharField(max_length=32, default="#3A2A22", help_text="The light of the room.")
    scheduled_for = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    host_away_since = models.DateTimeField(null=True, blank=True)
    pinned = models.ForeignKey(
        "streams.Item", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    rev = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "show"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["live", "paused", "ended"]) | Q(started_at__isnull=False),
                name="show_started_before_live",
            ),
        ]
        indexes = [models.Index(fields=["state", "-started_at"], name="show_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Live or paused: the room takes commands."""
        return self.state in {self.State.LIVE, self.State.PAUSED}


class Item(models.Model):
    """A numbered place in the run of show: a whole product, or one variant of it."""

    show = models.ForeignKey(Show, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(default=0, help_text="Order on air.")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="show_items")
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, null=True, blank=True, related_name="show_items"
    )
    show_price_minor = models.PositiveIntegerField(null=True, blank=True)
    talking_points = models.TextField(blank=True, max_length=2000)
    planned_seconds = models.PositiveIntegerField(default=180)
    shown_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "show_item"
        ordering = ["position", "number"]
        constraints = [
            models.UniqueConstraint(fields=["show", "number"], name="item_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="item_number_positive"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    def show_price(self, currency: str) -> Money | None:
        return None if self.show_price_minor is None else Money(self.show_price_minor, currency)


class Restriction(models.Model):
    """Somebody who may not write in, or not enter, a show."""

    class Kind(models.TextChoices):
        MUTE = "mute", "Muted"
        BAN = "ban", "Banned"

    show = models.ForeignKey(Show, on_delete=models.CASCADE, related_name="restrictions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "show_restriction"
        constraints = [
            models.UniqueConstraint(fields=["show", "user", "kind"], name="restriction_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.kind} in {self.show}"
