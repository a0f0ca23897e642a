"""Sound and picture stay in step, whatever the times of the sound are."""

from __future__ import annotations

import bisect
import io
import itertools
import random
from collections.abc import Iterable, Sequence
from fractions import Fraction

import av
import pytest

from streams.video.path.fmp4 import AudioTrack
from streams.video.path.parts import Piece
from tests.streams.video.filming import Coded, Footage, play, shot
from tests.streams.video.path.packing import (
    FRAME,
    demuxed,
    footage_of,
    packaged,
    packager_of,
)

RATES = [48_000, 44_100]


def a_minute(
    sound: Iterable[Fraction], rate: int = 48_000, pictures: Sequence[Fraction] | None = None
) -> list[Piece]:
    """Frames of sound at these times, and a minute of pictures."""
    one = shot(0.1, rate=rate)
    assert one.audio is not None
    picture = footage_of(pictures or [Fraction(number, 24) for number in range(60 * 24)])
    heard = [Coded(one.sound[2].data, time, time) for time in sound]
    return packaged(Footage(picture.video, one.audio, picture.frames, tuple(heard)))


def line_of(pieces: Sequence[Piece]) -> list[tuple[float, bool]]:
    """When each frame of sound is heard, and whether it is the sender's own."""
    packets = demuxed(pieces, "audio")
    for before, after in itertools.pairwise(packets):
        # No hole and no overlap: a browser hears frames one after the other, whatever their times are.
        assert after.dts == before.dts + before.duration
        assert before.duration == 1024
    return [(float(packet.dts * packet.time_base), packet.size > 16) for packet in packets]


@pytest.mark.parametrize("rate", RATES)
def test_rounded_times_of_sound_do_not_drift_in_a_minute(rate: int) -> None:
    dice = random.Random(1)
    exact = [Fraction(number * 1024, rate) for number in range(60 * rate // 1024)]
    rounded = [Fraction(round(time * 1000) + dice.choice((-3, 0, 0, 2)), 1000) for time in exact]

    line = line_of(a_minute(rounded, rate))

    own = [time for time, is_own in line if is_own]
    assert own == pytest.approx([float(time) for time in exact], abs=0.001)
    assert len(line) == len(exact)


@pytest.mark.parametrize("pace", [0.998, 1.002], ids=["slow", "quick"])
def test_a_sound_clock_that_runs_at_another_pace_stays_within_fifty_milliseconds(
    pace: float,
) -> None:
    times = [Fraction(number * 1024, 48_000) * Fraction(pace) for number in range(2_800)]

    line = line_of(a_minute(times))

    heard = [time for time, _ in line]
    for wanted in times:
        if wanted < 59:
            place = bisect.bisect(heard, float(wanted))
            assert min(abs(time - float(wanted)) for time in heard[place - 1 : place + 1]) <= 0.05
    own = sum(is_own for _, is_own in line)
    assert own >= 2_790 * min(1, pace) - 10  # nearly all that was sent is heard


def test_sound_that_misses_for_a_while_comes_back_at_its_time() -> None:
    times = [Fraction(number * 1024, 48_000) for number in range(2_800)]
    sent = [time for time in times if not 20 < time < 33]

    line = line_of(a_minute(sent))

    own = [time for time, is_own in line if is_own]
    assert own == pytest.approx([float(time) for time in sent], abs=0.022)
    assert not any(is_own for time, is_own in line if 20.03 < time < 32.97)


def test_sound_that_begins_late_has_silence_before_it() -> None:
    times = [Fraction(number * 1024, 48_000) + 7 for number in range(200)]

    line = line_of(a_minute(times))

    assert line[0] == (0.0, False)
    assert next(time for time, is_own in line if is_own) == pytest.approx(7, abs=0.022)


def test_a_microphone_that_dies_does_not_hold_the_picture_up() -> None:
    """A player waits for both tracks: silence has to reach about as far as the picture."""
    one = shot(3)
    pieces: list[Piece] = []
    packager = packager_of(one, pieces, FRAME)
    only_picture = footage_of([FRAME * number for number in range(24 * 10)])
    play(Footage(one.video, one.audio, only_picture.frames, one.sound), packager)

    line = line_of(pieces)

    assert line[-1][0] == pytest.approx(10, abs=0.05)


def test_sound_that_comes_late_travels_with_a_later_part_at_its_own_time() -> None:
    one = shot(2)
    late = sorted(
        [(frame.dts, 0, frame) for frame in one.frames]
        + [(sound.pts + Fraction(6, 10), 1, sound) for sound in one.sound],
        key=lambda each: each[:2],
    )
    pieces: list[Piece] = []
    packager = packager_of(one, pieces, FRAME)
    for _, is_sound, coded in late:
        if is_sound:
            packager.audio(coded.data, pts=coded.pts)
        else:
            packager.video(coded.data, pts=coded.pts, dts=coded.dts, key=coded.key)

    line = line_of(pieces)

    assert [time for time, _ in line[:3]] == pytest.approx([0, 1024 / 48_000, 2048 / 48_000])
    assert packager.sound is not None
    assert packager.sound.left_out <= 1  # the priming of the encoder, before the first picture


def test_what_the_encoder_says_before_the_first_picture_is_not_heard() -> None:
    one = shot(1)
    assert one.sound[0].pts < 0

    assert line_of(packaged(one))[0][0] == 0.0


def test_a_frame_of_sound_from_another_time_makes_no_hours_of_silence() -> None:
    times = [Fraction(number * 1024, 48_000) for number in range(400)]
    times[100] += 3600

    line = line_of(a_minute(times))

    assert len(line) < 2_900


@pytest.mark.parametrize("channels", [1, 2])
def test_our_silence_is_silent(channels: int) -> None:
    one = shot(0.1)
    assert one.audio is not None
    track = AudioTrack(bytes([0x11, 0x80 | channels << 3]), 48_000, channels)
    quiet = Footage(one.video, track, footage_of([FRAME * n for n in range(72)]).frames, ())
    data = b"".join(piece.payload for piece in packaged(quiet))

    with av.open(io.BytesIO(data)) as container:
        heard = list(container.decode(audio=0))

    assert sum(frame.samples for frame in heard) > 48_000
    assert max(abs(frame.to_ndarray()).max() for frame in heard) == 0.0
