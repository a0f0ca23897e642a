"""What Django's middleware puts on every answer: learnt from the middleware itself, once for each kind of request.

So the thin door has no list of security headers of its own that could fall behind the settings.
"""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse

Headers = list[tuple[bytes, bytes]]
CONTENT_TYPE = "application/json; charset=utf-8"


class _Around(BaseHandler):
    """The middleware around an empty answer; `reads_session` as the check of a session's owner does."""

    def __init__(self, *, reads_session: bool) -> None:
        super().__init__()
        self._reads_session = reads_session
        self.load_middleware()

    def _get_response(self, request: HttpRequest) -> HttpResponse:
        # Django calls this where it would look for the view (BaseHandler.load_middleware).
        if self._reads_session:
            assert request.user.is_anonymous
        return HttpResponse(content_type=CONTENT_TYPE, status=HTTPStatus.CREATED)


def dress(scope: dict[str, Any], *, reads_session: bool) -> Headers:
    """Every header of an answer to such a request but `Content-Length`, in Django's order.

    `scope` is one whose host was let in. Cookies are left out: no answer to an order sets one.
    """
    anonymous = [
        (name, value)
        for name, value in scope["headers"]
        if name not in {b"cookie", b"authorization"}
    ]
    request = ASGIRequest(scope | {"headers": anonymous}, io.BytesIO())
    response = _Around(reads_session=reads_session).get_response(request)
    if response.status_code != HTTPStatus.CREATED:
        raise RuntimeError(f"the middleware answers {response.status_code} by itself")
    return [
        (name.encode("ascii"), value.encode("latin1"))
        for name, value in response.items()
        if name.lower() != "content-length"
    ]
