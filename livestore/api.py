"""The HTTP API under /api/v1/: one router per capability, one error shape for all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from importlib import import_module
from inspect import iscoroutinefunction
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import server_error
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import JSONRenderer

from livestore.base.errors import Busy, Invalid, LoginRequired, NotFound, Refusal

logger = logging.getLogger(__name__)


class Compact(JSONRenderer):
    """JSON without blanks, the same bytes as `livestore.thin` writes; what orjson does not know goes ninja's way."""

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> Any:
        try:
            return orjson.dumps(data, default=self._encoder.default)
        except TypeError:
            return super().render(request, data, response_status=response_status)

    _encoder = JSONRenderer.encoder_class()


api = NinjaAPI(
    renderer=Compact(),
    title="livestore",
    version="1.0.0",
    description="Everything that a page can do. Errors are `{error: {code, message, retry, ...}}`.",
    openapi_url="/openapi.json",
    docs_url=None,
    urls_namespace="api",
)

for capability in (
    "accounts.people.api",
    "shop.catalogue.api",
    "shop.carts.api",
    "shop.checkout.api",
    "shop.orders.api",
    "shop.payments.api",
    "streams.shows.api",
    "streams.video.api",
    "streams.video.replay.api",
):
    api.add_router("", import_module(capability).router)


def _answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    response = api.create_response(request, {"error": refusal.as_json()}, status=refusal.status)
    if (seconds := refusal.retry_after_seconds) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return _answer(request, refusal)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    fields: dict[str, str] = {}
    for error in problem.errors:
        place: tuple[Any, ...] = tuple(error["loc"])
        fields[".".join(str(part) for part in place[1:] if part != "body") or "body"] = error["msg"]
    return _answer(request, Invalid(fields=fields))


@api.exception_handler(AuthenticationError)
def _who(request: HttpRequest, problem: AuthenticationError) -> HttpResponse:
    return _answer(request, LoginRequired())


@api.exception_handler(Http404)
def _missing(request: HttpRequest, problem: Http404) -> HttpResponse:
    return _answer(request, NotFound())


@api.exception_handler(HttpError)
def _plain(request: HttpRequest, problem: HttpError) -> HttpResponse:
    code = {400: "bad_request", 403: "not_allowed", 405: "wrong_method"}.get(
        problem.status_code, "refused"
    )
    return _answer(request, Refusal(str(problem), code=code, status=problem.status_code))


# ---- what never reaches a route: programs get our error shape there too, not a page for people


@csrf_exempt
def nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    """Any other address below /api/v1/."""
    return _answer(request, NotFound("There is no such address in this API."))


def broken(request: HttpRequest) -> HttpResponse:
    """`handler500`: the API's shape below /api/, else the usual page. Django has logged the exception."""
    if not request.path.startswith("/api/"):
        return server_error(request)
    wrong = Refusal("Something went wrong on our side.", code="error", retry=True, status=500)
    return _answer(request, wrong)


def _shaped(view: Callable[..., Any]) -> Callable[..., Any]:
    """What a route answers, and what it could not answer, in our error shape."""

    def away(request: HttpRequest) -> HttpResponse:
        logger.warning("%s %s: the database is away", request.method, request.path)
        return _answer(request, Busy("We are back in a moment.", retry_after_ms=1_000))

    def checked(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        wrong = Refusal("This address knows other methods.", code="wrong_method", status=405)
        answer = _answer(request, wrong)
        answer.headers["Allow"] = response.headers["Allow"]
        return answer

    @wraps(view)
    def shaped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return checked(request, view(request, *args, **kwargs))
        except (OperationalError, InterfaceError):
            return away(request)

    @wraps(view)
    async def shaped_async(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return checked(request, await view(request, *args, **kwargs))
        except (OperationalError, InterfaceError):
            return away(request)

    return shaped_async if iscoroutinefunction(view) else shaped


def urls() -> tuple[list[Any], str, str]:
    """The routes of the API, for `path()`."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        if pattern.callback is not None:
            pattern.callback = _shaped(pattern.callback)
    return patterns, app, namespace
