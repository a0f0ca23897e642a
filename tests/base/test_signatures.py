"""Our quick signatures are Django's, byte for byte."""

from __future__ import annotations

import pytest
from django.core.signing import BadSignature, Signer
from django.test import override_settings
from django.utils.crypto import salted_hmac

from livestore.base.signatures import Signatures, keyed_hash

TEXTS = ["", "7~evening-edit~1tZq~abc", "a~b~c", "Käse und 茶", "x" * 5_000]
OURS, DJANGOS = Signatures(salt="a.salt", sep="~"), Signer(salt="a.salt", sep="~")


@pytest.mark.parametrize("text", TEXTS)
def test_a_signed_text_is_the_one_that_django_writes_and_reads(text: str) -> None:
    signed = OURS.sign(text)
    assert signed == DJANGOS.sign(text)
    assert OURS.unsign(signed) == DJANGOS.unsign(signed) == text
    assert keyed_hash("a.salt", text) == salted_hmac("a.salt", text, algorithm="sha256").hexdigest()


@pytest.mark.parametrize("text", TEXTS)
def test_another_salt_key_or_letter_is_refused(text: str) -> None:
    signed = OURS.sign(text)
    other = "B" if signed[-1] == "A" else "A"
    for forged in (
        Signatures(salt="another", sep="~").sign(text),
        Signer(salt="a.salt", sep="~", key="guessed").sign(text),
        signed[:-1] + other,
        "x" + signed,
        text,
        "",
    ):
        with pytest.raises(BadSignature):
            OURS.unsign(forged)


def test_what_is_no_unicode_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        OURS.unsign("\ud800~x")


def test_a_former_key_reads_and_the_new_one_writes() -> None:
    with override_settings(SECRET_KEY="the one of before"):
        old = OURS.sign("a text")
    with pytest.raises(BadSignature):
        OURS.unsign(old)
    with override_settings(SECRET_KEY="the new one", SECRET_KEY_FALLBACKS=["the one of before"]):
        assert OURS.unsign(old) == "a text"
        assert OURS.sign("a text") == Signer(salt="a.salt", sep="~").sign("a text") != old
