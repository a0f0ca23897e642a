"""Addresses of drawn and uploaded pictures."""

from __future__ import annotations

from django.urls import URLPattern, path

from shop.catalogue.views import picture, uploaded

urlpatterns: list[URLPattern] = [
    path("pictures/<int:pk>.svg", picture, name="picture"),
    path("media/pictures/<str:name>", uploaded, name="uploaded_picture"),
]
