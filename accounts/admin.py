"""People in the admin. Passwords, tickets and tokens are never shown; changing who may come in closes sockets."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import Address, ApiToken, Card, User
from accounts.people import services
from livestore.base.desk import Desk, ReadOnlyDesk, ReadOnlyInline
from livestore.base.errors import NotAllowed

admin.site.unregister(Group)


class AddressInline(ReadOnlyInline):
    model = Address


class CardInline(ReadOnlyInline):
    model = Card
    fields = ("ending", "expires")
    readonly_fields = ("ending",)

    @display(description="Card")
    def ending(self, card: Card) -> str:
        return f"•••• {card.last4}"


class PersonForm(UserChangeForm):
    """Fields carry the value that was on the page: a page left open never puts an old role back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in (
            "username",
            "display_name",
            "email",
            "is_host",
            "is_staff",
            "is_superuser",
            "is_active",
        ):
            if name in self.fields:
                self.fields[name].show_hidden_initial = True


class PersonPasswordForm(AdminPasswordChangeForm):
    """A new password closes the person's open rooms, as everywhere else."""

    def save(self, commit: bool = True) -> User:
        user: User = self.user
        if not self.cleaned_data.get("set_usable_password", True):
            super().save(commit=commit)
            services.sign_out(user=user)
            return user
        services.change_password(user=user, password=self.cleaned_data["password1"])
        return user


@admin.register(User)
class PersonAdmin(BaseUserAdmin, Desk):  # type: ignore[type-arg]
    form = PersonForm
    add_form = UserCreationForm
    change_password_form = PersonPasswordForm
    inlines = (AddressInline, CardInline)
    list_display = (
        "username",
        "display_name",
        "roles",
        "email",
        "simulated",
        "is_active",
        "last_login",
    )
    list_filter = ("is_host", "is_staff", "is_superuser", "is_simulated", "is_active")
    search_fields = ("username", "display_name", "email")
    actions = ("deactivate",)
    readonly_fields = ("last_login", "date_joined", "is_simulated")
    fieldsets = (
        (None, {"fields": (("username", "display_name"), ("email", "password"))}),
        (
            "Roles",
            {
                "fields": (
                    ("is_host", "is_active"),
                    ("is_staff", "is_superuser"),
                    "groups",
                    "user_permissions",
                )
            },
        ),
        ("Facts", {"fields": (("last_login", "date_joined", "is_simulated"),)}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "display_name", "password1", "password2", "is_host")}),
    )

    @display(description="Roles", label={"Admin": "danger", "Host": "primary", "Viewer": "info"})
    def roles(self, user: User) -> str:
        return "Admin" if user.is_staff else "Host" if user.is_host else "Viewer"

    @display(description="Simulated", ordering="is_simulated")
    def simulated(self, user: User) -> str:
        return "simulated" if user.is_simulated else "–"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # orders and shows belong to people: they are deactivated instead

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        by: Any = request.user
        locked_out = change and "is_active" in form.changed_data and not obj.is_active
        if locked_out and obj.pk == by.pk:
            raise NotAllowed("You can not lock yourself out.")
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = {field.name for field in User._meta.concrete_fields} - {"password"}
        if locked_out:
            columns -= {"is_active"}
            services.deactivate(user=User.objects.get(pk=obj.pk))
        obj.save(update_fields=[name for name in form.changed_data if name in columns])

    @admin.action(description="Deactivate and close their rooms")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        by: Any = request.user

        def act(user: User) -> None:
            if user.pk == by.pk:
                raise NotAllowed("You can not lock yourself out.")
            services.deactivate(user=user)

        self.each(request, queryset, act, "deactivated")


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, Desk):
    """Roles made of permissions, for teams that share the admin."""


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyDesk):
    """Tokens of programs: who has one. The token itself is nowhere kept."""

    list_display = ("label", "user", "created_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("label", "user__username")
    fields = ("label", "user", "created_at", "revoked_at")
    list_select_related = ("user",)
    actions = ("revoke",)

    @admin.action(description="Revoke")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        count = queryset.filter(revoked_at=None).update(revoked_at=Now())
        self.message_user(request, f"{count} tokens revoked.")
