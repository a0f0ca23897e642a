"""Addresses of WebSockets."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path

from streams.room.consumer import nowhere, room

# Channels routes ASGI applications with Django's patterns; the stubs know views only.
_room: Any = room
_nowhere: Any = nowhere
websocket_urlpatterns = [
    path("ws/shows/<slug:slug>/", _room),
    re_path(r"", _nowhere),
]
