"""The API where no route answers: still our error shape, never a page for people."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client

from tests import cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_is_an_error_that_programs_can_read(method: str) -> None:
    answer = getattr(Client(), method)("/api/v1/nothing/here")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_a_wrong_method_is_an_error_that_programs_can_read() -> None:
    answer = Client().delete("/api/v1/shows")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "wrong_method")
    assert {each.strip() for each in answer.headers["Allow"].split(",")} == {"GET", "POST"}


def test_a_database_that_is_away_is_told_to_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **more: object) -> None:
        raise OperationalError("the server closed the connection")

    cast.product("silk-bonnet")
    monkeypatch.setattr("shop.catalogue.selectors.search_products", away)
    answer = Client().get("/api/v1/products")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["retry"]) == (503, "busy", True)
    assert answer.headers["Retry-After"] == "1"


def test_a_fault_of_ours_is_an_error_that_programs_can_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wrong(*args: object, **more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("shop.catalogue.selectors.search_products", wrong)
    answer = Client(raise_request_exception=False).get("/api/v1/products")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "error")
