"""Identifiers that can be shown to anyone: unguessable and safe in a URL."""

from __future__ import annotations

import secrets

# No vowels and no look-alikes: an id never spells a word and can be read out over the phone.
ALPHABET = "23456789bcdfghjkmnpqrstvwxz"


def public_id(prefix: str, length: int = 16) -> str:
    """`ord_7k2m...`: 16 letters of 27 are 76 bits, more than the 64 that enumeration can not reach."""
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(length))
