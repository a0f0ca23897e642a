"""Addresses of WebSockets."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path

from streams.room.consumer import nowhere, room
from streams.video.ingest.socket import camera
from streams.video.socket import video

# Channels routes ASGI applications with Django's patterns; the stubs know views only.
_room: Any = room
_video: Any = video
_camera: Any = camera
_nowhere: Any = nowhere
websocket_urlpatterns = [
    path("ws/shows/<slug:slug>/", _room),
    path("ws/shows/<slug:slug>/video/", _video),
    path("ws/shows/<slug:slug>/camera/", _camera),
    re_path(r"", _nowhere),
]
