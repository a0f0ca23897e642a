"""Addresses of shows: the home page, rooms, and the studio."""

from __future__ import annotations

from django.urls import URLPattern, path

from streams.room.pages import room, room_item
from streams.shows.pages import home
from streams.shows.studio import console, plan, studio, studio_new
from streams.video.embed.pages import embed
from streams.video.stills import still

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("shows/<slug:slug>/", room, name="room"),
    path("shows/<slug:slug>/items/", room_item, name="room_items"),
    path("shows/<slug:slug>/items/<int:number>/", room_item, name="room_item"),
    path("shows/<slug:slug>/still.jpg", still, name="still"),
    path("embed/<slug:slug>", embed, name="embed"),
    path("studio/", studio, name="studio"),
    path("studio/new/", studio_new, name="studio_new"),
    path("studio/<slug:slug>/", plan, name="studio_plan"),
    path("studio/<slug:slug>/console/", console, name="studio_console"),
]
