"""Watching through a real web process: on a line, and through Daphne."""

from __future__ import annotations

from collections.abc import Callable

from livestore.base.threads import in_database
from streams.models import Restriction, Show
from streams.room.announce import publish, publish_direct
from streams.room.announcements import Announcement, Kick
from streams.room.protocol import CloseCode
from streams.shows import services
from streams.video.path.parts import End, Init
from tests import cast
from tests.streams.relaying import room_events, told
from tests.streams.room.conftest import Stage
from tests.streams.video.serving.conftest import Cinema
from tests.streams.video.serving.watching import Sender, init, now_ms, parts, places


async def test_a_newcomer_gets_the_state_then_the_init_then_the_newest_keyframe(
    cinema: Cinema, stage: Stage, sender: Sender
) -> None:
    beginning = init(at=now_ms() - 2750)
    film = parts(beginning, 3)
    sender.send([beginning, *film[:-1]])
    watcher = await cinema.watch(stage.slug)
    await watcher.has(4)
    said = watcher.states[0]
    assert said["state"] == "live"
    assert said["source"] == "simulated"
    assert said["renditions"] == ["source"]
    assert abs(said["now"] - now_ms()) < 5000
    assert said["since"] == beginning.at
    assert places(watcher.pieces) == ["init 1", "102.0", "102.1", "102.2"]
    assert watcher.pieces[1:] == film[8:11], "the very pieces that were stored"
    sender.send(film[-1:])
    assert places(await watcher.has(5))[-1] == "102.3"


async def test_the_next_take_comes_on_the_same_socket(
    cinema: Cinema, stage: Stage, sender: Sender
) -> None:
    watcher = await cinema.watch(stage.slug)
    said = await watcher.state("waiting")
    assert (said["reason"], said["source"]) == ("not_started", None)
    first, second = init(1, 100), init(2, 140)
    sender.send([first, *parts(first, 1)])
    await watcher.state("live")
    await watcher.has(5)
    sender.send([End(1, "lost")])
    said = await watcher.state("waiting")
    assert said["reason"] == "lost"
    assert said["since"] == first.at + 1000, "when the last picture ended"
    sender.send([second, *parts(second, 1)])
    await watcher.state("live")
    await watcher.has(11)
    assert places(watcher.pieces) == [
        *["init 1", "100.0", "100.1", "100.2", "100.3", "end"],
        *["init 2", "140.0", "140.1", "140.2", "140.3"],
    ]


async def test_a_newcomer_in_the_first_segment_of_a_take_gets_the_init_of_a_long_one(
    cinema: Cinema, stage: Stage, sender: Sender
) -> None:
    """The stream of the store has forgotten the Init long ago."""
    beginning = init(at=now_ms() - 60_000)
    sender.send([beginning, *parts(beginning, 60)])
    watcher = await cinema.watch(stage.slug)
    assert places(await watcher.has(5)) == ["init 1", "159.0", "159.1", "159.2", "159.3"]


async def test_a_host_pauses_and_ends_the_show_and_viewers_are_told(
    cinema: Cinema, stage: Stage, sender: Sender, house: None
) -> None:
    beginning = init()
    sender.send([beginning, *parts(beginning, 1)])
    watcher = await cinema.watch(stage.slug)
    await watcher.state("live")
    await do(services.pause, stage)
    assert (await watcher.state("paused"))["reason"] == ""
    await do(services.resume, stage)
    await watcher.state("live")
    await do(services.end, stage)
    await watcher.state("ended")
    assert (await watcher.closing()).code == 1000
    late = await cinema.watch(stage.slug)
    await late.state("ended")
    assert (await late.closing()).code == 1000


async def test_who_may_watch_is_who_may_enter_the_room(cinema: Cinema, stage: Stage) -> None:
    def prepare() -> tuple[str, str, str]:
        draft = cast.show(stage.hana, slug="a-draft-of-the-picture")
        Show.objects.filter(pk=draft.pk).update(state=Show.State.DRAFT)
        Restriction.objects.create(show=stage.show, user=stage.mina, kind=Restriction.Kind.BAN)
        return stage.ticket(stage.mina), stage.ticket(stage.hana, draft.slug), draft.slug

    banned, host, draft = await in_database(prepare)
    for slug, ticket, code in (
        ("there-is-no-such-show", "", CloseCode.NO_SUCH_SHOW),
        (draft, "", CloseCode.NO_SUCH_SHOW),
        (stage.slug, banned, CloseCode.NOT_ALLOWED),
        (stage.slug, "no-ticket-at-all", CloseCode.WHO_ARE_YOU),
    ):
        headers = {"Authorization": f"Bearer {ticket}"} if ticket else None
        watcher = await cinema.watch(slug, headers=headers)
        closed = await watcher.closing()
        assert closed.code == code, slug
        assert closed.reason["message"]
        assert not watcher.pieces
        assert not watcher.states
    mine = await cinema.watch(draft, headers={"Authorization": f"Bearer {host}"})
    await mine.state("waiting")


async def test_a_page_of_another_site_with_a_session_is_refused(
    cinema: Cinema, stage: Stage
) -> None:
    headers = {"Origin": "https://elsewhere.example", "Cookie": "sessionid=something"}
    watcher = await cinema.watch(stage.slug, headers=headers)
    assert (await watcher.closing()).code == CloseCode.NOT_ALLOWED


async def test_whoever_is_sent_out_of_the_room_sees_no_more(
    cinema: Cinema, stage: Stage, house: None
) -> None:
    ticket = await in_database(stage.ticket, stage.mina)
    mina = await cinema.watch(stage.slug, headers={"Authorization": f"Bearer {ticket}"})
    guest = await cinema.watch(stage.slug)
    for each in (mina, guest):
        await each.state("waiting")
    await publish_direct([Kick(user=stage.mina.pk, code=CloseCode.NOT_ALLOWED, slug=stage.slug)])
    assert (await mina.closing()).code == CloseCode.NOT_ALLOWED
    await guest.socket.send_str('{"type": "ping", "t": 5}')
    assert (await guest.answer())["t"] == 5


async def test_another_rendition_begins_at_its_next_keyframe(
    cinema: Cinema, stage: Stage, sender: Sender
) -> None:
    source, small = init(), init(rendition="360p")
    sender.send([source, *parts(source, 1)])
    sender.send([small, *parts(small, 1)], "360p")
    watcher = await cinema.watch(stage.slug)
    await watcher.has(5)
    said = await watcher.state("live")
    while said["renditions"] != ["source", "360p"]:
        await watcher.hear()
        said = watcher.states[-1]
    await watcher.socket.send_str('{"type": "rendition", "name": "360p"}')
    await watcher.socket.send_str('{"type": "ping", "t": 1}')
    await watcher.answer()  # it has been heard
    sender.send(parts(source, 1, first=1)[:1])
    assert places(await watcher.has(6))[-1] == "101.0", "the old one goes on until then"
    sender.send(parts(small, 1, first=2), "360p")
    await watcher.has(11)
    turned = watcher.pieces[6]
    assert isinstance(turned, Init)
    assert turned.rendition == "360p"
    assert places(watcher.pieces[7:]) == ["102.0", "102.1", "102.2", "102.3"]
    straight = await cinema.watch(stage.slug, rendition="360p")
    await straight.has(5)
    begun = straight.pieces[0]
    assert isinstance(begun, Init)
    assert begun.rendition == "360p"


async def test_a_ping_is_answered_with_the_clock_and_nonsense_ends_the_socket(
    cinema: Cinema, stage: Stage
) -> None:
    watcher = await cinema.watch(stage.slug)
    await watcher.socket.send_str('{"type": "ping", "t": 12.5}')
    answer = await watcher.answer()
    assert (answer["type"], answer["t"]) == ("pong", 12.5)
    assert abs(answer["now"] - now_ms()) < 5000
    for nonsense in ("{", "[]", '{"type": "dance"}', '{"type": "rendition", "name": "8k"}', "1"):
        other = await cinema.watch(stage.slug)
        await other.socket.send_str(nonsense)
        assert (await other.closing()).code == CloseCode.BAD_FRAMES
    for _ in range(60):
        await watcher.socket.send_str('{"type": "ping"}')
    assert (await watcher.closing()).code == CloseCode.TOO_FAST


async def do(act: Callable[..., Show], stage: Stage) -> None:
    """Something the host does, and what the relay says of it."""

    def done() -> list[Announcement]:
        act(show_slug=stage.slug, by=stage.hana)
        return told()

    await publish(room_events(await in_database(done), stage.slug))
