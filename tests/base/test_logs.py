"""One JSON object a line, whose work it was, and nothing that is nobody's business."""

from __future__ import annotations

import json
import logging
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection
from pydantic import BaseModel, ValidationError

from livestore.base import process
from livestore.base.logs import GONE, JsonFormatter, LineFormatter, redacted
from livestore.base.tracing import Trace, bound


def record(message: str, *values: Any, problem: BaseException | None = None) -> logging.LogRecord:
    trouble = (type(problem), problem, problem.__traceback__) if problem else None
    return logging.LogRecord("shop.checkout", logging.INFO, __file__, 1, message, values, trouble)


def test_a_line_is_one_object_with_everything_that_is_known() -> None:
    with bound(Trace("r-1", "evening-edit", 7)):
        text = JsonFormatter().format(record("order %s\nplaced", "ord_1"))
    assert "\n" not in text
    line = json.loads(text)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "INFO",
        "logger": "shop.checkout",
        "message": "order ord_1\nplaced",
        "process": process.name(),
        "request": "r-1",
        "show": "evening-edit",
        "user": 7,
    }
    assert {"request", "show", "user"}.isdisjoint(json.loads(JsonFormatter().format(record("x"))))


def test_people_read_the_same_ids_behind_the_line() -> None:
    with bound(Trace("r-1", user=7)):
        assert (
            LineFormatter()
            .format(record("hello"))
            .endswith("shop.checkout hello [request=r-1 user=7]")
        )
    assert LineFormatter().format(record("hello")).endswith(" shop.checkout hello")


def test_an_exception_stands_in_the_same_line() -> None:
    try:
        raise ZeroDivisionError("what was asked")
    except ZeroDivisionError as problem:
        line = json.loads(JsonFormatter().format(record("failed", problem=problem)))
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ZeroDivisionError: what was asked")


SECRETS = [
    ("Authorization: Bearer abc.DEF-123", "abc.DEF-123"),
    ("{'Authorization': 'Bearer tok_9'}", "tok_9"),
    ("protocols livestore.v1, ticket.eyJhbGci-xyz:1", "eyJhbGci"),
    ("Cookie: sessionid=s3ss10n; csrftoken=f0rg3d", "s3ss10n"),
    ("Cookie: sessionid=s3ss10n; csrftoken=f0rg3d", "f0rg3d"),
    ("password=hunter2&next=/", "hunter2"),
    ("{'password': 'hunter2'}", "hunter2"),
    ("postgresql://livestore:pa55word@db:5432/x", "pa55word"),
    ("card 4242 4242 4242 4242 was declined", "4242 4242"),
    ("card 4242424242424242", "4242424242424242"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
@pytest.mark.parametrize("formatter", [JsonFormatter(), LineFormatter()])
def test_credentials_never_reach_a_log(
    text: str, secret: str, formatter: logging.Formatter
) -> None:
    for line in (
        formatter.format(record(text)),
        formatter.format(record("got %r", text)),
        formatter.format(record("failed", problem=ValueError(text))),
    ):
        assert secret not in line
        assert GONE in line


def test_what_is_no_secret_stays() -> None:
    text = (
        "order ord_x1 of user 17 placed in 0.012 s at 2026-11-20T15:04:05 (ticket for evening-edit)"
    )
    assert redacted(text) == text


@pytest.mark.django_db
def test_a_row_that_postgresql_refuses_does_not_tell_where_somebody_lives() -> None:
    street = "7 Elm {}".format("Road")  # the traceback quotes this file
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE there (street text, house integer NOT NULL)")
        with pytest.raises(IntegrityError) as caught:
            cursor.execute("INSERT INTO there VALUES (%s, NULL)", [street])
    assert isinstance(caught.value.__cause__, psycopg.Error)
    assert street in str(caught.value)  # so it would be told
    line = JsonFormatter().format(record("refused: %s", caught.value, problem=caught.value))
    assert street not in line
    assert "not-null" in line


def test_a_body_that_is_no_order_is_not_repeated() -> None:
    class Body(BaseModel):
        quantity: int

    said = {"quantity": "to my house, 7 Elm {}".format("Road")}  # not in a line of the traceback
    with pytest.raises(ValidationError) as caught:
        Body.model_validate(said)
    assert "Elm Road" in str(caught.value)
    line = JsonFormatter().format(record("refused", problem=caught.value))
    assert "Elm Road" not in line
    assert "quantity" in line
