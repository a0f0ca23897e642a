"""What every page shares: the content security policy and a few facts for templates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Scripts and styles come from our own files only; drawn pictures are SVG from our own address.
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob: https:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
    ]
)
# The admin theme (django-unfold) brings Alpine, which evaluates expressions.
ADMIN_POLICY = POLICY.replace(
    "script-src 'self'", "script-src 'self' 'unsafe-eval' 'unsafe-inline'"
)


class ContentSecurityPolicy:
    """Middleware that works the same under sync and async handlers."""

    sync_capable = True
    async_capable = True

    def __init__(
        self, get_response: Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]
    ) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if iscoroutinefunction(self.get_response):
            return self._later(request)
        response = self.get_response(request)
        assert isinstance(response, HttpResponse)
        return self._mark(request, response)

    async def _later(self, request: HttpRequest) -> HttpResponse:
        response = await self.get_response(request)  # type: ignore[misc]
        return self._mark(request, response)

    def _mark(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        policy = ADMIN_POLICY if request.path.startswith("/admin/") else POLICY
        # A page for frames says whose: see streams.video.embed.
        framed_by = getattr(response, "frame_ancestors", None)
        if framed_by:
            policy = policy.replace(
                "frame-ancestors 'none'", "frame-ancestors " + " ".join(framed_by)
            )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "camera=(self), microphone=(self)")
        return response


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    return {"demo": settings.DEMO}
