"""H.264 of encoders becomes what MP4 wants; what is none is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.video.path.h264 import (
    LARGEST_CONFIG,
    NotH264,
    is_record,
    length_prefixed,
    record,
    units,
)
from tests.streams.video.filming import shot

SPS, PPS = bytes([0x67, 66, 0xC0, 30, 1]), bytes([0x68, 0xCE, 1])
STARTED = b"\0\0\0\1" + SPS + b"\0\0\1" + PPS


def test_parameter_sets_become_one_record() -> None:
    made = record(STARTED)

    assert made == bytes([1, 66, 0xC0, 30, 0xFF, 0xE1, 0, 5]) + SPS + bytes([1, 0, 3]) + PPS
    assert is_record(made)


def test_a_record_stays_as_it_is() -> None:
    made = shot(0.1, audio=False).video.config

    assert record(made) == made


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"no start code at all",
        b"\0\0\1" + SPS,
        b"\0\0\1" + PPS,
        b"\0\0\1\x67\0\0\1" + PPS,
        STARTED + bytes([1]) * LARGEST_CONFIG,
        bytes([1]) * (LARGEST_CONFIG + 1),
    ],
    ids=["empty", "garbage", "no PPS", "no SPS", "short SPS", "long", "long record"],
)
def test_what_has_no_parameter_sets_is_refused(stream: bytes) -> None:
    with pytest.raises(NotH264):
        record(stream)


UNIT = st.binary(min_size=1, max_size=40).map(
    # A unit holds no start code (emulation prevention) and does not end with a zero.
    lambda data: data.replace(b"\0", b"\2") + b"\x80"
)


@given(st.lists(UNIT, max_size=8), st.sampled_from([b"\0\0\1", b"\0\0\0\1"]))
def test_units_are_found_whatever_their_start_codes(found: list[bytes], start: bytes) -> None:
    stream = b"".join(start + unit for unit in found)

    assert units(stream) == found
    assert length_prefixed(stream) == b"".join(len(u).to_bytes(4, "big") + u for u in found)


@given(st.binary(max_size=300))
def test_garbage_is_refused_or_becomes_a_record(stream: bytes) -> None:
    with contextlib.suppress(NotH264):
        assert is_record(record(stream))
