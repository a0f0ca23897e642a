"""The operator's page in the admin: how the house is doing, live."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from livestore.base.publishing import everybody
from livestore.overview import Overview

PERMISSION = "base.view_operations"
View = Callable[[HttpRequest], HttpResponseBase]


def may_see(request: HttpRequest) -> bool:
    """Whether the page is in somebody's sidebar; also called by the theme."""
    return request.user.has_perm(PERMISSION)


def _for_operators(view: View) -> View:
    """Staff with the permission only; others are asked to log in, or refused."""

    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponseBase:
        if not may_see(request):
            raise PermissionDenied
        return view(request)

    return admin.site.admin_view(checked)


def page(request: HttpRequest) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": "Operations"}
    return TemplateResponse(request, "admin/operations.html", context)


def figures(request: HttpRequest) -> JsonResponse:
    """What the page asks for every two seconds."""
    return JsonResponse(Overview(everybody()).as_json())


def urls() -> list[URLPattern]:
    """To be listed before the admin's own addresses."""
    return [
        path("admin/operations/", _for_operators(page), name="operations"),
        path("admin/operations/figures.json", _for_operators(figures), name="operations-figures"),
    ]
