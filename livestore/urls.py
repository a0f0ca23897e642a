"""Addresses. Each app lists its own pages; the API and the health checks are wired here."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from livestore import api, operations
from livestore.health import healthz, readyz
from livestore.metrics import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("streams.urls")),
    path("", include("shop.urls")),
    path("", include("accounts.urls")),
    path("api/v1/", api.urls()),
    path("api/v1/<path:rest>", api.nothing_here),
    *operations.urls(),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("metrics", metrics),
    path("readyz", readyz),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]

handler500 = api.broken
