"""The one app of the naive shop."""

from __future__ import annotations

from django.apps import AppConfig


class Naive(AppConfig):
    name = "bench.peers.naive"
    label = "naive"
