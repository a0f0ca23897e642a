"""RTMP's chunk stream: the same messages however the bytes come, and nothing believed that was only claimed."""

from __future__ import annotations

import itertools
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.video.rtmp import chunks
from streams.video.rtmp.chunks import LARGEST, BadStream, Chunks, Message, chunked


def head(shape: int, channel: int, time: int, length: int, kind: int, stream: int = 1) -> bytes:
    """A chunk's header with a plain time."""
    whole = time.to_bytes(3, "big") + length.to_bytes(3, "big") + bytes([kind])
    whole += stream.to_bytes(4, "little")
    return bytes([shape << 6 | channel]) + whole[: (11, 7, 3, 0)[shape]]


def a_stream() -> tuple[bytes, list[Message]]:
    """Everything that senders do: all four headers, wide channel numbers, late times, two messages at once."""
    picture, sound = bytes(range(250)) * 2, b"s" * 100
    late = struct.pack(">I", 0x01000002)
    data = b"".join(
        [
            head(0, 6, 40, 500, chunks.VIDEO) + picture[:128],
            head(0, 4, 40, 100, chunks.AUDIO) + sound,  # in between
            *(bytes([0xC6]) + picture[at : at + 128] for at in (128, 256, 384)),
            head(1, 4, 23, 50, chunks.AUDIO) + sound[:50],
            head(2, 4, 20, 0, 0) + sound[:50],
            head(3, 4, 0, 0, 0) + sound[:50],  # another step of 20
            bytes([0xC4]) + sound[:50],
            # a number beyond 63, and one beyond 319
            bytes([0x00, 200 - 64]) + head(0, 0, 5, 3, chunks.DATA)[1:] + b"abc",
            bytes([0x01])
            + struct.pack("<H", 1000 - 64)
            + head(0, 0, 6, 3, chunks.DATA)[1:]
            + b"def",
            # longer chunks from here on
            chunked(Message(chunks.SET_CHUNK_SIZE, 0, 0, struct.pack(">I", 300)), channel=2),
            # after four and a half hours the time stands apart, in each of a message's chunks
            head(0, 6, 0xFFFFFF, 400, chunks.VIDEO) + late + picture[:300],
            bytes([0xC6]) + late + picture[300:400],
            # and is left out of them by some
            head(0, 6, 0xFFFFFF, 400, chunks.VIDEO) + late + picture[:300],
            bytes([0xC6]) + picture[300:400],
            # half a message, then a change of mind
            head(0, 7, 1, 400, chunks.VIDEO) + picture[:300],
            chunked(Message(chunks.ABORT, 0, 0, struct.pack(">I", 7)), channel=2),
            head(0, 7, 2, 2, chunks.VIDEO) + b"ok",
            head(1, 7, 1, 0, chunks.VIDEO),  # nothing at all is a message too
        ]
    )
    said = [
        (chunks.AUDIO, 40, 1, sound),
        (chunks.VIDEO, 40, 1, picture),
        (chunks.AUDIO, 63, 1, sound[:50]),
        (chunks.AUDIO, 83, 1, sound[:50]),
        (chunks.AUDIO, 103, 1, sound[:50]),
        (chunks.AUDIO, 123, 1, sound[:50]),
        (chunks.DATA, 5, 1, b"abc"),
        (chunks.DATA, 6, 1, b"def"),
        (chunks.VIDEO, 0x01000002, 1, picture[:400]),
        (chunks.VIDEO, 0x01000002, 1, picture[:400]),
        (chunks.VIDEO, 2, 1, b"ok"),
        (chunks.VIDEO, 3, 1, b""),
    ]
    return data, [Message(*each) for each in said]


def test_every_kind_of_header_is_understood() -> None:
    data, messages = a_stream()
    assert Chunks().feed(data) == messages


@given(st.lists(st.integers(1, 400), min_size=1))
def test_however_the_bytes_are_cut_the_messages_are_the_same(lengths: list[int]) -> None:
    data, messages = a_stream()
    parser, found, at = Chunks(), list[Message](), 0
    for length in itertools.cycle(lengths):
        if at >= len(data):
            break
        found += parser.feed(data[at : at + length])
        at += length
    assert found == messages


@pytest.mark.parametrize("time", [0, 1, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0xFFFFFFFF])
@pytest.mark.parametrize("length", [0, 1, 127, 128, 129, 5000])
def test_what_we_write_we_read(time: int, length: int) -> None:
    message = Message(chunks.VIDEO, time, 1, bytes(length))
    assert Chunks().feed(chunked(message, size=128)) == [message]


def test_times_count_on_beyond_their_32_bits() -> None:
    last = struct.pack(">I", 0xFFFFFFFF)
    data = head(0, 6, 0xFFFFFF, 1, chunks.VIDEO) + last + b"a" + head(2, 6, 41, 0, 0) + b"b"
    assert [each.timestamp for each in Chunks().feed(data)] == [0xFFFFFFFF, 40]


def test_a_long_claim_is_refused_before_a_byte_of_it_is_kept() -> None:
    parser = Chunks()
    with pytest.raises(BadStream, match="16,777,215 bytes is too long"):
        parser.feed(head(0, 6, 0, 0xFFFFFF, chunks.VIDEO))
    for kind in (chunks.AUDIO, chunks.COMMAND, chunks.DATA, chunks.SET_CHUNK_SIZE):
        grown = Chunks()
        grown.largest_video = chunks.LARGEST_VIDEO
        with pytest.raises(BadStream, match="too long"):
            grown.feed(head(0, 6, 0, LARGEST + 1, kind))


def test_a_picture_may_be_long_only_of_somebody_known() -> None:
    claim = head(0, 6, 0, LARGEST + 1, chunks.VIDEO)
    with pytest.raises(BadStream):
        Chunks().feed(claim)
    known = Chunks()
    known.largest_video = chunks.LARGEST_VIDEO
    assert known.feed(claim) == []


def test_many_unfinished_messages_are_too_much_together() -> None:
    parser = Chunks()
    parser.largest_video = chunks.LARGEST_VIDEO
    parser.feed(chunked(Message(chunks.SET_CHUNK_SIZE, 0, 0, struct.pack(">I", 0xFFFFFF))))
    half = bytes(chunks.LARGEST_VIDEO - 1)
    parser.feed(head(0, 6, 0, chunks.LARGEST_VIDEO, chunks.VIDEO) + half + b"1")
    # Each is allowed alone, and a chunk is as long as its message, so they have to be cut to lie side by side.
    parser.feed(chunked(Message(chunks.SET_CHUNK_SIZE, 0, 0, struct.pack(">I", 3_000_000))))
    parser.feed(head(0, 6, 0, chunks.LARGEST_VIDEO, chunks.VIDEO) + half[:3_000_000])
    with pytest.raises(BadStream, match="unfinished"):
        parser.feed(head(0, 7, 0, chunks.LARGEST_VIDEO, chunks.VIDEO) + half[:3_000_000])


@pytest.mark.parametrize("size", [0, 1, 127, 0x1000000, 2_000_000_000, 0xFFFFFFFF])
def test_chunk_sizes_are_bounded(size: int) -> None:
    with pytest.raises(BadStream, match="out of bounds"):
        Chunks().feed(chunked(Message(chunks.SET_CHUNK_SIZE, 0, 0, struct.pack(">I", size))))


def test_what_never_began_can_not_go_on() -> None:
    for shape in (2, 3):
        with pytest.raises(BadStream, match="never began"):
            Chunks().feed(head(shape, 5, 0, 0, 0))


def test_a_message_can_not_begin_inside_of_another() -> None:
    parser = Chunks()
    parser.feed(head(0, 6, 0, 200, chunks.AUDIO) + bytes(128))
    with pytest.raises(BadStream, match="inside"):
        parser.feed(head(0, 6, 0, 200, chunks.AUDIO))


def test_chunk_streams_are_counted() -> None:
    parser = Chunks()
    for channel in range(2, 2 + chunks.MOST_STREAMS):
        parser.feed(head(0, channel, 0, 1, chunks.DATA) + b"x")
    with pytest.raises(BadStream, match="too many chunk streams"):
        parser.feed(head(0, 60, 0, 1, chunks.DATA))


def test_a_control_message_has_its_number() -> None:
    with pytest.raises(BadStream, match="too short"):
        Chunks().feed(chunked(Message(chunks.SET_CHUNK_SIZE, 0, 0, b"\0")))


@pytest.mark.parametrize("seed", range(20))
def test_garbage_is_refused_or_waits_for_more_and_keeps_little(seed: int) -> None:
    dice, parser = random.Random(seed), Chunks()
    try:
        for _ in range(50):
            parser.feed(dice.randbytes(2000))
    except BadStream:
        return
    assert parser._unfinished <= 32 * LARGEST
