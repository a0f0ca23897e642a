"""The crew: a child for each show that wants the simulated camera, started again when it dies."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from django.conf import settings

from livestore.stack import demo, table
from streams.shows.models import Show
from streams.video import sources
from streams.video.camera.crew import Crew
from streams.video.models import Source, Take
from streams.video.path.lease import holder
from tests import cast
from tests.streams.room.server import environment
from tests.streams.video.camera.test_shooting import until

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = (sys.executable, "-c", "import signal; signal.pause()")


def live(slug: str, source: str = Source.SIMULATED) -> Show:
    host = cast.hana() if not Show.objects.exists() else Show.objects.get(slug="first").host
    show = cast.show(host, slug=slug, live=True)
    sources.choose(show_slug=slug, by=None, source=source)
    return show


def test_every_live_show_that_wants_it_is_filmed_up_to_the_limit() -> None:
    live("first")
    live("second")
    live("third")
    live("another", Source.RTMP)
    cast.show(Show.objects.get(slug="first").host, slug="later")
    crew = Crew(WAITS, most=2)
    try:
        crew.look()
        assert list(crew.hands) == ["first", "second"]
        pids = {hand.process.pid for hand in crew.hands.values()}
        crew.look()
        assert {hand.process.pid for hand in crew.hands.values()} == pids
    finally:
        crew.dismiss()
    assert not crew.hands
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_child_that_dies_is_started_again_and_one_that_went_home_is_not_missed() -> None:
    show = live("first")
    crew = Crew(WAITS, most=2)
    try:
        crew.look()
        first = crew.hands["first"].process
        first.kill()
        first.wait()
        crew.look()
        second = crew.hands["first"].process
        assert second.pid != first.pid
        second.kill()
        second.wait()
        crew.look()
        assert "first" not in crew.hands, "who dies at once again waits a moment"
        until(lambda: crew.look() or "first" in crew.hands, "and is started then")
        Show.objects.filter(pk=show.pk).update(state=Show.State.PAUSED)
        crew.look()
        assert "first" in crew.hands, "a break is no reason to go home"
    finally:
        crew.dismiss()


def test_sigterm_ends_the_take_and_leaves_the_lease(tmp_path: Path) -> None:
    live("first")
    sources.choose(show_slug="first", by=None, source="")
    argv = [sys.executable, str(settings.ROOT / "manage.py"), "camera", "--show", "first"]
    with open(tmp_path / "log", "wb") as log:
        camera = subprocess.Popen(
            [*argv, "--width", "120"],
            env=environment(
                LIVESTORE_DATA=str(tmp_path), DJANGO_SETTINGS_MODULE="livestore.settings"
            ),
            stdout=log,
            stderr=log,
        )
        try:
            until(lambda: list(tmp_path.glob("video/*/1.jsonl")) or camera.poll(), "it films")
            assert camera.poll() is None, (tmp_path / "log").read_text()
            with redis.Redis.from_url(settings.VIDEO_REDIS_URL) as valkey:
                assert holder(valkey, "first") == "simulated"
                camera.send_signal(signal.SIGTERM)
                assert camera.wait(15) == 0
                assert holder(valkey, "first") is None
        finally:
            camera.kill()
            camera.wait()
    take = Take.objects.get(show__slug="first")
    assert [take.reason, take.ended_at is not None] == ["stopped", True]
    assert sources.standing("first").source == Source.SIMULATED


def test_the_demo_films_unless_told_not_to() -> None:
    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    assert not parser.parse_args([]).no_camera
    assert parser.parse_args(["--no-camera"]).no_camera
    crew = table.camera({})
    assert crew.argv[1:] == ("manage.py", "camera")
    assert crew.stop_order < table.relay({}).stop_order, "it hears the room to its end"
