"""Forms of the account pages. They decode and show; the services decide and write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest

from accounts.people import throttle
from accounts.people.cards import PAYS, TEST_CARDS
from accounts.people.countries import COUNTRIES
from accounts.people.models import Address, User
from livestore.base.errors import Refusal

LOST = "Please fill this in, the parcel needs it."


def add_refusal(form: forms.Form, refusal: Refusal, **renamed: str) -> None:
    """Put the sentences of a refusal under the fields of a form; what has no field goes on top."""
    for name, sentence in (refusal.fields or {}).items():
        field = renamed.get(name, name)
        form.add_error(field if field in form.fields else None, sentence)
    if not refusal.fields:
        form.add_error(None, refusal.message)


class LoginForm(AuthenticationForm):
    """Django's login form, with a pause after too many failures."""

    error_messages = {
        "invalid_login": "This name and password do not fit together. Capital letters count.",
        "inactive": "This account is closed.",
        "too_many": throttle.TOO_MANY,
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "User name"

    def clean(self) -> dict[str, Any]:
        username = str(self.cleaned_data.get("username") or "")
        address = throttle.address_of_request(self.request) if self.request else ""
        if throttle.is_blocked(username=username, address=address):
            raise forms.ValidationError(self.error_messages["too_many"], code="too_many")
        try:
            cleaned = super().clean()
        except forms.ValidationError:
            throttle.count_failure(username=username, address=address)
            raise
        throttle.forget(username=username, address=address)
        return cleaned


class SignUpForm(forms.Form):
    """Name, password, done. Address and card are asked for when they are needed."""

    display_name = forms.CharField(
        label="Your name",
        max_length=60,
        help_text="As hosts and other viewers see it.",
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "autofocus": True}),
    )
    username = forms.CharField(
        label="User name",
        max_length=150,
        help_text="For logging in: letters, digits and @ . + - _",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    email = forms.EmailField(
        label="E-mail",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=256,
        help_text="At least eight characters, not only digits.",
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password"},
            render_value=True,  # a mistake in another field does not cost the password
        ),
    )


class NameForm(forms.Form):
    display_name = forms.CharField(
        label="Your name",
        max_length=60,
        required=False,
        help_text="As hosts and other viewers see it.",
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )


class AddressForm(forms.Form):
    """The fields of Address."""

    prefix = "address"
    full_name = forms.CharField(
        label="Name",
        max_length=100,
        error_messages={"required": LOST},
        widget=forms.TextInput(attrs={"autocomplete": "shipping name"}),
    )
    line1 = forms.CharField(
        label="Street and number",
        max_length=120,
        error_messages={"required": LOST},
        widget=forms.TextInput(attrs={"autocomplete": "shipping address-line1"}),
    )
    line2 = forms.CharField(
        label="More",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "shipping address-line2"}),
    )
    postal_code = forms.CharField(
        label="Postal code",
        max_length=16,
        error_messages={"required": LOST},
        widget=forms.TextInput(attrs={"autocomplete": "shipping postal-code"}),
    )
    city = forms.CharField(
        label="City",
        max_length=80,
        error_messages={"required": LOST},
        widget=forms.TextInput(attrs={"autocomplete": "shipping address-level2"}),
    )
    country = forms.ChoiceField(
        label="Country",
        choices=COUNTRIES,
        initial="DE",
        widget=forms.Select(attrs={"autocomplete": "shipping country"}),
    )

    @classmethod
    def of(cls, address: Address | None, data: Mapping[str, Any] | None = None) -> AddressForm:
        """Filled with the saved address, or bound to what was typed."""
        return cls(data, initial=address.as_json() if address else None)


class CardForm(forms.Form):
    """One of the test cards. `choices` carry the plain labels, the template draws them."""

    prefix = "card"
    number = forms.ChoiceField(
        label="Test card",
        choices=[(card.number, card.label) for card in TEST_CARDS],
        initial=PAYS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Please choose a card.",
            "invalid_choice": "Please choose a card.",
        },
    )


class NewPasswordForm(PasswordChangeForm):
    """Django's form; the service does the writing."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["old_password"].label = "Password until now"
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["new_password1"].label = "New password"
        self.fields["new_password1"].help_text = "At least eight characters, not only digits."
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""
