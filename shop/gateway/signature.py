"""Signed webhooks: `Livestore-Signature: t=<unix seconds>,v1=<hmac-sha256 of "t.body", hex>`.

The timestamp is part of what is signed, so that an old message can not be sent again as a new one (the way
Stripe signs its webhooks). Several v1 entries may stand in one header while a secret is being changed.
"""

from __future__ import annotations

import hashlib
import hmac

HEADER = "Livestore-Signature"
TOLERANCE_S = 300


def _digest(raw: bytes, secret: str, stamp: int) -> str:
    return hmac.new(secret.encode(), b"%d." % stamp + raw, hashlib.sha256).hexdigest()


def sign(raw: bytes, *, secret: str, stamp: int) -> str:
    """The header's value for a body sent at `stamp` (unix seconds)."""
    return f"t={stamp},v1={_digest(raw, secret, stamp)}"


def signed_at(raw: bytes, header: str, *, secret: str) -> int | None:
    """The unix second in which this body was signed with our secret, or None if it was not."""
    parts = [piece.strip().partition("=") for piece in header.split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    if (
        len(stamps) != 1
        or not stamps[0].isascii()
        or not stamps[0].isdigit()
        or len(stamps[0]) > 12
    ):
        return None
    stamp = int(stamps[0])
    expected = _digest(raw, secret, stamp).encode()
    given = [value.encode("utf-8", "replace") for name, _, value in parts if name == "v1"]
    # Every entry is compared, in constant time each.
    return stamp if any([hmac.compare_digest(expected, each) for each in given]) else None
