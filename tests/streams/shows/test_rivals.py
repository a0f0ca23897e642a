"""Commands of one show at the same moment happen one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from livestore.base.errors import Refusal
from livestore.base.outbox import OutboxRow
from shop.models import Hold, Offer
from streams.models import Show
from streams.selling import services as selling
from streams.shows import services
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = "evening-edit"


def at_once(acts: list[Callable[[], object]]) -> list[BaseException | None]:
    """Run each in its own thread and connection, let go together; answers what each raised."""
    gate = threading.Barrier(len(acts))
    raised: list[BaseException | None] = [None] * len(acts)

    def one(place: int) -> None:
        try:
            connection.ensure_connection()
            gate.wait(10)
            acts[place]()
        except BaseException as problem:
            raised[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def test_each_command_has_its_own_rev_and_the_outbox_has_their_order() -> None:
    show = cast.show(cast.hana(), *(cast.product(f"thing-{n}") for n in range(6)))
    services.start(show_slug=SLUG, by=show.host)
    before = Show.objects.get().rev
    OutboxRow.objects.all().delete()
    acts = [
        lambda number=number: services.pin(show_slug=SLUG, by=show.host, number=number)
        for number in range(1, 7)
    ]
    assert at_once(acts) == [None] * 6
    rows = list(OutboxRow.objects.order_by("id").values_list("data__rev", "data__number"))
    assert [rev for rev, _ in rows] == list(range(before + 1, before + 7))
    assert Show.objects.get().pinned is not None
    assert Show.objects.select_related("pinned").get().pinned.number == rows[-1][1]


def test_next_never_pins_the_same_item_twice() -> None:
    show = cast.show(cast.hana(), *(cast.product(f"thing-{n}") for n in range(6)))
    services.start(show_slug=SLUG, by=show.host)
    OutboxRow.objects.all().delete()
    acts = [lambda: services.next_item(show_slug=SLUG, by=show.host)] * 6
    assert at_once(acts) == [None] * 6
    numbers = OutboxRow.objects.order_by("id").values_list("data__number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("attempt", range(5))
def test_no_deal_outlives_its_show(attempt: int) -> None:
    """The end and new deals race: whoever is later is refused or ended, and no unit stays reserved."""
    product = cast.product("bonnet", shades=("Rosewood", "Plum", "Coral"))
    show = cast.show(cast.hana(), product)
    services.start(show_slug=SLUG, by=show.host)
    acts: list[Callable[[], object]] = [
        lambda variant=variant: selling.start_deal(
            show_slug=SLUG,
            by=show.host,
            variant=variant.pk,
            price_minor=500,
            units=5,
            seconds=60,
        )
        for variant in product.variants.all()
    ]
    acts.insert(attempt % 4, lambda: services.end(show_slug=SLUG, by=show.host))
    raised = [problem for problem in at_once(acts) if problem is not None]
    assert all(isinstance(problem, Refusal) for problem in raised)
    assert Show.objects.get().state == "ended"
    assert not Offer.objects.filter(state="running").exists()
    assert not Hold.objects.exists()
