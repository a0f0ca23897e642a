"""The room's door: who comes in, what is answered, who is sent away. Through ASGI and through the real server."""

from __future__ import annotations

import json
import uuid

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from livestore.base.threads import in_database
from streams.models import Restriction, Show
from streams.room.protocol import COMMANDS
from tests.streams.room.conftest import Door, Stage


def session_of(user: object) -> str:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return f"sessionid={client.cookies['sessionid'].value}"


async def test_a_guest_gets_the_snapshot_first_and_nothing_personal(
    every_door: Door, stage: Stage
) -> None:
    guest = await every_door.open(stage.slug)
    first = await guest.frame()
    snapshot = first["events"][0]
    assert snapshot["type"] == "room.snapshot"
    assert snapshot["seq"] == 0
    assert set(snapshot["data"]) == {
        "show",
        "pinned",
        "items",
        "deals",
        "chat",
        "requests",
        "counts",
    }
    assert [item["number"] for item in snapshot["data"]["items"]] == [1, 2, 3]
    reply = await guest.command("chat.send", text="Hello")
    assert reply["error"]["code"] == "login_required"
    assert not guest.told("me.snapshot")


async def test_a_known_person_gets_me_snapshot_after_the_room(door: Door, stage: Stage) -> None:
    mina = await door.enter(stage, stage.mina)
    kinds = [event["type"] for event in mina.events]
    assert kinds[0] == "room.snapshot"
    me = mina.told("me.snapshot")[0]["data"]
    assert me["user"] == {"id": stage.mina.pk, "name": "Mina", "simulated": False, "role": "viewer"}
    assert (me["has_address"], me["has_card"], me["card_last4"]) == (True, True, "4242")


async def test_everybody_hears_a_message_once_and_in_order(every_door: Door, stage: Stage) -> None:
    mina, theo = (
        await every_door.enter(stage, stage.mina),
        await every_door.enter(stage, stage.theo),
    )
    for text in ("Good evening", "Is it silk?", "Number two, please"):
        assert (await mina.command("chat.send", text=text))["ok"]
    for visitor in (mina, theo):
        await visitor.until("item.requested")
        messages = visitor.told("chat.message")
        assert [each["data"]["text"] for each in messages] == [
            "Good evening",
            "Is it silk?",
            "Number two, please",
        ]
        assert [each["data"]["number"] for each in messages] == [None, None, 2]
        assert visitor.seqs == [0, 1, 2, 3, 4]
    assert theo.told("item.requested")[0]["data"]["total"] == 1


ORIGINS = [
    ("{}", True, True),
    ("{}", False, True),
    (None, False, True),
    (None, True, False),
    ("null", False, False),
    ("null", True, False),
    ("http://evil.test", False, False),
    ("http://evil.test", True, False),
    ("http://127.0.0.1.evil.test:8000", True, False),
    ("http://127.0.0.1:1", True, False),
    ("http://127.0.0.1", True, False),
    ("https{}", True, False),
    ("{}/", True, False),
]


async def test_only_the_exact_origin_may_bring_a_cookie(door: Door, stage: Stage) -> None:
    session = await in_database(session_of, stage.mina)
    for origin, cookie, enters in ORIGINS:
        headers = {"Cookie": session} if cookie else {}
        if origin is not None:
            here = door.origin.removeprefix("http") if origin.startswith("https{") else door.origin
            headers["Origin"] = origin.format(here)
        visitor = await door.open(stage.slug, headers=headers)
        if enters:
            assert (await visitor.frame())["events"][0]["type"] == "room.snapshot", headers
            if cookie:
                assert (await visitor.until("me.snapshot"))["data"]["user"]["id"] == stage.mina.pk
        else:
            closed = await visitor.closing()
            assert (closed.code, closed.reason["code"]) == (4503, "not_allowed"), headers
            assert visitor.frames == []


async def test_a_right_ticket_does_not_excuse_a_wrong_origin(door: Door, stage: Stage) -> None:
    ticket = await in_database(stage.ticket, stage.mina)
    visitor = await door.open(stage.slug, ticket, headers={"Origin": "http://evil.test"})
    assert (await visitor.closing()).code == 4503


@pytest.mark.parametrize(
    "what", ["forged", "other show", "new password", "closed account", "nonsense"]
)
async def test_a_bad_ticket_is_asked_who_it_is(door: Door, stage: Stage, what: str) -> None:
    def prepare() -> str:
        good = stage.ticket(stage.mina, "another-show" if what == "other show" else None)
        if what == "new password":
            stage.mina.set_password("something new")
            stage.mina.save()
        if what == "closed account":
            stage.mina.is_active = False
            stage.mina.save()
        return {"forged": good[:-2] + ("AA" if good[-2:] != "AA" else "BB"), "nonsense": "abc"}.get(
            what, good
        )

    visitor = await door.open(stage.slug, await in_database(prepare))
    closed = await visitor.closing()
    assert (closed.code, closed.reason["code"]) == (4501, "who_are_you")


async def test_a_session_that_ended_makes_a_guest(door: Door, stage: Stage) -> None:
    cookie = await in_database(session_of, stage.mina)
    await in_database(SessionStore(cookie.removeprefix("sessionid=")).delete)
    visitor = await door.open(stage.slug, headers={"Cookie": cookie, "Origin": door.origin})
    await visitor.frame()
    assert (await visitor.command("react"))["error"]["code"] == "login_required"


async def test_unknown_shows_and_other_addresses_close_with_4504(
    every_door: Door, stage: Stage
) -> None:
    assert (await (await every_door.open("no-such-show")).closing()).code == 4504
    assert (await (await every_door.open("x", path="/ws/elsewhere")).closing()).code == 4504


async def test_a_draft_is_there_for_its_host_and_those_with_a_ticket(
    door: Door, stage: Stage
) -> None:
    await in_database(Show.objects.filter(pk=stage.show.pk).update, state="draft", started_at=None)
    assert (await (await door.open(stage.slug)).closing()).code == 4504
    session = await in_database(session_of, stage.mina)
    visitor = await door.open(stage.slug, headers={"Cookie": session, "Origin": door.origin})
    assert (await visitor.closing()).code == 4504
    for invited in (stage.hana, stage.mina):
        come = await door.enter(stage, invited)
        assert come.events[0]["data"]["show"]["state"] == "draft"


async def test_the_banned_do_not_come_in(door: Door, stage: Stage) -> None:
    await in_database(Restriction.objects.create, show=stage.show, user=stage.mina, kind="ban")
    ticket = await in_database(stage.ticket, stage.mina)
    assert (await (await door.open(stage.slug, ticket)).closing()).code == 4503


async def test_a_client_of_another_protocol_is_told_so(every_door: Door, stage: Stage) -> None:
    visitor = await every_door.open(stage.slug, protocols=["chat.v9"])
    assert (await visitor.closing()).code == 4500


BAD_FRAMES = [
    " ",
    "hello",
    "[]",
    "null",
    "17",
    '"text"',
    "{}",
    '{"type": "react"}',
    '{"type": "react", "ref": 7}',
    '{"type": "react", "ref": ""}',
    '{"type": "react", "ref": "r", "data": []}',
    '{"type": "react", "ref": "r", "data": {}, "more": 1}',
    '{"type": 5, "ref": "r"}',
    '{"type": "react", "ref": "r", "data": {"count": NaN}}',
    '{"type": "react", "ref": "\\ud800"}',
    "[" * 3000,
    '{"a":' * 1500,
    "\x00",
]


async def test_every_bad_frame_is_answered_and_the_room_goes_on(
    every_door: Door, stage: Stage
) -> None:
    mina = await every_door.enter(stage, stage.mina)
    for text in BAD_FRAMES:
        await mina.line.send(text)
        while "ref" not in (heard := await mina.frame()):
            pass
        assert heard["error"]["code"] == "bad_frame", text[:40]
    assert (await mina.command("bid.place"))["error"]["code"] == "unknown_command"


async def test_more_than_twenty_bad_frames_close_the_socket(every_door: Door, stage: Stage) -> None:
    visitor = await every_door.enter(stage)
    for _ in range(21):
        await visitor.line.send("?")
    closed = await visitor.closing()
    assert (closed.code, closed.reason["code"]) == (4500, "bad_frames")
    assert len([each for each in visitor.frames if "ref" in each]) == 20


async def test_binary_is_a_bad_frame(every_door: Door, stage: Stage) -> None:
    visitor = await every_door.enter(stage)
    await visitor.line.send_bytes(b"\x00\x01")
    while "ref" not in (heard := await visitor.frame()):
        pass
    assert heard["error"]["code"] == "bad_frame"


async def test_unknown_commands_and_fields_are_refused(door: Door, stage: Stage) -> None:
    mina = await door.enter(stage, stage.mina)
    assert (await mina.command("bid.place"))["error"]["code"] == "unknown_command"
    error = (await mina.command("chat.send", text="Hi", colour="red"))["error"]
    assert (error["code"], set(error["fields"])) == ("invalid", {"colour"})
    error = (await mina.command("buy", variant=1.5, quantity=True, seen_price=-1, key="x"))["error"]
    assert set(error["fields"]) == {"variant", "quantity", "seen_price", "key"}
    assert (await mina.command("chat.send", text=" \u202e "))["error"]["fields"] == {
        "text": "Please write something."
    }


async def test_nobody_may_do_more_than_their_role_allows(asgi: Door, stage: Stage) -> None:
    mina, omar = await asgi.enter(stage, stage.mina), await asgi.enter(stage, stage.omar)
    guest = await asgi.enter(stage)
    for kind, command in COMMANDS.items():
        assert (await guest.command(kind))["error"]["code"] == "login_required", kind
        if command.who != "viewer":
            assert (await mina.command(kind))["error"]["code"] == "not_allowed", kind
        if command.who == "host":
            assert (await omar.command(kind))["error"]["code"] == "not_allowed", kind


async def test_who_writes_too_fast_is_slowed_down_then_sent_away(
    every_door: Door, stage: Stage
) -> None:
    mina = await every_door.enter(stage, stage.mina)
    for number in range(200):
        await mina.line.send(json.dumps({"type": "react", "ref": str(number), "data": {}}))
    closed = await mina.closing()
    assert closed.code == 4429
    refused = [each for each in mina.replies.values() if not each["ok"]]
    assert refused
    assert all(each["error"]["code"] == "too_fast" for each in refused)
    assert all(each["error"]["retry_after_ms"] > 0 for each in refused)


async def test_chat_has_a_limit_of_its_own_over_all_tabs(door: Door, stage: Stage) -> None:
    tabs = [await door.enter(stage, stage.mina) for _ in range(2)]
    answers = [
        await tabs[number % 2].command("chat.send", text=f"Line {number}") for number in range(8)
    ]
    assert [each["ok"] for each in answers[:5]] == [True] * 5
    assert answers[-1]["error"]["code"] == "too_fast"


async def test_buy_places_an_order_and_the_same_key_is_the_same_order(
    door: Door, stage: Stage
) -> None:
    mina = await door.enter(stage, stage.mina)
    variant = mina.events[0]["data"]["items"][0]
    ids = await in_database(
        lambda: list(stage.show.items.get(number=1).product.variants.values_list("id", flat=True))
    )
    fields = {
        "variant": ids[0],
        "quantity": 1,
        "seen_price": variant["price_from"]["minor"],
        "key": str(uuid.uuid4()),
    }
    first = await mina.command("buy", **fields)
    again = await mina.command("buy", **fields)
    assert first["data"]["status"] == "pending"
    assert again["data"]["order"] == first["data"]["order"]
    assert (await mina.command("buy", **fields | {"quantity": 2}))["error"]["code"] == "key_reused"
    cheaper = fields | {"key": str(uuid.uuid4()), "seen_price": 1}
    assert (await mina.command("buy", **cheaper))["error"]["code"] == "price_changed"
