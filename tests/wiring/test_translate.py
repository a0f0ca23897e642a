"""Who hears of which fact."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from livestore.base.outbox import PendingFact
from livestore.batch import MERGED
from livestore.wiring import DELIVER, RULES, SETTLE, UnknownFact, translate
from shop.carts import services as carts
from shop.catalogue import services as catalogue
from shop.stock.services import post_movement
from streams.models import Show
from streams.room.announcements import Job, Kick, ToPerson, ToRoom
from streams.room.protocol import CloseCode
from streams.shows import services
from tests import cast
from tests.streams.relaying import pending, room_events, shows, told, types

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def fact(kind: str, data: dict[str, Any] | None = None, **more: Any) -> PendingFact:
    values = {"id": 1, "channel": "", "person": None, "at": AT} | more
    return PendingFact(kind=kind, data=data or {}, **values)


def moved(quantity: int = -1) -> None:
    variant = Show.objects.earliest("id").items.get().product.variants.get(position=0)
    post_movement(variant=variant, kind="correction", quantity=quantity, reason="count", by=None)


def test_stock_reaches_every_open_room_that_sells_it_and_no_other() -> None:
    shows(4)
    Show.objects.filter(slug="show-2").update(state="draft")
    Show.objects.filter(slug="show-3").update(state="ended", started_at=AT)
    moved()
    said = told()
    assert {each.slug for each in said if isinstance(each, ToRoom)} == {"show-0", "show-1"}
    [stock, count] = room_events(said, "show-0")
    assert (stock.event.type, stock.event.left, stock.event.deal_left) == (
        "stock.changed",
        49,
        None,
    )
    assert (count.event.type, count.event.left, count.event.variant) == ("item.stock", 99, None)


def test_many_changes_of_one_variant_are_told_once_with_the_newest() -> None:
    shows(1)
    for _ in range(5):
        moved()
    said = room_events(told(), "show-0")
    assert [each.event.type for each in said] == ["stock.changed", "item.stock"]
    assert said[0].event.left == 45
    assert said[0].outbox_id is not None


def test_the_newest_stock_wins_even_if_its_fact_lies_first() -> None:
    shows(1)
    moved()
    moved()
    older, newer = pending()
    said = translate([newer, older])
    assert [
        e.event.left for e in room_events(said, "show-0") if e.event.type == "stock.changed"
    ] == [48]


def test_an_item_of_one_variant_hears_only_of_that_one() -> None:
    [show] = shows(1)
    item = show.items.get()
    item.variant = item.product.variants.get(position=1)
    item.save()
    moved()
    said = room_events(told(), "show-0")
    assert [each.event.type for each in said] == ["item.stock"]
    assert (said[0].event.variant, said[0].event.left) == (item.variant.pk, 50)


def test_a_changed_product_is_told_once_with_the_whole_list() -> None:
    shows(2)
    bonnet = Show.objects.earliest("id").items.get().product
    for title in ("Silk bonnet", "Silk sleep bonnet"):
        catalogue.update_product(product=bonnet, by=None, title=title)
    said = told()
    for slug in ("show-0", "show-1"):
        kinds = types(said, slug)
        assert kinds.count("item.changed") == 1
        [changed] = [e for e in room_events(said, slug) if e.event.type == "item.changed"]
        assert changed.event.items[0].title == "Silk sleep bonnet"
        assert changed.rev is None


def test_an_item_list_never_overtakes_what_its_show_has_not_said_yet() -> None:
    """A price changes while a pause waits in the outbox: the list must not carry the pause's counter."""
    [show] = shows(1)
    catalogue.update_product(product=show.items.get().product, by=None, title="Other")
    services.pause(show_slug="show-0", by=show.host)
    first = [each for each in pending() if each.kind == "shop.product_changed"]
    [changed] = [
        e for e in room_events(translate(first), "show-0") if e.event.type == "item.changed"
    ]
    assert changed.rev is None
    said = room_events(told(), "show-0")
    assert [e.event.type for e in said if e.rev is not None and e.event.lane == "log"] == [
        "show.changed"
    ]


def test_webhooks_that_were_taken_are_settled_once_for_a_batch() -> None:
    said = translate([fact("shop.webhooks_taken"), fact("shop.webhooks_taken")])
    assert said == [Job(SETTLE)]


def test_a_cart_is_told_to_its_owner_once() -> None:
    shows(1)
    mina = cast.mina()
    variant = Show.objects.get().items.get().product.variants.get(position=0)
    for _ in range(2):
        carts.add(user=mina, variant=variant.pk, quantity=1, channel="show-0", key=uuid.uuid4())
    [private] = [each for each in told() if isinstance(each, ToPerson)]
    assert (private.user, private.event.type) == (mina.pk, "cart.updated")
    assert private.event.cart.lines[0].quantity == 2
    assert private.rev == private.event.cart.rev


def test_signing_out_closes_every_socket_and_a_ban_those_of_its_room() -> None:
    mina = cast.mina()
    assert translate([fact("accounts.signed_out", {"user": mina.pk}, person=mina.pk)]) == [
        Kick(user=mina.pk, code=CloseCode.WHO_ARE_YOU)
    ]
    assert translate([fact("streams.banned", channel="show-0", person=mina.pk)]) == [
        Kick(user=mina.pk, code=CloseCode.NOT_ALLOWED, slug="show-0")
    ]


def test_a_webhook_is_delivered_once_for_a_batch() -> None:
    assert translate([fact("shop.webhook_due"), fact("shop.webhook_due")]) == [Job(DELIVER)]


def test_a_mute_reaches_the_muted_person() -> None:
    data = {"type": "you.muted", "data": {"show": "show-0", "muted": True}}
    [told_] = translate([fact("streams.direct", data, person=7)])
    assert isinstance(told_, ToPerson)
    assert (told_.user, told_.event.type, told_.at) == (7, "you.muted", 1767225600000)


def test_an_unknown_fact_fails_here_and_is_left_out_in_production(settings: Any) -> None:
    batch = [fact("shop.invented"), fact("shop.webhook_due")]
    with pytest.raises(UnknownFact):
        translate(batch)
    settings.PRODUCTION = True
    assert translate(batch) == [Job(DELIVER)]


def test_an_undeclared_event_fails() -> None:
    show = shows(1)[0]
    data = {"type": "show.changed", "data": {"show": {}, "extra": 1}, "rev": 1}
    with pytest.raises(ValueError, match="validation errors"):
        translate([fact("streams.event", data, channel=show.slug)])
    with pytest.raises(KeyError):
        translate([fact("streams.event", {"type": "made.up", "data": {}}, channel=show.slug)])


def test_a_number_that_left_meanwhile_is_not_told_as_pinned() -> None:
    [show] = shows(1)
    services.pin(show_slug="show-0", by=show.host, number=1)
    services.set_items(show=show, by=show.host, items=[])
    said = room_events(told(), "show-0")
    assert [each.event.type for each in said] == ["item.changed"]
    assert said[0].event.pinned is None


def test_every_kind_of_fact_that_is_recorded_has_a_rule() -> None:
    """Reads the sources: a new kind without a rule fails here, not in somebody's relay."""
    import re
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    kinds: set[str] = set()
    for app in ("accounts", "shop", "streams"):
        for path in (root / app).rglob("*.py"):
            kinds |= set(
                re.findall(r'Fact\(\s*"([a-z]+\.[a-z_]+)"', path.read_text(encoding="utf-8"))
            )
    assert {"shop.stock_changed", "streams.event"} <= kinds
    # A fact about many is taken apart into facts about one.
    assert kinds <= set(RULES) | set(MERGED)
    assert set(MERGED.values()) <= set(RULES)


def test_a_large_batch_needs_few_queries(django_assert_max_num_queries: Any) -> None:
    shows(3)
    for _ in range(30):
        moved()
    batch = pending()
    with django_assert_max_num_queries(10):
        translate(batch)
