"""What a sender at the RTMP door is told, and what of it becomes takes."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import av
import pytest
import redis
from django.conf import settings

from livestore.base.threads import in_database
from streams.shows import services
from streams.video import keys, sources
from streams.video.models import Picture, Take
from streams.video.path.lease import Lease
from streams.video.rtmp import chunks, connection, telling
from streams.video.rtmp.guard import MOST_OF_ONE, MOST_WRONG
from tests.streams.video.rtmp.calling import Caller, Pusher, messages, tiny
from tests.streams.video.rtmp.conftest import SLUG, Door, Stage, Tape, told, until

START = ("NetStream.Publish.Start", "Welcome.")
BAD_NAME, REJECTED = "NetStream.Publish.BadName", "NetStream.Publish.Rejected"


async def source() -> str:
    return (await in_database(Picture.objects.get)).source


async def taken() -> list[tuple[int, str]]:
    """Ordinal and reason of every take; the reason is empty while it goes on."""
    rows = Take.objects.order_by("ordinal").values_list("ordinal", "reason")
    return await in_database(lambda: list(rows))


def lease(kind: str) -> Lease:
    client = redis.Redis.from_url(settings.VIDEO_REDIS_URL)
    return Lease.of(client, SLUG, kind)


def film(caller: Caller, *, at: int = 0, configs: bool = True, seconds: float = 1) -> None:
    for each in messages(tiny(seconds), at=at, configs=configs):
        caller.message(*each)


def packets(data: bytes) -> dict[str, list[float]]:
    """Times in seconds of what a reader finds in an FLV stream."""
    found: dict[str, list[float]] = {}
    with av.open(io.BytesIO(data), format="flv") as container:
        for packet in container.demux():
            if packet.dts is not None:
                times = found.setdefault(packet.stream.codec_context.name, [])
                times.append(float(packet.dts * packet.time_base))
    return found


# ---- the way in


async def test_a_right_key_makes_obs_the_source_and_its_film_a_take(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    pusher = await Pusher.start(f"{door.url}/{live.key}")
    assert await pusher.push(2)
    assert await source() == "rtmp"
    assert await told("sending") == "On air."
    await pusher.close()
    await until(lambda: tapes[0].ended)
    assert tapes[0].ended == "stopped"
    seen = packets(tapes[0].data)
    assert len(seen["h264"]) == 48
    assert seen["h264"][0] == 0.0
    assert seen["h264"][-1] == pytest.approx(47 / 24, abs=0.002)
    assert len(seen["aac"]) >= 2 * 48_000 // 1024
    async with asyncio.timeout(5):
        while await taken() != [(1, "stopped")]:
            await asyncio.sleep(0.01)
        while telling.told(SLUG) is not None:
            await asyncio.sleep(0.01)


async def test_a_wrong_key_is_refused_with_a_sentence(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    for key in ("wrong", "", live.key[:-1], "x" * 5000):
        caller = await door.dial()
        code, text = await caller.publish(key)
        assert (code, text.partition(".")[0]) == (BAD_NAME, "This stream key is not known")
        assert await caller.hear() is None
    assert tapes == []
    assert await source() == ""


async def test_whoever_guesses_is_not_even_listened_to_when_the_key_is_right(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    for _ in range(MOST_WRONG):
        await (await door.dial()).publish("guess")
    code, text = await (await door.dial()).publish(live.key)
    assert (code, text.partition(".")[0]) == (REJECTED, "Too many wrong stream keys came from here")
    assert tapes == []


async def test_a_key_may_carry_what_some_senders_append(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    assert await (await door.dial()).publish(f"{live.key}?bandwidthtest=true", "live/") == START


async def test_a_wrong_server_address_is_explained(live: Stage, door: Door) -> None:
    caller = await door.dial()
    caller.command("connect", 1, {"app": f"live/{live.key}"})
    [number, _, info] = await caller.answer("_error")
    assert number == 1
    assert info["description"].startswith("The server's address ends with /live")
    assert await caller.hear() is None


async def test_nothing_is_shown_at_this_door(live: Stage, door: Door) -> None:
    caller = await door.dial()
    caller.command("play", 1, None, live.key)
    assert (await caller.status())[1].startswith("This door is for senders")


async def test_a_second_sender_is_refused_and_the_first_goes_on(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    first, second = await door.dial(), await door.dial()
    assert await first.publish(live.key) == START
    code, text = await second.publish(live.key)
    assert (code, text.partition(".")[0]) == (REJECTED, "Somebody sends with this key already")
    film(first)
    await until(lambda: len(tapes[0].data) > 1000)
    assert tapes[0].ended == ""
    await first.close()
    await until(lambda: tapes[0].ended)
    third = await door.dial()
    while (await third.publish(live.key)) != START:  # the first one's goodbye is on its way
        third = await door.dial()


async def test_a_camera_in_a_browser_is_not_pushed_aside(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    await live.do(sources.choose, source="browser")
    with lease("browser").client as client:
        held = Lease(client, SLUG, "browser:1")
        assert held.take()
        code, text = await (await door.dial()).publish(live.key)
        assert (code, text.partition(".")[0]) == (
            REJECTED,
            "This show is being filmed in a browser",
        )
        assert await told("refused") == text
        held.leave()
    # The browser's network has a hitch, and OBS dials again by itself: that takes nothing from anybody.
    while (await (await door.dial()).publish(live.key)) != START:
        pass
    await told("waiting", "Another source is on air.")
    assert await source() == "browser"
    await live.do(sources.choose, source="rtmp")
    await until(lambda: tapes)


async def test_the_simulated_camera_steps_aside(live: Stage, door: Door, tapes: list[Tape]) -> None:
    await live.do(sources.choose, source="simulated")
    with lease("simulated").client as client:
        simulated = Lease(client, SLUG, "simulated:1")
        assert simulated.take()
        assert await (await door.dial()).publish(live.key) == START
        assert not simulated.renew(), "it hears that another sends now"
    assert Lease(client, SLUG, tapes[0].order.lease).renew()


async def test_a_sender_of_another_process_is_waited_for(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    with lease("rtmp").client as client:
        other = Lease(client, SLUG, "rtmp:1")
        assert other.take()
        caller = await door.dial()
        assert await caller.publish(live.key) == START
        await told("waiting", "The last sender is still signing off.")
        assert other.renew(), "nobody took it away"
        assert not tapes
        other.leave()
    await until(lambda: tapes)


async def test_a_sender_without_a_picture_is_told_so(
    live: Stage, door: Door, tapes: list[Tape], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.video.rtmp.sender.NO_PICTURE_AFTER", 0.05)
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    await told("waiting", "Connected, but no picture comes.")


async def test_an_ended_show_takes_nobody(live: Stage, door: Door, tapes: list[Tape]) -> None:
    await live.do(services.end)
    assert await (await door.dial()).publish(live.key) == (REJECTED, "This show has ended.")


# ---- while it sends


async def test_before_the_show_a_sender_waits_and_comes_on_with_the_next_keyframe(
    stage: Stage, door: Door, tapes: list[Tape]
) -> None:
    caller = await door.dial()
    assert await caller.publish(stage.key) == START
    film(caller, at=5000)
    await told("waiting", "Waiting for the show to go live.")
    await stage.do(services.start)
    await until(lambda: tapes)
    await told("waiting", "Waiting for the next keyframe.")
    later = list(messages(tiny(2), at=6000, configs=False))
    for each in later[10:]:  # its first picture is no keyframe
        caller.message(*each)
    await until(lambda: tapes[0].data)
    await told("sending")
    await caller.close()
    await until(lambda: tapes[0].ended)
    seen = packets(tapes[0].data)
    assert seen["h264"][0] == 0.0
    assert len(seen["h264"]) == 24, "from the keyframe after one second on"
    assert seen["aac"]
    assert tapes[0].ended == "lost"


async def test_a_break_ends_the_take_and_keeps_the_sender(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    film(caller)
    await until(lambda: len(tapes[0].data) > 1000)
    await live.do(services.pause)
    await until(lambda: tapes[0].ended)
    assert tapes[0].ended == "paused"
    await told("waiting", "The show is in a break.")
    kept = len(tapes[0].data)
    film(caller, at=1000, configs=False)
    await live.do(services.resume)
    await until(lambda: len(tapes) == 2)
    film(caller, at=2000, configs=False)
    await until(lambda: len(tapes[1].data) > 1000)
    assert len(tapes[0].data) == kept
    assert packets(tapes[1].data)["h264"][0] == 0.0
    assert await taken() == [(1, "paused"), (2, "")]


async def test_another_source_takes_over_and_the_sender_waits_and_comes_back(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    await live.do(sources.choose, source="simulated")
    await until(lambda: tapes[0].ended)
    assert tapes[0].ended == "switched"
    await told("waiting", "Another source is on air. Choose OBS to be seen.")
    await caller.close()
    while (await (again := await door.dial()).publish(live.key)) != START:
        pass
    assert await source() == "simulated", "who only dials again does not take the picture"
    await live.do(sources.choose, source="rtmp")
    await until(lambda: len(tapes) == 2)
    film(again)
    await until(lambda: tapes[1].data)


@pytest.mark.parametrize("act", [keys.make_key, keys.revoke_key])
async def test_a_revoked_key_ends_what_was_sent_with_it(
    live: Stage, door: Door, tapes: list[Tape], act: Any
) -> None:
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    film(caller)
    await live.do(act)
    code, text = await caller.status()
    assert (code, text.partition(".")[0]) == (BAD_NAME, "This stream key was revoked")
    assert await caller.hear() is None
    await until(lambda: tapes[0].ended)
    assert (await (await door.dial()).publish(live.key))[0] == BAD_NAME


async def test_when_the_show_ends_the_sender_is_told(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    await live.do(services.end)
    assert await caller.status() == (REJECTED, "This show has ended.")
    assert await caller.hear() is None
    assert tapes[0].ended == "stopped"


async def test_another_size_is_another_take(live: Stage, door: Door, tapes: list[Tape]) -> None:
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    film(caller)
    caller.message(chunks.VIDEO, 1000, b"\x17\x00\x00\x00\x00" + b"\x01another")
    await until(lambda: len(tapes) == 2)
    assert (tapes[0].ended, tapes[1].ended) == ("switched", "")


async def test_sound_that_comes_late_begins_another_take(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    silent = [each for each in messages(tiny(1)) if each[0] == chunks.VIDEO]
    for each in silent:
        caller.message(*each)
    await until(lambda: tapes[0].data)
    assert tapes[0].data[4] == 1, "announced without sound"
    film(caller, at=1000)
    await until(lambda: len(tapes) == 2)
    film(caller, at=2000)
    await until(lambda: tapes[1].data)
    assert tapes[1].data[4] == 5


async def test_a_child_that_dies_is_replaced(
    live: Stage, door: Door, tapes: list[Tape], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.video.rtmp.sender.AGAIN_AFTER", 0.02)
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    tapes[0].say(None)
    await until(lambda: len(tapes) == 2)
    film(caller)
    await until(lambda: tapes[1].data)
    assert await taken() == [(1, "failed"), (2, "")]


async def test_what_the_child_refuses_is_told_in_its_words(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    tapes[0].say({"kind": "refused", "message": "This is no picture.", "retry": False})
    tapes[0].say(None)
    assert await caller.status() == (REJECTED, "This is no picture.")
    assert await told("refused") == "This is no picture."


OTHER_CODECS = [
    (chunks.VIDEO, b"\x90hvc1", "Only H.264"),  # enhanced RTMP
    (chunks.VIDEO, b"\x1c\x00\x00", "Only H.264"),
    (chunks.VIDEO, b"\x12\x00\x00", "Only H.264"),
    (chunks.AUDIO, b"\x2f\xff", "Only AAC"),  # MP3
    (chunks.AUDIO, b"\xb2\x00", "Only AAC"),  # Speex
    (chunks.VIDEO, b"\x17\x00" + bytes(70_000), "The encoder's configuration"),
]


async def test_other_codecs_are_refused_with_what_to_choose(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    for kind, payload, sentence in OTHER_CODECS:
        await until(lambda: not door.server._seats)
        caller = await door.dial()
        assert await caller.publish(live.key) == START
        caller.message(kind, 0, payload)
        code, text = await caller.status()
        assert (code, text.startswith(sentence)) == (REJECTED, True)
        assert await told("refused") == text


async def test_a_real_sender_of_an_old_codec_is_refused(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    pusher = await Pusher.start(f"{door.url}/{live.key}", "flv", "")
    try:
        while await pusher.push(5):
            pass
    finally:
        await pusher.kill()
    assert "H.264" in await told("refused")


# ---- who means no good


async def silence(caller: Caller) -> None:
    assert await caller.hear() is None


async def test_garbage_is_hung_up_on(live: Stage, door: Door) -> None:
    caller = await door.dial(greet=False)
    caller.write(b"GET / HTTP/1.1\r\n\r\n")
    await silence(caller)
    caller = await door.dial()
    caller.write(b"\xff" * 20_000)
    assert (await caller.status())[0] == REJECTED
    await silence(caller)


async def test_half_a_handshake_does_not_hold_a_place(
    live: Stage, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HANDSHAKE_WITHIN", 0.1)
    caller = await door.dial(greet=False)
    caller.write(b"\x03" + bytes(100))
    await silence(caller)
    await until(lambda: not door.server.guard._inside)


async def test_a_sender_without_a_key_does_not_hold_a_place(
    live: Stage, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PUBLISH_WITHIN", 0.1)
    await silence(await door.dial())


async def test_a_sender_that_falls_silent_has_gone(
    live: Stage, door: Door, tapes: list[Tape], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "IDLE", 0.2)
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    await silence(caller)
    assert tapes[0].ended == "lost"


async def test_pictures_before_the_key_are_refused(live: Stage, door: Door) -> None:
    caller = await door.dial()
    caller.message(chunks.VIDEO, 0, b"\x17\x01\0\0\0")
    assert (await caller.status())[1] == "Pictures came before the stream key."


async def test_a_deep_command_is_refused(live: Stage, door: Door) -> None:
    caller = await door.dial()
    deep = b"\x02\x00\x07connect" + b"\x03" + b"\x00\x01a\x03" * 5000
    caller.write(chunks.chunked(chunks.Message(chunks.COMMAND, 0, 0, deep), size=128))
    assert (await caller.status())[1] == "A command is too deep or too long."


async def test_a_connection_that_is_over_keeps_nothing_of_what_came(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    [inside] = door.server._serving
    half = chunks.Message(chunks.VIDEO, 0, 1, bytes(chunks.LARGEST_VIDEO))
    caller.write(chunks.chunked(half, channel=6, size=4096)[: chunks.LARGEST_VIDEO // 2])
    await until(lambda: inside._chunks._unfinished > 1_000_000)
    await caller.close()
    await until(lambda: not door.server._serving)
    assert (inside._chunks._unfinished, inside._chunks._channels) == (0, {})


async def test_so_many_may_come_of_one_address(live: Stage, door: Door) -> None:
    callers = [await door.dial() for _ in range(MOST_OF_ONE)]
    extra = await door.dial(greet=False)
    await silence(extra)
    await callers[0].close()
    await until(lambda: door.server.guard._inside.total() < MOST_OF_ONE)
    await door.dial()


async def test_a_ping_is_answered(live: Stage, door: Door) -> None:
    caller = await door.dial()
    ping = chunks.Message(chunks.USER_CONTROL, 0, 0, b"\x00\x06abcd")
    caller.write(chunks.chunked(ping, channel=2))
    answer = await caller.hear()
    assert answer is not None
    assert (answer.kind, answer.payload) == (chunks.USER_CONTROL, b"\x00\x07abcd")


async def test_what_has_come_is_acknowledged(live: Stage, door: Door, tapes: list[Tape]) -> None:
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    window = chunks.Message(chunks.WINDOW_ACK, 0, 0, (200_000).to_bytes(4, "big"))
    caller.write(chunks.chunked(window, channel=2))
    caller.message(chunks.VIDEO, 0, b"\x17\x01" + bytes(300_000))
    while (message := await caller.hear()) is not None and message.kind != chunks.ACK:
        pass
    assert message is not None
    assert int.from_bytes(message.payload, "big") > 100_000


async def test_the_house_closes_and_the_take_with_it(
    live: Stage, door: Door, tapes: list[Tape]
) -> None:
    caller = await door.dial()
    assert await caller.publish(live.key) == START
    door.server.stop()
    await silence(caller)
    assert tapes[0].ended == "lost"
    assert await taken() == [(1, "lost")]
