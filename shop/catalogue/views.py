"""Serving drawn pictures."""

from __future__ import annotations

from collections import OrderedDict
from mimetypes import guess_type
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils._os import safe_join
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from shop.catalogue.drawing import draw
from shop.catalogue.models import Picture
from shop.catalogue.pictures import DEFAULT_TINT, drawing_version

KEPT = 2_000  # pictures of about 4 KB each
FOR_EVER = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"

_drawn: OrderedDict[tuple[int, str], bytes] = OrderedDict()
_lock = Lock()


def _remember(key: tuple[int, str], svg: bytes) -> None:
    with _lock:
        _drawn[key] = svg
        _drawn.move_to_end(key)
        while len(_drawn) > KEPT:
            _drawn.popitem(last=False)


def _dressed(response: HttpResponse, version: str, asked: str) -> HttpResponse:
    response.headers["ETag"] = f'"{version}"'
    response.headers["Cache-Control"] = FOR_EVER if asked == version else FOR_AN_HOUR
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """One drawn picture. With its current `?v=` it never changes; without, it is looked at every hour."""
    asked = request.GET.get("v", "")
    version, svg = asked, _drawn.get((pk, asked)) if asked else None
    if svg is None:
        found = Picture.objects.select_related("product__category").filter(pk=pk).first()
        if found is None or not found.drawing:
            raise Http404
        category = found.product.category
        tint = category.tint if category else DEFAULT_TINT
        version = drawing_version(found.drawing, tint)
        svg = _drawn.get((pk, version)) or draw(found.drawing, ground=tint).encode()
        _remember((pk, version), svg)
    if f'"{version}"' in parse_etags(request.headers.get("If-None-Match", "")):
        return _dressed(HttpResponseNotModified(), version, asked)
    return _dressed(HttpResponse(svg, content_type="image/svg+xml"), version, asked)


@require_safe
def uploaded(request: HttpRequest, name: str) -> HttpResponse:
    """An uploaded picture. A web server in front may serve the folder itself; file names never repeat."""
    try:
        path = Path(safe_join(settings.MEDIA_ROOT, "pictures", name))
    except SuspiciousFileOperation:
        raise Http404 from None
    kind = guess_type(path.name)[0] or ""
    if not kind.startswith("image/") or kind == "image/svg+xml" or not path.is_file():
        raise Http404
    answer = HttpResponse(path.read_bytes(), content_type=kind)
    answer.headers["Cache-Control"] = FOR_EVER
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
