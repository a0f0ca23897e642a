"""Login, sign-up, the account, following. Thin doors: decode, call one service, show."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.people import selectors, services
from accounts.people.acts import safe_next, sentence_for
from accounts.people.cards import TEST_CARDS
from accounts.people.forms import (
    AddressForm,
    CardForm,
    LoginForm,
    NameForm,
    NewPasswordForm,
    SignUpForm,
    add_refusal,
)
from accounts.people.models import User
from livestore.base.errors import Refusal

DEMO_LOGINS = (
    ("viewer", "watches and buys"),
    ("host", "runs shows"),
    ("moderator", "keeps the chat kind"),
    ("admin", "keeps the shop"),
)


def _someone(request: HttpRequest) -> User:
    return cast(User, request.user)


class Login(LoginView):
    """Django's login; a page to go back to is checked by Django and survives a detour to sign-up."""

    authentication_form = LoginForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted = safe_next(self.request, "")
        context = super().get_context_data(**kwargs)
        return context | {
            "next": wanted,
            "waiting": sentence_for(wanted),
            "sign_up": reverse("signup") + (f"?{urlencode({'next': wanted})}" if wanted else ""),
            "demo_logins": DEMO_LOGINS if settings.DEMO else (),
        }


@never_cache
@sensitive_post_parameters("password")
def signup(request: HttpRequest) -> HttpResponse:
    """Join and be logged in, back where one came from."""
    wanted = safe_next(request, "")
    if request.user.is_authenticated:
        return HttpResponseRedirect(wanted or settings.LOGIN_REDIRECT_URL)
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.sign_up(**form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            start_session(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return HttpResponseRedirect(wanted or settings.LOGIN_REDIRECT_URL)
    log_in = reverse("login") + (f"?{urlencode({'next': wanted})}" if wanted else "")
    context = {
        "form": form,
        "next": wanted,
        "waiting": sentence_for(wanted).replace("Log in", "Join"),
        "log_in": log_in,
    }
    return render(request, "accounts/signup.html", context, status=422 if form.errors else 200)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End this session; open rooms of this person are closed too."""
    if request.user.is_authenticated:
        services.sign_out(user=_someone(request))
    end_session(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@login_required
@sensitive_post_parameters()
def account(request: HttpRequest) -> HttpResponse:
    """Name, address, card, password and followed hosts; each part is a form of its own."""
    user = _someone(request)
    forms = _forms(user)
    if request.method == "POST":
        part = request.POST.get("part", "")
        if part in forms:
            forms[part] = _bound(user, part, request)
            if forms[part].is_valid() and _save(user, part, forms[part], request):
                return redirect(f"{reverse('account')}#{part}")
    context = {
        "forms": forms,
        "address": selectors.address_of(user),
        "card": selectors.card_of(user),
        "cards": TEST_CARDS,
        "hosts": selectors.followed_hosts(user),
        "wrong": next((part for part, form in forms.items() if form.errors), ""),
    }
    return render(
        request, "accounts/account.html", context, status=422 if context["wrong"] else 200
    )


def _forms(user: User) -> dict[str, Any]:
    card = selectors.card_of(user)
    return {
        "name": NameForm(initial={"display_name": user.display_name}),
        "address": AddressForm.of(selectors.address_of(user)),
        "card": CardForm(initial={"number": card.number} if card else None),
        "password": NewPasswordForm(user),
    }


def _bound(user: User, part: str, request: HttpRequest) -> Any:
    if part == "password":
        return NewPasswordForm(user, request.POST)
    kinds = {"name": NameForm, "address": AddressForm, "card": CardForm}
    return kinds[part](request.POST)


def _save(user: User, part: str, form: Any, request: HttpRequest) -> bool:
    values = form.cleaned_data
    try:
        if part == "name":
            services.rename(user=user, display_name=values["display_name"])
            messages.success(request, "Your name is saved.")
        elif part == "address":
            services.save_address(user=user, fields=values)
            messages.success(request, "Your address is saved.")
        elif part == "card":
            services.save_card(user=user, number=values["number"])
            messages.success(request, "Your card is saved.")
        else:
            services.change_password(user=user, password=values["new_password1"])
            update_session_auth_hash(request, user)
            messages.success(request, "Your password is changed. Every other device is logged out.")
    except Refusal as refusal:
        add_refusal(form, refusal, password="new_password1")
        return False
    return True


@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest, username: str) -> HttpResponse:
    """Follow a host, or stop (`act=stop`); back to where one was.

    A guest logs in first and comes back to this address by GET: one question, the act still in hand.
    """
    back = safe_next(request)
    host = selectors.host_by_username(username)
    if host is None:
        raise Http404("There is no such host.")
    if not request.user.is_authenticated:
        here = f"{reverse('follow', args=[username])}?{urlencode({'next': back})}"
        return redirect(f"{reverse('login')}?{urlencode({'next': here})}")
    user = _someone(request)
    if request.method == "GET":
        if user.pk == host.pk or selectors.follows(user, host):
            return HttpResponseRedirect(back)
        return render(request, "accounts/follow.html", {"host": host, "back": back})
    following = request.POST.get("act") != "stop"
    try:
        if following:
            services.follow(follower=user, host=host)
        else:
            services.unfollow(follower=user, host=host)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(back)
    if getattr(request, "htmx", False):
        context = {"host": host, "following": following, "back": back}
        return render(request, "parts/follow.html", context)
    return HttpResponseRedirect(back)
