"""The tests' own films are what they say they are."""

from __future__ import annotations

import pytest
import redis
from django.conf import settings

from streams.video.path.parts import End, Init, Part, decode
from streams.video.path.recorder import lines
from streams.video.path.store import FIELD, stream_key
from streams.video.takes import folder_of
from tests import cast
from tests.streams.video.filming import film, recorded, seen, sent


def test_a_film_has_a_beginning_parts_and_an_end() -> None:
    init, *parts, end = film(2)

    assert isinstance(init, Init)
    assert isinstance(end, End)
    assert {part.msn for part in parts if isinstance(part, Part)} == {100, 101}
    shown = seen([init, *parts])
    assert len(shown.frames) == 48
    assert shown.keys == [0.0, 1.0]
    assert shown.sound[-1][1] == pytest.approx(2.0, abs=0.06)


def test_a_film_is_sent_piece_by_piece() -> None:
    pieces = film(1)

    sent("somewhere", pieces)

    with redis.Redis.from_url(settings.VIDEO_REDIS_URL) as client:
        stored = client.xrange(stream_key("somewhere", "source"))
    assert [decode(entry[FIELD]) for _, entry in stored] == pieces  # type: ignore[union-attr]


@pytest.mark.django_db
def test_a_recorded_film_lies_on_the_disk() -> None:
    show = cast.show(cast.hana(), live=True)

    take = recorded(show, film(1))

    kinds = [line["kind"] for line in lines(folder_of(show), take.ordinal)]
    assert kinds == ["init", "part", "part", "part", "part", "end"]
    assert take.seconds == pytest.approx(1.0)
