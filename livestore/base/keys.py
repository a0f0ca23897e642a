"""The idempotency key of an HTTP request: one act, however often it is sent."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from ninja import Header
from pydantic import BeforeValidator

_OWN_NAMES = uuid.UUID("5b0f3a52-5a0e-4a39-9c3e-4d6c56f4a1d7")


def key_of(text: Any) -> Any:
    """A UUID as it is; any other text of up to 255 letters as the UUID that always stands for it."""
    if not isinstance(text, str) or not 1 <= len(text) <= 255:
        return text
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid5(_OWN_NAMES, text)


Key = Annotated[uuid.UUID, BeforeValidator(key_of), Header(alias="Idempotency-Key")]
"""`Idempotency-Key`, for every route that moves money or stock; without it the answer is 422."""
