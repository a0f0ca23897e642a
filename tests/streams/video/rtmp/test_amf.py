"""AMF0: what commands are made of, and no more of it than a command needs."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from streams.video.rtmp import amf
from streams.video.rtmp.amf import BadAmf


def test_what_is_encoded_is_decoded() -> None:
    values: list[Any] = [
        "connect",
        1.0,
        {"app": "live", "fpad": False, "name": "Lindenstraße", "none": None, "more": {"a": 2.0}},
        None,
        True,
    ]
    assert amf.decode(amf.encode(*values)) == values


def test_the_kinds_that_only_senders_write_are_read() -> None:
    ecma = b"\x08\xff\xff\xff\xff\x00\x01a\x05\x00\x00\x09"
    strict = b"\x0a" + struct.pack(">I", 2) + b"\x06\x01\x01"
    date = b"\x0b" + struct.pack(">dh", 5.0, 0)
    text = b"\x0c" + struct.pack(">I", 3) + b"abc"
    assert amf.decode(ecma + strict + date + text) == [{"a": None}, [None, True], 5.0, "abc"]


def test_a_deep_one_is_refused() -> None:
    nest = b"\x03" + b"\x00\x01a\x03" * 3000
    with pytest.raises(BadAmf, match="too deep"):
        amf.decode(nest)
    arrays = (b"\x0a" + struct.pack(">I", 1)) * 3000
    with pytest.raises(BadAmf, match="too deep"):
        amf.decode(arrays)


def test_a_long_one_is_refused() -> None:
    with pytest.raises(BadAmf, match="too long"):
        amf.decode(b"\x05" * 5000)
    with pytest.raises(BadAmf, match="too long"):
        amf.decode(b"\x0a" + struct.pack(">I", 0xFFFFFFFF) + b"\x05" * 5000)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01",
        b"\x02\xff\xffabc",
        b"\x0c\xff\xff\xff\xffabc",
        b"\x03\x00\x01a",
        b"\x03\x00\x01a\x05",
        b"\x08\x00",
        b"\x0a\x00\x00\x00\x05\x05",
    ],
)
def test_a_claim_without_its_bytes_is_refused(data: bytes) -> None:
    with pytest.raises(BadAmf, match="ends before"):
        amf.decode(data)


@pytest.mark.parametrize("kind", [4, 7, 9, 13, 16, 17, 255])
def test_unknown_kinds_are_refused(kind: int) -> None:
    with pytest.raises(BadAmf, match="unknown"):
        amf.decode(bytes([kind]) + bytes(20))
