"""Keeping order in a room: kicks, tombstones, mutes and bans. Through ASGI and through the real server."""

from __future__ import annotations

import json

from livestore.base.threads import in_database
from streams.chat import services as chat
from streams.models import Restriction, Show
from streams.room import announce
from streams.room.announcements import Kick, ToPerson
from streams.room.protocol import CloseCode
from streams.room.protocol.events import YouMuted
from tests.streams.room.conftest import Door, Stage


async def test_a_person_is_told_on_every_socket_and_kicked_from_every_room(
    door: Door, stage: Stage
) -> None:
    tabs = [await door.enter(stage, stage.mina) for _ in range(2)]
    theo = await door.enter(stage, stage.theo)
    event = YouMuted(show=stage.slug, muted=True)
    for tab in tabs:
        await tab.frame() if not tab.frames else None
    await announce.publish_direct([ToPerson(stage.mina.pk, event)])
    for tab in tabs:
        assert (await tab.until("you.muted"))["data"] == {"show": stage.slug, "muted": True}
        assert (await tab.command("chat.send", text="Hello"))["error"]["code"] == "muted"
    await announce.publish_direct([Kick(stage.mina.pk, CloseCode.WHO_ARE_YOU)])
    for tab in tabs:
        assert (await tab.closing()).code == 4501
    assert (await theo.command("react"))["ok"]
    assert not theo.told("you.muted")


async def test_a_kick_from_one_room_leaves_the_others(door: Door, stage: Stage) -> None:
    mina = await door.enter(stage, stage.mina)
    await announce.publish_direct([Kick(stage.mina.pk, CloseCode.NOT_ALLOWED, "another-show")])
    await announce.publish_direct([ToPerson(stage.mina.pk, YouMuted(show=stage.slug, muted=False))])
    await mina.until("you.muted")
    await announce.publish_direct([Kick(stage.mina.pk, CloseCode.NOT_ALLOWED, stage.slug)])
    assert (await mina.closing()).code == 4503


async def test_a_deleted_message_is_a_tombstone_for_newcomers_and_for_those_who_resume(
    door: Door, stage: Stage
) -> None:
    mina, omar = await door.enter(stage, stage.mina), await door.enter(stage, stage.omar)
    await mina.command("chat.send", text="Buy my secrets")
    seq = (await omar.until("chat.message"))["seq"]
    assert (await mina.command("chat.delete", seq=seq))["error"]["code"] == "not_allowed"
    assert (await omar.command("chat.delete", seq=seq))["ok"]
    assert (await omar.command("chat.delete", seq=seq))["ok"], "a second time changes nothing"
    assert (await omar.command("chat.delete", seq=seq + 50))["error"]["code"] == "no_such_message"
    deleted = await mina.until("chat.deleted")
    assert deleted["data"] == {"seq": seq, "by": "moderator"}
    newcomer = await door.enter(stage)
    resumed = await door.enter(stage, since=f"{mina.epoch}:0")
    assert newcomer.events[0]["data"]["chat"][0] | {"at": 0} == {
        "user": {"id": stage.mina.pk, "name": "Mina", "simulated": False, "role": "viewer"},
        "text": "",
        "number": None,
        "deleted": True,
        "seq": seq,
        "at": 0,
    }
    assert resumed.events[0]["data"]["deleted"]
    for visitor in (newcomer, resumed):
        assert "secrets" not in json.dumps(visitor.frames)


async def test_mute_and_ban_are_for_viewers_only_and_by_those_who_keep_order(
    asgi: Door, stage: Stage
) -> None:
    omar = await asgi.enter(stage, stage.omar)
    assert (await omar.command("viewer.mute", user=stage.mina.pk))["ok"]
    assert (await omar.command("viewer.mute", user=stage.mina.pk))["ok"]
    assert (await omar.command("viewer.ban", user=stage.hana.pk))["error"]["code"] == "not_a_viewer"
    assert (await omar.command("viewer.ban", user=99999999))["error"]["code"] == "no_such_person"
    rows = await in_database(lambda: list(Restriction.objects.values_list("user", "kind", "by")))
    assert rows == [(stage.mina.pk, "mute", stage.omar.pk)]
    mina = await asgi.enter(stage, stage.mina)
    assert mina.told("me.snapshot")[0]["data"]["muted"]
    assert (await mina.command("chat.send", text="Hello"))["error"]["code"] == "muted"
    await in_database(chat.lift, show_slug=stage.slug, by=stage.omar.pk, user=stage.mina.pk)
    assert await in_database(Restriction.objects.count) == 0


async def test_who_lost_the_role_meanwhile_can_not_use_it_any_more(
    asgi: Door, stage: Stage
) -> None:
    omar, hana = await asgi.enter(stage, stage.omar), await asgi.enter(stage, stage.hana)
    await in_database(stage.show.moderators.clear)
    assert (await omar.command("viewer.mute", user=stage.mina.pk))["error"]["code"] == "not_allowed"
    await in_database(type(stage.hana).objects.filter(pk=stage.hana.pk).update, is_active=False)
    assert (await hana.command("item.pin", number=1))["error"]["code"] == "login_required"


async def test_nobody_writes_in_a_show_that_is_over(asgi: Door, stage: Stage) -> None:
    await in_database(Show.objects.filter(pk=stage.show.pk).update, state="ended")
    mina = await asgi.enter(stage, stage.mina)
    for kind, data in (
        ("chat.send", {"text": "Hi"}),
        ("react", {}),
        ("item.request", {"number": 1}),
    ):
        assert (await mina.command(kind, **data))["error"]["code"] == "show_not_live"
