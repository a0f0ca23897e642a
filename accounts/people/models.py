"""Who somebody is, where parcels go, and the simulated card that pays."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse


class User(AbstractUser):
    """A person. Everybody can watch and buy; `is_host` may run shows, `is_staff` may open the admin.

    Moderators are named per show. Simulated people are real rows with `is_simulated`, shown with a mark.
    """

    display_name = models.CharField(
        max_length=60, blank=True, help_text="Shown in rooms and on orders."
    )
    is_host = models.BooleanField("host", default=False, help_text="May plan and run shows.")
    is_simulated = models.BooleanField("simulated", default=False, editable=False)

    class Meta(AbstractUser.Meta):
        db_table = "person"
        indexes = [models.Index(fields=["is_simulated"], name="person_simulated")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What others see."""
        return self.display_name or self.username

    @property
    def avatar_url(self) -> str | None:
        """The drawn portrait of a host; everybody else is shown by their initials."""
        return reverse("avatar", kwargs={"pk": self.pk}) if self.is_host else None


class Follow(models.Model):
    """`follower` wants to know when `host` goes live."""

    follower = models.ForeignKey(User, on_delete=models.CASCADE, related_name="following")
    host = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followers")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "follow"
        constraints = [
            models.UniqueConstraint(fields=["follower", "host"], name="follow_once"),
            models.CheckConstraint(
                condition=~models.Q(follower=models.F("host")), name="follow_not_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follower} follows {self.host}"


class Address(models.Model):
    """The one address of a person. Orders keep a copy."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="address")
    full_name = models.CharField("name", max_length=100)
    line1 = models.CharField("street and number", max_length=120)
    line2 = models.CharField("more, if needed", max_length=120, blank=True)
    postal_code = models.CharField("postal code", max_length=16)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2, default="DE", help_text="Two letters, ISO 3166.")

    class Meta:
        db_table = "address"
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return f"{self.full_name}, {self.line1}, {self.postal_code} {self.city}"

    def as_json(self) -> dict[str, str]:
        return {
            "full_name": self.full_name,
            "line1": self.line1,
            "line2": self.line2,
            "postal_code": self.postal_code,
            "city": self.city,
            "country": self.country,
        }


class Card(models.Model):
    """The one saved card of a person. Simulated: the whole number is one of the gateway's test numbers."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="card")
    number = models.CharField(max_length=19, help_text="A test number of the simulated gateway.")
    expires = models.CharField(max_length=5, default="12/39", help_text="MM/YY")

    class Meta:
        db_table = "card"

    def __str__(self) -> str:
        return f"card ending in {self.last4}"

    @property
    def last4(self) -> str:
        return self.number[-4:]
