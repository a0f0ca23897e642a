"""The one address."""

from __future__ import annotations

from django.urls import path

from bench.peers.naive.views import buy

urlpatterns = [path("buy/<int:product>/", buy)]
