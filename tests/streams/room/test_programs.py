"""What a program meets that knows only the published protocol: how it comes in, and what it may send."""

from __future__ import annotations

import json
import uuid

import pytest
from django.db.models.functions import Now

from accounts.tickets.services import create_api_token
from livestore.base.threads import in_database
from streams.models import Show
from streams.room.inbound import BadFrame, decode
from tests.streams.room.conftest import Door, Stage


async def test_a_show_that_began_this_moment_is_open_before_its_room_has_heard(
    door: Door, stage: Stage
) -> None:
    shows = Show.objects.filter(pk=stage.show.pk)
    await in_database(shows.update, state="draft", started_at=None)
    mina = await door.enter(stage, stage.mina)
    assert (await mina.command("chat.send", text="Hi"))["error"]["code"] == "show_not_live"
    await in_database(shows.update, state="live", started_at=Now())  # and nobody tells the room
    assert (await mina.command("chat.send", text="Hi"))["ok"]
    guest = await door.open(stage.slug)
    assert (await guest.frame())["events"][0]["type"] == "room.snapshot"


async def test_a_program_comes_in_with_its_token_or_a_ticket_in_a_header(
    door: Door, stage: Stage
) -> None:
    token = await in_database(lambda: create_api_token(user=stage.hana))
    ticket = await in_database(stage.ticket, stage.mina)
    for who, headers, protocols in (
        (stage.hana, {"Authorization": f"Bearer {token}"}, []),
        (stage.hana, {}, [f"ticket.{token}"]),
        (stage.mina, {"Authorization": f"bearer ticket.{ticket}"}, []),
    ):
        visitor = await door.open(
            stage.slug, headers=headers, protocols=["livestore.v1", *protocols]
        )
        assert (await visitor.until("me.snapshot"))["data"]["user"]["id"] == who.pk
    hana = await door.open(stage.slug, headers={"Authorization": f"Bearer {token}"})
    assert (await hana.command("item.pin", number=1))["ok"]


@pytest.mark.parametrize(
    "header", ["Bearer lst_unknown", "Bearer ticket.nonsense", "Bearer", "Basic bWluYTpkZW1v"]
)
async def test_a_bad_authorization_is_never_a_silent_guest(
    door: Door, stage: Stage, header: str
) -> None:
    visitor = await door.open(stage.slug, headers={"Authorization": header})
    closed = await visitor.closing()
    assert (closed.code, closed.reason["code"]) == (4501, "who_are_you")


def test_a_frame_is_measured_in_bytes() -> None:
    def frame(text: str) -> str:
        data = {"type": "chat.send", "ref": "r", "data": {"text": text}}
        return json.dumps(data, ensure_ascii=False)

    assert decode(frame("x" * 5_000)).ref == "r"
    with pytest.raises(BadFrame):
        decode(frame("€" * 5_000))


async def test_a_deal_price_is_minor_units_or_an_amount(asgi: Door, stage: Stage) -> None:
    hana = await asgi.enter(stage, stage.hana)
    rows = stage.show.items.order_by("number").values_list("product__variants", flat=True)
    first, second = (await in_database(lambda: list(rows)))[:2]
    deal = {"units": 2, "per_buyer": 1, "seconds": 60}
    assert (await hana.command("deal.start", variant=first, price=500, **deal))["ok"]
    dollars = {"minor": 500, "currency": "USD"}
    refused = await hana.command("deal.start", variant=second, price=dollars, **deal)
    assert set(refused["error"]["fields"]) == {"price"}
    refused = await hana.command("deal.start", variant=second, price={"minor": 500}, **deal)
    assert set(refused["error"]["fields"]) == {"price"}
    euros = {"minor": 500, "currency": "EUR"}
    assert (await hana.command("deal.start", variant=second, price=euros, **deal))["ok"]


async def test_what_is_kept_for_somebody_comes_with_me_snapshot(asgi: Door, stage: Stage) -> None:
    mina = await asgi.enter(stage, stage.mina)
    assert mina.told("me.snapshot")[0]["data"]["holds"] == []
    rows = stage.show.items.order_by("number").values_list("product__variants", flat=True)
    first, second = (await in_database(lambda: list(rows)))[:2]
    added = await mina.command("cart.add", variant=first, quantity=2, key=str(uuid.uuid4()))
    bought = await mina.command(
        "buy", variant=second, quantity=1, seen_price=1299, key=str(uuid.uuid4())
    )
    me = (await asgi.enter(stage, stage.mina)).told("me.snapshot")[0]["data"]
    cart, order = me["holds"]
    line = me["cart"]["lines"][0]
    assert (cart["variant"], cart["quantity"], cart["line"]) == (first, 2, added["data"]["line"])
    assert (cart["until"], cart["order"]) == (line["held_until"], None)
    assert (order["variant"], order["quantity"]) == (second, 1)
    assert (order["order"], order["line"]) == (bought["data"]["order"], None)
    assert order["until"] == me["orders"][0]["expires_at"]


async def test_a_wrong_variant_is_named_by_the_field_of_the_command(
    asgi: Door, stage: Stage
) -> None:
    mina = await asgi.enter(stage, stage.mina)
    reply = await mina.command(
        "buy", variant=99999999, quantity=1, seen_price=1, key=str(uuid.uuid4())
    )
    assert set(reply["error"]["fields"]) == {"variant"}
