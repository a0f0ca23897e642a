"""Keys for programs."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from accounts.people.models import User


class ApiToken(models.Model):
    """A personal token for a program; only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    label = models.CharField(max_length=60, default="program")
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "api_token"
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.label} of {self.user}"
