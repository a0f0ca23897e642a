"""Pages about people."""

from __future__ import annotations

from django.urls import URLPattern, path

from accounts.people import pages
from accounts.people.faces import avatar

urlpatterns: list[URLPattern] = [
    path("avatars/<int:pk>.svg", avatar, name="avatar"),
    path("login/", pages.Login.as_view(), name="login"),
    path("signup/", pages.signup, name="signup"),
    path("logout/", pages.logout, name="logout"),
    path("account/", pages.account, name="account"),
    path("follow/<str:username>/", pages.follow, name="follow"),
]
