"""Errors that people and programs can act on: a stable code, a sentence, and whether to try again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """The act was understood and refused; nothing was changed.

    code     stable word for programs, e.g. `sold_out`
    message  one sentence for people
    retry    whether the same act may succeed later without being changed
    fields   {field: sentence} for input that has to be corrected (HTTP 422)
    data     facts that help to decide, e.g. the new prices of `price_changed`
    status   the HTTP status that says the same
    """

    code = "refused"
    message = "That was not possible."
    status = 409
    retry = False

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        retry: bool | None = None,
        retry_after_ms: int | None = None,
        fields: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
        status: int | None = None,
    ) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.retry = self.retry if retry is None else retry
        self.retry_after_ms = retry_after_ms
        self.fields = dict(fields) if fields else None
        self.data = dict(data) if data else None
        self.status = status or self.status
        super().__init__(f"{self.code}: {self.message}")

    @property
    def retry_after_seconds(self) -> int | None:
        """The same for the header `Retry-After`, which knows whole seconds only."""
        if self.retry_after_ms is None:
            return None
        return max(1, round(self.retry_after_ms / 1000))

    def as_json(self) -> dict[str, Any]:
        """`{"code", "message", "retry", "retry_after_ms"?, "fields"?, "data"?}`, the same on every door."""
        body: dict[str, Any] = {"code": self.code, "message": self.message, "retry": self.retry}
        if self.retry_after_ms is not None:
            body["retry_after_ms"] = self.retry_after_ms
        if self.fields:
            body["fields"] = self.fields
        if self.data:
            body["data"] = self.data
        return body


class Invalid(Refusal):
    code, status = "invalid", 422
    message = "Some of the values can not be used."


class LoginRequired(Refusal):
    code, status = "login_required", 401
    message = "Please log in first."


class NotAllowed(Refusal):
    code, status = "not_allowed", 403
    message = "You are not allowed to do that."


class NotFound(Refusal):
    code, status = "not_found", 404
    message = "That does not exist."


class Conflict(Refusal):
    code, status = "conflict", 409
    message = "That does not fit what happened meanwhile."


class KeyReused(Refusal):
    code, status = "key_reused", 409
    message = "This key was already used for something else."


class Busy(Refusal):
    code, status, retry = "busy", 503, True
    message = "Very many people are here right now. Please try again in a moment."


class TooFast(Refusal):
    code, status, retry = "too_fast", 429, True
    message = "That was a little too fast."
