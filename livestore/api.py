"""The HTTP API under /api/v1/: one router per capability, one error shape for all."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from livestore.base.errors import Invalid, LoginRequired, NotFound, Refusal

api = NinjaAPI(
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
):
    api.add_router("", import_module(capability).router)


def _answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    response = api.create_response(request, {"error": refusal.as_json()}, status=refusal.status)
    if refusal.retry_after_ms is not None:
        response.headers["Retry-After"] = str(max(1, round(refusal.retry_after_ms / 1000)))
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
