"""The form in which a show is planned: words, light, currency and time."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from streams.shows.models import Show

# The lights a show can have; the first one is the model's default.
MOODS = [
    ("#3A2A22", "Evening"),
    ("#5A2E2A", "Terracotta"),
    ("#4A2740", "Plum"),
    ("#20324A", "Night blue"),
    ("#1F3D36", "Forest"),
    ("#4A4038", "Linen"),
]
CURRENCIES = [
    ("EUR", "Euro"),
    ("USD", "US dollar"),
    ("GBP", "Pound"),
    ("JPY", "Yen"),
    ("CNY", "Yuan"),
]


def zone_of(name: str) -> dt.tzinfo:
    """The zone that a browser names, UTC where it is unknown here."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a name that is no path, no file, or no zone
        return dt.UTC


class ShowForm(forms.Form):
    """Cleans to the keyword arguments of `services.create_show` and `update_show`, and `moderators`.

    `scheduled_for` is typed in the zone of the person's browser, which comes along as `zone`.
    """

    title = forms.CharField(
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": "The evening edit"}),
        error_messages={"required": "Please give the show a title."},
    )
    description = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One or two sentences for the start page.",
    )
    scheduled_for = forms.DateTimeField(
        label="Starts",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        error_messages={"invalid": "Please give the day and the time."},
        help_text="In your own time zone. Without a time the show stays a draft that only you see.",
    )
    currency = forms.ChoiceField(choices=CURRENCIES)
    mood = forms.ChoiceField(label="Light", choices=MOODS, widget=forms.RadioSelect)
    moderators = forms.CharField(
        required=False,
        max_length=600,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="User names, with commas between them. They can remove messages and mute people.",
    )
    zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, show: Show | None = None, zone: str = "", **kwargs: Any) -> None:
        if show is not None:
            kwargs["initial"] = {
                "title": show.title,
                "description": show.description,
                "currency": show.currency,
                "mood": show.mood,
                "moderators": ", ".join(
                    show.moderators.order_by("username").values_list("username", flat=True)
                ),
            } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        mood = self.fields["mood"]
        currency = self.fields["currency"]
        assert isinstance(mood, forms.ChoiceField)
        assert isinstance(currency, forms.ChoiceField)
        if show is None:
            self.initial.setdefault("mood", MOODS[0][0])
            self.initial.setdefault("currency", "EUR")
            return
        # A show made by a program may have a light or a currency that is not in the lists.
        if show.mood not in dict(MOODS):
            mood.choices = [*MOODS, (show.mood, "Its own")]
        if show.currency not in dict(CURRENCIES):
            currency.choices = [*CURRENCIES, (show.currency, show.currency)]

    def clean_moderators(self) -> list[str]:
        """The names, without the commas."""
        names = self.cleaned_data["moderators"].replace(",", " ").split()
        return list(dict.fromkeys(names))

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or self.cleaned_data)
        zone = zone_of(values.pop("zone", "") or "UTC")
        at = values.get("scheduled_for")
        if at is not None:
            # Django has read the numbers as UTC; they were meant in the person's own zone.
            values["scheduled_for"] = at.replace(tzinfo=zone).astimezone(dt.UTC)
        return values
