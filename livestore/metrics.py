"""GET /metrics: the figures of all processes, for Prometheus."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from livestore.base.metrics import CONTENT_TYPE, exposition
from livestore.base.publishing import everybody


def metrics(request: HttpRequest) -> HttpResponse:
    """With `Authorization: Bearer <LIVESTORE_METRICS_TOKEN>`; in the demo also for this machine, without one.

    Everybody else learns nothing: 404.
    """
    if not (_shows_token(request) or (settings.DEMO and _is_near(request))):
        raise Http404
    return HttpResponse(exposition(everybody().processes), content_type=CONTENT_TYPE)


def _shows_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return (
        bool(wanted)
        and scheme.lower() == "bearer"
        and hmac.compare_digest(token.strip().encode(), wanted.encode())
    )


def _is_near(request: HttpRequest) -> bool:
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
