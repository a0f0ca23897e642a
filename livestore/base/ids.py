"""Identifiers that can be shown to anyone: unguessable and safe in a URL."""

from __future__ import annotations

import secrets

# No vowels and no look-alikes: an id never spells a word and can be read out over the phone.
ALPHABET = "23456789bcdfghjkmnpqrstvwxz"


# Random bytes become letters by one look-up; the few that would favour some letters are left out.
FAIR = 256 - 256 % len(ALPHABET)
LETTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
UNFAIR = bytes(range(FAIR, 256))


def public_id(prefix: str, length: int = 16) -> str:
    """`ord_7k2m...`: 16 letters of 27 are 76 bits, more than the 64 that enumeration can not reach."""
    letters = b""
    while len(letters) < length:
        letters += secrets.token_bytes(2 * length).translate(LETTERS, UNFAIR)
    return f"{prefix}_{letters[:length].decode()}"


def public_ids(prefix: str, count: int, length: int = 16) -> list[str]:
    """Many at once, from one draw of random bytes."""
    wanted = count * length
    letters = b""
    while len(letters) < wanted:
        letters += secrets.token_bytes(2 * wanted).translate(LETTERS, UNFAIR)
    text = letters.decode()
    return [f"{prefix}_{text[place : place + length]}" for place in range(0, wanted, length)]
