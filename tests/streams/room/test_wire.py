"""Frames of clients: however the bytes are cut, the messages are the same; what breaks the rules is found once."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.room.wire import (
    FAILED,
    LARGEST,
    MOST_FRAGMENTS,
    Message,
    Reader,
    close_code,
    close_frame,
    unmask,
)
from tests.streams.room.client_frames import BINARY, CLOSE, PING, PONG, TEXT, frame, goodbye

Piece = tuple[bytes, Message | None]
"""Bytes on the wire, and the message that is complete with them."""


def heard(data: bytes, cuts: list[int]) -> list[Message]:
    """What a reader makes of the bytes, cut at these places."""
    reader, found, last = Reader(), [], 0
    for cut in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        found += reader.feed(data[last:cut])
        last = cut
    return found


@st.composite
def control(draw: st.DrawFn) -> Piece:
    opcode = draw(st.sampled_from([PING, PONG]))
    payload = draw(st.binary(max_size=125))
    return frame(opcode, payload), (opcode, payload)


@st.composite
def message(draw: st.DrawFn) -> list[Piece]:
    """One message in one to five fragments, with control frames between them."""
    text = draw(st.booleans())
    words = draw(st.text(max_size=300)) * draw(st.sampled_from([1, 1, 9]))
    payload = words.encode()[:LARGEST] if text else draw(st.binary(max_size=300))
    if text:
        payload = payload.decode("utf-8", "ignore").encode()
    places = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=4)))
    parts = [payload[a:b] for a, b in zip([0, *places], [*places, len(payload)], strict=True)]
    pieces: list[Piece] = []
    for number, part in enumerate(parts):
        opcode = 0 if number else TEXT if text else BINARY
        last = number == len(parts) - 1
        whole: Message | None = (TEXT, payload.decode()) if text else (BINARY, payload)
        pieces.append((frame(opcode, part, final=last), whole if last else None))
        if not last:
            pieces += draw(st.lists(control(), max_size=2))
    return pieces


@given(
    st.lists(st.one_of(message(), control().map(lambda piece: [piece])), max_size=6),
    st.lists(st.integers(0, 10_000), max_size=12),
)
def test_any_cut_of_the_bytes_gives_the_same_messages(
    pieces: list[list[Piece]], cuts: list[int]
) -> None:
    data = b"".join(part for group in pieces for part, _ in group)
    wanted = [each for group in pieces for _, each in group if each is not None]
    assert heard(data, cuts) == wanted
    assert heard(data, list(range(len(data)))) == wanted, "byte by byte"
    reader = Reader()
    reader.feed(data)
    assert reader.between_messages, "nothing is remembered, so the reader can serve somebody else"


BROKEN = {
    "not masked": frame(TEXT, b"hello", masked=False),
    "a reserved bit": frame(TEXT, b"hello", reserved=0x40),
    "an unknown kind": frame(3, b"hello"),
    "an unknown control frame": frame(11, b"hello"),
    "a ping in parts": frame(PING, b"hello", final=False),
    "a long ping": frame(PING, b"x" * 126),
    "a fragment of nothing": frame(0, b"hello"),
    "a message in a message": frame(TEXT, b"a", final=False) + frame(TEXT, b"b"),
    "too big": frame(TEXT, b"x" * (LARGEST + 1)),
    "far too big": frame(TEXT, b"x" * 70_000),
    "too big in parts": frame(TEXT, b"x" * 5_000, final=False) + frame(0, b"x" * 5_000),
    "too many parts": frame(TEXT, final=False) + frame(0, final=False) * MOST_FRAGMENTS,
    "not UTF-8": frame(TEXT, b"\xff\xfe{}"),
    "half a letter": frame(TEXT, "é".encode()[:1]),
    "a length said at length": frame(TEXT, b"hello", length_bytes=2),
    "a length said at great length": frame(TEXT, b"x" * 300, length_bytes=8),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_rule_is_told_once_and_the_goodbye_behind_it_is_found(what: str) -> None:
    before, after = frame(TEXT, b"before"), frame(TEXT, b"after") + goodbye(1000)
    data = before + BROKEN[what] + BROKEN[what] + after
    wanted = [(TEXT, "before"), (FAILED, b""), (CLOSE, b"\x03\xe8")]
    assert heard(data, []) == wanted
    assert heard(data, list(range(0, len(data), 3))) == wanted
    reader = Reader()
    reader.feed(BROKEN[what])
    assert not reader.between_messages


def test_a_message_of_exactly_the_largest_size_is_heard() -> None:
    whole = b"x" * LARGEST
    assert heard(frame(TEXT, whole), []) == [(TEXT, whole.decode())]
    parts = frame(TEXT, whole[:4000], final=False) + frame(0, whole[4000:])
    assert heard(parts, []) == [(TEXT, whole.decode())]


def test_a_letter_may_be_cut_by_a_fragment() -> None:
    parts = frame(TEXT, "é".encode()[:1], final=False) + frame(0, "é".encode()[1:])
    assert heard(parts, []) == [(TEXT, "é")]


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
@example(b"\x81\xff" + b"\xff" * 8, [3])
def test_no_bytes_make_the_reader_fail_in_another_way(data: bytes, cuts: list[int]) -> None:
    assert heard(data, cuts) == heard(data, [])
    assert [opcode for opcode, _ in heard(data, cuts)].count(FAILED) <= 1


@given(st.binary(max_size=200), st.binary(min_size=4, max_size=4))
def test_unmasking_is_a_xor_with_the_mask_over_and_over(payload: bytes, mask: bytes) -> None:
    assert unmask(payload, mask) == bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", 0),
        (b"\x03\xe8", 1000),
        (b"\x03\xe9bye", 1001),
        (b"\x0b\xb8", 3000),
        (b"\x11\x38{}", 4408),
        (b"\x03", None),
        (b"\x03\xec", None),  # 1004 to 1006 are never written
        (b"\x03\xed", None),
        (b"\x03\xee", None),
        (b"\x03\xf7", None),  # 1015
        (b"\x00\x00", None),
        (b"\x13\x88", None),  # 5000
        (b"\x03\xe8\xff", None),  # a reason that is not UTF-8
    ],
)
def test_the_code_of_a_goodbye(payload: bytes, code: int | None) -> None:
    assert close_code(payload) == code


def test_our_own_goodbye_fits_into_a_control_frame() -> None:
    assert close_frame(4408, "slow") == b"\x88\x06\x11\x38slow"
    assert close_frame(0) == b"\x88\x00"
    long = close_frame(4408, "é" * 100)
    assert long[1] == len(long) - 2 <= 125
    long[4:].decode()
