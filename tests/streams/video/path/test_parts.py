"""A piece comes out of the store and off the wire as it went in."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.video.path.parts import End, Init, Part, Piece, decode, encode
from tests.streams.video.filming import film


def test_every_piece_of_a_film_comes_out_as_it_went_in() -> None:
    for piece in film(1):
        assert decode(encode(piece)) == piece


def test_the_head_is_json_that_a_browser_reads() -> None:
    part = Part(1, 7, 0, 0.5, 0.25, 1_790_000_000_500, True, b"payload")

    data = encode(part)

    [length] = struct.unpack_from(">H", data)
    head = json.loads(data[2 : 2 + length])
    assert head == {
        "kind": "part",
        "take": 1,
        "msn": 7,
        "index": 0,
        "start": 0.5,
        "duration": 0.25,
        "at": 1_790_000_000_500,
        "independent": True,
    }
    assert data[2 + length :] == b"payload"


@given(
    st.builds(
        Part,
        take=st.integers(1, 9),
        msn=st.integers(0, 1 << 40),
        index=st.integers(0, 99),
        start=st.floats(0, 1e5),
        duration=st.floats(0, 10),
        at=st.integers(0, 1 << 45),
        independent=st.booleans(),
        payload=st.binary(max_size=50),
    )
    | st.builds(End, take=st.integers(1, 9), reason=st.sampled_from(["paused", "lost"]))
)
def test_any_piece_comes_out_as_it_went_in(piece: Piece) -> None:
    assert decode(encode(piece)) == piece


@given(st.binary(max_size=80))
def test_garbage_is_no_piece(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode(data)


@pytest.mark.parametrize(
    "head",
    ["[]", "null", '{"kind": "film"}', '{"kind": "end"}', '{"kind": [], "take": 1}'],
    ids=str,
)
def test_a_head_that_nobody_wrote_is_no_piece(head: str) -> None:
    with pytest.raises(ValueError):
        decode(struct.pack(">H", len(head)) + head.encode())


def test_an_init_says_what_a_media_source_wants() -> None:
    init = film(1)[0]

    assert isinstance(init, Init)
    assert init.mime == f'video/mp4; codecs="{init.codecs}"'
    assert init.codecs.startswith("avc1.42")
    assert init.codecs.endswith(",mp4a.40.2")
